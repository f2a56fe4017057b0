/**
 * Gives a producer its id and epoch, for idempotence (null transactional id) or for transactions, where it fences the
 * one before (KIP-98). Version 3 lets a producer raise its own epoch (KIP-360).
 */
import { api } from '../api.ts'
import { bool, int16, int32, int64, string } from '../schema.ts'

export const InitProducerId = api({
  key: 22,
  name: 'InitProducerId',
  versions: '0-6',
  flexible: '2+',
  request: {
    transactionalId: string({ nullable: '0+' }),
    transactionTimeoutMs: int32(),
    producerId: int64({ versions: '3+', default: -1 }),
    producerEpoch: int16({ versions: '3+', default: -1 }),
    /** For two-phase commit with a database (KIP-939). */
    enable2Pc: bool({ versions: '6+' }),
    /** Keep what is prepared instead of aborting it. */
    keepPreparedTxn: bool({ versions: '6+' }),
  },
  response: {
    throttleTimeMs: int32(),
    errorCode: int16(),
    producerId: int64({ default: -1 }),
    producerEpoch: int16(),
    ongoingTxnProducerId: int64({ versions: '6+', default: -1 }),
    ongoingTxnProducerEpoch: int16({ versions: '6+', default: -1 }),
  },
})
