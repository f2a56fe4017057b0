import { int8, message, string } from '../schema.ts'

export const RemoveUserScramCredentialRecord = message(
  'RemoveUserScramCredentialRecord',
  { versions: '0', flexible: '0+' },
  {
    name: string(),
    mechanism: int8(),
  },
)
