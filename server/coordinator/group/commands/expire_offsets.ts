/**
 * Offsets that nobody needs any more go after `offsets.retention.minutes`, counted (KIP-211) from when the group became empty;
 * in a group of consumers that is alive, for topics it no longer reads, or outside of any group, from the commit. Old clients that
 * gave a retention of their own have that. An empty group without offsets goes as well.
 */
import type { ClassicGroup } from '../classic_group.ts'
import type { ConsumerGroup } from '../consumer/consumer_group.ts'
import { Draft } from '../consumer/draft.ts'
import type { GroupCommand, LiveGroups } from '../live_groups.ts'
import type { CommittedOffset, GroupRecord } from '../records.ts'
import type { GroupState } from '../state.ts'
import { subscribedTopics } from '../subscribed_topics.ts'
import { inBatches } from './in_batches.ts'

export const expireOffsets =
  (live: LiveGroups): GroupCommand<void> =>
  (state, nowMs) => {
    const records: GroupRecord[] = []
    for (const group of state.consumers.values()) expireOfConsumers(live, state, group, nowMs, records)
    for (const group of live.all()) {
      const { groupId } = group
      let left = 0
      const since = retentionBegins(group)
      const subscribed = subscribedTopics(group)
      for (const { topic, partition, value } of state.offsetsOf(groupId)) {
        if (since !== undefined && !subscribed?.has(topic) && isOver(value, since(value), live, nowMs)) {
          records.push({ type: 'OffsetCommit', groupId, topic, partition, value: null })
        } else left++
      }
      if (left === 0 && isAbandoned(group, state)) records.push({ type: 'GroupMetadata', groupId, value: null })
    }
    return inBatches(records)
  }

/** Of a consumer group: from the commit on, unless somebody reads the topic. */
function expireOfConsumers(
  live: LiveGroups,
  state: GroupState,
  group: ConsumerGroup,
  nowMs: number,
  records: GroupRecord[],
): void {
  const { groupId } = group
  const subscribed = group.subscribedTopics()
  let left = 0
  for (const { topic, partition, value } of state.offsetsOf(groupId)) {
    if (!subscribed.has(topic) && isOver(value, value.commitTimestamp, live, nowMs)) {
      records.push({ type: 'OffsetCommit', groupId, topic, partition, value: null })
    } else left++
  }
  if (left > 0 || group.members.size > 0) return
  const draft = new Draft(groupId, group)
  draft.removeGroup()
  records.push(...draft.records)
}

/** From when on an offset of the group is kept for the retention; undefined if the group keeps all of them. */
function retentionBegins(group: ClassicGroup): ((value: CommittedOffset) => number) | undefined {
  const commit = (value: CommittedOffset) => value.commitTimestamp
  if (group.protocolType === null) return commit
  if (group.state === 'Empty') return (value) => group.stateTimestampMs ?? value.commitTimestamp
  return group.state === 'Stable' && subscribedTopics(group) !== undefined ? commit : undefined
}

const isOver = (value: CommittedOffset, sinceMs: number, live: LiveGroups, nowMs: number): boolean =>
  value.expireTimestamp === -1 ? nowMs - sinceMs >= live.config.offsetsRetentionMs : nowMs >= value.expireTimestamp

const isAbandoned = (group: ClassicGroup, state: GroupState): boolean =>
  group.state === 'Empty' && group.pendingJoin.size === 0 && state.metadata.has(group.groupId)
