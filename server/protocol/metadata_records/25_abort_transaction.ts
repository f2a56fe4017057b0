import { message, string } from '../schema.ts'

export const AbortTransactionRecord = message(
  'AbortTransactionRecord',
  { versions: '0', flexible: '0+' },
  {
    reason: string({ nullable: '0+', tag: 0, default: null }),
  },
)
