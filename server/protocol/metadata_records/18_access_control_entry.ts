/** An ACL was created. */
import { int8, record, string, uuid } from '../schema.ts'

export const AccessControlEntryRecord = record(
  'AccessControlEntryRecord',
  { type: 18, versions: '0', flexible: '0+' },
  {
    id: uuid(),
    resourceType: int8(),
    resourceName: string(),
    patternType: int8(),
    principal: string(),
    host: string(),
    operation: int8(),
    permissionType: int8(),
  },
)
