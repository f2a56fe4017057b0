/** DeleteRecords (21): moves a partition's start; -1 means up to the high watermark. Only topics whose policy deletes allow it, none of Kafka's own. */
import { isInternalTopic } from '../../metadata/internal_topics.ts'
import { errorCode, KafkaError } from '../../protocol/errors.ts'
import { DeleteRecords } from '../../protocol/messages/21_delete_records.ts'
import { handler } from '../handler.ts'
import { partitionError } from './partition_error.ts'

export const DeleteRecordsHandler = handler(DeleteRecords, {
  handle(request, context) {
    return {
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, offset }) => {
          try {
            const partition = context.broker.partitions.leader(name, partitionIndex)
            if (isInternalTopic(name)) throw new KafkaError('INVALID_TOPIC_EXCEPTION', `${name} is Kafka's own.`)
            if (!partition.log.config.cleanupPolicy.includes('delete')) {
              throw new KafkaError('POLICY_VIOLATION', `${name} is compacted; only cleanup.policy=delete allows it.`)
            }
            const lowWatermark = partition.deleteRecordsBefore(offset)
            return { partitionIndex, lowWatermark, errorCode: errorCode.NONE }
          } catch (error) {
            return { partitionIndex, lowWatermark: -1, errorCode: partitionError(error, context).code }
          }
        }),
      })),
    }
  },
  fail: (request, { code }) => ({
    topics: request.topics.map((t) => ({
      name: t.name,
      partitions: t.partitions.map((p) => ({ partitionIndex: p.partitionIndex, lowWatermark: -1, errorCode: code })),
    })),
  }),
})
