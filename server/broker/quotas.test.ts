/** Quotas as clients and administrators meet them. */
import { describe, expect, test } from 'vitest'
import { errorOf } from '../protocol/errors.ts'
import { Produce } from '../protocol/messages/00_produce.ts'
import { Fetch } from '../protocol/messages/01_fetch.ts'
import { Metadata } from '../protocol/messages/03_metadata.ts'
import { ApiVersions } from '../protocol/messages/18_api_versions.ts'
import { CreateTopics } from '../protocol/messages/19_create_topics.ts'
import { DeleteTopics } from '../protocol/messages/20_delete_topics.ts'
import { CreatePartitions } from '../protocol/messages/37_create_partitions.ts'
import { DescribeClientQuotas } from '../protocol/messages/48_describe_client_quotas.ts'
import { AlterClientQuotas } from '../protocol/messages/49_alter_client_quotas.ts'
import { buildBatch } from '../records/build_batch.ts'
import { stage } from './testing.ts'

const USER = [{ entityType: 'user', entityName: null }]

async function start() {
  const s = stage()
  await s.start()
  const set = async (
    key: string,
    value: number | null,
    entity: { entityType: string; entityName: string | null }[] = USER,
  ) => {
    const ops = [{ key, value: value ?? 0, remove: value === null }]
    const { entries } = await s.ask(AlterClientQuotas, 1, { entries: [{ entity, ops }], validateOnly: false })
    return errorOf(entries[0]!.errorCode)
  }
  const produce = async (bytes: number, acks = 1) => {
    const records = buildBatch([{ key: null, value: Buffer.alloc(bytes) }], { timestamp: 1_735_689_600_000 })
    const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }]
    return (await s.ask(Produce, 7, { acks, timeoutMs: 1000, topicData })).throttleTimeMs
  }
  const fetch = async (o: { offset?: number; sessionId?: number; sessionEpoch?: number; maxBytes?: number } = {}) => {
    const partitions = [{ partition: 0, fetchOffset: o.offset ?? 0, partitionMaxBytes: 1 << 24 }]
    const answer = await s.ask(Fetch, 12, {
      maxWaitMs: 0,
      minBytes: 1,
      maxBytes: o.maxBytes ?? 1 << 24,
      sessionId: o.sessionId ?? 0,
      sessionEpoch: o.sessionEpoch ?? -1,
      topics: o.offset === undefined ? [] : [{ topic: 't', partitions }],
      forgottenTopicsData: [],
    })
    const records = answer.responses[0]?.partitions[0]?.records as Buffer | undefined
    return { ...answer, bytes: records?.length ?? 0 }
  }
  /** How long it takes to be answered anything. */
  const delayMs = async () => {
    const before = s.sim.time.elapsedMs
    await s.ask(ApiVersions, 0, {})
    return s.sim.time.elapsedMs - before
  }
  await s.ask(Metadata, 4, { topics: [{ name: 't' }] })
  return { s, set, produce, fetch, delayMs }
}

describe('a client above its quota', () => {
  test('of produced bytes is told for how long it has to wait, and is not served for as long', async () => {
    const { set, produce, delayMs } = await start()
    expect(await set('producer_byte_rate', 1000)).toBe('NONE')
    expect(await produce(9000)).toBe(0)
    const throttleTimeMs = await produce(1500)
    expect(throttleTimeMs).toBeGreaterThan(500)
    expect(throttleTimeMs).toBeLessThan(1000)
    expect(await delayMs()).toBeGreaterThanOrEqual(throttleTimeMs - 5)
    expect(await delayMs()).toBeLessThan(5)
  })

  test('waits no more when the quota is taken away, but for the time that it was told', async () => {
    const { set, produce, delayMs } = await start()
    await set('producer_byte_rate', 1000)
    await produce(12_000)
    expect(await set('producer_byte_rate', null)).toBe('NONE')
    expect(await produce(100_000)).toBe(0)
    expect(await delayMs()).toBeLessThan(5)
  })

  test('of fetched bytes is sent nothing and keeps its session', async () => {
    const { set, produce, fetch } = await start()
    for (let i = 0; i < 3; i++) await produce(6000)
    const { sessionId } = await fetch({ sessionEpoch: 0, offset: 0, maxBytes: 100 })
    await set('consumer_byte_rate', 1000)
    const first = await fetch({ sessionId, sessionEpoch: 1 })
    expect([first.throttleTimeMs, first.bytes]).toEqual([0, 6070])
    const second = await fetch({ sessionId, sessionEpoch: 2 })
    expect([second.sessionId, second.bytes, second.errorCode]).toEqual([sessionId, 0, 0])
    expect(second.throttleTimeMs).toBeGreaterThan(1000)
    let last = second
    for (let epoch = 3; last.throttleTimeMs > 0; epoch++) last = await fetch({ sessionId, sessionEpoch: epoch })
    expect([last.sessionId, last.bytes]).toEqual([sessionId, 6070])
  })

  test('of partitions is refused, or served and made to wait where its version is older', async () => {
    const { s, set } = await start()
    await set('controller_mutation_rate', 1)
    const create = async (name: string, numPartitions: number, version: number) => {
      const topics = [{ name, numPartitions, replicationFactor: 1, assignments: [], configs: [] }]
      const answer = await s.ask(CreateTopics, version, { topics, timeoutMs: 1000, validateOnly: false })
      return [errorOf(answer.topics[0]!.errorCode), answer.throttleTimeMs > 0]
    }
    expect(await create('a', 15, 6)).toEqual(['NONE', false])
    expect(await create('b', 1, 6)).toEqual(['THROTTLING_QUOTA_EXCEEDED', true])
    expect(await create('b', 15, 5)).toEqual(['NONE', true])
    // The wait is over, and so is the debt; another is made.
    expect(await create('c', 2, 5)).toEqual(['NONE', true])
    const grow = async (count: number) => {
      const topics = [{ name: 'a', count, assignments: null }]
      return errorOf(
        (await s.ask(CreatePartitions, 3, { topics, timeoutMs: 1000, validateOnly: false })).results[0]!.errorCode,
      )
    }
    expect([await grow(20), await grow(21)]).toEqual(['NONE', 'THROTTLING_QUOTA_EXCEEDED'])
    const deleted = await s.ask(DeleteTopics, 5, { topicNames: ['a', 'b'], timeoutMs: 1000 })
    expect(deleted.responses.map((r) => errorOf(r.errorCode))).toEqual(['NONE', 'THROTTLING_QUOTA_EXCEEDED'])
  })
})

