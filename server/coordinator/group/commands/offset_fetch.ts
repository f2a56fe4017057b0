/**
 * OffsetFetch for one group: the committed offsets of some partitions, or of all. A group that does not exist has none; that is
 * no error. Every answer waits until what it shows is committed, so `requireStable` asks for nothing more.
 */
import { errorCode } from '../../../protocol/errors.ts'
import type { OffsetFetch } from '../../../protocol/messages/09_offset_fetch.ts'
import { type Infer, ZERO_UUID } from '../../../protocol/schema.ts'
import { checkFetch } from '../consumer/offset_epochs.ts'
import type { GroupCommand } from '../live_groups.ts'
import type { CommittedOffset } from '../records.ts'

/** Topics by name; null is all. The id, if it is known, tells a topic from an earlier one of that name. */
export interface GroupOffsetsRequest {
  readonly groupId: string
  /** Of a member of a consumer group; from others null and below 0. */
  readonly memberId: string | null
  readonly memberEpoch: number
  readonly topics: readonly { name: string; topicId?: string; partitionIndexes: readonly number[] }[] | null
}
export type GroupOffsetsResponse = Infer<typeof OffsetFetch.response>['groups'][number]
type Partition = GroupOffsetsResponse['topics'][number]['partitions'][number]

/** Throws a KafkaError if a consumer group does not know the member or its epoch. */
export const offsetFetch =
  ({ groupId, topics, memberId, memberEpoch }: GroupOffsetsRequest): GroupCommand<GroupOffsetsResponse> =>
  (state) => {
    const consumers = state.consumers.get(groupId)
    if (consumers !== undefined) checkFetch(consumers, memberId, memberEpoch)
    const all = () =>
      [...(state.offsets.get(groupId) ?? [])].map(([name, partitions]) => ({
        topicId: ZERO_UUID,
        name,
        partitions: [...partitions].map(([partitionIndex, value]) => found(partitionIndex, value)),
      }))
    const some = (wanted: NonNullable<GroupOffsetsRequest['topics']>) =>
      wanted.map(({ name, topicId = ZERO_UUID, partitionIndexes }) => ({
        topicId,
        name,
        partitions: partitionIndexes.map((partitionIndex) => {
          const value = state.offset(groupId, name, partitionIndex)
          return value !== undefined && sameTopic(value.topicId, topicId)
            ? found(partitionIndex, value)
            : notFound(partitionIndex)
        }),
      }))
    return { reply: { groupId, topics: topics === null ? all() : some(topics), errorCode: errorCode.NONE } }
  }

const sameTopic = (a: string, b: string): boolean => a === b || a === ZERO_UUID || b === ZERO_UUID

const found = (partitionIndex: number, value: CommittedOffset): Partition => ({
  partitionIndex,
  committedOffset: value.offset,
  committedLeaderEpoch: value.leaderEpoch,
  metadata: value.metadata,
  errorCode: errorCode.NONE,
})

const notFound = (partitionIndex: number): Partition => ({
  partitionIndex,
  committedOffset: -1,
  committedLeaderEpoch: -1,
  metadata: '',
  errorCode: errorCode.NONE,
})
