import { message, string } from '../schema.ts'

export const ClearElrRecord = message(
  'ClearElrRecord',
  { versions: '0', flexible: '0+' },
  {
    topicName: string(),
  },
)
