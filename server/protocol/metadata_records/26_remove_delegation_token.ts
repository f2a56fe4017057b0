import { message, string } from '../schema.ts'

export const RemoveDelegationTokenRecord = message(
  'RemoveDelegationTokenRecord',
  { versions: '0', flexible: '0+' },
  {
    tokenId: string(),
  },
)
