/**
 * OffsetDelete: takes offsets of partitions away that the group does not consume any more (KIP-496). A group of consumers may do
 * that while it lives, for topics to which no member has subscribed; as long as that is not known, for none.
 */
import { errorCode, KafkaError } from '../../../protocol/errors.ts'
import type { OffsetDelete } from '../../../protocol/messages/47_offset_delete.ts'
import type { Infer } from '../../../protocol/schema.ts'
import type { GroupCommand, LiveGroups } from '../live_groups.ts'
import type { GroupRecord } from '../records.ts'
import { subscribedTopics } from '../subscribed_topics.ts'

export type OffsetDeleteRequest = Infer<typeof OffsetDelete.request>
export type OffsetDeleteResponse = Infer<typeof OffsetDelete.response>

/** Throws INVALID_GROUP_ID, GROUP_ID_NOT_FOUND or NON_EMPTY_GROUP. */
export const offsetDelete =
  (live: LiveGroups, { groupId, topics }: OffsetDeleteRequest): GroupCommand<OffsetDeleteResponse> =>
  (state) => {
    if (groupId === '') throw new KafkaError('INVALID_GROUP_ID')
    const subscribed = state.consumers.get(groupId)?.subscribedTopics() ?? subscribedToClassic(live, groupId)
    const records: GroupRecord[] = []
    const answered = topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => {
        if (subscribed.has(name)) return { partitionIndex, errorCode: errorCode.GROUP_SUBSCRIBED_TO_TOPIC }
        if (state.offset(groupId, name, partitionIndex) !== undefined) {
          records.push({ type: 'OffsetCommit', groupId, topic: name, partition: partitionIndex, value: null })
        }
        return { partitionIndex, errorCode: errorCode.NONE }
      }),
    }))
    return { records, reply: { errorCode: errorCode.NONE, throttleTimeMs: 0, topics: answered } }
  }

function subscribedToClassic(live: LiveGroups, groupId: string): { has(topic: string): boolean } {
  const group = live.find(groupId)
  if (group === undefined) throw new KafkaError('GROUP_ID_NOT_FOUND')
  if (group.members.size === 0) return new Set()
  if (group.protocolType !== 'consumer') throw new KafkaError('NON_EMPTY_GROUP')
  return subscribedTopics(group, { evenBeforeSync: true }) ?? { has: () => true }
}
