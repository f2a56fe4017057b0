import { int32, int64, message } from '../schema.ts'

export const FenceBrokerRecord = message(
  'FenceBrokerRecord',
  { versions: '0', flexible: '0+' },
  {
    id: int32(),
    epoch: int64(),
  },
)
