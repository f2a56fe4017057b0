/**
 * What the quorum writes about itself between the metadata records: kraft.version and, where they are no fixed list, the voters
 * (KIP-853). Nothing here changes them; a snapshot must repeat them, because the log before it may go.
 */
import { decode } from '../protocol/codec.ts'
import { controlType } from '../protocol/control_records/index.ts'
import { KRaftVersionRecord } from '../protocol/control_records/kraft_version_record.ts'
import { VotersRecord } from '../protocol/control_records/voters_record.ts'
import { decodeRecords, type RecordBatch } from '../records/batch.ts'
import { controlBatch, controlTypeOf } from './control_batch.ts'

export interface ControlRecord {
  readonly key: Buffer
  readonly value: Buffer
}

export interface Voter {
  readonly nodeId: number
  readonly directoryId: string
}

const VERSION = 0
/** In the order in which Kafka writes them. */
const KEPT: readonly number[] = [controlType.kraftVersion, controlType.kraftVoters]

export class QuorumRecords {
  private readonly latest = new Map<number, ControlRecord>()

  /** Takes in what a batch of the log or of a snapshot says. */
  take(batch: RecordBatch): void {
    if (!batch.isControl) return
    for (const { key, value } of decodeRecords(batch)) {
      const type = controlTypeOf(key)
      // Copied: the rest of the file need not stay in memory for them.
      if (KEPT.includes(type) && value !== null)
        this.latest.set(type, { key: Buffer.from(key!), value: Buffer.from(value) })
    }
  }

  /** For a snapshot. */
  get records(): ControlRecord[] {
    return KEPT.flatMap((type) => this.latest.get(type) ?? [])
  }

  get kraftVersion(): number {
    const record = this.latest.get(controlType.kraftVersion)
    return record ? decode(KRaftVersionRecord, VERSION, record.value).kRaftVersion : 0
  }

  /** Undefined where they are a fixed list. */
  get voters(): Voter[] | undefined {
    const record = this.latest.get(controlType.kraftVoters)
    return (
      record &&
      decode(VotersRecord, VERSION, record.value).voters.map((v) => ({
        nodeId: v.voterId,
        directoryId: v.voterDirectoryId,
      }))
    )
  }
}

/** The batch by which the quorum has one voter from now on (KIP-853). */
export function votersBatch(
  { nodeId, directoryId, endpoint }: Voter & { endpoint: { name: string; host: string; port: number } },
  timestamp: number,
): Buffer {
  const kRaftVersionFeature = { minSupportedVersion: 0, maxSupportedVersion: 1 }
  const voter = { voterId: nodeId, voterDirectoryId: directoryId, endpoints: [endpoint], kRaftVersionFeature }
  return controlBatch(controlType.kraftVoters, { version: 0, voters: [voter] }, { timestamp })
}
