/** Computes the targets of a group's members anew and writes those that have changed. */
import { type AssignedMember, type Assignor, assignors, isAssignor } from './assignors/assignor.ts'
import type { ConsumerGroup } from './consumer_group.ts'
import type { Draft } from './draft.ts'
import { samePartitions } from './partitions.ts'
import { targetOf } from './reconcile.ts'
import type { GroupTopics } from './topics.ts'

export function assign(draft: Draft, topics: GroupTopics, defaultAssignor: string, nowMs: number): void {
  const { group } = draft
  const sizes = new Map<string, number>()
  const idsOf = (names: Iterable<string>): Set<string> => {
    const ids = new Set<string>()
    for (const name of names) {
      const topic = topics.byName(name)
      if (topic === undefined) continue
      ids.add(topic.topicId)
      sizes.set(topic.topicId, topic.numPartitions)
    }
    return ids
  }
  const members = [...group.members.values()].map(
    (m): AssignedMember => ({
      memberId: m.memberId,
      instanceId: m.metadata.instanceId,
      subscription: idsOf(group.subscriptionOf(m)),
      previous: targetOf(group.targets, m.memberId),
    }),
  )
  const assignor: Assignor = assignors[preferredAssignor(group, defaultAssignor)]!
  for (const [memberId, target] of assignor(members, sizes)) {
    const before = group.targets.get(memberId)
    if (before === undefined || !samePartitions(before, target)) draft.putTarget(memberId, target)
  }
  draft.putAssignmentEpoch(draft.group.epoch, nowMs)
}

/** The one that most members ask for, if any does. */
export function preferredAssignor(group: ConsumerGroup, otherwise: string): string {
  const votes = new Map<string, number>()
  for (const { metadata } of group.members.values()) {
    const name = metadata.serverAssignor
    if (name !== null && isAssignor(name)) votes.set(name, (votes.get(name) ?? 0) + 1)
  }
  let best = otherwise
  for (const [name, n] of votes) if (n > (votes.get(best) ?? 0)) best = name
  return best
}
