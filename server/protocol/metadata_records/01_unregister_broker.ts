import { int32, int64, message } from '../schema.ts'

export const UnregisterBrokerRecord = message(
  'UnregisterBrokerRecord',
  { versions: '0', flexible: '0+' },
  {
    brokerId: int32(),
    brokerEpoch: int64(),
  },
)
