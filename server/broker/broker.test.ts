/** What several parts of a broker do together, as a client sees it. */
import { describe, expect, test, vi } from 'vitest'
import type { DiskCall } from '../env/sim_disk.ts'
import { errorCode } from '../protocol/errors.ts'
import { Produce } from '../protocol/messages/00_produce.ts'
import { Fetch } from '../protocol/messages/01_fetch.ts'
import { ListOffsets } from '../protocol/messages/02_list_offsets.ts'
import { Metadata } from '../protocol/messages/03_metadata.ts'
import { OffsetCommit } from '../protocol/messages/08_offset_commit.ts'
import { OffsetFetch } from '../protocol/messages/09_offset_fetch.ts'
import { FindCoordinator } from '../protocol/messages/10_find_coordinator.ts'
import { DescribeGroups } from '../protocol/messages/15_describe_groups.ts'
import { CreateTopics } from '../protocol/messages/19_create_topics.ts'
import { DeleteTopics } from '../protocol/messages/20_delete_topics.ts'
import { DescribeConfigs } from '../protocol/messages/32_describe_configs.ts'
import { IncrementalAlterConfigs } from '../protocol/messages/44_incremental_alter_configs.ts'
import { buildBatch } from '../records/build_batch.ts'
import { ApiVersionsHandler } from './apis/18_api_versions.ts'
import { stage } from './testing.ts'

type Stage = ReturnType<typeof stage>
const OFFSETS = '__consumer_offsets'
const TOPIC = 2
const BROKER = 4

const commit = async (s: Stage, groupId: string, offset: number) => {
  await s.ask(FindCoordinator, 2, { key: groupId, keyType: 0 })
  const partitions = [{ partitionIndex: 0, committedOffset: offset, committedMetadata: '' }]
  const answer = await s.ask(OffsetCommit, 7, { groupId, topics: [{ name: 't', partitions }] })
  return answer.topics[0]!.partitions[0]!.errorCode
}
const committed = async (s: Stage, groupId: string) => {
  const answer = await s.ask(OffsetFetch, 5, { groupId, topics: [{ name: 't', partitionIndexes: [0] }] })
  return answer.errorCode || answer.topics[0]!.partitions[0]!.committedOffset
}
const make = (s: Stage, ...names: string[]) => s.ask(Metadata, 4, { topics: names.map((name) => ({ name })) })

const produce = async (s: Stage, name: string, value: string) => {
  const records = buildBatch([{ key: null, value: Buffer.from(value) }], { timestamp: 1_735_689_600_000 })
  const topicData = [{ name, partitionData: [{ index: 0, records }] }]
  const answer = await s.ask(Produce, 7, { acks: -1, timeoutMs: 1000, topicData })
  return answer.responses[0]!.partitionResponses[0]!.errorCode
}

describe('the topic of group offsets', () => {
  test('is found again with its own number of partitions, whatever offsets.topic.num.partitions says by then', async () => {
    const s = stage()
    await s.start({ 'offsets.topic.num.partitions': '7' })
    await make(s, 't')
    expect(await commit(s, 'my-group', 42)).toBe(errorCode.NONE)
    await s.stop()
    await s.start({ 'offsets.topic.num.partitions': '50' })
    expect(await committed(s, 'my-group')).toBe(42)
    expect(await commit(s, 'my-group', 43)).toBe(errorCode.NONE)
  })

  test('serves groups again when it has been deleted and made anew', async () => {
    const s = stage()
    await s.start({ 'offsets.topic.num.partitions': '3' })
    await make(s, 't')
    expect(await commit(s, 'my-group', 42)).toBe(errorCode.NONE)
    await s.ask(DeleteTopics, 3, { topicNames: [OFFSETS], timeoutMs: 1000 })
    expect(await committed(s, 'my-group')).toBe(errorCode.NOT_COORDINATOR)
    expect(await commit(s, 'my-group', 1)).toBe(errorCode.NONE)
    expect(await committed(s, 'my-group')).toBe(1)
    expect(s.lines).toEqual([])
  })

  test('has its own form also when whoever asks for metadata makes it', async () => {
    const s = stage()
    await s.start({ 'offsets.topic.num.partitions': '7' })
    const { topics } = await make(s, OFFSETS, 't')
    expect(topics.map((t) => [t.name, t.isInternal, t.partitions.length])).toEqual([
      [OFFSETS, true, 7],
      ['t', false, 1],
    ])
    const { results } = await s.ask(DescribeConfigs, 1, {
      resources: [{ resourceType: TOPIC, resourceName: OFFSETS, configurationKeys: ['cleanup.policy'] }],
    })
    expect(results[0]!.configs.map((c) => c.value)).toEqual(['compact'])
    expect(await commit(s, 'my-group', 42)).toBe(errorCode.NONE)
  })

  test('is the only one of Kafka’s own that comes into being by being asked for', async () => {
    const s = stage()
    await s.start()
    const names = ['__transaction_state', '__share_group_state', '__cluster_metadata']
    const { topics } = await make(s, ...names)
    expect(topics.map((t) => t.errorCode)).toEqual(names.map(() => errorCode.UNKNOWN_TOPIC_OR_PARTITION))
  })
})

