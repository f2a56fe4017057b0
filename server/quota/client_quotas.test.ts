/** Which quota counts for whom, and how long who is above it has to wait. */
import { describe, expect, test } from 'vitest'
import type { KafkaError } from '../protocol/errors.ts'
import { ClientQuotas } from './client_quotas.ts'
import { SampledRate } from './sampled_rate.ts'

const windows = { client: { samples: 11, windowMs: 1000 }, controller: { samples: 11, windowMs: 1000 } }

/** `user=a,client-id` is the default client id of user a. */
const entityOf = (text: string) =>
  text.split(',').map((part) => {
    const [entityType, entityName] = part.split('=')
    return { entityType: entityType!, entityName: entityName ?? null }
  })

function start(limits: Record<string, Record<string, number>>) {
  let nowMs = 100_000
  const quotas = new ClientQuotas(windows, { monotonic: () => nowMs })
  const set = (all: typeof limits) =>
    quotas.follow({
      clientQuotas: new Map(
        Object.entries(all).map(([name, values]) => [
          name,
          { entity: entityOf(name), values: new Map(Object.entries(values)) },
        ]),
      ),
    })
  set(limits)
  return { quotas, set, after: (ms: number) => void (nowMs += ms) }
}

const produced = (quotas: ClientQuotas, bytes: number, clientId = 'c') =>
  quotas.begin('u', clientId, bytes)?.finish({ isProduce: true })

describe('the quota of a client', () => {
  const all = {
    'user=u,client-id=c': 1,
    'user=u,client-id': 2,
    'user=u': 3,
    'user,client-id=c': 4,
    'user,client-id': 5,
    user: 6,
    'client-id=c': 7,
    'client-id': 8,
  }
  test('is the most specific that there is, in the order of Kafka', () => {
    const left = Object.entries(all)
    const found: (number | undefined)[] = []
    while (left.length > 0) {
      const { quotas } = start(Object.fromEntries(left.map(([e, n]) => [e, { producer_byte_rate: n }])))
      found.push(quotas.produce.of({ user: 'u', clientId: 'c' })?.perSecond)
      left.shift()
    }
    expect(found).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })

  test('without an id is that of its user', () => {
    const { quotas } = start(Object.fromEntries(Object.entries(all).map(([e, n]) => [e, { producer_byte_rate: n }])))
    expect(quotas.produce.of({ user: 'u', clientId: '' })?.perSecond).toBe(3)
    expect(start({ 'client-id': { producer_byte_rate: 1 } }).quotas.produce.of({ user: 'u', clientId: '' })).toBe(
      undefined,
    )
  })

  test('by user is shared by its clients, by client id it is not', () => {
    const of = (entity: string, clientId: string) => {
      const { quotas } = start({ [entity]: { producer_byte_rate: 9 } })
      return (
        quotas.produce.of({ user: 'u', clientId: 'c' })?.meter === quotas.produce.of({ user: 'u', clientId })?.meter
      )
    }
    expect([of('user=u', 'd'), of('user', 'd'), of('client-id', 'd'), of('user,client-id', 'd')]).toEqual([
      true,
      true,
      false,
      false,
    ])
  })

  test('costs nothing where none is set, and no more once the last is gone', () => {
    const { quotas, set } = start({})
    expect(quotas.begin('u', 'c', 100)).toBeUndefined()
    set({ 'ip=1.2.3.4': { connection_creation_rate: 1 } })
    expect(quotas.begin('u', 'c', 100)).toBeUndefined()
    set({ user: { producer_byte_rate: 1 } })
    expect(quotas.begin('u', 'c', 100)).toBeDefined()
    set({})
    expect(quotas.begin('u', 'c', 100)).toBeUndefined()
  })

  test('that is another from now on knows what was used', () => {
    const { quotas, set } = start({ user: { producer_byte_rate: 1000 } })
    expect(produced(quotas, 10_000)).toBe(0)
    set({ user: { producer_byte_rate: 500 } })
    expect(produced(quotas, 0)).toBe(10_000)
  })
})

