/** Compaction as users of a broker see it: topics and groups stay small, nothing that counts is lost. */
import { expect, test } from 'vitest'
import { createClient } from '../client/client.ts'
import { Produce } from '../protocol/messages/00_produce.ts'
import { buildBatch } from '../records/build_batch.ts'
import { stage } from './testing.ts'

type Stage = ReturnType<typeof stage>

const connect = (s: Stage) => createClient(s.client, { bootstrap: [{ host: 'broker', port: 9092 }], clientId: 'test' })
const logOf = (s: Stage, topic: string) => s.broker.partitions.leader(topic, 0).log
const alter = async (
  s: Stage,
  resource: { type: 'topic' | 'broker'; name: string },
  configs: Record<string, string>,
) => {
  const client = connect(s)
  const changes = Object.entries(configs).map(([name, value]) => ({ name, op: 'set' as const, value }))
  const [result] = await s.wait(client.admin.incrementalAlterConfigs([{ ...resource, configs: changes }]))
  expect(result!.error).toBeNull()
  await s.wait(client.close())
}
const FAST = { 'log.cleaner.backoff.ms': '100', 'offsets.topic.num.partitions': '1' }

test.each(['stop', 'kill', 'crash'] as const)(
  'thousands of commits leave a small offsets topic, from which groups are loaded after a %s',
  async (end) => {
    const s = stage()
    await s.start(FAST)
    const client = connect(s)
    const topic = { name: 't', partitions: 3, replicationFactor: 1 }
    await s.wait(client.admin.createTopics([topic]))
    const committed = new Map<string, number>()
    const commit = async (group: string, partition: number, offset: number) => {
      const [result] = await s.wait(client.admin.offsetCommit(group, [{ topic: 't', partition, offset }]))
      expect(result!.error).toBeNull()
      committed.set(`${group} ${partition}`, offset)
    }
    await commit('early', 0, 7)
    await commit('gone', 1, 8)
    await alter(
      s,
      { type: 'topic', name: '__consumer_offsets' },
      { 'internal.segment.bytes': '10000', 'delete.retention.ms': '0' },
    )
    await s.wait(client.admin.deleteGroups(['gone']))
    committed.delete('gone 1')
    for (let i = 0; i < 1500; i++) await commit(`g${i % 3}`, i % 2, i)
    await s.sim.time.runFor(5_000)
    const log = logOf(s, '__consumer_offsets')
    expect(log.logEndOffset).toBeGreaterThan(1_500)
    expect(log.sizeInBytes).toBeLessThan(25_000)
    await s.wait(client.close())
    if (end === 'stop') await s.stop()
    else s.machine[end]()
    await s.start(FAST)
    const again = connect(s)
    for (const [key, offset] of committed) {
      const [groupId, partition] = [key.split(' ')[0]!, Number(key.split(' ')[1])]
      const [answer] = await s.wait(again.admin.offsetFetch([{ groupId, partitions: [{ topic: 't', partition }] }]))
      expect(answer!.offsets[0]!.offset, key).toBe(offset)
    }
    const partitions = [{ topic: 't', partition: 1 }]
    const [none] = await s.wait(again.admin.offsetFetch([{ groupId: 'gone', partitions }]))
    expect(none!.offsets[0]!.offset ?? -1).toBe(-1)
    await s.wait(again.close())
  },
)

test.each(['stop', 'kill', 'crash'] as const)(
  'an idempotent producer goes on where it was, though its batches were compacted, after a %s',
  async (end) => {
    const s = stage()
    await s.start(FAST)
    const client = connect(s)
    const configs = { 'cleanup.policy': 'compact', 'internal.segment.bytes': '2000', 'min.cleanable.dirty.ratio': '0' }
    await s.wait(client.admin.createTopics([{ name: 't', partitions: 1, replicationFactor: 1, configs }]))
    await s.wait(client.close())
    let sequence = 0
    const send = async (producerId: number, baseSequence: number) => {
      const nowMs = s.client.clock.now()
      const record = { key: Buffer.from('k'), value: Buffer.alloc(200, 'v') }
      const records = buildBatch([record], { timestamp: nowMs, producerId, producerEpoch: 0, baseSequence })
      const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }]
      const answer = await s.ask(Produce, 9, { transactionalId: null, acks: -1, timeoutMs: 1000, topicData })
      return answer.responses[0]!.partitionResponses[0]!
    }
    const quiet = [await send(41, 0), await send(41, 1), await send(41, 2)]
    for (; sequence < 60; sequence++) expect((await send(42, sequence)).errorCode).toBe(0)
    await s.sim.time.runFor(1_000)
    expect(logOf(s, 't').sizeInBytes).toBeLessThan(6_000)
    if (end === 'stop') await s.stop()
    else s.machine[end]()
    await s.start(FAST)
    // What is sent again is known, where it was; the next is taken, one that leaves a gap is not.
    expect(await send(41, 2)).toMatchObject({ errorCode: 0, baseOffset: quiet[2]!.baseOffset })
    expect(await send(41, 0)).toMatchObject({ errorCode: 0, baseOffset: quiet[0]!.baseOffset })
    expect((await send(41, 4)).errorCode).toBe(45)
    expect((await send(41, 3)).errorCode).toBe(0)
    expect((await send(42, sequence)).errorCode).toBe(0)
    expect(s.lines.filter((line) => line.includes('compact'))).toEqual([])
  },
)

test('a topic that is to be compacted from now on is, and the pause between is changed while it is waited', async () => {
  const s = stage()
  await s.start({ 'log.cleaner.backoff.ms': '1000' })
  const client = connect(s)
  const configs = { 'internal.segment.bytes': '2000' }
  await s.wait(client.admin.createTopics([{ name: 't', partitions: 1, replicationFactor: 1, configs }]))
  const producer = client.producer({ acks: 'all' })
  const send = async (n: number) => {
    for (let i = 0; i < n; i++) {
      const [key, value] = [Buffer.from(`k${i % 3}`), Buffer.alloc(200, 'v')]
      await s.wait(producer.send({ topic: 't', partition: 0, key, value }))
    }
  }
  await send(60)
  await s.sim.time.runFor(5_000)
  const before = logOf(s, 't').sizeInBytes
  await alter(s, { type: 'topic', name: 't' }, { 'cleanup.policy': 'compact' })
  await s.sim.time.runFor(2_000)
  expect(logOf(s, 't').sizeInBytes).toBeLessThan(before / 2)
  await alter(s, { type: 'broker', name: '' }, { 'log.cleaner.backoff.ms': '50' })
  await s.sim.time.runFor(1_000)
  await send(60)
  await s.sim.time.runFor(200)
  expect(logOf(s, 't').sizeInBytes).toBeLessThan(before / 2)
  // Records without a key are refused from then on.
  await expect(s.wait(producer.send({ topic: 't', partition: 0, key: null, value: null }))).rejects.toThrow(/key/)
  await s.wait(client.close())
})
