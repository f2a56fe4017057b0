/** The first record of a snapshot of the metadata log (KIP-630). */
import { int16, int64, message } from '../schema.ts'

export const SnapshotHeaderRecord = message(
  'SnapshotHeaderRecord',
  { versions: '0', flexible: '0+' },
  {
    version: int16(),
    lastContainedLogTimestamp: int64(),
  },
)
