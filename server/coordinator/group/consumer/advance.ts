/**
 * What follows when a member has said something, in either protocol: its subscription is stored, the group begins a new epoch if
 * it now reads something else, targets are computed if it is time, and the member goes a step towards its own.
 */
import type { LiveGroups } from '../live_groups.ts'
import { assign } from './assign.ts'
import type { Draft } from './draft.ts'
import { dropUnusedRegexes } from './fence.ts'
import { type ConsumerMember, regexOf, sameCurrent, sameMetadata, sameNames } from './member.ts'
import type { TopicPartitions } from './partitions.ts'
import { reconcile, targetOf } from './reconcile.ts'
import type { MemberMetadata } from './records.ts'
import { compile } from './regexes.ts'
import { metadataHash } from './topics.ts'

/** Regular expressions are matched again for new topics not sooner than after this, as in Kafka. */
export const REGEX_MIN_REFRESH_MS = 10_000

/** Stores what the member says of itself and lets the group follow. Returns whether what the member reads has changed. */
export function subscribe(
  live: LiveGroups,
  draft: Draft,
  member: ConsumerMember,
  says: MemberMetadata,
  nowMs: number,
): boolean {
  const isNew = !draft.group.members.has(member.memberId)
  const namesChanged = !sameNames(member.metadata.subscribedTopicNames, says.subscribedTopicNames)
  const regex = says.subscribedTopicRegex ?? ''
  const regexChanged = regexOf(member) !== regex
  if (regexChanged && regex !== '' && !draft.group.subscribedRegexes().has(regex)) compile(regex)
  if (isNew || !sameMetadata(member.metadata, says)) draft.putMember({ ...member, metadata: says })
  const matchedChanged = matchRegexes(live, draft, nowMs)
  const { group } = draft
  // A classic group may have come here in its generation 0, and 0 is no epoch for a member.
  const bump = namesChanged || regexChanged || matchedChanged || group.epoch === 0
  if (bump || live.consumers.of(draft.groupId).checkedVersion !== live.topics.version) {
    const hash = metadataHash(group.subscribedTopics(), live.topics)
    if (bump || hash !== group.metadataHash) {
      draft.putEpoch(group.epoch + 1, hash)
      if (group.hasPartitionMetadata) draft.put({ type: 'ConsumerGroupPartitionMetadata', about: '', value: null })
    }
  }
  return namesChanged || regexChanged
}

/** Stores what regular expressions stand for where that is new. Returns whether anything is. */
function matchRegexes(live: LiveGroups, draft: Draft, nowMs: number): boolean {
  dropUnusedRegexes(draft)
  let changed = false
  for (const regex of draft.group.subscribedRegexes()) {
    const matched = live.regexes.matches(regex)
    if (matched === undefined) continue
    const before = draft.group.regexes.get(regex)
    if (before !== undefined && sameNames(before.topics, matched.topics)) continue
    const value = { topics: [...matched.topics], version: matched.version, timestamp: nowMs }
    draft.put({ type: 'ConsumerGroupRegularExpression', about: regex, value })
    changed = true
  }
  return changed
}

/** Not more often than `consumer.assignment.interval.ms`: members that come together share one assignment (KIP-1263). */
export function assignIfDue(live: LiveGroups, draft: Draft, nowMs: number): void {
  const { group, groupId } = draft
  if (group.epoch <= group.assignmentEpoch) return
  const { consumer } = live.config
  if (nowMs - group.assignmentTimestampMs < consumer.assignmentIntervalMs(groupId)) return
  assign(draft, live.topics, consumer.assignors[0]!, nowMs)
}

/** Returns the member after its step. */
export function advance(
  live: LiveGroups,
  draft: Draft,
  memberId: string,
  o: { owned: readonly TopicPartitions[] | null; subscriptionChanged: boolean },
): ConsumerMember {
  const { group } = draft
  const member = group.members.get(memberId)!
  const subscription = group.subscriptionOf(member)
  const next = reconcile({
    member,
    targetEpoch: group.assignmentEpoch,
    target: targetOf(group.targets, memberId),
    owned: o.owned,
    subscriptionChanged: o.subscriptionChanged,
    isSubscribedTo: (topicId) => {
      const name = live.topics.nameOf(topicId)
      return name !== undefined && subscription.has(name)
    },
    hasOwner: (topicId, partition) => group.ownerOf(topicId, partition) !== undefined,
  })
  if (!sameCurrent(member, next)) draft.putCurrent(next)
  return next
}
