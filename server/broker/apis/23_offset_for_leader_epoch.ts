/** OffsetForLeaderEpoch (23, KIP-320): where an epoch ended, by which a client finds out that its log was cut behind its back. */
import { errorCode } from '../../protocol/errors.ts'
import { OffsetForLeaderEpoch } from '../../protocol/messages/23_offset_for_leader_epoch.ts'
import { handler } from '../handler.ts'
import { partitionError } from './partition_error.ts'

export const OffsetForLeaderEpochHandler = handler(OffsetForLeaderEpoch, {
  handle(request, context) {
    return {
      topics: request.topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition: index, currentLeaderEpoch, leaderEpoch }) => {
          try {
            const partition = context.broker.partitions.leader(topic, index)
            partition.checkLeaderEpoch(currentLeaderEpoch)
            const end = partition.endOffsetForEpoch(leaderEpoch)
            return { errorCode: errorCode.NONE, partition: index, leaderEpoch: end.epoch, endOffset: end.endOffset }
          } catch (error) {
            return { errorCode: partitionError(error, context).code, partition: index }
          }
        }),
      })),
    }
  },
  fail: (request, { code }) => ({
    topics: request.topics.map((t) => ({
      topic: t.topic,
      partitions: t.partitions.map((p) => ({ errorCode: code, partition: p.partition })),
    })),
  }),
})
