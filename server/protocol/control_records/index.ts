/**
 * Control records: what a batch with the control bit holds instead of a client's records. Their key is a
 * `ControlRecordTypeSchema` behind an int16 version; its type says what the value is.
 */
import type { Message } from '../schema.ts'
import { EndTxnMarker } from './end_txn_marker.ts'
import { KRaftVersionRecord } from './kraft_version_record.ts'
import { LeaderChangeMessage } from './leader_change_message.ts'
import { SnapshotFooterRecord } from './snapshot_footer_record.ts'
import { SnapshotHeaderRecord } from './snapshot_header_record.ts'
import { VotersRecord } from './voters_record.ts'

export const controlType = {
  abort: 0,
  commit: 1,
  leaderChange: 2,
  snapshotHeader: 3,
  snapshotFooter: 4,
  kraftVersion: 5,
  kraftVoters: 6,
} as const

export type ControlType = (typeof controlType)[keyof typeof controlType]

/** What the value is, by the type in the key. */
export const controlRecords: ReadonlyMap<number, Message> = new Map<number, Message>([
  [controlType.abort, EndTxnMarker],
  [controlType.commit, EndTxnMarker],
  [controlType.leaderChange, LeaderChangeMessage],
  [controlType.snapshotHeader, SnapshotHeaderRecord],
  [controlType.snapshotFooter, SnapshotFooterRecord],
  [controlType.kraftVersion, KRaftVersionRecord],
  [controlType.kraftVoters, VotersRecord],
])
