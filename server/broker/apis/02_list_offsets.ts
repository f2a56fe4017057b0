/**
 * ListOffsets (2): the start (-2), the end (-1), the record with the highest timestamp (-3, v7), the first record at or after
 * a time. -4 to -6 speak of tiered storage (v8, v9, v11): with none, the local start is the start, and there is nothing remote.
 * Consumers see the end up to the high watermark. v0 answers with a list of offsets.
 */
import { errorCode, KafkaError } from '../../protocol/errors.ts'
import { ListOffsets } from '../../protocol/messages/02_list_offsets.ts'
import type { Partition } from '../../replication/partition.ts'
import { handler } from '../handler.ts'
import { partitionError } from './partition_error.ts'

const LATEST = -1
const EARLIEST = -2
const MAX_TIMESTAMP = -3
const EARLIEST_LOCAL = -4
const LATEST_TIERED = -5
const EARLIEST_PENDING_UPLOAD = -6
const NOTHING = { timestamp: -1, offset: -1, leaderEpoch: -1 }

export const ListOffsetsHandler = handler(ListOffsets, {
  async handle(request, context) {
    const topics = await Promise.all(
      request.topics.map(async ({ name, partitions }) => ({
        name,
        partitions: await Promise.all(
          partitions.map(async ({ partitionIndex, currentLeaderEpoch, timestamp }) => {
            try {
              const partition = context.broker.partitions.leader(name, partitionIndex)
              partition.checkLeaderEpoch(currentLeaderEpoch)
              const found = await lookUp(partition, timestamp, request.isolationLevel === 1)
              const oldStyleOffsets = context.version === 0 && found.offset >= 0 ? [found.offset] : []
              return { partitionIndex, errorCode: errorCode.NONE, ...found, oldStyleOffsets }
            } catch (error) {
              return { partitionIndex, errorCode: partitionError(error, context).code }
            }
          }),
        ),
      })),
    )
    return { topics }
  },
  fail: (request, { code }) => ({
    topics: request.topics.map((t) => ({
      name: t.name,
      partitions: t.partitions.map((p) => ({ partitionIndex: p.partitionIndex, errorCode: code })),
    })),
  }),
})

async function lookUp(partition: Partition, timestamp: number, readCommitted: boolean) {
  const leaderEpoch = partition.leaderEpoch
  switch (timestamp) {
    case LATEST: {
      const offset = readCommitted ? partition.lastStableOffset : partition.highWatermark
      return { timestamp: -1, offset, leaderEpoch }
    }
    case EARLIEST:
    case EARLIEST_LOCAL:
      return { timestamp: -1, offset: partition.logStartOffset, leaderEpoch }
    case LATEST_TIERED:
    case EARLIEST_PENDING_UPLOAD:
      return NOTHING
  }
  if (timestamp < 0 && timestamp !== MAX_TIMESTAMP) {
    throw new KafkaError('UNSUPPORTED_VERSION', `${timestamp} has no meaning as a time.`)
  }
  const found = timestamp === MAX_TIMESTAMP ? await partition.maxTimestamp() : await partition.firstAtOrAfter(timestamp)
  return found ? { ...found, leaderEpoch } : NOTHING
}
