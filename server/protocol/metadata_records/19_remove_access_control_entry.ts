/** An ACL was deleted. */
import { record, uuid } from '../schema.ts'

export const RemoveAccessControlEntryRecord = record(
  'RemoveAccessControlEntryRecord',
  { type: 19, versions: '0', flexible: '0+' },
  {
    id: uuid(),
  },
)
