/**
 * Files that Apache Kafka 4.3.1 wrote: its metadata log over two starts, a snapshot of it, and freshly formatted a bootstrap and,
 * with `--standalone`, a snapshot that names the voters.
 */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { simEnv } from '../env/sim.ts'
import { batches, decodeRecords, RecordBatch } from '../records/batch.ts'
import { readOrWriteBootstrap } from './bootstrap.ts'
import { leaderChangeBatch } from './control_batch.ts'
import { toRecords } from './image/to_records.ts'
import { MetadataImage } from './image.ts'
import { beginTerm } from './quorum.ts'
import { metadataRecordCodec } from './record_codec.ts'
import { decodeSnapshot, encodeSnapshot } from './snapshot.ts'
import { plain } from './testing.ts'

const file = (name: string) =>
  gunzipSync(readFileSync(new URL(`testdata/apache_kafka_4.3.1.${name}.gz`, import.meta.url)))
const dataBatches = () => [...batches(file('log'))].filter((b) => !b.isControl)

function replay(to = Number.POSITIVE_INFINITY): MetadataImage {
  const image = new MetadataImage()
  for (const batch of dataBatches()) {
    for (const { key, value, offset, timestamp } of decodeRecords(batch)) {
      if (offset < to) image.apply(metadataRecordCodec.decode(key, value)!, { offset, timestampMs: timestamp })
    }
  }
  return image
}

test("every record of Kafka's metadata log is read, and written again to the byte", () => {
  let count = 0
  for (const batch of dataBatches()) {
    for (const { key, value } of decodeRecords(batch)) {
      expect(metadataRecordCodec.encode(metadataRecordCodec.decode(key, value)!).value).toEqual(value)
      count++
    }
  }
  expect(count).toBeGreaterThan(150)
})

test("the image of Kafka's log holds what its tools had done", () => {
  const image = replay()
  expect([...image.topics.keys()]).toEqual(['t1', 't3'])
  expect(image.partition('t1', 2)).toMatchObject({
    leader: -1,
    isr: [],
    eligibleLeaderReplicas: [1],
    leaderEpoch: 3,
    partitionEpoch: 3,
  })
  expect(image.configsOf(4, '1').get('log.cleaner.threads')).toBe('2')
  expect(image.configsOf(2, 't1').size).toBe(0)
  expect(image.nextProducerId).toBe(1000)
  expect(image.brokers.get(1)).toMatchObject({ brokerEpoch: 147, fenced: true, inControlledShutdown: true })
  expect(image.features.get('metadata.version')).toBe(30)
  expect([...image.clientQuotas.values()][0]!.values.get('producer_byte_rate')).toBe(1024)
  expect([...image.scramCredentials.keys()]).toEqual(['1/alice'])
})

test("Kafka's snapshot is the image of its log up to there", () => {
  const { records, lastContainedLogTimestamp } = decodeSnapshot(file('checkpoint'))
  const image = new MetadataImage()
  for (const record of records) image.apply(record, { offset: 167, timestampMs: lastContainedLogTimestamp })
  const expected = replay(168)
  const sorted = (i: MetadataImage) => {
    const p = plain(i) as { configs: unknown[]; brokers: { features: { name: string }[] }[] }
    p.configs.sort((x, y) => (String(x) < String(y) ? -1 : 1))
    for (const b of p.brokers) b.features.sort((x, y) => (x.name < y.name ? -1 : 1))
    return p
  }
  expect(sorted(image)).toEqual(sorted(expected))
  expect(image.lastTimestampMs).toBe(expected.lastTimestampMs)
})

test('a snapshot of ours gives the same image back', () => {
  const image = replay()
  const file = encodeSnapshot(toRecords(image), { epoch: 2, lastContainedLogTimestamp: 5, timestamp: 6 })
  const { records, lastContainedLogTimestamp } = decodeSnapshot(file)
  const again = new MetadataImage()
  for (const record of records) again.apply(record, { offset: 0, timestampMs: 0 })
  expect(plain(again)).toEqual(plain(image))
  expect(lastContainedLogTimestamp).toBe(5)
  for (const cut of [0, 40, 83, file.length - 1]) expect(() => decodeSnapshot(file.subarray(0, cut))).toThrow()
})

