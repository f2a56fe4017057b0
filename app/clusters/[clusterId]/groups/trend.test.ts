import { expect, test } from 'vitest'
import { slopeOf } from './trend.ts'

const line = (values: readonly (number | null)[]) => values.map((v, i) => [i * 1_000, v] as const)

test('a lag that falls by ten a second from a hundred is caught up in ten seconds', () => {
  const slope = slopeOf(line([130, 120, 110, 100]), 60_000)
  expect(slope).toMatchObject({ trend: 'falling' })
  expect(slope!.perSecond).toBeCloseTo(-10)
  expect(slope!.caughtUpInMs).toBeCloseTo(10_000)
})

test('a lag that rises is never caught up', () => {
  expect(slopeOf(line([0, 5, 10, 15]), 60_000)).toMatchObject({ trend: 'rising', caughtUpInMs: null })
})

test('a large lag that grows slowly but surely is rising', () => {
  expect(slopeOf(line([100_000, 100_020, 100_041, 100_060]), 60_000)).toMatchObject({ trend: 'rising' })
})

test('a lag that wavers by a percent is steady', () => {
  expect(slopeOf(line([1000, 1005, 998, 1001]), 60_000)).toMatchObject({ trend: 'steady' })
})

test('a lag that has reached zero is steady', () => {
  expect(slopeOf(line([90, 40, 10, 0]), 60_000)).toMatchObject({ trend: 'steady', caughtUpInMs: null })
})

test('points before the window and holes do not count', () => {
  expect(slopeOf(line([900, 0, null, 10, 20, 30]), 3_500)).toMatchObject({ trend: 'rising' })
})

test('two points are no trend', () => {
  expect(slopeOf(line([1, 100]), 60_000)).toBeUndefined()
  expect(slopeOf([], 60_000)).toBeUndefined()
})
