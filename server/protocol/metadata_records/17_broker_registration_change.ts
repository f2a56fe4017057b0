/** What changed of a broker's registration. */
import { array, int8, int32, int64, record, uuid } from '../schema.ts'

export const BrokerRegistrationChangeRecord = record(
  'BrokerRegistrationChangeRecord',
  { type: 17, versions: '0-3', flexible: '0+' },
  {
    brokerId: int32(),
    brokerEpoch: int64(),
    /** 1 fenced, -1 unfenced, 0 no change. */
    fenced: int8({ tag: 0 }),
    /** 1 has begun to stop, 0 no change. */
    inControlledShutdown: int8({ versions: '1+', tag: 1 }),
    logDirs: array(uuid(), { versions: '2+', tag: 2 }),
    cordonedLogDirs: array(uuid(), { versions: '3+', nullable: '3+', tag: 3, default: null }),
  },
)
