/** A user's SCRAM credential was deleted. */
import { int8, record, string } from '../schema.ts'

export const RemoveUserScramCredentialRecord = record(
  'RemoveUserScramCredentialRecord',
  { type: 22, versions: '0', flexible: '0+' },
  {
    name: string(),
    mechanism: int8(),
  },
)