describe('a request', () => {
  test('that can be neither answered nor refused costs its connection and a line, not the process', async () => {
    const s = stage()
    await s.start()
    const bug = vi.spyOn(ApiVersionsHandler, 'fail').mockImplementation(() => {
      throw new TypeError('a bug of ours')
    })
    const frame = Buffer.from([0, 0, 0, 11, 0, 18, 0, 77, 0, 0, 0, 7, 255, 255, 0])
    const socket = await s.wait(s.client.network.connect({ host: 'broker', port: 9092 }))
    const closed = new Promise<void>((resolve) => (socket.onClose = () => resolve()))
    socket.write([frame])
    await s.wait(closed)
    bug.mockRestore()
    expect(s.lines).toEqual([expect.stringContaining('a bug of ours')])
    await make(s, 't')
  })
})

describe('a transactional batch', () => {
  test('is refused without a transactional id too: nobody could end its transaction', async () => {
    const s = stage()
    await s.start()
    await make(s, 't')
    const send = async (transactional: boolean, baseSequence: number) => {
      const producer = { producerId: 7, producerEpoch: 0, baseSequence, transactional, timestamp: 1_735_689_600_000 }
      const records = buildBatch([{ key: null, value: Buffer.from('a') }], producer)
      const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }]
      const answer = await s.ask(Produce, 7, { acks: -1, timeoutMs: 1000, topicData })
      return answer.responses[0]!.partitionResponses[0]!.errorCode
    }
    expect(await send(true, 0)).toBe(errorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
    expect(await send(false, 0)).toBe(errorCode.NONE)
  })
})

describe('a setting that may change', () => {
  test('counts from then on: producer.id.expiration.ms', async () => {
    const s = stage()
    await s.start({ 'producer.id.expiration.check.interval.ms': '1000' })
    await make(s, 't')
    const send = async (baseSequence: number) => {
      const producer = { producerId: 7, producerEpoch: 0, baseSequence, timestamp: 1_735_689_600_000 }
      const records = buildBatch([{ key: null, value: Buffer.from('a') }], producer)
      const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }]
      const answer = await s.ask(Produce, 7, { acks: -1, timeoutMs: 1000, topicData })
      return answer.responses[0]!.partitionResponses[0]!.errorCode
    }
    expect([await send(0), await send(5)]).toEqual([errorCode.NONE, errorCode.OUT_OF_ORDER_SEQUENCE_NUMBER])
    const configs = [{ name: 'producer.id.expiration.ms', configOperation: 0, value: '5000' }]
    await s.ask(IncrementalAlterConfigs, 1, {
      resources: [{ resourceType: BROKER, resourceName: '', configs }],
      validateOnly: false,
    })
    await s.sim.time.runFor(10_000)
    expect(await send(5)).toBe(errorCode.NONE)
  })
})

describe('offsets of tiered storage', () => {
  test('are not there', async () => {
    const s = stage()
    await s.start()
    await make(s, 't')
    const offset = async (version: number, timestamp: number) => {
      const partitions = [{ partitionIndex: 0, timestamp }]
      const { topics } = await s.ask(ListOffsets, version, { replicaId: -1, topics: [{ name: 't', partitions }] })
      return topics[0]!.partitions.map((p) => [p.errorCode, p.offset])
    }
    expect(await offset(8, -4)).toEqual([[errorCode.NONE, 0]])
    expect(await offset(9, -5)).toEqual([[errorCode.NONE, -1]])
    expect(await offset(11, -6)).toEqual([[errorCode.NONE, -1]])
    // Before its version a negative time means nothing.
    expect(await offset(7, -4)).toEqual([[errorCode.UNSUPPORTED_VERSION, -1]])
    expect(await offset(10, -6)).toEqual([[errorCode.UNSUPPORTED_VERSION, -1]])
  })
})

