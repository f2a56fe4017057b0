import { array, int64, message, string } from '../schema.ts'

export const DelegationTokenRecord = message(
  'DelegationTokenRecord',
  { versions: '0', flexible: '0+' },
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
