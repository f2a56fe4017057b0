import { describe, expect, test } from 'vitest'
import { SimRandom } from '../../env/sim_random.ts'
import { MalformedError } from '../../protocol/wire.ts'
import { readMetrics } from './otlp.ts'
import { attribute, gauge, histogram, metricsData, sum } from './otlp_writer.ts'

describe('metrics of a client', () => {
  const data = metricsData([
    gauge('lag', [{ value: 3.5, attributes: [attribute('topic', 't'), attribute('partition', 7)] }]),
    sum('requests', [{ value: 12n }], { delta: false }),
    sum('bytes', [{ value: 100n }], { delta: true }),
    histogram('latency', { count: 4n, sum: 10.25 }),
  ])

  test('are read with their names, attributes and values', () => {
    expect(readMetrics(data, 100)).toEqual({
      points: [
        {
          name: 'lag',
          attributes: [
            ['topic', 't'],
            ['partition', '7'],
          ],
          value: 3.5,
          isDelta: false,
        },
        { name: 'requests', attributes: [], value: 12, isDelta: false },
        { name: 'bytes', attributes: [], value: 100, isDelta: true },
        { name: 'latency.count', attributes: [], value: 4, isDelta: false },
        { name: 'latency.sum', attributes: [], value: 10.25, isDelta: false },
      ],
      leftOut: 0,
    })
  })

  test('are read up to a number of values, and the others counted', () => {
    const { points, leftOut } = readMetrics(data, 2)
    expect([points.length, leftOut]).toEqual([2, 3])
  })

  test('that are cut or damaged give values or an error, and never anything else', () => {
    const random = new SimRandom(1)
    for (let at = 0; at < data.length; at++) check(data.subarray(0, at))
    for (let i = 0; i < 5_000; i++) {
      const damaged = Buffer.from(data)
      for (let n = random.int(4); n >= 0; n--) damaged[random.int(damaged.length)] = random.int(256)
      check(damaged)
    }
    function check(bytes: Buffer): void {
      try {
        readMetrics(bytes, 100)
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedError)
      }
    }
  })
})