describe('a partition of which the metadata knows nothing', () => {
  test('is kept under another name: it may be the metadata that was lost', async () => {
    const s = stage()
    await s.start()
    await make(s, 't')
    expect(await produce(s, 't', 'precious')).toBe(errorCode.NONE)
    await s.stop()
    s.disk().remove('/data/__cluster_metadata-0')
    await s.start()
    expect(s.lines).toEqual([expect.stringMatching(/t-0 is a partition of no topic.*t-0\..*-stray/)])
    await make(s, 't')
    expect(await produce(s, 't', 'new')).toBe(errorCode.NONE)
    await s.sim.time.runFor(600_000)
    const kept = s
      .disk()
      .list('/data')
      .find(({ name }) => name.endsWith('-stray'))!
    expect(s.disk().readFile(`/data/${kept.name}/00000000000000000000.log`)!.toString('latin1')).toContain('precious')
  })
})

describe('what a request names twice', () => {
  test('is described once, so that no short request makes an endless answer', async () => {
    const s = stage()
    await s.start()
    await make(s, 't')
    await commit(s, 'g', 1)
    const resource = { resourceType: TOPIC, resourceName: 't', configurationKeys: null }
    expect((await s.ask(DescribeConfigs, 1, { resources: [resource, resource] })).results).toHaveLength(1)
    expect((await s.ask(DescribeGroups, 0, { groups: ['g', 'g'] })).groups).toHaveLength(1)
    const group = { groupId: 'g', topics: null }
    expect((await s.ask(OffsetFetch, 8, { groups: [group, group] })).groups).toHaveLength(1)
  })
})

describe('names of the greatest length', () => {
  const name = 'x'.repeat(32_767)

  test('are refused in an answer that can be sent', async () => {
    const s = stage()
    await s.start()
    const topic = { name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }
    const { topics } = await s.ask(CreateTopics, 4, { topics: [topic, topic] })
    expect(topics.map((t) => t.errorCode)).toEqual([errorCode.INVALID_REQUEST])
    await s.ask(FindCoordinator, 2, { key: name, keyType: 0 })
    const { groups } = await s.ask(DescribeGroups, 6, { groups: [name] })
    expect(groups.map((g) => g.errorCode)).toEqual([errorCode.GROUP_ID_NOT_FOUND])
    expect(s.lines).toEqual([])
  })
})

describe('a clean stop', () => {
  test('acknowledges what is on its way to the disk, answers long polls, and all of it is there afterwards', async () => {
    const s = stage({ disk: { syncMs: { low: 50, high: 50 } } })
    await s.start()
    await make(s, 't')
    const [writer, reader] = [await s.connect(), await s.connect()]
    const records = buildBatch([{ key: null, value: Buffer.from('a') }], { timestamp: 1_735_689_600_000 })
    const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }]
    const written = writer.send(Produce, { acks: -1, timeoutMs: 1000, topicData }, { maxVersion: 7 })
    const topics = [{ topic: 't', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1 }] }]
    const read = reader.send(Fetch, { maxWaitMs: 30_000, minBytes: 1, maxBytes: 1, topics }, { maxVersion: 11 })
    await s.sim.time.runFor(5)
    await s.stop()
    expect((await written).responses[0]!.partitionResponses[0]!.errorCode).toBe(errorCode.NONE)
    expect((await read).responses[0]!.partitions[0]).toMatchObject({ errorCode: errorCode.NONE, highWatermark: 1 })
    await s.start()
    const { topics: ends } = await s.ask(ListOffsets, 1, {
      replicaId: -1,
      topics: [{ name: 't', partitions: [{ partitionIndex: 0, timestamp: -1 }] }],
    })
    expect([ends[0]!.partitions[0]!.offset, s.lines]).toEqual([1, []])
  })
})

