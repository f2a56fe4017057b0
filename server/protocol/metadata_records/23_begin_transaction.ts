/** What follows belongs together, across batches, until an end or abort (KIP-868). */
import { record, string } from '../schema.ts'

export const BeginTransactionRecord = record(
  'BeginTransactionRecord',
  { type: 23, versions: '0', flexible: '0+' },
  {
    name: string({ nullable: '0+', tag: 0, default: null }),
  },
)
