/** Commits or aborts a transaction. */
import { api } from '../api.ts'
import { bool, int16, int32, int64, string } from '../schema.ts'

export const EndTxn = api({
  key: 26,
  name: 'EndTxn',
  versions: '0-5',
  flexible: '3+',
  request: {
    transactionalId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    /** true commits, false aborts. */
    committed: bool(),
  },
  response: {
    throttleTimeMs: int32(),
    errorCode: int16(),
    /** From version 5 on each transaction has an epoch of its own; this is what the next one uses (KIP-890). */
    producerId: int64({ versions: '5+', default: -1 }),
    producerEpoch: int16({ versions: '5+', default: -1 }),
  },
})