describe('a fetch', () => {
  const fetched = async (s: Stage) => {
    const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1 << 20 }]
    const answer = await s.ask(Fetch, 4, { maxWaitMs: 0, minBytes: 1, topics: [{ topic: 't', partitions }] })
    return Buffer.concat([answer.responses[0]!.partitions[0]!.records!].flat()).length
  }

  test('brings little, but always something, while clients have not taken what they asked for', async () => {
    const s = stage()
    await s.start()
    await make(s, 't')
    for (let i = 0; i < 10; i++) await produce(s, 't', 'x'.repeat(30_000))
    const all = await fetched(s)
    expect(all).toBeGreaterThan(300_000)
    s.broker.answers.take(1 << 30)
    expect(await fetched(s)).toBe(all / 5)
    s.broker.answers.give(1 << 30)
    expect(await fetched(s)).toBe(all)
    await s.sim.time.runFor(100)
    expect(s.broker.answers.usedBytes).toBe(0)
  })
})

describe('metadata', () => {
  test('tells of each topic once, however often a request names it', async () => {
    const s = stage()
    await s.start()
    const topics = (await make(s, 't', 'u', 't', 't')).topics
    expect(topics.map((t) => [t.name, t.errorCode])).toEqual([
      ['t', errorCode.NONE],
      ['u', errorCode.NONE],
    ])
    const byId = { name: null, topicId: topics[0]!.topicId }
    expect((await s.ask(Metadata, 12, { topics: [byId, byId] })).topics.map((t) => t.errorCode)).toEqual([
      errorCode.UNKNOWN_TOPIC_ID,
    ])
  })

  test('refuses ids before version 12 in an answer, as Kafka does', async () => {
    const s = stage()
    await s.start()
    const { topics } = await s.ask(Metadata, 11, { topics: [{ name: null, topicId: 'BBBBBBBBBBBBBBBBBBBBBB' }] })
    expect(topics.map((t) => [t.name, t.errorCode])).toEqual([['', errorCode.INVALID_REQUEST]])
  })
})

describe('a disk that fails', () => {
  const faulty = () => {
    const fails: DiskCall[] = []
    const s = stage({ disk: { faults: ({ kind }) => (fails.includes(kind) ? 'ENOSPC' : undefined) } })
    return { ...s, broken: (...kinds: DiskCall[]) => fails.splice(0, fails.length, ...kinds) }
  }

  test('while checkpoints are written costs a line each, and nothing when there is room again', async () => {
    const s = faulty()
    await s.start()
    await make(s, 't', 'u')
    expect(await produce(s, 't', 'a')).toBe(errorCode.NONE)
    s.broken('write', 'open', 'mkdir')
    await s.sim.time.runFor(150_000)
    s.broken()
    expect(s.lines).not.toEqual([])
    expect(s.lines.every((line) => /ENOSPC/.test(line))).toBe(true)
    await s.sim.time.runFor(60_000)
    expect(await produce(s, 't', 'b')).toBe(errorCode.NONE)
    await s.stop()
  })

  test('when a deleted topic is put away costs a line; a new topic of that name does not begin with the old one’s records', async () => {
    const s = faulty()
    await s.start()
    await make(s, 't')
    expect(await produce(s, 't', 'old')).toBe(errorCode.NONE)
    s.broken('rename')
    const { responses } = await s.ask(DeleteTopics, 3, { topicNames: ['t'], timeoutMs: 1000 })
    expect(responses[0]!.errorCode).toBe(errorCode.NONE)
    expect(s.lines).toEqual([expect.stringMatching(/t-0.*ENOSPC/)])
    await make(s, 't')
    expect(await produce(s, 't', 'new')).toBe(errorCode.KAFKA_STORAGE_ERROR)
    s.broken()
    await s.stop()
    await s.start()
    expect(await produce(s, 't', 'new')).toBe(errorCode.NONE)
    const { topics } = await s.ask(ListOffsets, 1, {
      replicaId: -1,
      topics: [{ name: 't', partitions: [{ partitionIndex: 0, timestamp: -1 }] }],
    })
    expect(topics[0]!.partitions[0]!.offset).toBe(1)
  })

  test('when offsets of a deleted topic are to go costs a line', async () => {
    const s = faulty()
    await s.start({ 'offsets.topic.num.partitions': '1' })
    await make(s, 't')
    expect(await commit(s, 'my-group', 1)).toBe(errorCode.NONE)
    s.broken('write')
    expect(await commit(s, 'my-group', 2)).toBe(errorCode.NOT_COORDINATOR)
    s.broken()
    await s.ask(DeleteTopics, 3, { topicNames: ['t'], timeoutMs: 1000 })
    await s.sim.time.runFor(1_000)
    await make(s, 'u')
    expect(await produce(s, 'u', 'a')).toBe(errorCode.NONE)
  })
})
