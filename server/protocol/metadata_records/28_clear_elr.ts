/** The eligible leader replicas of a topic, or of all if the name is empty, are forgotten (KIP-966). */
import { record, string } from '../schema.ts'

export const ClearElrRecord = record(
  'ClearElrRecord',
  { type: 28, versions: '0', flexible: '0+' },
  {
    topicName: string(),
  },
)
