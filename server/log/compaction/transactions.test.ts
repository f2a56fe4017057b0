/** Transactions in a log that is compacted: what was aborted goes, markers last as long as what they end, and a day more. */
import { expect, test } from 'vitest'
import { decodeRecords, type RecordBatch } from '../../records/batch.ts'
import { buildBatch } from '../../records/build_batch.ts'
import type { Log } from '../log.ts'
import { type Bench, batch, bench, produce } from '../testing.ts'
import { batchesOf, compactOnce } from './testing.ts'

const NOW = 1_735_689_600_000
const DAY = 86_400_000

const open = (b: Bench) => b.log(b.open())
const world = () =>
  bench({
    config: { cleanupPolicy: ['compact'], minCleanableDirtyRatio: 0, segmentBytes: 1200, deleteRetentionMs: DAY },
    manager: { tailCacheBytes: 0 },
  })

const sequences = new Map<Log, number>()
const data = (log: Log, producerId: number, key: string, value: string | null): number => {
  const sequence = sequences.get(log) ?? 0
  sequences.set(log, sequence + 1)
  const records = [{ key: Buffer.from(key), value: value === null ? null : Buffer.from(value) }]
  const producer = {
    producerId,
    producerEpoch: 0,
    baseSequence: sequence,
    transactional: true,
    baseOffset: log.logEndOffset,
  }
  log.appendAsFollower(buildBatch(records, { timestamp: NOW, partitionLeaderEpoch: 0, ...producer }))
  return log.logEndOffset - 1
}
const marker = (log: Log, producerId: number, type: 'abort' | 'commit'): number => {
  const key = Buffer.from([0, 0, 0, type === 'abort' ? 0 : 1])
  const o = { producerId, producerEpoch: 0, transactional: true, control: true, baseOffset: log.logEndOffset }
  const made = buildBatch([{ key, value: Buffer.alloc(6) }], { timestamp: NOW, partitionLeaderEpoch: 0, ...o })
  log.appendAsFollower(made)
  return log.logEndOffset - 1
}
/** So much that what comes before it is not in the active segment. */
async function fill(b: Bench, log: Log, n = 16): Promise<void> {
  for (let i = 0; i < n; i++) produce(log, batch(1000, 1, { padding: 300 }), { nowMs: NOW })
  await b.wait(log.sync())
  await b.wait(log.sync())
}
async function all(b: Bench, log: Log, nowMs: number): Promise<void> {
  while (await compactOnce(b, log, { nowMs }));
}

/** What there is of the batches up to an offset: `offset key=value`, `offset abort`, `offset empty`. */
async function held(b: Bench, log: Log, to: number): Promise<string[]> {
  const found = (await batchesOf(b, log, 0)).filter((x) => x.baseOffset <= to && x.hasProducerId)
  return found.map((x: RecordBatch) => {
    const records = decodeRecords(x)
    if (records.length === 0) return `${x.baseOffset} empty`
    if (x.isControl) return `${x.baseOffset} ${records[0]!.key![3] === 0 ? 'abort' : 'commit'}`
    return `${x.baseOffset} ${records.map((r) => `${r.key}=${r.value}`).join()}`
  })
}

test('what was aborted goes and takes no key with it; what was committed stays with its marker', async () => {
  const b = world()
  const log = open(b)
  data(log, 5, 'a', 'committed')
  marker(log, 5, 'commit')
  data(log, 6, 'a', 'aborted')
  const last = marker(log, 6, 'abort')
  await fill(b, log)
  expect(log.abortedTransactions(0, log.logEndOffset)).toHaveLength(1)
  await all(b, log, NOW)
  // The aborted batch is its producer's last, so its header stays, and with it what says that it was aborted.
  expect(await held(b, log, last)).toEqual(['0 a=committed', '1 commit', '2 empty', '3 abort'])
  expect(log.abortedTransactions(0, log.logEndOffset).map((t) => [t.producerId, t.firstOffset])).toEqual([[6, 2]])
})

test('markers of which nothing is left go a day after that was seen', async () => {
  const b = world()
  const log = open(b)
  data(log, 5, 'a', 'old')
  marker(log, 5, 'commit')
  data(log, 5, 'b', 'aborted')
  const last = marker(log, 5, 'abort')
  // Of its last five batches a producer's headers stay.
  for (const value of ['1', '2', '3', '4', 'new']) data(log, 5, 'a', value)
  const end = marker(log, 5, 'commit')
  await fill(b, log)
  await all(b, log, NOW)
  // There was something of both transactions in what was read.
  expect(await held(b, log, last)).toEqual(['1 commit', '3 abort'])
  expect(log.abortedTransactions(0, end)).toHaveLength(1)
  await fill(b, log)
  await all(b, log, NOW + 1)
  const horizons = async () =>
    (await batchesOf(b, log, 0)).filter((x) => x.baseOffset <= last).map((x) => x.deleteHorizonMs)
  expect(await horizons()).toEqual([NOW + 1 + DAY, NOW + 1 + DAY])
  expect(log.abortedTransactions(0, end)).toHaveLength(0)
  await fill(b, log)
  await all(b, log, NOW + DAY)
  expect(await held(b, log, last)).toEqual(['1 commit', '3 abort'])
  await fill(b, log)
  await all(b, log, NOW + DAY + 2)
  expect(await held(b, log, last)).toEqual([])
  // The committed record that is read still has its marker.
  expect((await held(b, log, end)).slice(-2)).toEqual([`${end - 1} a=new`, `${end} commit`])
})

test('nothing at or after the first open transaction is touched', async () => {
  const b = world()
  const log = open(b)
  await fill(b, log)
  const openFrom = data(log, 5, 'a', 'open')
  await fill(b, log, 30)
  const before = (await batchesOf(b, log, openFrom)).map((x) => x.bytes().toString('latin1'))
  await all(b, log, NOW)
  expect(log.cleanedTo).toBeGreaterThan(0)
  expect(log.cleanedTo).toBeLessThanOrEqual(openFrom)
  expect((await batchesOf(b, log, openFrom)).map((x) => x.bytes().toString('latin1'))).toEqual(before)
  marker(log, 5, 'abort')
  await fill(b, log)
  await all(b, log, NOW)
  expect(log.cleanedTo).toBeGreaterThan(openFrom)
})
