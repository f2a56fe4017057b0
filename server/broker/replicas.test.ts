/** What clients and other brokers are told about partitions with replicas: three brokers, each in a rack of its own, and their controller. */
import { beforeEach, expect, test } from 'vitest'
import { errorOf } from '../protocol/errors.ts'
import { Produce } from '../protocol/messages/00_produce.ts'
import { Fetch } from '../protocol/messages/01_fetch.ts'
import { ListOffsets } from '../protocol/messages/02_list_offsets.ts'
import { CreateTopics } from '../protocol/messages/19_create_topics.ts'
import { DeleteRecords } from '../protocol/messages/21_delete_records.ts'
import { OffsetForLeaderEpoch } from '../protocol/messages/23_offset_for_leader_epoch.ts'
import { batches } from '../records/batch.ts'
import { buildBatch } from '../records/build_batch.ts'
import { remoteStage } from './link/testing.ts'
import { RACK_AWARE } from './preferred_read_replica.ts'

const SETTINGS = {
  'broker.session.timeout.ms': '2000',
  'broker.heartbeat.interval.ms': '300',
  'replica.lag.time.max.ms': '1500',
  'replica.fetch.wait.max.ms': '200',
  'replica.selector.class': RACK_AWARE,
}
const rackOf = (id: number) => 'abc'[id - 1]!

let s: ReturnType<typeof remoteStage>
/** t-0 is led by broker 1 and followed by all, own-0 is of broker 1 alone. */
beforeEach(async () => {
  s = remoteStage({ brokerSettings: SETTINGS, controllerSettings: SETTINGS })
  await s.wait(s.startController())
  await s.wait(Promise.all([1, 2, 3].map((id) => s.startBroker(id, { 'broker.rack': rackOf(id) }))))
  const configs = [{ name: 'min.insync.replicas', value: '2' }]
  const topics = Object.entries({ t: [1, 2, 3], own: [1] }).map(([name, brokerIds]) => {
    const assignments = [{ partitionIndex: 0, brokerIds }]
    return { name, numPartitions: -1, replicationFactor: -1, assignments, configs }
  })
  const created = await s.ask(1, CreateTopics, { topics, timeoutMs: 1000, validateOnly: false })
  expect(created.topics.map((t) => [errorOf(t.errorCode), t.errorMessage])).toEqual([
    ['NONE', null],
    ['NONE', null],
  ])
  expect(await s.until(() => [...s.brokers.values()].every((b) => b.metadata.topic('own')))).toBe(true)
})

const isrOf = (id: number) => s.brokers.get(id)!.partitions.replica('t', 0).followers?.isr
const logOf = (id: number) => s.brokers.get(id)!.partitions.replica('t', 0)

async function produce(id: number, acks = -1, topic = 't') {
  const records = buildBatch([{ key: null, value: Buffer.from('x') }], { timestamp: s.sim.time.elapsedMs })
  const topicData = [{ name: topic, partitionData: [{ index: 0, records }] }]
  const answer = await s.ask(id, Produce, { transactionalId: null, acks, timeoutMs: 5000, topicData }, 12)
  return { ...answer, ...answer.responses[0]!.partitionResponses[0]! }
}

async function fetch(
  id: number,
  o: { version?: number; rack?: string; offset?: number; replicaId?: number; topic?: string } = {},
) {
  const { version = 12, rack = '', offset = 0, replicaId = -1, topic = 't' } = o
  const topics = [{ topic, partitions: [{ partition: 0, fetchOffset: offset, partitionMaxBytes: 1e6 }] }]
  const answer = await s.ask(id, Fetch, { replicaId, maxWaitMs: 500, minBytes: 1, rackId: rack, topics }, version)
  const told = answer.responses[0]!.partitions[0]!
  const offsets = [...batches(Buffer.concat([told.records ?? []].flat() as Buffer[]))].map((b) => b.baseOffset)
  return { ...told, error: errorOf(told.errorCode), offsets, nodeEndpoints: answer.nodeEndpoints }
}

