/** A block of producer ids was given to a broker. */
import { int32, int64, record } from '../schema.ts'

export const ProducerIdsRecord = record(
  'ProducerIdsRecord',
  { type: 15, versions: '0', flexible: '0+' },
  {
    brokerId: int32(),
    brokerEpoch: int64({ default: -1 }),
    /** The first that is still free. */
    nextProducerId: int64(),
  },
)
