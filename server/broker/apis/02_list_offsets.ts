/**
 * ListOffsets (2): the start (-2), the end (-1), the record with the highest timestamp (-3, v7), the first record at or after
 * a time. -4 to -6 speak of tiered storage (v8, v9, v11): with none, the local start is the start, and there is nothing remote.
 * In a version before its own a negative time means nothing: UNSUPPORTED_VERSION. Consumers see the end up to the high
 * watermark, and nothing of it while a new leader does not know how far that is (OFFSET_NOT_AVAILABLE, LEADER_NOT_AVAILABLE before
 * v5); followers, and tools that compare replicas (-2, at any replica), see the log's end. A partition that is named twice is answered
 * once, with an error. v0 answers with a list of offsets.
 */
import { distinct } from '../../lib/distinct.ts'
import { duplicates } from '../../lib/duplicates.ts'
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
const READ_COMMITTED = 1
const CONSUMER = -1
const COMPARER = -2
/** From which version on each negative time has its meaning. */
const SINCE: ReadonlyMap<number, number> = new Map([
  [LATEST, 0],
  [EARLIEST, 0],
  [MAX_TIMESTAMP, 7],
  [EARLIEST_LOCAL, 8],
  [LATEST_TIERED, 9],
  [EARLIEST_PENDING_UPLOAD, 11],
])
const NOTHING = { timestamp: -1, offset: -1, leaderEpoch: -1 }

export const ListOffsetsHandler = handler(ListOffsets, {
  async handle(request, context) {
    if (request.isolationLevel < 0 || request.isolationLevel > READ_COMMITTED) {
      throw new KafkaError('INVALID_REQUEST', `${request.isolationLevel} is no isolation level.`)
    }
    const twice = duplicates(request.topics.flatMap((t) => t.partitions.map((p) => key(t.name, p.partitionIndex))))
    const sees: Sees =
      request.replicaId !== CONSUMER
        ? 'logEndOffset'
        : request.isolationLevel === READ_COMMITTED
          ? 'lastStableOffset'
          : 'highWatermark'
    const from = request.replicaId === COMPARER ? 'replica' : 'leader'
    const topics = await Promise.all(
      request.topics.map(async ({ name, partitions }) => ({
        name,
        partitions: await Promise.all(
          distinct(partitions, (p) => p.partitionIndex).map(async (p) => {
            const { partitionIndex, currentLeaderEpoch, timestamp } = p
            try {
              if (twice.has(key(name, partitionIndex))) throw new KafkaError('INVALID_REQUEST')
              const partition = context.broker.partitions[from](name, partitionIndex)
              partition.checkLeaderEpoch(currentLeaderEpoch)
              if (timestamp < 0 && context.version < (SINCE.get(timestamp) ?? Number.POSITIVE_INFINITY)) {
                throw new KafkaError('UNSUPPORTED_VERSION', `${timestamp} has no meaning as a time.`)
              }
              const found = await lookUp(partition, timestamp, sees)
              if (found === undefined)
                throw new KafkaError(context.version >= 5 ? 'OFFSET_NOT_AVAILABLE' : 'LEADER_NOT_AVAILABLE')
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

const key = (topic: string, partitionIndex: number) => `${topic}/${partitionIndex}`

/** Up to which end of the log. */
type Sees = 'highWatermark' | 'lastStableOffset' | 'logEndOffset'

/** Undefined where it cannot be said yet. */
async function lookUp(partition: Partition, timestamp: number, sees: Sees) {
  const end = () => partition[sees]
  const mayGrow = () => partition.isCatchingUp && sees !== 'logEndOffset'
  switch (timestamp) {
    case LATEST:
      return mayGrow() ? undefined : { timestamp: -1, offset: end(), leaderEpoch: partition.currentEpoch }
    case EARLIEST:
    case EARLIEST_LOCAL: {
      const offset = partition.logStartOffset
      return { timestamp: -1, offset, leaderEpoch: partition.epochAt(offset) }
    }
    case LATEST_TIERED:
    case EARLIEST_PENDING_UPLOAD:
      return NOTHING
  }
  const found =
    timestamp === MAX_TIMESTAMP ? await partition.maxTimestamp(end) : await partition.firstAtOrAfter(timestamp, end)
  if (found) return { ...found, leaderEpoch: partition.epochAt(found.offset) }
  return mayGrow() ? undefined : NOTHING
}
