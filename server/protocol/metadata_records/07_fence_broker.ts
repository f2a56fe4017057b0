/** A broker must not lead anything. BrokerRegistrationChangeRecord has taken its place. */
import { int32, int64, record } from '../schema.ts'

export const FenceBrokerRecord = record(
  'FenceBrokerRecord',
  { type: 7, versions: '0', flexible: '0+' },
  {
    id: int32(),
    epoch: int64(),
  },
)
