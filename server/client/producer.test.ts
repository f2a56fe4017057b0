import { describe, expect, test } from 'vitest'
import { SimRandom } from '../env/sim_random.ts'
import { partitionOf } from '../lib/murmur2.ts'
import { errorCode } from '../protocol/errors.ts'
import { Produce } from '../protocol/messages/00_produce.ts'
import { InitProducerId } from '../protocol/messages/22_init_producer_id.ts'
import { decodeRecords, type RecordBatch } from '../records/batch.ts'
import { fakeWorld } from './fake_world.ts'
import type { RecordResult } from './producer.ts'

const text = (s: string) => Buffer.from(s)
const valuesOf = (batch: RecordBatch) => decodeRecords(batch).map((r) => r.value!.toString())
const outcomes = (all: PromiseSettledResult<RecordResult>[]) =>
  all.map((r) => (r.status === 'fulfilled' ? r.value.offset : r.reason.error))

const refuse = (name: keyof typeof errorCode) => (body: any) => ({
  responses: body.topicData.map((t: any) => ({
    name: t.name,
    topicId: t.topicId,
    partitionResponses: t.partitionData.map((p: any) => ({
      index: p.index,
      errorCode: errorCode[name],
      baseOffset: -1,
    })),
  })),
})

describe('a producer', () => {
  test('gathers what one turn sends into one batch, and tells each record its place', async () => {
    const { fake, client, run } = await fakeWorld()
    fake.addTopic('t', { leaders: [1] })
    const producer = client.producer()
    const sent = ['a', 'b', 'c'].map((v, i) =>
      producer.send({ topic: 't', key: null, value: text(v), timestamp: 10 + i }),
    )
    expect(await run(Promise.all(sent))).toEqual([
      { partition: 0, offset: 0, timestamp: 10 },
      { partition: 0, offset: 1, timestamp: 11 },
      { partition: 0, offset: 2, timestamp: 12 },
    ])
    expect(fake.topics.get('t')!.partitions[0]!.log).toHaveLength(1)
    expect(fake.values('t', 0, valuesOf)).toEqual(['a', 'b', 'c'])
  })

  test('keeps keys, null values, and headers in order with duplicates', async () => {
    const { fake, client, run } = await fakeWorld()
    fake.addTopic('t', { leaders: [1] })
    const headers = [
      { key: 'h', value: text('1') },
      { key: 'h', value: null },
    ]
    await run(client.producer().send({ topic: 't', key: text('k'), value: null, headers, timestamp: 5 }))
    expect(decodeRecords(fake.topics.get('t')!.partitions[0]!.log[0]!)).toEqual([
      { offset: 0, timestamp: 5, key: text('k'), value: null, headers },
    ])
  })

  test('puts a key where Java puts it, and keyless records of one turn together', async () => {
    const { fake, client, run } = await fakeWorld()
    fake.addTopic('t', { leaders: [1, 1, 1, 1, 1, 1] })
    const producer = client.producer()
    for (const key of ['a', 'b', 'orders', '客户']) {
      const { partition } = await run(producer.send({ topic: 't', key: text(key), value: null }))
      expect(partition).toBe(partitionOf(text(key), 6))
    }
    const keyless = await run(Promise.all([1, 2, 3].map(() => producer.send({ topic: 't', key: null, value: null }))))
    expect(new Set(keyless.map((r) => r.partition)).size).toBe(1)
  })

  test('fails records for topics and partitions that are not there, and nothing else', async () => {
    const { fake, client, run } = await fakeWorld()
    fake.addTopic('t', { leaders: [1] })
    const producer = client.producer()
    const to = (topic: string, partition?: number) => producer.send({ topic, partition, key: null, value: null })
    expect(outcomes(await run(Promise.allSettled([to('nope'), to('t', 3), to('t', 0), to('t', -1)])))).toEqual([
      'UNKNOWN_TOPIC_OR_PARTITION',
      'UNKNOWN_TOPIC_OR_PARTITION',
      0,
      'UNKNOWN_TOPIC_OR_PARTITION',
    ])
    expect(producer.bufferedBytes).toBe(0)
  })

  test('refuses a record that is too large or has no sensible time', async () => {
    const { client, run } = await fakeWorld()
    const producer = client.producer({ maxRecordBytes: 1_000 })
    const large = producer.send({ topic: 't', key: null, value: Buffer.alloc(2_000) })
    const early = producer.send({ topic: 't', key: null, value: null, timestamp: -5 })
    expect(outcomes(await run(Promise.allSettled([large, early])))).toEqual(['MESSAGE_TOO_LARGE', 'INVALID_TIMESTAMP'])
  })

  test('cuts a batch in two until the broker takes it, and fails only the record that is too large alone', async () => {
    const { fake, client, run } = await fakeWorld()
    fake.addTopic('t', { leaders: [1], maxBatchBytes: 2_000 })
    const producer = client.producer()
    const sent = Array.from({ length: 20 }, (_, i) =>
      producer.send({ topic: 't', key: text(`${i}`), value: Buffer.alloc(i === 7 ? 3_000 : 300) }),
    )
    const results = outcomes(await run(Promise.allSettled(sent)))
    expect(results[7]).toBe('MESSAGE_TOO_LARGE')
    expect(results.filter((r) => r !== 'MESSAGE_TOO_LARGE')).toEqual(Array.from({ length: 19 }, (_, i) => i))
  })

  test('fails the records that the broker names, and sends the others again', async () => {
    const { fake, client, run } = await fakeWorld()
    fake.addTopic('t', { leaders: [1] })
    fake.next(Produce, 1, (body) => {
      const answer = refuse('INVALID_RECORD')(body)
      answer.responses[0].partitionResponses[0].recordErrors = [{ batchIndex: 1, batchIndexErrorMessage: 'no key' }]
      return answer
    })
    const producer = client.producer()
    const sent = ['a', 'b', 'c'].map((v) => producer.send({ topic: 't', key: null, value: text(v) }))
    const results = await run(Promise.allSettled(sent))
    expect(outcomes(results)).toEqual([0, 'INVALID_RECORD', 1])
    expect((results[1] as PromiseRejectedResult).reason.message).toBe('no key')
  })

  test('follows a leader that moves', async () => {
    const { fake, client, run } = await fakeWorld({ nodes: 2 })
    fake.addTopic('t', { leaders: [1] })
    const producer = client.producer()
    await run(producer.send({ topic: 't', key: null, value: text('a') }))
    fake.moveLeader('t', 0, 2)
    await run(producer.send({ topic: 't', key: null, value: text('b') }))
    expect(fake.values('t', 0, valuesOf)).toEqual(['a', 'b'])
  })

  test('waits for another leader when its leader has left the cluster', async () => {
    const { fake, client, run } = await fakeWorld({ nodes: 2 })
    fake.addTopic('t', { leaders: [1] })
    const producer = client.producer()
    await run(producer.send({ topic: 't', key: null, value: text('a') }))
    await run(fake.stop(1))
    const sent = producer.send({ topic: 't', key: null, value: text('b') })
    await run(client.cluster.pause(2_000))
    fake.moveLeader('t', 0, 2)
    await run(sent)
    expect(fake.values('t', 0, valuesOf)).toEqual(['a', 'b'])
  })

  test('writes a record once whose acknowledgement was lost', async () => {
    const { fake, client, run } = await fakeWorld()
    fake.addTopic('t', { leaders: [1] })
    fake.next(Produce, 1, () => 'served and cut')
    const producer = client.producer()
    expect(await run(producer.send({ topic: 't', key: null, value: text('a') }))).toMatchObject({ offset: 0 })
    expect(await run(producer.send({ topic: 't', key: null, value: text('b') }))).toMatchObject({ offset: 1 })
    expect(fake.values('t', 0, valuesOf)).toEqual(['a', 'b'])
  })

  test('takes a new identity when the broker has forgotten it', async () => {
    const { fake, client, run } = await fakeWorld()
    const topic = fake.addTopic('t', { leaders: [1] })
    const producer = client.producer()
    await run(producer.send({ topic: 't', key: null, value: text('a') }))
    topic.partitions[0]!.sequences.clear()
    await run(producer.send({ topic: 't', key: null, value: text('b') }))
    expect(fake.values('t', 0, valuesOf)).toEqual(['a', 'b'])
    expect(fake.seen.filter((s) => s.api === 'InitProducerId')).toHaveLength(2)
  })

  test('does not write a record again that may have been written, when the broker has forgotten it', async () => {
    const { fake, client, run } = await fakeWorld()
    const topic = fake.addTopic('t', { leaders: [1] })
    const producer = client.producer()
    await run(producer.send({ topic: 't', key: null, value: text('a') }))
    fake.next(Produce, 1, () => {
      setImmediate(() => topic.partitions[0]!.sequences.clear())
      return 'served and cut'
    })
    const sent = Promise.allSettled([producer.send({ topic: 't', key: null, value: text('b') })])
    expect(outcomes(await run(sent))).toEqual(['OUT_OF_ORDER_SEQUENCE_NUMBER'])
    await run(producer.send({ topic: 't', key: null, value: text('c') }))
    expect(fake.values('t', 0, valuesOf)).toEqual(['a', 'b', 'c'])
  })

  test('does not take a new record for one that it gave up, though that was written', async () => {
    const { fake, client, run } = await fakeWorld()
    fake.addTopic('t', { leaders: [1] })
    const producer = client.producer({ deliveryTimeoutMs: 2_000 })
    await run(producer.send({ topic: 't', key: null, value: text('a') }))
    let broken = true
    fake.on(Produce, () => (broken ? 'served and cut' : undefined))
    const sent = Promise.allSettled([producer.send({ topic: 't', key: null, value: text('b') })])
    expect(outcomes(await run(sent))).toEqual(['NETWORK_EXCEPTION'])
    broken = false
    expect(await run(producer.send({ topic: 't', key: null, value: text('c') }))).toMatchObject({ offset: 2 })
    expect(fake.values('t', 0, valuesOf)).toEqual(['a', 'b', 'c'])
  })

  test('gives up after the delivery timeout with the last error, and later records do not suffer from it', async () => {
    const { fake, client, run, sim } = await fakeWorld()
    fake.addTopic('t', { leaders: [1] })
    const producer = client.producer({ deliveryTimeoutMs: 2_000 })
    await run(producer.send({ topic: 't', key: null, value: text('a') }))
    let broken = true
    fake.on(Produce, () => (broken ? 'cut' : undefined))
    const begin = sim.time.elapsedMs
    const lost = Promise.allSettled([producer.send({ topic: 't', key: null, value: text('b') })])
    expect(outcomes(await run(lost))).toEqual(['NETWORK_EXCEPTION'])
    expect(sim.time.elapsedMs - begin).toBeLessThan(2_100)
    broken = false
    await run(producer.send({ topic: 't', key: null, value: text('c') }))
    expect(fake.values('t', 0, valuesOf)).toEqual(['a', 'c'])
  })

  test('fails what waits when the cluster gives it no producer id', async () => {
    const { fake, client, run } = await fakeWorld()
    fake.addTopic('t', { leaders: [1] })
    fake.on(InitProducerId, () => ({
      throttleTimeMs: 0,
      errorCode: errorCode.CLUSTER_AUTHORIZATION_FAILED,
      producerEpoch: -1,
    }))
    const producer = client.producer()
    const sent = Promise.allSettled([producer.send({ topic: 't', key: null, value: null })])
    expect(outcomes(await run(sent))).toEqual(['CLUSTER_AUTHORIZATION_FAILED'])
    const plain = client.producer({ idempotent: false })
    expect(await run(plain.send({ topic: 't', key: null, value: null }))).toMatchObject({ offset: 0 })
  })

  test('fails the records of a topic that was deleted, within a second or so', async () => {
    const { fake, client, run, sim } = await fakeWorld()
    fake.addTopic('t', { leaders: [1] })
    const producer = client.producer()
    await run(producer.send({ topic: 't', key: null, value: null }))
    fake.topics.delete('t')
    const begin = sim.time.elapsedMs
    const sent = Promise.allSettled([producer.send({ topic: 't', key: null, value: null })])
    expect(outcomes(await run(sent))).toEqual(['UNKNOWN_TOPIC_OR_PARTITION'])
    expect(sim.time.elapsedMs - begin).toBeLessThan(3_000)
    fake.addTopic('t', { leaders: [1] })
    expect(await run(producer.send({ topic: 't', key: null, value: text('new') }))).toMatchObject({ offset: 0 })
  })

  test('sees partitions that were added while it goes on sending', async () => {
    const { fake, client, run, sim } = await fakeWorld({ client: { metadataMaxAgeMs: 1_000 } })
    const topic = fake.addTopic('t', { leaders: [1] })
    const producer = client.producer()
    const to = (partition: number) =>
      Promise.allSettled([producer.send({ topic: 't', partition, key: null, value: null })])
    expect(outcomes(await run(to(1)))).toEqual(['UNKNOWN_TOPIC_OR_PARTITION'])
    topic.partitions.push({ ...topic.partitions[0]!, log: [], sequences: new Map(), waiters: [] })
    await sim.time.runFor(1_500)
    await run(to(0))
    await sim.time.runFor(100)
    expect(outcomes(await run(to(1)))).toEqual([0])
  })

  test('asks for no answer with acks=0', async () => {
    const { fake, client, run, sim } = await fakeWorld()
    fake.addTopic('t', { leaders: [1] })
    const producer = client.producer({ acks: 0 })
    expect(await run(producer.send({ topic: 't', key: null, value: text('a') }))).toMatchObject({ offset: null })
    await sim.time.runFor(100)
    expect(fake.values('t', 0, valuesOf)).toEqual(['a'])
  })

  test('says when it is full and when it can go on', async () => {
    const { fake, client, run } = await fakeWorld()
    fake.addTopic('t', { leaders: [1] })
    const producer = client.producer({ bufferBytes: 10_000, batchBytes: 4_000 })
    const done: number[] = []
    const delivery = (i: number) => ({ delivered: () => void done.push(i), failed: () => {} })
    let sent = 0
    while (!producer.full) producer.enqueue({ topic: 't', key: null, value: Buffer.alloc(1_000) }, delivery(sent++))
    expect(sent).toBe(10)
    await run(producer.ready())
    expect(producer.bufferedBytes).toBeLessThanOrEqual(5_000)
    await run(producer.flush())
    expect(done).toEqual(Array.from({ length: 10 }, (_, i) => i))
  })

  test('waits for more with a linger, but no longer than a batch takes to fill', async () => {
    const { fake, client, run, sim } = await fakeWorld()
    fake.addTopic('t', { leaders: [1] })
    const producer = client.producer({ lingerMs: 200, batchBytes: 1_000 })
    await run(client.cluster.topic('t'))
    const begin = sim.time.elapsedMs
    const first = producer.send({ topic: 't', key: null, value: text('a') })
    await sim.time.runFor(50)
    const second = producer.send({ topic: 't', key: null, value: text('b') })
    await run(Promise.all([first, second]))
    expect(sim.time.elapsedMs - begin).toBeGreaterThanOrEqual(200)
    expect(fake.topics.get('t')!.partitions[0]!.log).toHaveLength(1)
    const full = sim.time.elapsedMs
    const many = Array.from({ length: 3 }, () => producer.send({ topic: 't', key: null, value: Buffer.alloc(600) }))
    await run(Promise.all(many.slice(0, 2)))
    expect(sim.time.elapsedMs - full).toBeLessThan(200)
  })

  test('settles what was sent to one partition only, whichever it is', async () => {
    const { fake, client, run } = await fakeWorld()
    fake.addTopic('t', { leaders: [1, 1, 1] })
    const producer = client.producer({ lingerMs: 10_000 })
    const sent = producer.send({ topic: 't', partition: 2, key: null, value: null })
    await run(client.cluster.topic('t'))
    await run(producer.flush())
    expect(await run(sent)).toMatchObject({ partition: 2, offset: 0 })
  })

  test('settles what was sent before it closes, and takes nothing after', async () => {
    const { fake, client, run } = await fakeWorld()
    fake.addTopic('t', { leaders: [1] })
    const producer = client.producer({ lingerMs: 10_000 })
    const sent = producer.send({ topic: 't', key: null, value: null })
    await run(producer.close())
    expect(await run(sent)).toMatchObject({ offset: 0 })
    await expect(producer.send({ topic: 't', key: null, value: null })).rejects.toThrow('closed')
  })
})

