/** The records of `__transaction_state`, by the type that the first two bytes of their keys are. */
import type { KeyedRecord } from '../schema.ts'
import { TransactionLogKey, TransactionLogValue } from './00_transaction_log.ts'

export const transactionRecords: ReadonlyMap<number, KeyedRecord> = new Map<number, KeyedRecord>([
  [0, { key: TransactionLogKey, value: TransactionLogValue }],
])
