/** Nothing since BeginTransactionRecord counts. */
import { record, string } from '../schema.ts'

export const AbortTransactionRecord = record(
  'AbortTransactionRecord',
  { type: 25, versions: '0', flexible: '0+' },
  {
    reason: string({ nullable: '0+', tag: 0, default: null }),
  },
)
