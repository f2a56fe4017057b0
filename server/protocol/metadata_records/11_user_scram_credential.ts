/** A user's SCRAM credential, which replaces one of the same mechanism. */
import { bytes, int8, int32, record, string } from '../schema.ts'

export const UserScramCredentialRecord = record(
  'UserScramCredentialRecord',
  { type: 11, versions: '0', flexible: '0+' },
  {
    name: string(),
    mechanism: int8(),
    salt: bytes(),
    storedKey: bytes(),
    serverKey: bytes(),
    iterations: int32(),
  },
)