async function listOffset(id: number, timestamp: number, replicaId = -1) {
  const topics = [{ name: 't', partitions: [{ partitionIndex: 0, timestamp }] }]
  const answer = await s.ask(id, ListOffsets, { replicaId, isolationLevel: 0, topics, timeoutMs: 0 })
  const { errorCode, offset, leaderEpoch } = answer.topics[0]!.partitions[0]!
  return [errorOf(errorCode), offset, leaderEpoch]
}

test('consumers read at any replica as far as it knows the high watermark, before version 11 at the leader alone', async () => {
  for (let i = 0; i < 3; i++) expect((await produce(1)).errorCode).toBe(0)
  expect((await fetch(1)).offsets).toEqual([0, 1, 2])
  expect(await s.until(() => logOf(2).highWatermark === 3)).toBe(true)
  expect(await fetch(2)).toMatchObject({ error: 'NONE', highWatermark: 3, offsets: [0, 1, 2] })
  expect(await fetch(2, { version: 10 })).toMatchObject({ error: 'NOT_LEADER_OR_FOLLOWER', offsets: [] })
  expect((await fetch(2, { offset: 9 })).error).toBe('OFFSET_OUT_OF_RANGE')
  expect((await fetch(2, { topic: 'own' })).error).toBe('NOT_LEADER_OR_FOLLOWER')
  expect((await fetch(2, { topic: 'none' })).error).toBe('UNKNOWN_TOPIC_OR_PARTITION')
})

test('where consumers may read from followers, these hear of what is committed without waiting for more', async () => {
  const tookMs = async () => {
    await produce(1)
    const beganMs = s.sim.time.elapsedMs
    const end = logOf(1).logEndOffset
    expect(await s.until(() => [2, 3].every((id) => logOf(id).highWatermark === end))).toBe(true)
    return s.sim.time.elapsedMs - beganMs
  }
  await tookMs()
  expect(await tookMs()).toBeLessThan(20)
})

test('the leader names a replica in sync in the rack of the consumer, at once and instead of records', async () => {
  await produce(1)
  await fetch(1)
  expect(await s.until(() => logOf(2).highWatermark === 1)).toBe(true)
  const beganMs = s.sim.time.elapsedMs
  expect(await fetch(1, { rack: 'b', offset: 1 })).toMatchObject({
    error: 'NONE',
    preferredReadReplica: 2,
    offsets: [],
  })
  expect(s.sim.time.elapsedMs - beganMs).toBeLessThan(100)
  expect(await fetch(1, { rack: 'c' })).toMatchObject({ preferredReadReplica: 3, offsets: [] })
  expect(await fetch(1, { rack: 'a' })).toMatchObject({ preferredReadReplica: -1, offsets: [0] })
  expect(await fetch(1, { rack: 'elsewhere' })).toMatchObject({ preferredReadReplica: -1, offsets: [0] })
  expect(await fetch(2, { rack: 'c' })).toMatchObject({ preferredReadReplica: -1, offsets: [0] })
  s.killBroker(3)
  expect(await s.until(() => isrOf(1)!.length === 2)).toBe(true)
  expect(await fetch(1, { rack: 'c' })).toMatchObject({ preferredReadReplica: -1, offsets: [0] })
})

test('whoever asks the wrong broker is told who leads, and where', async () => {
  const produced = await produce(2)
  const leader = { leaderId: 1, leaderEpoch: 0 }
  expect([errorOf(produced.errorCode), produced.currentLeader]).toEqual(['NOT_LEADER_OR_FOLLOWER', leader])
  expect(produced.nodeEndpoints).toMatchObject([{ nodeId: 1, host: 'broker1', port: 9092, rack: 'a' }])
  expect((await produce(1)).nodeEndpoints).toEqual([])
})

