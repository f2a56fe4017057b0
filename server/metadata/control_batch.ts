/** Batches of control records, as the quorum writes them between the metadata records (KIP-595, KIP-630). */
import { encode } from '../protocol/codec.ts'
import { type ControlType, controlRecords, controlType } from '../protocol/control_records/index.ts'
import type { LeaderChangeMessage } from '../protocol/control_records/leader_change_message.ts'
import type { Input } from '../protocol/schema.ts'
import { buildBatch, type RecordToWrite } from '../records/build_batch.ts'

const VERSION = 0

/** `more`: control records that follow in the same batch. */
export function controlBatch(
  type: ControlType,
  value: Record<string, unknown>,
  options: { timestamp: number; baseOffset?: number; partitionLeaderEpoch?: number },
  more: readonly RecordToWrite[] = [],
): Buffer {
  const key = Buffer.alloc(4)
  key.writeInt16BE(VERSION, 0)
  key.writeInt16BE(type, 2)
  const record = { key, value: encode(controlRecords.get(type)!, VERSION, value) }
  return buildBatch([record, ...more], { ...options, control: true })
}

/** The first record of a leader's term: here always the only voter's. */
export function leaderChangeBatch(nodeId: number, timestamp: number): Buffer {
  const voters = [{ voterId: nodeId }]
  const message: Input<typeof LeaderChangeMessage> = { version: 0, leaderId: nodeId, voters, grantingVoters: voters }
  return controlBatch(controlType.leaderChange, message, { timestamp })
}

/** The type of a control record, by its key. */
export const controlTypeOf = (key: Buffer | null): number => (key !== null && key.length >= 4 ? key.readInt16BE(2) : -1)
