/**
 * Brings a member one step nearer to its target (KIP-848). A partition goes from one member to the next in this order: the first
 * is told to give it up and stays in its epoch (UNREVOKED_PARTITIONS), says in a heartbeat that it has, moves on; then the next
 * may have it, who until then waits in the new epoch (UNRELEASED_PARTITIONS). So no partition ever has two owners.
 */
import { KafkaError } from '../../../protocol/errors.ts'
import { type ConsumerMember, isReconciledTo, type MemberState } from './member.ts'
import {
  isIn,
  NO_PARTITIONS,
  NOTHING_OWNED,
  type OwnedPartitions,
  type Partitions,
  type TopicPartitions,
} from './partitions.ts'

export interface Reconciliation {
  readonly member: ConsumerMember
  readonly targetEpoch: number
  readonly target: Partitions
  /** What the member says that it owns; null if it does not say. */
  readonly owned: readonly TopicPartitions[] | null
  readonly isSubscribedTo: (topicId: string) => boolean
  /** It may have been given topics that it does not want any more. */
  readonly subscriptionChanged: boolean
  readonly hasOwner: (topicId: string, partition: number) => boolean
}

/** The member itself if it has nothing to do, or must wait. Throws FENCED_MEMBER_EPOCH where only a new beginning helps. */
export function reconcile(r: Reconciliation): ConsumerMember {
  const { member, subscriptionChanged } = r
  if (!subscriptionChanged && isReconciledTo(member, r.targetEpoch)) return member
  switch (member.state) {
    case 'STABLE':
      return member.memberEpoch !== r.targetEpoch ? step(r) : dropUnsubscribed(r)
    case 'UNREVOKED_PARTITIONS':
      if (!ownsAny(r.owned, member.revoking)) return step(r)
      return subscriptionChanged ? dropUnsubscribed(r) : member
    case 'UNRELEASED_PARTITIONS':
      return step(r)
    case 'UNKNOWN':
      // Written by a later release.
      if (r.owned === null || r.owned.length > 0) {
        throw new KafkaError('FENCED_MEMBER_EPOCH', 'The member is in a state that is not known here; join again.')
      }
      return step({ ...r, member: { ...member, memberEpoch: r.targetEpoch } })
  }
}

function step(r: Reconciliation): ConsumerMember {
  const { member, targetEpoch } = r
  const assigned = new Map<string, Map<number, number>>()
  const revoking = new Map<string, Map<number, number>>()
  const free = new Map<string, number[]>()
  let waits = false
  for (const topicId of new Set([...r.target.keys(), ...member.assigned.keys()])) {
    const target = r.isSubscribedTo(topicId) ? r.target.get(topicId) : undefined
    const owned = member.assigned.get(topicId)
    for (const [p, epoch] of owned ?? []) put(isIn(target, p) ? assigned : revoking, topicId, p, epoch)
    for (const p of target ?? []) {
      if (isIn(owned, p)) continue
      // What it is giving up itself nobody else can have.
      if (r.hasOwner(topicId, p) && !isIn(member.revoking.get(topicId), p)) waits = true
      else free.set(topicId, [...(free.get(topicId) ?? []), p])
    }
  }
  if (revoking.size > 0 && ownsAny(r.owned, revoking)) {
    return moved(member, { epoch: member.memberEpoch, state: 'UNREVOKED_PARTITIONS', assigned, revoking })
  }
  for (const [topicId, partitions] of free) for (const p of partitions) put(assigned, topicId, p, targetEpoch)
  const state = waits ? 'UNRELEASED_PARTITIONS' : 'STABLE'
  return moved(member, { epoch: targetEpoch, state, assigned, revoking: NOTHING_OWNED })
}

/** In its epoch: what it does not want any more goes, whatever the target says. */
function dropUnsubscribed(r: Reconciliation): ConsumerMember {
  const { member } = r
  const gone = [...member.assigned].filter(([topicId]) => !r.isSubscribedTo(topicId))
  if (gone.length === 0) return member
  const assigned = new Map([...member.assigned].filter(([topicId]) => r.isSubscribedTo(topicId)))
  const revoking = new Map(member.revoking)
  for (const [topicId, partitions] of gone) {
    revoking.set(topicId, new Map([...(revoking.get(topicId) ?? []), ...partitions]))
  }
  const epoch = member.memberEpoch
  if (ownsAny(r.owned, revoking)) return moved(member, { epoch, state: 'UNREVOKED_PARTITIONS', assigned, revoking })
  return moved(member, { epoch, state: member.state, assigned, revoking: member.revoking })
}

const moved = (
  member: ConsumerMember,
  to: { epoch: number; state: MemberState; assigned: OwnedPartitions; revoking: OwnedPartitions },
): ConsumerMember => ({
  ...member,
  previousMemberEpoch: member.memberEpoch,
  memberEpoch: to.epoch,
  state: to.state,
  assigned: to.assigned,
  revoking: to.revoking,
})

/** Who does not say what it owns may own all. */
const ownsAny = (owned: readonly TopicPartitions[] | null, of: OwnedPartitions): boolean =>
  owned === null || owned.some(({ topicId, partitions }) => partitions.some((p) => isIn(of.get(topicId), p)))

function put(into: Map<string, Map<number, number>>, topicId: string, partition: number, epoch: number): void {
  let partitions = into.get(topicId)
  if (partitions === undefined) into.set(topicId, (partitions = new Map()))
  partitions.set(partition, epoch)
}

/** Is all that the member says it owns among what it was given? */
export const ownsOnly = (owned: readonly TopicPartitions[] | null, given: OwnedPartitions): boolean =>
  owned?.every(({ topicId, partitions }) => partitions.every((p) => isIn(given.get(topicId), p))) ?? false

export const targetOf = (targets: ReadonlyMap<string, Partitions>, memberId: string): Partitions =>
  targets.get(memberId) ?? NO_PARTITIONS