describe('who is above a quota', () => {
  test('of bytes waits until the rate is back at it', () => {
    const { quotas, after } = start({ 'client-id=c': { producer_byte_rate: 1000 } })
    expect(produced(quotas, 10_000)).toBe(0)
    expect(produced(quotas, 2000)).toBe(2000)
    expect(produced(quotas, 1_000_000, 'another')).toBe(0)
    // As Kafka reckons: what lies within the windows was spread over ten of them, however short a time it was.
    after(2000)
    expect(produced(quotas, 0)).toBe(2000)
    after(9000)
    expect(produced(quotas, 0)).toBe(0)
  })

  test('of fetched bytes is sent nothing, which does not count, and at most what ten windows allow', () => {
    const { quotas } = start({ user: { consumer_byte_rate: 1000 } })
    expect(quotas.begin('u', 'c', 0)!.maxFetchBytes).toBe(10_000)
    const fetch = (bytes: number) => {
      const quota = quotas.begin('u', 'c', 0)!
      return [quota.fetched(bytes), quota.finish({ isProduce: false })]
    }
    expect(fetch(9000)).toEqual([0, 0])
    expect(fetch(2970)).toEqual([2030, 2030])
    expect(fetch(900)).toEqual([0, 0])
  })

  test('of handler time waits a window at most', () => {
    const { quotas, after } = start({ user: { request_percentage: 1 } })
    const request = (tookMs: number) => {
      const quota = quotas.begin('u', 'c', 0)!
      after(tookMs)
      return quota.finish({ isProduce: false })
    }
    expect(request(100)).toBe(0)
    expect(request(50)).toBeGreaterThan(0)
    expect(request(5000)).toBe(1000)
  })

  test('of handler time does not pay for waiting', () => {
    const { quotas, after } = start({ user: { request_percentage: 1 } })
    const quota = quotas.begin('u', 'c', 0)!
    quota.pause()
    after(5000)
    expect(quota.finish({ isProduce: false })).toBe(0)
  })

  test('does not pay for what is exempt, neither for its handler nor for its answer', () => {
    const { quotas, after } = start({ user: { request_percentage: 1 } })
    const replication = quotas.begin('u', 'broker', 0)!
    replication.exempt()
    replication.pause()
    replication.resume()
    after(5000)
    expect(replication.finish({ isProduce: false })).toBe(0)
    replication.made()
    expect(quotas.begin('u', 'c', 0)!.finish({ isProduce: false })).toBe(0)
  })

  test('of partitions may make as many as it likes once, and none until they are paid for', () => {
    const { quotas, after } = start({ user: { controller_mutation_rate: 2 } })
    const make = (count: number, strict: boolean) => {
      const quota = quotas.begin('u', 'c', 0)!
      let error = ''
      try {
        quota.chargePartitions(count, strict)
      } catch (e) {
        error = (e as KafkaError).error
      }
      return [error, quota.finish({ isProduce: false })]
    }
    // Eleven seconds' worth are there to begin with.
    expect(make(22, true)).toEqual(['', 0])
    expect(make(10, true)).toEqual(['', 0])
    expect(make(1, true)).toEqual(['THROTTLING_QUOTA_EXCEEDED', 5000])
    after(5000)
    expect(make(1, true)).toEqual(['', 0])
    expect(make(3, false)).toEqual(['', 2000])
  })
})

describe('a sampled rate', () => {
  test('forgets a window at a time', () => {
    const rate = new SampledRate({ samples: 2, windowMs: 1000 })
    const at = (nowMs: number, value: number) => {
      rate.record(value, nowMs)
      return Math.round(rate.rate(nowMs))
    }
    expect([at(0, 100), at(999, 100), at(1000, 100), at(2500, 100), at(5000, 0)]).toEqual([100, 100, 300, 160, 0])
  })
})
