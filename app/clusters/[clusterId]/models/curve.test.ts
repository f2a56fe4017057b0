import { expect, test } from 'vitest'
import { type Inputs, inputs } from '../../../../server/console/models/inputs.ts'
import { models } from '../../../../server/console/models/models.ts'
import { curve, evaluate, faults, rangeAround, sample } from './curve.ts'

const given = Object.fromEntries(Object.keys(inputs).map((name) => [name, 4])) as unknown as Inputs
const modelOf = (id: string) => models.find((m) => m.id === id)!

test('partitions are drawn one by one, and the ends are among them', () => {
  expect(sample('partitions', { from: 1, to: 6, log: false }, [])).toEqual([1, 2, 3, 4, 5, 6])
})

test('a value to be marked is among the points if it lies in the range', () => {
  const xs = sample('messageSize', { from: 0, to: 1000, log: false }, [208.416, 5000])
  expect(xs).toContain(208.416)
  expect(xs).not.toContain(5000)
})

test('points of a logarithmic axis lie at equal factors', () => {
  const xs = sample('messageSize', { from: 1, to: 10_000, log: true }, [])
  expect(xs[1]! / xs[0]!).toBeCloseTo(xs[100]! / xs[99]!)
})

test('where the formula has no value the curve has a hole', () => {
  expect(curve(modelOf('simple.throughput'), given, 'time', [0, 2])).toEqual([
    [0, null],
    [2, 2],
  ])
})

test('an input that is not in the formula makes a level line', () => {
  const ys = curve(modelOf('simple.storage'), given, 'consumers', [1, 10]).map(([, y]) => y)
  expect(ys).toEqual([64, 64])
})

test('an error names its input', () => {
  expect(evaluate(modelOf('ratio.availability'), { ...given, partitions: -1 })).toMatchObject({
    error: { input: 'partitions', reason: 'negative' },
  })
})

test('every bad input is named, also behind another one', () => {
  const found = faults([modelOf('ratio.availability')], { ...given, brokers: Number.NaN, partitions: -3 })
  expect(new Set(found.map((f) => `${f.input} ${f.reason}`))).toEqual(
    new Set(['brokers not finite', 'partitions negative']),
  )
})

test('every range holds the value it was made for', () => {
  for (const name of ['messageSize', 'partitions', 'time'] as const) {
    for (const log of [false, true]) {
      for (const value of [1, 60, 12_345.6]) {
        const { from, to } = rangeAround(name, value, log)
        expect(from <= value && value <= to, `${name} ${value}`).toBe(true)
      }
    }
  }
})
