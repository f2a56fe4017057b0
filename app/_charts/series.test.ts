import { expect, it } from 'vitest'
import { appendPoints, logTicks, timeTicks, toRows } from './series.ts'

it('draws a hole where measurements are missing, not a line across', () => {
  const rows = toRows(
    [
      {
        id: 'in',
        label: 'in',
        points: [
          [0, 1],
          [1000, 2],
          [9000, 3],
        ],
      },
    ],
    1000,
  )
  expect(rows.map((r) => [r.x, r.in])).toEqual([
    [0, 1],
    [1000, 2],
    [2000, null],
    [9000, 3],
  ])
})

it('puts several series on one axis', () => {
  const rows = toRows(
    [
      {
        id: 'a',
        label: 'a',
        points: [
          [1, 1],
          [2, 2],
        ],
      },
      {
        id: 'b',
        label: 'b',
        points: [
          [2, 20],
          [3, 30],
        ],
      },
    ],
    null,
  )
  expect(rows).toEqual([
    { x: 1, a: 1 },
    { x: 2, a: 2, b: 20 },
    { x: 3, b: 30 },
  ])
})

it('continues kept points with live ones and lets the oldest go', () => {
  expect(
    appendPoints(
      [
        [1, 1],
        [2, 2],
      ],
      [
        [2, 99],
        [3, 3],
      ],
      2,
    ),
  ).toEqual([
    [2, 2],
    [3, 3],
  ])
})

it('marks round times of the zone', () => {
  const hour = 3_600_000
  expect(timeTicks(0, 6 * hour, 5.5 * hour, 7)).toEqual([0.5, 1.5, 2.5, 3.5, 4.5, 5.5].map((h) => h * hour))
})

it('marks powers on a logarithmic axis, and only every few where there are many', () => {
  expect(logTicks(4, 40_000, 10, 7)).toEqual([10, 100, 1_000, 10_000])
  expect(logTicks(4, 40_000, 2, 7)).toEqual([4, 16, 64, 256, 1_024, 4_096, 16_384])
  expect(logTicks(0.001, 1, 10, 7)).toHaveLength(4)
})
