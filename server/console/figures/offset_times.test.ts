import { expect, test } from 'vitest'
import { OffsetTimes } from './offset_times.ts'

const seen = (...points: [end: number, at: number][]) => {
  const t = new OffsetTimes()
  for (const [end, at] of points) t.add(end, at)
  return t
}

test('a record came in between the two looks before and after it, in proportion', () => {
  const t = seen([100, 0], [200, 1000], [400, 2000])
  expect([100, 150, 200, 300].map((offset) => t.timeOf(offset))).toEqual([0, 500, 1000, 1500])
  expect(t.timeOf(400)).toBeUndefined()
})

test('after a pause the record is as young as the look at which it was new', () => {
  const t = seen([100, 0], [100, 60_000], [101, 61_000])
  expect(t.timeOf(100)).toBe(60_000)
})

test('what was there at the first look is at least that old, however long one goes on looking', () => {
  const t = seen([100, 5000], [100, 90_000])
  expect(t.timeOf(10)).toBe(5000)
})

test('many points are thinned out from behind: the range stays, the last ones stay exact', () => {
  const t = new OffsetTimes()
  for (let i = 0; i < 10_000; i++) t.add(i, i * 1000)
  expect(t.timeOf(0)).toBeLessThanOrEqual(1000)
  expect(t.timeOf(9990)).toBeCloseTo(9_990_000, -1)
  expect(t.timeOf(5000)! / 5_000_000).toBeCloseTo(1, 1)
})

test('an end that goes back begins anew', () => {
  const t = seen([100, 0], [5, 1000], [10, 2000])
  expect(t.timeOf(7)).toBe(1400)
  expect(t.timeOf(3)).toBe(1000)
})