test("a folder that we format has Kafka's bootstrap.checkpoint but for the time in it", () => {
  const { env } = simEnv()
  const theirs = file('bootstrap')
  const nowMs = new RecordBatch(theirs, 83).baseTimestamp
  readOrWriteBootstrap(env.disk, '/', nowMs)
  const ours = env.disk.readFile('/bootstrap.checkpoint')!
  expect(ours.subarray(83)).toEqual(theirs.subarray(83))
  expect(readOrWriteBootstrap(env.disk, '/', 0)).toEqual(decodeSnapshot(theirs).records)
})

test("the batch that opens a term is Kafka's", () => {
  const theirs = file('log').subarray(0, 91)
  const ours = leaderChangeBatch(1, new RecordBatch(theirs).baseTimestamp)
  new RecordBatch(ours).partitionLeaderEpoch = 1
  expect(ours).toEqual(theirs)
})

test("every start is a new term, counted on from Kafka's file or from the log, whichever is later", () => {
  const { env } = simEnv()
  const kafkas =
    '{"clusterId":"","leaderId":1,"leaderEpoch":2,"votedId":-1,"appliedOffset":0,"currentVoters":[{"voterId":1}],"data_version":0}'
  env.disk.replaceFile('/quorum-state', Buffer.from(kafkas))
  expect(beginTerm(env.disk, '/', { nodeId: 1, lastLogEpoch: 2 })).toBe(3)
  expect(env.disk.readFile('/quorum-state')!.toString()).toBe(kafkas.replace(':2,', ':3,'))
  expect(beginTerm(env.disk, '/', { nodeId: 1, lastLogEpoch: 7 })).toBe(8)
  env.disk.remove('/quorum-state')
  expect(beginTerm(env.disk, '/', { nodeId: 1, lastLogEpoch: -1 })).toBe(1)
})

test('a snapshot keeps the voters that stand in the log, as Kafka writes them', () => {
  const theirs = file('standalone')
  const { quorum, records } = decodeSnapshot(theirs)
  const directoryId = 'zDcrmU2TQ9ymmStgoYjslA'
  expect([quorum.voters, quorum.kraftVersion, records]).toEqual([[{ nodeId: 1, directoryId }], 1, []])
  const { baseTimestamp } = new RecordBatch(theirs)
  const at = {
    epoch: 0,
    lastContainedLogTimestamp: decodeSnapshot(theirs).lastContainedLogTimestamp,
    timestamp: baseTimestamp,
  }
  const ours = encodeSnapshot([], at, quorum.records)
  expect(ours.subarray(0, 166)).toEqual(theirs.subarray(0, 166))
  const { env } = simEnv()
  expect(() => beginTerm(env.disk, '/', { nodeId: 2, lastLogEpoch: 0, voters: [1] })).toThrow('(1)')
  expect(env.disk.exists('/quorum-state')).toBe(false)
  beginTerm(env.disk, '/', { nodeId: 1, lastLogEpoch: 0, voters: [1] })
  expect(JSON.parse(env.disk.readFile('/quorum-state')!.toString())).toMatchObject({ leaderEpoch: 1, data_version: 1 })
})

test('a quorum of several and a damaged file are refused with a sentence', () => {
  const { env } = simEnv()
  env.disk.replaceFile('/quorum-state', Buffer.from('{"leaderEpoch":2,"currentVoters":[{"voterId":1},{"voterId":2}]}'))
  expect(() => beginTerm(env.disk, '/', { nodeId: 1, lastLogEpoch: 2 })).toThrow('names other controllers (2)')
  env.disk.replaceFile('/quorum-state', Buffer.from('{"leaderE'))
  expect(() => beginTerm(env.disk, '/', { nodeId: 1, lastLogEpoch: 2 })).toThrow('/quorum-state is damaged')
})
