/** From here on the quorum works by this kraft.version; 1 allows its voters to change (KIP-853). */
import { int16, message } from '../schema.ts'

export const KRaftVersionRecord = message(
  'KRaftVersionRecord',
  { versions: '0', flexible: '0+' },
  {
    version: int16(),
    kRaftVersion: int16(),
  },
)
