/** A transaction's state, by transactional id. The last one counts; no value means that the id has expired. */
import { array, int8, int16, int32, int64, message, string } from '../schema.ts'

export const TransactionLogKey = message(
  'TransactionLogKey',
  { versions: '0', flexible: 'none' },
  {
    transactionalId: string(),
  },
)

export const TransactionLogValue = message(
  'TransactionLogValue',
  { versions: '0-1', flexible: '1+' },
  {
    producerId: int64(),
    producerEpoch: int16(),
    transactionTimeoutMs: int32(),
    /**
     * 0 Empty, 1 Ongoing, 2 PrepareCommit, 3 PrepareAbort, 4 CompleteCommit, 5 CompleteAbort, 6 Dead, 7
     * PrepareEpochFence.
     */
    transactionStatus: int8(),
    /** Where markers are to be written; null once that is done. */
    transactionPartitions: array(
      {
        topic: string(),
        partitionIds: array(int32()),
      },
      { nullable: '0+' },
    ),
    transactionLastUpdateTimestampMs: int64(),
    transactionStartTimestampMs: int64(),
    previousProducerId: int64({ versions: '1+', tag: 0, default: -1 }),
    nextProducerId: int64({ versions: '1+', tag: 1, default: -1 }),
    clientTransactionVersion: int16({ versions: '1+', tag: 2 }),
    nextProducerEpoch: int16({ versions: '1+', tag: 3, default: -1 }),
  },
)