describe('quotas', () => {
  const described = async (s: Awaited<ReturnType<typeof start>>['s'], strict = false) => {
    const { entries } = await s.ask(DescribeClientQuotas, 1, { components: [], strict })
    return entries!.map((e) => [
      e.entity.map((x) => `${x.entityType}=${x.entityName}`).join(','),
      e.values.map((v) => `${v.key}=${v.value}`).join(),
    ])
  }

  test('survive a restart and count from then on', async () => {
    const { s, set, produce } = await start()
    await set('producer_byte_rate', 1000)
    await set('consumer_byte_rate', 2000, [{ entityType: 'client-id', entityName: 'x' }])
    await s.stop()
    await s.start()
    expect(await described(s)).toEqual([
      ['user=null', 'producer_byte_rate=1000'],
      ['client-id=x', 'consumer_byte_rate=2000'],
    ])
    expect(await produce(12_000)).toBeGreaterThan(1000)
  })

  test('are gone when the last of an entity is removed', async () => {
    const { s, set } = await start()
    await set('producer_byte_rate', 1000)
    await set('request_percentage', 50)
    await set('producer_byte_rate', null)
    expect(await described(s)).toEqual([['user=null', 'request_percentage=50']])
    await set('request_percentage', null)
    expect(await described(s)).toEqual([])
  })

  test.each([
    ['nobody', [], 'producer_byte_rate', 1],
    ['something unknown', [{ entityType: 'host', entityName: 'a' }], 'producer_byte_rate', 1],
    ['an empty name', [{ entityType: 'user', entityName: '' }], 'producer_byte_rate', 1],
    ['an ip and a user', [...USER, { entityType: 'ip', entityName: null }], 'connection_creation_rate', 1],
    ['no ip', [{ entityType: 'ip', entityName: '1.2.3.256' }], 'connection_creation_rate', 1],
    ['another kind of entity', USER, 'connection_creation_rate', 1],
    ['nothing that there is', USER, 'toString', 1],
    ['nothing at all', USER, 'producer_byte_rate', 0],
    ['half a byte', USER, 'producer_byte_rate', 0.5],
    ['no number', USER, 'producer_byte_rate', Number.NaN],
  ])('are not set for %s', async (_, entity, key, value) => {
    const { s, set } = await start()
    expect(await set(key, value, entity)).toBe('INVALID_REQUEST')
    expect(await described(s)).toEqual([])
  })

  test('are found by a filter', async () => {
    const { s, set } = await start()
    const name = (entityType: string, entityName: string | null) => ({ entityType, entityName })
    for (const entity of [
      USER,
      [name('user', 'a')],
      [name('user', 'a'), name('client-id', 'b')],
      [name('client-id', 'b')],
    ])
      await set('producer_byte_rate', 1, entity)
    const find = async (strict: boolean, ...components: [string, number, string?][]) => {
      const answer = await s.ask(DescribeClientQuotas, 1, {
        components: components.map(([entityType, matchType, match]) => ({
          entityType,
          matchType,
          match: match ?? null,
        })),
        strict,
      })
      return answer.entries?.length ?? errorOf(answer.errorCode)
    }
    expect(await find(false, ['user', 0, 'a'])).toBe(2)
    expect(await find(true, ['user', 0, 'a'])).toBe(1)
    expect(await find(false, ['user', 1])).toBe(1)
    expect(await find(false, ['user', 2])).toBe(3)
    expect(await find(true, ['user', 2], ['client-id', 0, 'b'])).toBe(1)
    expect(await find(false, ['user', 0])).toBe('INVALID_REQUEST')
    expect(await find(false, ['user', 2], ['user', 1])).toBe('INVALID_REQUEST')
    expect(await find(false, ['host', 2])).toBe('UNSUPPORTED_VERSION')
  })
})
