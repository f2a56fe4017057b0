import { expect, test } from 'vitest'
import { Fetch } from '../protocol/messages/01_fetch.ts'
import { buildBatch } from '../records/build_batch.ts'
import { batchesToMessageSet } from '../records/message_set.ts'
import { fakeWorld, type World } from './fake_world.ts'
import { readBatches } from './fetched_batch.ts'
import type { FetchedPartition } from './fetcher.ts'

const batch = (values: string[], options: Partial<Parameters<typeof buildBatch>[1]> = {}) =>
  buildBatch(
    values.map((v) => ({ key: null, value: Buffer.from(v) })),
    { timestamp: 1_000, ...options },
  )
const valuesOf = (answers: FetchedPartition[]) =>
  answers.flatMap((a) =>
    a.batches.filter((b) => !b.isControl && !b.isAborted).flatMap((b) => b.records().map((r) => r.value!.toString())),
  )

async function all(w: World, positions: Parameters<World['client']['fetcher']['stream']>[0], options = {}) {
  const answers: FetchedPartition[] = []
  const reading = (async () => {
    for await (const answer of w.client.fetcher.stream(positions, options)) answers.push(answer)
  })()
  await w.run(reading)
  return answers
}

test('a fetch brings whole batches with what they tell about themselves', async () => {
  const { fake, client, run } = await fakeWorld()
  fake.addTopic('t', { leaders: [1] })
  fake.append('t', 0, batch(['a', 'b'], { codec: 'gzip', producerId: 7, producerEpoch: 1, baseSequence: 40 }))
  fake.append('t', 0, batch(['c', 'd']))
  const [answer] = await run(client.fetcher.fetch([{ topic: 't', partition: 0, offset: 0 }]))
  expect(answer).toMatchObject({ error: null, offset: 0, nextOffset: 4, highWatermark: 4, logStartOffset: 0 })
  expect(answer!.batches).toMatchObject([
    { baseOffset: 0, lastOffset: 1, codec: 'gzip', producerId: 7, producerEpoch: 1, baseSequence: 40, recordCount: 2 },
    { baseOffset: 2, lastOffset: 3, codec: 'none', producerId: -1, isTransactional: false, isControl: false },
  ])
  expect(valuesOf([answer!])).toEqual(['a', 'b', 'c', 'd'])
})

test('a fetch from the middle of a batch leaves out the records before', async () => {
  const { fake, client, run } = await fakeWorld()
  fake.addTopic('t', { leaders: [1] })
  fake.append('t', 0, batch(['a', 'b', 'c']))
  const answers = await run(client.fetcher.fetch([{ topic: 't', partition: 0, offset: 2 }]))
  expect(valuesOf(answers)).toEqual(['c'])
})

test('an offset that is not there is an error of that partition alone', async () => {
  const { fake, client, run } = await fakeWorld()
  fake.addTopic('t', { leaders: [1, 1] })
  fake.append('t', 0, batch(['a']))
  const answers = await run(
    client.fetcher.fetch([
      { topic: 't', partition: 1, offset: 5 },
      { topic: 't', partition: 0, offset: 0 },
      { topic: 'nope', partition: 0, offset: 0 },
    ]),
  )
  expect(answers.map((a) => a.error?.error ?? a.nextOffset)).toEqual([
    'OFFSET_OUT_OF_RANGE',
    1,
    'UNKNOWN_TOPIC_OR_PARTITION',
  ])
})

test('a stream reads partitions of several leaders to where each shall end', async () => {
  const w = await fakeWorld({ nodes: 2 })
  w.fake.addTopic('t', { leaders: [1, 2, 1] })
  for (let i = 0; i < 30; i++) w.fake.append('t', i % 3, batch([`${i}`]))
  const positions = [0, 1, 2].map((partition) => ({ topic: 't', partition, offset: 2, until: 8 }))
  const answers = await all(w, positions, { partitionMaxBytes: 200 })
  for (const partition of [0, 1, 2]) {
    const own = answers.filter((a) => a.partition === partition)
    expect(own.every((a, i) => i === 0 || a.offset === own[i - 1]!.nextOffset)).toBe(true)
    expect(valuesOf(own).slice(0, 6)).toEqual([2, 3, 4, 5, 6, 7].map((i) => `${i * 3 + partition}`))
  }
})

