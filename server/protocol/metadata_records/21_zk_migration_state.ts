/** How far the migration from ZooKeeper is: 0 there was none. */
import { int8, record } from '../schema.ts'

export const ZkMigrationStateRecord = record(
  'ZkMigrationStateRecord',
  { type: 21, versions: '0', flexible: '0+' },
  {
    zkMigrationState: int8(),
  },
)
