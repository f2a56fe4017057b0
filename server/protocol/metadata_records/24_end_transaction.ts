/** Everything since BeginTransactionRecord counts. */
import { record } from '../schema.ts'

export const EndTransactionRecord = record('EndTransactionRecord', { type: 24, versions: '0', flexible: '0+' }, {})