test('a stream moves over batches without records, and ends by offset', async () => {
  const w = await fakeWorld()
  w.fake.addTopic('t', { leaders: [1] })
  w.fake.append('t', 0, batch(['a']))
  w.fake.append('t', 0, batch([], { lastOffsetDelta: 9 }))
  const marker = { key: Buffer.from([0, 0, 0, 1]), value: Buffer.alloc(6) }
  w.fake.append('t', 0, buildBatch([marker], { timestamp: 1, control: true, transactional: true, producerId: 3 }))
  const answers = await all(w, [{ topic: 't', partition: 0, offset: 0, until: 12 }])
  expect(valuesOf(answers)).toEqual(['a'])
  expect(answers.at(-1)!.nextOffset).toBe(12)
  expect(answers.flatMap((a) => a.batches).at(-1)!.isControl).toBe(true)
})

test('a stream with nothing left to read ends without asking anyone', async () => {
  const w = await fakeWorld()
  expect(await all(w, [{ topic: 't', partition: 0, offset: 4, until: 4 }])).toEqual([])
  expect(w.fake.seen).toEqual([])
})

test('a stream brings what is appended while it waits, long before its poll is over', async () => {
  const w = await fakeWorld()
  w.fake.addTopic('t', { leaders: [1] })
  const stream = w.client.fetcher.stream([{ topic: 't', partition: 0, offset: 0 }], { maxWaitMs: 60_000 })
  const next = stream.next()
  await w.sim.time.runFor(500)
  const begin = w.sim.time.elapsedMs
  w.fake.append('t', 0, batch(['late']))
  expect(valuesOf([(await w.run(next)).value!])).toEqual(['late'])
  expect(w.sim.time.elapsedMs - begin).toBeLessThan(20)
  await w.run(stream.return(undefined))
})

test('a stream follows a leader that moves, and a connection that breaks', async () => {
  const w = await fakeWorld({ nodes: 2 })
  w.fake.addTopic('t', { leaders: [1, 2] })
  for (const partition of [0, 1]) w.fake.append('t', partition, batch(['a']))
  const seen: string[] = []
  const stop = new AbortController()
  const positions = [0, 1].map((partition) => ({ topic: 't', partition, offset: 0 }))
  const reading = (async () => {
    for await (const answer of w.client.fetcher.stream(positions, { signal: stop.signal }))
      seen.push(...valuesOf([answer]))
  })()
  await w.sim.time.runFor(200)
  w.fake.moveLeader('t', 0, 2)
  for (const partition of [0, 1]) w.fake.append('t', partition, batch(['b']))
  await w.sim.time.runFor(2_000)
  w.fake.next(Fetch, 2, () => 'cut')
  await w.sim.time.runFor(2_000)
  for (const partition of [0, 1]) w.fake.append('t', partition, batch(['c']))
  await w.sim.time.runFor(2_000)
  stop.abort()
  await w.run(reading)
  expect(seen.sort()).toEqual(['a', 'a', 'b', 'b', 'c', 'c'])
})

test('a stream tells the error of a partition that has failed for good, and reads the others on', async () => {
  const w = await fakeWorld()
  w.fake.addTopic('t', { leaders: [1, 1] })
  w.fake.append('t', 0, batch(['a']))
  const answers = await all(w, [
    { topic: 't', partition: 0, offset: 0, until: 1 },
    { topic: 't', partition: 1, offset: 99 },
    { topic: 'nope', partition: 0, offset: 0 },
  ])
  expect(answers.map((a) => a.error?.error ?? 'read').sort()).toEqual([
    'OFFSET_OUT_OF_RANGE',
    'UNKNOWN_TOPIC_OR_PARTITION',
    'read',
  ])
})

