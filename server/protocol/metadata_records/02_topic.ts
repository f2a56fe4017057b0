/** A topic was created. A PartitionRecord follows for each of its partitions. */
import { record, string, uuid } from '../schema.ts'

export const TopicRecord = record(
  'TopicRecord',
  { type: 2, versions: '0', flexible: '0+' },
  {
    name: string(),
    topicId: uuid(),
  },
)
