/** A delegation token was created or prolonged. */
import { array, int64, record, string } from '../schema.ts'

export const DelegationTokenRecord = record(
  'DelegationTokenRecord',
  { type: 10, versions: '0', flexible: '0+' },
  {
    owner: string(),
    requester: string(),
    renewers: array(string()),
    issueTimestamp: int64(),
    maxTimestamp: int64(),
    expirationTimestamp: int64(),
    tokenId: string(),
  },
)
