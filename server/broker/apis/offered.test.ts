import { describe, expect, test } from 'vitest'
import { apiByKey } from '../../protocol/messages/index.ts'
import { offered } from './index.ts'
import { leftOut } from './left_out.ts'

/**
 * What kafka-broker-api-versions prints of a broker of Apache Kafka 4.3.1: key, lowest and highest version. 71 and 72 are not among
 * them because that broker has nothing configured that would take client metrics.
 */
const KAFKA = `
0:0-13 1:4-18 2:1-11 3:0-13 8:2-10 9:1-10 10:0-6 11:0-9 12:0-4 13:0-5 14:0-5 15:0-6 16:0-5 17:0-1 18:0-4 19:2-7 20:1-6 21:0-2
22:0-5 23:2-4 24:0-5 25:0-4 26:0-5 27:1-2 28:0-5 29:1-3 30:1-3 31:1-3 32:1-4 33:0-2 34:1-2 35:1-5 36:0-2 37:0-3 38:1-3 39:1-2
40:1-2 41:1-3 42:0-2 43:0-2 44:0-1 45:0-1 46:0-0 47:0-0 48:0-1 49:0-1 50:0-0 51:0-0 55:0-2 57:0-2 60:0-2 61:0-0 64:0-0 65:0-0
66:0-2 68:0-1 69:0-1 74:0-1 75:0-0 76:1-1 77:1-1 78:1-2 79:1-2 80:0-1 81:0-0 83:0-0 84:0-0 85:0-1 86:0-0 87:0-1 88:0-0 89:0-0
90:0-1 91:0-0 92:0-0`
const kafka = KAFKA.trim()
  .split(/\s+/)
  .map((row) => row.split(/[:-]/).map(Number) as [number, number, number])

/** Served though Kafka's broker as it comes does not. */
const OURS_ALONE = new Map([
  [71, 'client metrics end at /metrics, which needs nothing configured'],
  [72, 'as 71'],
])

describe('what the broker offers', () => {
  const ours = new Map(offered().map((row) => [row.apiKey, row]))

  test('is what Apache Kafka 4.3 offers, up to the same version, but for what is left out by name', () => {
    const missing = kafka.filter(([key]) => !ours.has(key) && !leftOut.has(key)).map(([key]) => key)
    expect(missing).toEqual([])
    const wrong = kafka.filter(([key, , highest]) => ours.has(key) && ours.get(key)!.maxVersion !== highest)
    expect(wrong).toEqual([])
  })

  test('goes as far back as Kafka does or further, for older clients', () => {
    expect(kafka.filter(([key, lowest]) => ours.has(key) && ours.get(key)!.minVersion > lowest)).toEqual([])
  })

  test('has nothing that Kafka has not, but for what is told with its reason', () => {
    const known = new Set(kafka.map(([key]) => key))
    expect([...ours.keys()].filter((key) => !known.has(key) && !OURS_ALONE.has(key))).toEqual([])
  })

  test('names what is left out as the protocol does', () => {
    expect([...leftOut].filter(([key, { name }]) => apiByKey.get(key)?.name !== name)).toEqual([])
  })
})
