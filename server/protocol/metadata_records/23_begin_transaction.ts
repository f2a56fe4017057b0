import { message, string } from '../schema.ts'

export const BeginTransactionRecord = message(
  'BeginTransactionRecord',
  { versions: '0', flexible: '0+' },
  {
    name: string({ nullable: '0+', tag: 0, default: null }),
  },
)
