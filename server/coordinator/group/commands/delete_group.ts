/** DeleteGroups, one group: an empty one goes with its offsets. One that has members stays. */
import { KafkaError } from '../../../protocol/errors.ts'
import { Draft } from '../consumer/draft.ts'
import type { GroupCommand, LiveGroups } from '../live_groups.ts'
import type { GroupRecord } from '../records.ts'
import type { GroupState } from '../state.ts'

/** Throws GROUP_ID_NOT_FOUND or NON_EMPTY_GROUP. */
export const deleteGroup =
  (live: LiveGroups, groupId: string): GroupCommand<void> =>
  (state) => {
    const consumers = state.consumers.get(groupId)
    if (consumers !== undefined) {
      if (consumers.members.size > 0) throw new KafkaError('NON_EMPTY_GROUP')
      const draft = new Draft(groupId, consumers)
      for (const record of tombstones(state, groupId)) draft.write(record)
      draft.removeGroup()
      return { records: draft.records, reply: undefined, change: () => live.consumers.forget(groupId) }
    }
    const group = live.find(groupId)
    if (group === undefined) throw new KafkaError('GROUP_ID_NOT_FOUND')
    if (group.state !== 'Empty') throw new KafkaError('NON_EMPTY_GROUP')
    return { records: tombstones(state, groupId), reply: undefined, change: () => live.drop(group) }
  }

/** Of all its offsets, and last of the group itself. */
function tombstones(state: GroupState, groupId: string): GroupRecord[] {
  const records: GroupRecord[] = []
  for (const { topic, partition } of state.offsetsOf(groupId)) {
    records.push({ type: 'OffsetCommit', groupId, topic, partition, value: null })
  }
  if (state.metadata.has(groupId)) records.push({ type: 'GroupMetadata', groupId, value: null })
  return records
}
