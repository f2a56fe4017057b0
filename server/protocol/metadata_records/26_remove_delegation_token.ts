/** A delegation token has ended. */
import { record, string } from '../schema.ts'

export const RemoveDelegationTokenRecord = record(
  'RemoveDelegationTokenRecord',
  { type: 26, versions: '0', flexible: '0+' },
  {
    tokenId: string(),
  },
)
