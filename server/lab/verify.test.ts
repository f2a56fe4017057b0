import { expect, test } from 'vitest'
import type { Verdict } from './run_shape.ts'
import { isGood } from './summary.ts'
import { judge } from './verify.ts'

const check = (
  title: string,
  acknowledged: [number, number | null][],
  found: [number, number[]][],
  verdict: Partial<Verdict>,
) =>
  test(title, () => {
    const clean = {
      acknowledged: acknowledged.length,
      found: found.length,
      lost: 0,
      doubled: 0,
      outOfOrder: 0,
      elsewhere: 0,
    }
    expect(judge(new Map(acknowledged), new Map(found))).toEqual({ ...clean, ...verdict })
  })

const told: [number, number][] = [
  [0, 0],
  [1, 1],
  [2, 5],
]
const there: [number, number[]][] = [
  [0, [0]],
  [1, [1]],
  [2, [5]],
]
check('all is there, once, in order, where it was said to be', told, there, {})
check('a record that was never acknowledged may be there', told, [...there, [3, [6]]], {})
check('an acknowledged record that is not there is lost', told, there.slice(1), { lost: 1 })
check('a record that is there twice is doubled', told, [...there.slice(0, 2), [2, [5, 6]]], { doubled: 1 })
check('one that stands elsewhere than it was said to is told of', told, [...there.slice(0, 2), [2, [6]]], {
  elsewhere: 1,
})
check(
  'what stands before an earlier one is out of order',
  [
    [0, null],
    [1, null],
  ],
  [
    [0, [7]],
    [1, [3]],
  ],
  { outOfOrder: 1 },
)

test('a second is good in which every partition took a write', () => {
  expect(isGood({ atMs: 0, acks: [1, 10] })).toBe(true)
  expect(isGood({ atMs: 0, acks: [0, 10] })).toBe(false)
})
