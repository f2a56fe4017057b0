import { expect, test } from 'vitest'
import { place } from './placement.ts'

/** Partitions as `1,2` each; brokers as ids, or `id:rack`. */
const check = (now: readonly string[], factor: number, brokers: string, expected: readonly string[]) => {
  const placed = place(
    now.map((ids, partition) => ({ partition, replicas: ids.split(',').map(Number) })),
    factor,
    brokers.split(' ').map((b) => {
      const [id, rack] = b.split(':')
      return { id: Number(id), rack: rack ?? null, replicas: 0 }
    }),
  )
  expect(placed.map((p) => p.replicas.join())).toEqual(expected)
}

test('what is where it may be stays, in its order', () => {
  check(['2,3,1', '1,2,3'], 3, '1 2 3', ['2,3,1', '1,2,3'])
})

test('more replicas go where there are fewest; the preferred leader stays', () => {
  check(['1', '2', '3', '1'], 2, '1 2 3', ['1,2', '2,3', '3,1', '1,2'])
})

test('with fewer replicas the last go, and the preferred leader stays', () => {
  check(['2,3,1', '1,2,3'], 1, '1 2 3', ['2', '1'])
})

test('a broker that is emptied gives its replicas to those that have fewest, and its leaderships to different ones', () => {
  check(['3,1', '3,2', '3,1'], 2, '1 2', ['1,2', '2,1', '1,2'])
})

test('racks are spread before loads are', () => {
  check(['1', '2'], 2, '1:a 2:a 3:b', ['1,3', '2,3'])
})
