import { bytes, int8, int32, message, string } from '../schema.ts'

export const UserScramCredentialRecord = message(
  'UserScramCredentialRecord',
  { versions: '0', flexible: '0+' },
  {
    name: string(),
    mechanism: int8(),
    salt: bytes(),
    storedKey: bytes(),
    serverKey: bytes(),
    iterations: int32(),
  },
)
