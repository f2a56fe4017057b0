/**
 * Snapshots of the metadata as Kafka writes them (KIP-630): a file of record batches that begins with a header and ends with a
 * footer, which shows that it is whole. Its name says up to where it goes: end offset and epoch. `bootstrap.checkpoint` has
 * the same form.
 */
import type { Disk } from '../env/env.ts'
import { controlType } from '../protocol/control_records/index.ts'
import { MalformedError } from '../protocol/wire.ts'
import { batches, decodeRecords } from '../records/batch.ts'
import { buildBatch, type RecordToWrite } from '../records/build_batch.ts'
import { controlBatch, controlTypeOf } from './control_batch.ts'
import { type MetadataRecord, metadataRecordCodec } from './record_codec.ts'

export interface SnapshotId {
  /** Exclusive. */
  readonly endOffset: number
  /** Of the last record in it. */
  readonly epoch: number
}

const BATCH_RECORDS = 1000

export function encodeSnapshot(
  records: Iterable<MetadataRecord>,
  at: { epoch: number; lastContainedLogTimestamp: number; timestamp: number },
): Buffer {
  const options = { timestamp: at.timestamp, partitionLeaderEpoch: at.epoch }
  const header = { version: 0, lastContainedLogTimestamp: at.lastContainedLogTimestamp }
  const parts = [controlBatch(controlType.snapshotHeader, header, { ...options, baseOffset: 0 })]
  let baseOffset = 1
  let batch: RecordToWrite[] = []
  const flush = () => {
    if (batch.length > 0) parts.push(buildBatch(batch, { ...options, baseOffset }))
    baseOffset += batch.length
    batch = []
  }
  for (const record of records) {
    if (batch.push(metadataRecordCodec.encode(record)) === BATCH_RECORDS) flush()
  }
  flush()
  parts.push(controlBatch(controlType.snapshotFooter, { version: 0 }, { ...options, baseOffset }))
  return Buffer.concat(parts)
}

export interface Snapshot {
  readonly records: MetadataRecord[]
  /** Ms since the epoch, of the last record in the log that it stands for; 0 in a bootstrap checkpoint. */
  readonly lastContainedLogTimestamp: number
}

/** A MalformedError if the file is damaged or not whole. */
export function decodeSnapshot(file: Buffer): Snapshot {
  const records: MetadataRecord[] = []
  let lastContainedLogTimestamp: number | undefined
  let whole = false
  for (const batch of batches(file)) {
    if (!batch.isValid) throw new MalformedError('a batch of the snapshot does not match its checksum')
    for (const { key, value } of decodeRecords(batch)) {
      if (whole) throw new MalformedError('the snapshot goes on after its footer')
      if (!batch.isControl) {
        const record = metadataRecordCodec.decode(key, value)
        if (record !== undefined) records.push(record)
      } else if (controlTypeOf(key) === controlType.snapshotHeader && value !== null) {
        lastContainedLogTimestamp = Number(value.readBigInt64BE(2))
      } else if (controlTypeOf(key) === controlType.snapshotFooter) {
        whole = true
      }
    }
  }
  if (lastContainedLogTimestamp === undefined) throw new MalformedError('the snapshot has no header')
  if (!whole) throw new MalformedError('the snapshot has no footer: it was not written to its end')
  return { records, lastContainedLogTimestamp }
}

export const snapshotName = ({ endOffset, epoch }: SnapshotId): string =>
  `${String(endOffset).padStart(20, '0')}-${String(epoch).padStart(10, '0')}.checkpoint`

export function parseSnapshotName(name: string): SnapshotId | undefined {
  const m = /^(\d{20})-(\d{10})\.checkpoint$/.exec(name)
  return m ? { endOffset: Number(m[1]), epoch: Number(m[2]) } : undefined
}

/** The newest snapshot in the folder of the metadata log that is whole. */
export function latestSnapshot(disk: Disk, folder: string): (Snapshot & SnapshotId) | undefined {
  for (const id of snapshotIds(disk, folder).reverse()) {
    try {
      return { ...id, ...decodeSnapshot(disk.readFile(`${folder}/${snapshotName(id)}`) ?? Buffer.alloc(0)) }
    } catch (e) {
      if (!(e instanceof MalformedError)) throw e
    }
  }
  return undefined
}

/** Keeps the one before, in case this one cannot be read back. */
export function writeSnapshot(disk: Disk, folder: string, id: SnapshotId, file: Buffer): void {
  disk.replaceFile(`${folder}/${snapshotName(id)}`, file)
  for (const old of snapshotIds(disk, folder).slice(0, -2)) disk.remove(`${folder}/${snapshotName(old)}`)
}

/** Oldest first. */
function snapshotIds(disk: Disk, folder: string): SnapshotId[] {
  if (!disk.exists(folder)) return []
  return disk
    .list(folder)
    .flatMap(({ name }) => parseSnapshotName(name) ?? [])
    .sort((a, b) => a.endOffset - b.endOffset || a.epoch - b.epoch)
}
