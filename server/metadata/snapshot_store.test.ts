/** Which snapshots and how much of the log are kept. */
import { expect, test } from 'vitest'
import { simEnv } from '../env/sim.ts'
import { bootstrapRecords } from './bootstrap.ts'
import { encodeSnapshot, parseSnapshotName, snapshotName } from './snapshot.ts'
import { SnapshotStore } from './snapshot_store.ts'

const DAY_MS = 86_400_000

function bench(o: { retentionBytes?: number; retentionMs?: number; start?: number; end?: number } = {}) {
  const { env } = simEnv()
  const { disk } = env
  disk.mkdir('/m')
  const log = {
    logStartOffset: o.start ?? 0,
    logEndOffset: o.end ?? 100,
    sizeInBytes: 1000,
    deleteRecordsBefore(offset: number) {
      this.sizeInBytes -= 10 * (offset - this.logStartOffset)
      this.logStartOffset = offset
    },
    truncateFullyAndStartAt(offset: number) {
      this.logStartOffset = this.logEndOffset = offset
      this.sizeInBytes = 0
    },
  }
  const open = () =>
    new SnapshotStore({
      disk,
      folder: '/m',
      log,
      retentionBytes: o.retentionBytes ?? -1,
      retentionMs: o.retentionMs ?? -1,
    })
  const file = (days: number) =>
    encodeSnapshot(bootstrapRecords(), { epoch: 1, lastContainedLogTimestamp: days * DAY_MS, timestamp: 0 })
  const store = open()
  const write = (endOffset: number, days = 0) => store.write({ endOffset, epoch: 1 }, file(days))
  const ends = () => disk.list('/m').flatMap((f) => parseSnapshotName(f.name)?.endOffset ?? [])
  return { disk, log, store, open, write, ends, bytes: file(0).length, file }
}

test('the newest whole snapshot counts', () => {
  const b = bench()
  for (const end of [5, 10, 15]) b.write(end)
  b.disk.replaceFile(`/m/${snapshotName({ endOffset: 20, epoch: 2 })}`, b.file(0).subarray(0, 100))
  expect(b.open().open()).toMatchObject({ endOffset: 15, epoch: 1 })
})

test('without limits nothing goes', () => {
  const b = bench()
  for (const end of [10, 20, 30]) b.write(end)
  b.store.clean(1000 * DAY_MS)
  expect([b.ends(), b.log.logStartOffset]).toEqual([[10, 20, 30], 0])
})

test('while log and snapshots are too large the oldest snapshot goes, and the log before the next one, never the newest', () => {
  const { bytes } = bench()
  const b = bench({ retentionBytes: 1000 + 2 * bytes })
  for (const end of [10, 20, 30]) b.write(end)
  b.store.clean(0)
  expect([b.ends(), b.log.logStartOffset]).toEqual([[20, 30], 20])
  const none = bench({ retentionBytes: 0 })
  for (const end of [10, 20, 30]) none.write(end)
  none.store.clean(0)
  expect([none.ends(), none.log.logStartOffset]).toEqual([[30], 30])
})

test('snapshots that are too old go, by the time of the last record in them', () => {
  const b = bench({ retentionMs: 7 * DAY_MS })
  b.write(10, 1)
  b.write(20, 3)
  b.write(30, 5)
  b.store.clean(11 * DAY_MS)
  expect([b.ends(), b.log.logStartOffset]).toEqual([[30], 30])
})

test('the log is not cut on the word of a snapshot that cannot be read', () => {
  const b = bench({ retentionBytes: 0 })
  b.write(10)
  b.disk.replaceFile(`/m/${snapshotName({ endOffset: 20, epoch: 1 })}`, b.file(0).subarray(0, 50))
  b.store.clean(0)
  expect([b.ends(), b.log.logStartOffset]).toEqual([[10, 20], 0])
})

test('what a crash or Apache Kafka has left is cleared away: half written files, and snapshots from before the log', () => {
  const b = bench({ start: 20 })
  for (const end of [10, 20]) b.write(end)
  for (const suffix of ['.part', '.deleted', '.tmp'])
    b.disk.replaceFile(`/m/${snapshotName({ endOffset: 5, epoch: 1 })}${suffix}`, b.file(0))
  b.open().open()
  expect(b.disk.list('/m').map((f) => f.name)).toEqual([snapshotName({ endOffset: 20, epoch: 1 })])
})

test('a log whose beginning is gone without a snapshot is refused with a sentence', () => {
  const b = bench({ start: 20 })
  b.write(10)
  expect(() => b.open().open()).toThrow('/m begins at offset 20, and no snapshot that can be read goes that far.')
  expect(b.ends()).toEqual([10])
})

test('a log that ends before the snapshot goes on after it', () => {
  const b = bench({ end: 15 })
  b.write(20)
  expect(b.open().open()).toMatchObject({ endOffset: 20 })
  expect([b.log.logStartOffset, b.log.logEndOffset]).toEqual([20, 20])
})
