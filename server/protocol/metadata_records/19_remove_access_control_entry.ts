import { message, uuid } from '../schema.ts'

export const RemoveAccessControlEntryRecord = message(
  'RemoveAccessControlEntryRecord',
  { versions: '0', flexible: '0+' },
  {
    id: uuid(),
  },
)
