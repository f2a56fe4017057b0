/** A broker was unregistered and is forgotten. */
import { int32, int64, record } from '../schema.ts'

export const UnregisterBrokerRecord = record(
  'UnregisterBrokerRecord',
  { type: 1, versions: '0', flexible: '0+' },
  {
    brokerId: int32(),
    brokerEpoch: int64(),
  },
)