test('an abort ends a stream quietly in the middle of a long poll', async () => {
  const w = await fakeWorld()
  w.fake.addTopic('t', { leaders: [1] })
  const stop = new AbortController()
  const reading = (async () => {
    const answers = []
    const options = { signal: stop.signal, maxWaitMs: 60_000 }
    for await (const a of w.client.fetcher.stream([{ topic: 't', partition: 0, offset: 0 }], options)) answers.push(a)
    return answers
  })()
  await w.sim.time.runFor(100)
  stop.abort()
  expect(await w.run(reading, 100)).toEqual([])
})

test('a slow reader is not read ahead for: its leader is asked again only when an answer was taken', async () => {
  const w = await fakeWorld()
  w.fake.addTopic('t', { leaders: [1] })
  for (let i = 0; i < 20; i++) w.fake.append('t', 0, batch(['x'.repeat(100)]))
  const stream = w.client.fetcher.stream([{ topic: 't', partition: 0, offset: 0 }], { partitionMaxBytes: 100 })
  await w.run(stream.next())
  await w.sim.time.runFor(5_000)
  expect(w.fake.seen.filter((s) => s.api === 'Fetch').length).toBeLessThanOrEqual(3)
  await w.run(stream.return(undefined))
})

test('read_committed marks the batches of aborted transactions until their abort marker', async () => {
  const w = await fakeWorld()
  w.fake.addTopic('t', { leaders: [1] })
  const transactional = { transactional: true, producerId: 5, producerEpoch: 0, baseSequence: 0 }
  const marker = (type: number) =>
    buildBatch([{ key: Buffer.from([0, 0, 0, type]), value: Buffer.alloc(6) }], {
      timestamp: 1,
      control: true,
      ...transactional,
    })
  w.fake.append('t', 0, batch(['lost'], transactional))
  w.fake.append('t', 0, batch(['plain']))
  w.fake.append('t', 0, marker(0))
  w.fake.append('t', 0, batch(['kept'], transactional))
  w.fake.append('t', 0, marker(1))
  w.fake.on(Fetch, (body) => {
    const topic = body.topics[0]!
    const { log } = w.fake.topics.get('t')!.partitions[0]!
    const partition = { partitionIndex: 0, errorCode: 0, highWatermark: 5, records: Buffer.concat(log) }
    const abortedTransactions = body.isolationLevel === 1 ? [{ producerId: 5, firstOffset: 0 }] : null
    return {
      responses: [{ topicId: topic.topicId, topic: topic.topic, partitions: [{ ...partition, abortedTransactions }] }],
    }
  })
  const fetch = (isolation: 'read_committed' | 'read_uncommitted') =>
    w.run(w.client.fetcher.fetch([{ topic: 't', partition: 0, offset: 0 }], { isolation }))
  expect(valuesOf(await fetch('read_committed'))).toEqual(['plain', 'kept'])
  expect(valuesOf(await fetch('read_uncommitted'))).toEqual(['lost', 'plain', 'kept'])
})

test('a batch that cannot be read ends the reading there with CORRUPT_MESSAGE, after what comes before it', async () => {
  const w = await fakeWorld()
  const topic = w.fake.addTopic('t', { leaders: [1] })
  w.fake.append('t', 0, batch(['a']))
  w.fake.append('t', 0, batch(['b']))
  // A codec that does not exist.
  topic.partitions[0]!.log[1]!.writeUInt8(7, 22)
  const answers = await all(w, [{ topic: 't', partition: 0, offset: 0, until: 2 }])
  expect(answers.map((a) => a.error?.error ?? valuesOf([a]))).toEqual([['a'], 'CORRUPT_MESSAGE'])
  const [fetched] = await w.run(w.client.fetcher.fetch([{ topic: 't', partition: 0, offset: 1 }]))
  expect(fetched!.error!.message).toContain('t-0 holds at 1')
})

test('messages of the formats before record batches are read as batches of one', () => {
  const set = Buffer.concat(batchesToMessageSet([batch(['a', 'b'])], { magic: 1, fetchOffset: 0 }))
  const read = readBatches(set, 1)
  expect(read.map((b) => [b.baseOffset, b.lastOffset, b.records().map((r) => r.value!.toString())])).toEqual([
    [1, 1, ['b']],
  ])
})
