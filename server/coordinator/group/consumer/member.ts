/** A member of a consumer group: who it is, and how far it has got. A value: commands make another instead of changing it. */

import { listed, NOTHING_OWNED, type OwnedPartitions, sameOwned } from './partitions.ts'
import type { CurrentMemberAssignment, MemberMetadata } from './records.ts'

/** Kafka's numbers of the states in a record. Any other is that of a later release: `UNKNOWN`. */
const stateNumbers = { STABLE: 0, UNREVOKED_PARTITIONS: 1, UNRELEASED_PARTITIONS: 2, UNKNOWN: 127 } as const
export type MemberState = keyof typeof stateNumbers

/** One that is about to come; and a static one that has left and will be back. */
export const JOINING_EPOCH = 0
export const LEFT_EPOCH = -1
export const LEFT_FOR_A_WHILE_EPOCH = -2

export interface ConsumerMember {
  readonly memberId: string
  readonly metadata: MemberMetadata
  readonly memberEpoch: number
  readonly previousMemberEpoch: number
  readonly state: MemberState
  readonly assigned: OwnedPartitions
  /** What it has still to say that it has given up. */
  readonly revoking: OwnedPartitions
}

export const newMember = (memberId: string): ConsumerMember => ({
  memberId,
  metadata: {
    instanceId: null,
    rackId: null,
    clientId: '',
    clientHost: '',
    subscribedTopicNames: [],
    subscribedTopicRegex: '',
    rebalanceTimeoutMs: -1,
    serverAssignor: null,
    classicMemberMetadata: null,
  },
  memberEpoch: JOINING_EPOCH,
  previousMemberEpoch: JOINING_EPOCH,
  state: 'STABLE',
  assigned: NOTHING_OWNED,
  revoking: NOTHING_OWNED,
})

/** Does it speak JoinGroup, SyncGroup and Heartbeat? */
export const isClassic = (member: ConsumerMember): boolean => member.metadata.classicMemberMetadata !== null

export const regexOf = (member: ConsumerMember): string => member.metadata.subscribedTopicRegex ?? ''

/** It has all that it is to have in that epoch, and nothing else. */
export const isReconciledTo = (member: ConsumerMember, epoch: number): boolean =>
  member.state === 'STABLE' && member.memberEpoch === epoch

export const sameCurrent = (a: ConsumerMember, b: ConsumerMember): boolean =>
  a === b ||
  (a.memberEpoch === b.memberEpoch &&
    a.previousMemberEpoch === b.previousMemberEpoch &&
    a.state === b.state &&
    sameOwned(a.assigned, b.assigned) &&
    sameOwned(a.revoking, b.revoking))

export function sameMetadata(a: MemberMetadata, b: MemberMetadata): boolean {
  return (
    a === b ||
    (a.instanceId === b.instanceId &&
      a.rackId === b.rackId &&
      a.clientId === b.clientId &&
      a.clientHost === b.clientHost &&
      a.subscribedTopicRegex === b.subscribedTopicRegex &&
      a.rebalanceTimeoutMs === b.rebalanceTimeoutMs &&
      a.serverAssignor === b.serverAssignor &&
      sameNames(a.subscribedTopicNames, b.subscribedTopicNames) &&
      sameClassic(a.classicMemberMetadata, b.classicMemberMetadata))
  )
}

export const sameNames = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name, i) => name === b[i])

type Classic = MemberMetadata['classicMemberMetadata']
const sameClassic = (a: Classic, b: Classic): boolean =>
  a === null || b === null
    ? a === b
    : a.sessionTimeoutMs === b.sessionTimeoutMs &&
      a.supportedProtocols.length === b.supportedProtocols.length &&
      a.supportedProtocols.every((p, i) => {
        const other = b.supportedProtocols[i]!
        return p.name === other.name && p.metadata.equals(other.metadata)
      })

/** Its part that a CurrentMemberAssignment record holds. */
export const toCurrent = (member: ConsumerMember): CurrentMemberAssignment => ({
  memberEpoch: member.memberEpoch,
  previousMemberEpoch: member.previousMemberEpoch,
  state: stateNumbers[member.state],
  assignedPartitions: withEpochs(member.assigned),
  partitionsPendingRevocation: withEpochs(member.revoking),
})

export const fromCurrent = (member: ConsumerMember, value: CurrentMemberAssignment): ConsumerMember => ({
  ...member,
  memberEpoch: value.memberEpoch,
  previousMemberEpoch: value.previousMemberEpoch,
  state: stateOf(value.state),
  assigned: owned(value.assignedPartitions, value.memberEpoch),
  revoking: owned(value.partitionsPendingRevocation, value.memberEpoch),
})

const stateOf = (n: number): MemberState =>
  (Object.keys(stateNumbers) as MemberState[]).find((s) => stateNumbers[s] === n) ?? 'UNKNOWN'

const withEpochs = (owned: OwnedPartitions) =>
  listed(owned).map(({ topicId, partitions }) => ({
    topicId,
    partitions,
    assignmentEpochs: partitions.map((p) => owned.get(topicId)!.get(p)!),
  }))

/** Records of before KIP-1251 have no epochs: the member's own is as good as can be known. */
const owned = (list: CurrentMemberAssignment['assignedPartitions'], memberEpoch: number): OwnedPartitions =>
  new Map(
    list
      .filter((t) => t.partitions.length > 0)
      .map(({ topicId, partitions, assignmentEpochs }) => [
        topicId,
        new Map(partitions.map((p, i) => [p, assignmentEpochs?.[i] ?? memberEpoch])),
      ]),
  )