/** Everything that can happen to a request, by chance, while leaders move. */
async function storm(seed: number): Promise<{ acknowledged: Map<number, string[]>; logs: Map<number, string[]> }> {
  const { fake, client, sim, run } = await fakeWorld({ seed, nodes: 3, client: { requestTimeoutMs: 500 } })
  const random = new SimRandom(seed)
  fake.addTopic('t', { leaders: [1, 2, 3, 1], maxBatchBytes: 3_000 })
  let calm = false
  fake.on(Produce, () => {
    if (calm || random.next() < 0.6) return undefined
    return (['cut', 'served and cut', 'silence'] as const)[random.int(3)]
  })
  const producer = client.producer({ deliveryTimeoutMs: 120_000, batchBytes: 2_000 })
  const acknowledged = new Map<number, string[]>()
  const sent: Promise<unknown>[] = []
  for (let i = 0; i < 150; i++) {
    const value = `${i} ${'x'.repeat(random.int(300))}`
    const partition = random.int(4)
    const done = producer.send({ topic: 't', partition, key: null, value: text(value) }).then(() => {
      acknowledged.set(partition, [...(acknowledged.get(partition) ?? []), value])
    })
    sent.push(done)
    if (random.next() < 0.3) await sim.time.runFor(random.int(30))
    if (random.next() < 0.05) fake.moveLeader('t', random.int(4), 1 + random.int(3))
  }
  await sim.time.runFor(5_000)
  calm = true
  await run(Promise.all(sent), 200_000)
  const logs = new Map([0, 1, 2, 3].map((p) => [p, fake.values('t', p, valuesOf)]))
  return { acknowledged, logs }
}

test.each(Array.from({ length: 12 }, (_, i) => i + 1))(
  'every acknowledged record is written once and in order, whatever happens to requests (seed %i)',
  async (seed) => {
    const { acknowledged, logs } = await storm(seed)
    for (const [partition, log] of logs) expect(acknowledged.get(partition) ?? []).toEqual(log)
  },
)
