import { expect, test } from 'vitest'
import { readScope, scopeOf } from './reset-scope.ts'

test('rows chosen become lists of partitions by topic', () => {
  expect(
    scopeOf([
      { topic: 'orders', partition: 3 },
      { topic: 'payments', partition: 0 },
      { topic: 'orders', partition: 2 },
    ]),
  ).toEqual({ orders: '2-3', payments: '0' })
})

const check = (title: string, scope: Parameters<typeof readScope>[0], expected: ReturnType<typeof readScope>) =>
  test(title, () => expect(readScope(scope)).toEqual(expected))

check('no choice is every topic with commits', null, null)
check('an empty list of partitions is all of the topic', { orders: ' ' }, [{ topic: 'orders', partitions: null }])
check('numbers and ranges are read', { orders: '0, 2-3' }, [{ topic: 'orders', partitions: [0, 2, 3] }])
check('a list that cannot be read is refused', { orders: '0', payments: 'x' }, undefined)
check('choosing nothing is refused', {}, undefined)
