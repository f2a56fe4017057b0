import { int32, int64, message } from '../schema.ts'

export const ProducerIdsRecord = message(
  'ProducerIdsRecord',
  { versions: '0', flexible: '0+' },
  {
    brokerId: int32(),
    brokerEpoch: int64({ default: -1 }),
    nextProducerId: int64(),
  },
)
