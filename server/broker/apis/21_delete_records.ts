/**
 * DeleteRecords (21): moves a partition's start; -1 means up to the high watermark. Answered when all replicas on living brokers have
 * followed. Only topics whose policy deletes allow it, none of Kafka's own.
 */
import { isInternalTopic } from '../../metadata/internal_topics.ts'
import { errorCode, KafkaError } from '../../protocol/errors.ts'
import { DeleteRecords } from '../../protocol/messages/21_delete_records.ts'
import { handler } from '../handler.ts'
import { partitionError } from './partition_error.ts'

export const DeleteRecordsHandler = handler(DeleteRecords, {
  async handle(request, context) {
    const deleteOne = async (name: string, partitionIndex: number, offset: number) => {
      try {
        const partition = context.broker.partitions.leader(name, partitionIndex)
        if (isInternalTopic(name)) throw new KafkaError('INVALID_TOPIC_EXCEPTION', `${name} is Kafka's own.`)
        if (!partition.log.config.cleanupPolicy.includes('delete')) {
          throw new KafkaError('POLICY_VIOLATION', `${name} is compacted; only cleanup.policy=delete allows it.`)
        }
        const to = partition.deleteRecordsBefore(offset)
        const lowWatermark = await partition.lowWatermark.reached(to, request.timeoutMs)
        return { partitionIndex, lowWatermark, errorCode: errorCode.NONE }
      } catch (error) {
        return { partitionIndex, lowWatermark: -1, errorCode: partitionError(error, context).code }
      }
    }
    const topics = await Promise.all(
      request.topics.map(async ({ name, partitions }) => ({
        name,
        partitions: await Promise.all(partitions.map((p) => deleteOne(name, p.partitionIndex, p.offset))),
      })),
    )
    return { topics }
  },
  fail: (request, { code }) => ({
    topics: request.topics.map((t) => ({
      name: t.name,
      partitions: t.partitions.map((p) => ({ partitionIndex: p.partitionIndex, lowWatermark: -1, errorCode: code })),
    })),
  }),
})
