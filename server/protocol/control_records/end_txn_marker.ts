import { int32, message } from '../schema.ts'

export const EndTxnMarker = message(
  'EndTxnMarker',
  { versions: '0', flexible: 'none' },
  {
    coordinatorEpoch: int32(),
  },
)
