import { message, string, uuid } from '../schema.ts'

export const TopicRecord = message(
  'TopicRecord',
  { versions: '0', flexible: '0+' },
  {
    name: string(),
    topicId: uuid(),
  },
)
