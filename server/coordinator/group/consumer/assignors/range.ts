/**
 * The assignor `range`: of each topic, every subscriber gets one run of partitions, in the same order for all topics. So topics of
 * equally many partitions and subscribers are co-partitioned: the same numbers meet at the same member.
 */
import type { Partitions } from '../partitions.ts'
import type { AssignedMember, AssignedTopics } from './assignor.ts'

export function range(members: readonly AssignedMember[], topics: AssignedTopics): Map<string, Partitions> {
  const ordered = [...members].sort(byIdentity)
  const result = new Map<string, Map<string, Set<number>>>(members.map((m) => [m.memberId, new Map()]))
  for (const [topicId, numPartitions] of topics) {
    const subscribers = ordered.filter((m) => m.subscription.has(topicId))
    let next = 0
    for (const [i, { memberId }] of subscribers.entries()) {
      const share = Math.floor(numPartitions / subscribers.length) + (i < numPartitions % subscribers.length ? 1 : 0)
      if (share === 0) break
      result.get(memberId)!.set(topicId, new Set(Array.from({ length: share }, () => next++)))
    }
  }
  return result
}

/** Static members first, by what stays the same when they come back. */
function byIdentity(a: AssignedMember, b: AssignedMember): number {
  if (a.instanceId !== null && b.instanceId !== null) return compare(a.instanceId, b.instanceId)
  if (a.instanceId !== null || b.instanceId !== null) return a.instanceId !== null ? -1 : 1
  return compare(a.memberId, b.memberId)
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
