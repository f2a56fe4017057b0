import { expect, test } from 'vitest'
import type { Inputs } from './inputs.ts'
import { ModelInputError } from './model.ts'
import { models } from './models.ts'

const check = (id: string, inputs: Partial<Inputs>, value: number) =>
  test(`${id} of ${JSON.stringify(inputs)} is ${value}`, () => {
    expect(modelOf(id).compute(inputs as Inputs)).toBeCloseTo(value, 9)
  })
const modelOf = (id: string) => models.find((m) => m.id === id)!

const large = { partitionSize: 1_073_741_824, messageSize: 1024, consumers: 3, messageRate: 5000 }
check('ratio.throughput', large, 14_999.985694899)
check('ratio.latency', large, 14_999.985694899)
check('ratio.throughput', { partitionSize: 1000, messageSize: 1000, consumers: 4, messageRate: 250 }, 500)
check('ratio.availability', { replicationFactor: 3, brokers: 3, partitions: 12 }, 0.428571428571)
check('ratio.availability', { replicationFactor: 1, brokers: 1, partitions: 1 }, 0.5)
check('simple.throughput', { messageBytesSent: 1_048_576, time: 0.5 }, 2_097_152)
check('simple.latency', { messageSize: 1000, overhead: 70, rate: 10_000_000 }, 0.000107)
check('simple.storage', { messageBytesKept: 1_073_741_824, partitions: 6, replicationFactor: 3 }, 19_327_352_832)
const product = { partitions: 4, brokers: 3, messageSize: 100, batchSize: 500, time: 10 }
check('product.throughput', { ...product, producers: 2 }, 120_000)
check('product.latency', { ...product, consumers: 5 }, 300_000)
check('product.availability', { replicationFactor: 2, brokers: 3, partitions: 4, time: 60 }, 0.4)

const ones = (names: readonly string[]): Inputs => Object.fromEntries(names.map((n) => [n, 1])) as unknown as Inputs

test('every input that is negative, not finite or missing is refused by its name, in every formula', () => {
  for (const m of models) {
    for (const name of m.inputs) {
      for (const bad of [-1, NaN, Infinity, undefined]) {
        const given = { ...ones(m.inputs), [name]: bad } as Inputs
        expect(() => m.compute(given), `${m.id} ${name} ${bad}`).toThrow(new RegExp(`^${name} `))
      }
    }
  }
})

test('a divisor of zero is refused by the name of its input', () => {
  const refused = models.flatMap((m) =>
    m.inputs
      .filter((name) => {
        try {
          m.compute({ ...ones(m.inputs), [name]: 0 } as Inputs)
          return false
        } catch (e) {
          return e instanceof ModelInputError && e.reason === 'zero divisor' && e.input === name
        }
      })
      .map((name) => `${m.id} ${name}`),
  )
  expect(refused).toEqual([
    'simple.throughput time',
    'simple.latency rate',
    'product.throughput time',
    'product.latency time',
    'product.availability time',
  ])
  expect(() =>
    modelOf('ratio.throughput').compute({ partitionSize: 0, messageSize: 0, consumers: 1, messageRate: 1 } as Inputs),
  ).toThrow('partitionSize (size of a partition) must be above zero: the formula divides by it')
  expect(() =>
    modelOf('ratio.availability').compute({ replicationFactor: 0, brokers: 0, partitions: 0 } as Inputs),
  ).toThrow(/^replicationFactor /)
})

test('a result beyond what a number holds is refused, not Infinity', () => {
  const given = { ...ones(modelOf('simple.storage').inputs), partitions: 1e200, messageBytesKept: 1e200 }
  expect(() => modelOf('simple.storage').compute(given)).toThrow(/too large/)
})

test('inputs that a formula does not have are ignored', () => {
  expect(modelOf('simple.throughput').compute({ messageBytesSent: 10, time: 2, rate: Number.NaN } as Inputs)).toBe(5)
})
