/** A broker may lead again. BrokerRegistrationChangeRecord has taken its place. */
import { int32, int64, record } from '../schema.ts'

export const UnfenceBrokerRecord = record(
  'UnfenceBrokerRecord',
  { type: 8, versions: '0', flexible: '0+' },
  {
    id: int32(),
    epoch: int64(),
  },
)
