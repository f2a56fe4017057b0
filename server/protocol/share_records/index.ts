/** The records of `__share_group_state`, by the type that the first two bytes of their keys are. */
import type { KeyedRecord } from '../schema.ts'
import { ShareSnapshotKey, ShareSnapshotValue } from './00_share_snapshot.ts'
import { ShareUpdateKey, ShareUpdateValue } from './01_share_update.ts'

export const shareRecords: ReadonlyMap<number, KeyedRecord> = new Map<number, KeyedRecord>([
  [0, { key: ShareSnapshotKey, value: ShareSnapshotValue }],
  [1, { key: ShareUpdateKey, value: ShareUpdateValue }],
])
