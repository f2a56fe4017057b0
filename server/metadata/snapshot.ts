/**
 * Snapshots of the metadata as Kafka writes them (KIP-630): a file of record batches that begins with a header and ends with a
 * footer, which shows that it is whole. Its name says up to where it goes: end offset and epoch. `bootstrap.checkpoint` has
 * the same form.
 */
import { controlType } from '../protocol/control_records/index.ts'
import { MalformedError } from '../protocol/wire.ts'
import { batches, decodeRecords } from '../records/batch.ts'
import { buildBatch, type RecordToWrite } from '../records/build_batch.ts'
import { controlBatch, controlTypeOf } from './control_batch.ts'
import { type ControlRecord, QuorumRecords } from './quorum_records.ts'
import { type MetadataRecord, metadataRecordCodec } from './record_codec.ts'

export interface SnapshotId {
  /** Exclusive. */
  readonly endOffset: number
  /** Of the last record in it. */
  readonly epoch: number
}

const BATCH_RECORDS = 1000

/** `quorum`: what the quorum has written about itself, see `quorum_records.ts`. */
export function encodeSnapshot(
  records: Iterable<MetadataRecord>,
  at: { epoch: number; lastContainedLogTimestamp: number; timestamp: number },
  quorum: readonly ControlRecord[] = [],
): Buffer {
  const options = { timestamp: at.timestamp, partitionLeaderEpoch: at.epoch }
  const header = { version: 0, lastContainedLogTimestamp: at.lastContainedLogTimestamp }
  const parts = [controlBatch(controlType.snapshotHeader, header, { ...options, baseOffset: 0 }, quorum)]
  let baseOffset = 1 + quorum.length
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
  readonly quorum: QuorumRecords
}

/** A MalformedError if the file is damaged or not whole. */
export function decodeSnapshot(file: Buffer): Snapshot {
  const records: MetadataRecord[] = []
  const quorum = new QuorumRecords()
  let lastContainedLogTimestamp: number | undefined
  let whole = false
  for (const batch of batches(file)) {
    if (!batch.isValid) throw new MalformedError('a batch of the snapshot does not match its checksum')
    quorum.take(batch)
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
  return { records, lastContainedLogTimestamp, quorum }
}

export const snapshotName = ({ endOffset, epoch }: SnapshotId): string =>
  `${String(endOffset).padStart(20, '0')}-${String(epoch).padStart(10, '0')}.checkpoint`

export function parseSnapshotName(name: string): SnapshotId | undefined {
  const m = /^(\d{20})-(\d{10})\.checkpoint$/.exec(name)
  return m ? { endOffset: Number(m[1]), epoch: Number(m[2]) } : undefined
}
