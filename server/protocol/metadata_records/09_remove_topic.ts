/** A topic was deleted, with its partitions and settings. */
import { record, uuid } from '../schema.ts'

export const RemoveTopicRecord = record(
  'RemoveTopicRecord',
  { type: 9, versions: '0', flexible: '0+' },
  {
    topicId: uuid(),
  },
)
