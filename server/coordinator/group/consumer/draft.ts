/**
 * A consumer group as it will be when what a command writes has been applied. The command goes on from there: what a record
 * changes is said once, in `apply`. The stored group is copied only if there is something to write.
 */
import type { GroupRecord } from '../records.ts'
import { ConsumerGroup } from './consumer_group.ts'
import { type ConsumerMember, toCurrent } from './member.ts'
import { listed, type Partitions } from './partitions.ts'
import { type ConsumerGroupRecord, isConsumerGroupRecord } from './records.ts'

type Without<T> = T extends unknown ? Omit<T, 'groupId'> : never

export class Draft {
  readonly records: GroupRecord[] = []
  private own = false
  private current: ConsumerGroup

  /** A group that does not exist yet, if there is no stored one. */
  constructor(
    readonly groupId: string,
    stored: ConsumerGroup | undefined,
  ) {
    this.current = stored ?? new ConsumerGroup(groupId)
  }

  get group(): ConsumerGroup {
    return this.current
  }

  put(record: Without<ConsumerGroupRecord>): void {
    this.write({ ...record, groupId: this.groupId } as ConsumerGroupRecord)
  }

  /** Also records of the group's offsets, or of its life as a classic group. */
  write(record: GroupRecord): void {
    this.records.push(record)
    if (!isConsumerGroupRecord(record)) return
    if (!this.own) this.current = this.current.copy()
    this.own = true
    this.current.apply(record)
  }

  putMember({ memberId, metadata }: ConsumerMember): void {
    this.put({ type: 'ConsumerGroupMemberMetadata', about: memberId, value: metadata })
  }

  putCurrent(member: ConsumerMember): void {
    this.put({ type: 'ConsumerGroupCurrentMemberAssignment', about: member.memberId, value: toCurrent(member) })
  }

  putTarget(memberId: string, target: Partitions): void {
    const value = { topicPartitions: listed(target) }
    this.put({ type: 'ConsumerGroupTargetAssignmentMember', about: memberId, value })
  }

  putEpoch(epoch: number, metadataHash: number): void {
    this.put({ type: 'ConsumerGroupMetadata', about: '', value: { epoch, metadataHash } })
  }

  putAssignmentEpoch(assignmentEpoch: number, assignmentTimestamp: number): void {
    const value = { assignmentEpoch, assignmentTimestamp }
    this.put({ type: 'ConsumerGroupTargetAssignmentMetadata', about: '', value })
  }

  /** In Kafka's order, in which who reads the log never meets an assignment of nobody. */
  removeMember(memberId: string): void {
    this.put({ type: 'ConsumerGroupCurrentMemberAssignment', about: memberId, value: null })
    this.put({ type: 'ConsumerGroupTargetAssignmentMember', about: memberId, value: null })
    this.put({ type: 'ConsumerGroupMemberMetadata', about: memberId, value: null })
  }

  removeRegex(regex: string): void {
    this.put({ type: 'ConsumerGroupRegularExpression', about: regex, value: null })
  }

  /** All that the group is. Its offsets are another matter. */
  removeGroup(): void {
    const ids = [...this.group.members.keys()]
    for (const about of ids) this.put({ type: 'ConsumerGroupCurrentMemberAssignment', about, value: null })
    for (const about of ids) this.put({ type: 'ConsumerGroupTargetAssignmentMember', about, value: null })
    this.put({ type: 'ConsumerGroupTargetAssignmentMetadata', about: '', value: null })
    for (const about of ids) this.put({ type: 'ConsumerGroupMemberMetadata', about, value: null })
    for (const about of this.group.regexes.keys()) this.removeRegex(about)
    if (this.group.hasPartitionMetadata) this.put({ type: 'ConsumerGroupPartitionMetadata', about: '', value: null })
    this.put({ type: 'ConsumerGroupMetadata', about: '', value: null })
  }
}
