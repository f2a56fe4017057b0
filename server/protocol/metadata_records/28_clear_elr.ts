import { record, string } from '../schema.ts'

export const ClearElrRecord = record(
  'ClearElrRecord',
  { type: 28, versions: '0', flexible: '0+' },
  {
    topicName: string(),
  },
)
