/** The last record of a snapshot: without it the snapshot is not complete. */
import { int16, message } from '../schema.ts'

export const SnapshotFooterRecord = message(
  'SnapshotFooterRecord',
  { versions: '0', flexible: '0+' },
  {
    version: int16(),
  },
)
