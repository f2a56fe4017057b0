/** The transactions that this broker coordinates; a client asks every broker (KIP-664). */
import { api } from '../api.ts'
import { array, int16, int32, int64, string } from '../schema.ts'

export const ListTransactions = api({
  key: 66,
  name: 'ListTransactions',
  versions: '0-2',
  flexible: '0+',
  request: {
    stateFilters: array(string()),
    producerIdFilters: array(int64()),
    /** Only those that have been running for more ms than this; -1 for all (KIP-994). */
    durationFilter: int64({ versions: '1+', default: -1 }),
    /** A regular expression (KIP-1152). */
    transactionalIdPattern: string({ versions: '2+', nullable: '2+', default: null }),
  },
  response: {
    throttleTimeMs: int32(),
    errorCode: int16(),
    unknownStateFilters: array(string()),
    transactionStates: array({
      transactionalId: string(),
      producerId: int64(),
      transactionState: string(),
    }),
  },
})
