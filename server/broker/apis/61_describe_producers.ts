/** DescribeProducers (61, KIP-664): the idempotent and transactional producers that a replica knows, led here or not. */
import { errorCode, KafkaError } from '../../protocol/errors.ts'
import { DescribeProducers } from '../../protocol/messages/61_describe_producers.ts'
import type { Partition } from '../../replication/partition.ts'
import { handler } from '../handler.ts'
import { partitionError } from './partition_error.ts'

export const DescribeProducersHandler = handler(DescribeProducers, {
  handle: ({ topics }, context) => ({
    topics: topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => {
        try {
          const { metadata, partitions } = context.broker
          if (!metadata.topic(name)) {
            throw metadata.topicNameProblem(name) ?? new KafkaError('UNKNOWN_TOPIC_OR_PARTITION')
          }
          const activeProducers = producersOf(partitions.replica(name, partitionIndex))
          return { partitionIndex, errorCode: errorCode.NONE, errorMessage: null, activeProducers }
        } catch (error) {
          const { code, detail } = partitionError(error, context)
          return { partitionIndex, errorCode: code, errorMessage: detail, activeProducers: [] }
        }
      }),
    })),
  }),
  fail: (request, { code, detail }) => ({
    topics: request.topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => ({
        partitionIndex,
        errorCode: code,
        errorMessage: detail,
        activeProducers: [],
      })),
    })),
  }),
})

const producersOf = ({ log }: Partition) =>
  [...log.activeProducers.all].map((p) => {
    const last = p.batches.at(-1)
    return {
      producerId: p.producerId,
      producerEpoch: p.epoch,
      lastSequence: last?.lastSequence ?? -1,
      // Of the records, as Kafka shows it; when the broker took them is ours alone to know.
      lastTimestamp: last?.timestamp ?? p.lastTimestamp,
      coordinatorEpoch: p.coordinatorEpoch,
      currentTxnStartOffset: p.currentTxnFirstOffset,
    }
  })
