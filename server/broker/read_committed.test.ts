/** What a client of isolation level read_committed is answered over a log that Apache Kafka has left, with transactions in it. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { filesOf } from '../log/testing.ts'
import { errorCode } from '../protocol/errors.ts'
import { Produce } from '../protocol/messages/00_produce.ts'
import { Fetch } from '../protocol/messages/01_fetch.ts'
import { ListOffsets } from '../protocol/messages/02_list_offsets.ts'
import { CreateTopics } from '../protocol/messages/19_create_topics.ts'
import { batches } from '../records/batch.ts'
import { buildBatch } from '../records/build_batch.ts'
import { stage } from './testing.ts'

const READ_COMMITTED = 1
const kafkas = filesOf(
  readFileSync(new URL('../log/testdata/apache_kafka_4.3.1.transactions.ndjson.gz', import.meta.url)),
)

async function withTransactions() {
  const s = stage()
  await s.start()
  const topics = [{ name: 't', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }]
  await s.ask(CreateTopics, 7, { topics, timeoutMs: 1000 })
  await s.stop()
  for (const [name, bytes] of kafkas) {
    if (name !== 'partition.metadata') s.disk().replaceFile(`/data/t-0/${name}`, bytes)
  }
  await s.start()
  const fetch = async (
    fetchOffset: number,
    isolationLevel: number,
    o: { minBytes?: number; maxBytes?: number } = {},
  ) => {
    const { minBytes = 1, maxBytes = 1e6 } = o
    const partitions = [{ partition: 0, fetchOffset, partitionMaxBytes: maxBytes }]
    const answer = await s.ask(Fetch, 11, {
      maxWaitMs: 500,
      minBytes,
      maxBytes: 1e6,
      isolationLevel,
      topics: [{ topic: 't', partitions }],
    })
    const p = answer.responses[0]!.partitions[0]!
    const found = [...batches(p.records as Buffer)]
    return {
      lastStableOffset: p.lastStableOffset,
      aborted: p.abortedTransactions?.map((t) => [t.producerId, t.firstOffset]),
      from: found[0]?.baseOffset,
      to: found.at(-1)?.nextOffset,
    }
  }
  const listed = async (timestamp: number, isolationLevel: number) => {
    const partitions = [{ partitionIndex: 0, timestamp }]
    const { topics } = await s.ask(ListOffsets, 7, {
      replicaId: -1,
      isolationLevel,
      topics: [{ name: 't', partitions }],
    })
    return topics[0]!.partitions[0]!.offset
  }
  const produce = async () => {
    const records = buildBatch([{ key: null, value: Buffer.from('plain') }], { timestamp: 1_735_689_600_000 })
    const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }]
    const answer = await s.ask(Produce, 7, { acks: -1, timeoutMs: 1000, topicData })
    return answer.responses[0]!.partitionResponses[0]!.errorCode
  }
  return { ...s, fetch, listed, produce }
}

test('sees what is before the first open transaction, and is told what was aborted', async () => {
  const s = await withTransactions()
  const seen: unknown[] = []
  const aborted = new Set<string>()
  let offset = 0
  for (;;) {
    const answer = await s.fetch(offset, READ_COMMITTED)
    expect(answer.lastStableOffset).toBe(17)
    if (answer.to === undefined) break
    for (const txn of answer.aborted!) aborted.add(String(txn))
    seen.push([answer.from, answer.to])
    offset = answer.to
  }
  // A segment at a time.
  expect(seen).toEqual([
    [0, 1],
    [1, 10],
    [10, 17],
  ])
  expect([...aborted]).toEqual(['1,3', '2,5', '1,12'])
  expect(await s.fetch(3, READ_COMMITTED, { maxBytes: 100 })).toMatchObject({ aborted: [[1, 3]], from: 3, to: 4 })
  expect(await s.fetch(17, 0)).toMatchObject({ aborted: undefined, from: 17, to: 22 })
})

test('is told the last stable offset as the end', async () => {
  const s = await withTransactions()
  expect([await s.listed(-1, READ_COMMITTED), await s.listed(-1, 0)]).toEqual([17, 22])
  // The record with the largest time stands behind the open transaction.
  expect([await s.listed(-3, READ_COMMITTED), await s.listed(-3, 0)]).toEqual([-1, 21])
  expect([await s.listed(1_795_239_529_000, READ_COMMITTED), await s.listed(1_795_239_529_000, 0)]).toEqual([-1, 17])
})

test('waits its time for what is not stable yet, whatever is written meanwhile', async () => {
  const s = await withTransactions()
  for (const minBytes of [1, 100]) {
    const beganMs = s.sim.time.elapsedMs
    const connection = await s.connect()
    const topics = [{ topic: 't', partitions: [{ partition: 0, fetchOffset: 17, partitionMaxBytes: 1e6 }] }]
    const waiting = connection.send(
      Fetch,
      { maxWaitMs: 500, minBytes, maxBytes: 1e6, isolationLevel: READ_COMMITTED, topics },
      { minVersion: 11, maxVersion: 11 },
    )
    for (let i = 0; i < 5; i++) expect(await s.produce()).toBe(errorCode.NONE)
    const answer = await s.wait(waiting)
    expect((answer.responses[0]!.partitions[0]!.records as Buffer).length).toBe(0)
    expect(s.sim.time.elapsedMs - beganMs).toBeGreaterThanOrEqual(500)
  }
})
