/**
 * A consumer group (KIP-848) as its records say it is. Only `apply` changes it: to the stored one, or to the copy on which a
 * command tries out what it is about to write (`draft.ts`).
 */
import { type ConsumerMember, fromCurrent, isReconciledTo, newMember, regexOf } from './member.ts'
import { isIn, NOTHING_OWNED, type Partitions, partitionsOf } from './partitions.ts'
import type { ConsumerGroupRecord } from './records.ts'

export type ConsumerGroupStateName = 'Empty' | 'Assigning' | 'Reconciling' | 'Stable'

/** The topics that a regular expression stood for when it was last matched. */
export interface ResolvedRegex {
  readonly topics: readonly string[]
}

/** Of a group before its first change, which is not stored. */
const FIRST_EPOCH = 1

export class ConsumerGroup {
  /** Grows with each change that asks for a new assignment. */
  epoch = FIRST_EPOCH
  /** Of the topics it is subscribed to, as they were in this epoch. */
  metadataHash = 0
  /** The epoch that the targets were computed for. */
  assignmentEpoch = 0
  /** When that was; 0 if it is not known. */
  assignmentTimestampMs = 0
  readonly members = new Map<string, ConsumerMember>()
  readonly targets = new Map<string, Partitions>()
  readonly regexes = new Map<string, ResolvedRegex>()
  /** It has a record that Kafka wrote before 4.1 and that the hash has replaced. */
  hasPartitionMetadata = false

  constructor(readonly groupId: string) {}

  copy(): ConsumerGroup {
    const copy = new ConsumerGroup(this.groupId)
    copy.epoch = this.epoch
    copy.metadataHash = this.metadataHash
    copy.assignmentEpoch = this.assignmentEpoch
    copy.assignmentTimestampMs = this.assignmentTimestampMs
    for (const [id, member] of this.members) copy.members.set(id, member)
    for (const [id, target] of this.targets) copy.targets.set(id, target)
    for (const [regex, resolved] of this.regexes) copy.regexes.set(regex, resolved)
    copy.hasPartitionMetadata = this.hasPartitionMetadata
    return copy
  }

  apply(record: ConsumerGroupRecord): void {
    const { about } = record
    switch (record.type) {
      case 'ConsumerGroupMetadata':
        this.epoch = record.value?.epoch ?? FIRST_EPOCH
        this.metadataHash = record.value?.metadataHash ?? 0
        break
      case 'ConsumerGroupPartitionMetadata':
        this.hasPartitionMetadata = record.value !== null
        break
      case 'ConsumerGroupMemberMetadata':
        if (record.value === null) this.members.delete(about)
        else this.members.set(about, { ...this.memberOrNew(about), metadata: record.value })
        break
      case 'ConsumerGroupTargetAssignmentMetadata':
        this.assignmentEpoch = record.value?.assignmentEpoch ?? 0
        this.assignmentTimestampMs = record.value?.assignmentTimestamp ?? 0
        break
      case 'ConsumerGroupTargetAssignmentMember':
        if (record.value === null) this.targets.delete(about)
        else this.targets.set(about, partitionsOf(record.value.topicPartitions))
        break
      case 'ConsumerGroupCurrentMemberAssignment':
        // In a compacted log it may stand before the record that says who the member is.
        if (record.value !== null) this.members.set(about, fromCurrent(this.memberOrNew(about), record.value))
        else if (this.members.has(about)) {
          const { metadata } = this.memberOrNew(about)
          this.members.set(about, { ...newMember(about), metadata })
        }
        break
      case 'ConsumerGroupRegularExpression':
        if (record.value === null) this.regexes.delete(about)
        else this.regexes.set(about, { topics: record.value.topics })
        break
    }
  }

  private memberOrNew(memberId: string): ConsumerMember {
    return this.members.get(memberId) ?? newMember(memberId)
  }

  get state(): ConsumerGroupStateName {
    if (this.members.size === 0) return 'Empty'
    if (this.epoch > this.assignmentEpoch) return 'Assigning'
    for (const m of this.members.values()) if (!isReconciledTo(m, this.assignmentEpoch)) return 'Reconciling'
    return 'Stable'
  }

  staticMember(instanceId: string): ConsumerMember | undefined {
    for (const m of this.members.values()) if (m.metadata.instanceId === instanceId) return m
    return undefined
  }

  /** Who has the partition, or has not yet said that it gave it up. */
  ownerOf(topicId: string, partition: number): ConsumerMember | undefined {
    for (const m of this.members.values()) {
      if (isIn(m.assigned.get(topicId), partition) || isIn(m.revoking.get(topicId), partition)) return m
    }
    return undefined
  }

  /** By name and by what its regular expression stood for. */
  subscriptionOf(member: ConsumerMember): ReadonlySet<string> {
    const resolved = this.regexes.get(regexOf(member))
    return new Set([...member.metadata.subscribedTopicNames, ...(resolved?.topics ?? [])])
  }

  subscribedTopics(): ReadonlySet<string> {
    const topics = new Set<string>()
    for (const m of this.members.values()) for (const t of m.metadata.subscribedTopicNames) topics.add(t)
    for (const { topics: matched } of this.regexes.values()) for (const t of matched) topics.add(t)
    return topics
  }

  subscribedRegexes(): ReadonlySet<string> {
    const regexes = new Set<string>()
    for (const m of this.members.values()) if (regexOf(m) !== '') regexes.add(regexOf(m))
    return regexes
  }

  /** Partitions of the member's target that somebody else still has. */
  isWaiting(member: ConsumerMember): boolean {
    for (const [topicId, partitions] of this.targets.get(member.memberId) ?? NOTHING_OWNED) {
      for (const p of partitions.keys()) {
        if (!isIn(member.assigned.get(topicId), p) && this.ownerOf(topicId, p) !== undefined) return true
      }
    }
    return false
  }
}
