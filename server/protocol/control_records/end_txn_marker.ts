/**
 * Ends a producer's transaction in a partition; whether it commits or aborts is in the key. An int16 version stands
 * before it.
 */
import { int32, message } from '../schema.ts'

export const EndTxnMarker = message(
  'EndTxnMarker',
  { versions: '0', flexible: 'none' },
  {
    coordinatorEpoch: int32(),
  },
)
