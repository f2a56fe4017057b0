import { int8, message } from '../schema.ts'

export const ZkMigrationStateRecord = message(
  'ZkMigrationStateRecord',
  { versions: '0', flexible: '0+' },
  {
    zkMigrationState: int8(),
  },
)