test('the end of a log is told by its leader; those who compare replicas are told by each', async () => {
  await produce(1)
  expect(await s.until(() => logOf(2).logEndOffset === 1)).toBe(true)
  expect(await listOffset(1, -1)).toEqual(['NONE', 1, 0])
  expect(await listOffset(1, -2)).toEqual(['NONE', 0, 0])
  expect((await listOffset(2, -1))[0]).toBe('NOT_LEADER_OR_FOLLOWER')
  expect(await listOffset(2, -1, -2)).toEqual(['NONE', 1, 0])
  expect((await fetch(3, { replicaId: -2 })).offsets).toEqual([0])
  const topics = [{ topic: 't', partitions: [{ partition: 0, leaderEpoch: 0 }] }]
  const ends = await Promise.all(
    [1, 2].map(
      async (id) => (await s.ask(id, OffsetForLeaderEpoch, { replicaId: -1, topics })).topics[0]!.partitions[0]!,
    ),
  )
  expect(ends.map((e) => [errorOf(e.errorCode), e.endOffset])).toEqual([
    ['NONE', 1],
    ['NOT_LEADER_OR_FOLLOWER', -1],
  ])
})

test('records are deleted when every living replica has let go of them', async () => {
  for (let i = 0; i < 4; i++) await produce(1)
  const deleteBefore = async (offset: number) => {
    const topics = [{ name: 't', partitions: [{ partitionIndex: 0, offset }] }]
    const answer = await s.ask(1, DeleteRecords, { topics, timeoutMs: 5000 })
    const { errorCode, lowWatermark } = answer.topics[0]!.partitions[0]!
    return [errorOf(errorCode), lowWatermark]
  }
  expect(await deleteBefore(2)).toEqual(['NONE', 2])
  expect([1, 2, 3].map((id) => logOf(id).logStartOffset)).toEqual([2, 2, 2])
  s.killBroker(3)
  expect(await deleteBefore(-1)).toEqual(['NONE', 4])
  expect([1, 2].map((id) => logOf(id).logStartOffset)).toEqual([4, 4])
})

test('acks=all wants min.insync.replicas, of those that there are; acks=1 wants nobody', async () => {
  expect((await produce(1)).errorCode).toBe(0)
  s.killBroker(2)
  expect((await produce(1)).errorCode).toBe(0)
  s.killBroker(3)
  expect(await s.until(() => isrOf(1)!.length === 1)).toBe(true)
  expect(errorOf((await produce(1)).errorCode)).toBe('NOT_ENOUGH_REPLICAS')
  expect((await produce(1, 1)).errorCode).toBe(0)
  expect((await produce(1, -1, 'own')).errorCode).toBe(0)
  expect(logOf(1).highWatermark).toBe(2)
  await s.wait(s.startBroker(2, { 'broker.rack': 'b' }))
  expect(await s.until(() => logOf(1).highWatermark === 3)).toBe(true)
  expect(isrOf(1)).toEqual([1, 2])
  const { isrExpands, isrShrinks } = s.brokers.get(1)!.metrics
  expect(isrExpands).toBeGreaterThan(0)
  // Their connections have closed: the controller has taken them out by itself.
  expect(isrShrinks).toBe(0)
})

test('who hears the leader no more, and is heard by the controller, goes out of sync after replica.lag.time.max.ms', async () => {
  s.sim.network.cut('broker1', 'broker3')
  const answer = await produce(1)
  expect([errorOf(answer.errorCode), isrOf(1)]).toEqual(['NONE', [1, 2]])
  expect(s.brokers.get(1)!.metrics.isrShrinks).toBe(1)
})

test('a selector of replicas that there is not is named, and changes nothing', async () => {
  s.killBroker(3)
  await s.wait(s.startBroker(3, { 'replica.selector.class': 'com.example.Nearest', 'broker.rack': 'c' }))
  expect(s.lines.filter((line) => line.includes('com.example.Nearest'))).toHaveLength(1)
})
