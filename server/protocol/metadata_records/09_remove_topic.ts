import { message, uuid } from '../schema.ts'

export const RemoveTopicRecord = message(
  'RemoveTopicRecord',
  { versions: '0', flexible: '0+' },
  {
    topicId: uuid(),
  },
)
