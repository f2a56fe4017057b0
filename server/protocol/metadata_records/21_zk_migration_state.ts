import { int8, record } from '../schema.ts'

export const ZkMigrationStateRecord = record(
  'ZkMigrationStateRecord',
  { type: 21, versions: '0', flexible: '0+' },
  {
    zkMigrationState: int8(),
  },
)
