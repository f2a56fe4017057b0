/**
 * What survives a crash of the group coordinator: the last stored metadata of each classic group, consumer groups, and committed offsets.
 * It changes by `apply` alone, and applying a partition of `__consumer_offsets` from its start gives exactly this.
 */
import type { Machine } from '../../state/runtime.ts'
import { ConsumerGroup } from './consumer/consumer_group.ts'
import { type ConsumerGroupRecord, isConsumerGroupRecord } from './consumer/records.ts'
import type { CommittedOffset, GroupMetadata, GroupRecord } from './records.ts'

export class GroupState implements Machine<GroupRecord> {
  /** Of classic groups. */
  readonly metadata = new Map<string, GroupMetadata>()
  /** Groups of the consumer protocol. A group is never in both. */
  readonly consumers = new Map<string, ConsumerGroup>()
  /** By group, topic and partition. No empty maps. */
  readonly offsets = new Map<string, Map<string, Map<number, CommittedOffset>>>()

  apply(record: GroupRecord): void {
    if (isConsumerGroupRecord(record)) this.applyToConsumers(record)
    else if (record.type === 'GroupMetadata') {
      if (record.value === null) this.metadata.delete(record.groupId)
      else this.metadata.set(record.groupId, record.value)
    } else if (record.value === null) this.removeOffset(record.groupId, record.topic, record.partition)
    else this.putOffset(record.groupId, record.topic, record.partition, record.value)
  }

  private applyToConsumers(record: ConsumerGroupRecord): void {
    const { groupId } = record
    if (record.type === 'ConsumerGroupMetadata' && record.value === null) {
      // The last of a group's records.
      this.consumers.delete(groupId)
      return
    }
    let group = this.consumers.get(groupId)
    if (group === undefined) {
      // In a compacted log tombstones may be all that is left.
      if (record.value === null) return
      this.consumers.set(groupId, (group = new ConsumerGroup(groupId)))
    }
    group.apply(record)
  }

  /** A group that only commits offsets has no metadata. */
  has(groupId: string): boolean {
    return this.metadata.has(groupId) || this.consumers.has(groupId) || this.offsets.has(groupId)
  }

  groupIds(): Set<string> {
    return new Set([...this.metadata.keys(), ...this.consumers.keys(), ...this.offsets.keys()])
  }

  offset(groupId: string, topic: string, partition: number): CommittedOffset | undefined {
    return this.offsets.get(groupId)?.get(topic)?.get(partition)
  }

  *offsetsOf(groupId: string): Generator<{ topic: string; partition: number; value: CommittedOffset }> {
    for (const [topic, partitions] of this.offsets.get(groupId) ?? []) {
      for (const [partition, value] of partitions) yield { topic, partition, value }
    }
  }

  private putOffset(groupId: string, topic: string, partition: number, value: CommittedOffset): void {
    let topics = this.offsets.get(groupId)
    if (topics === undefined) this.offsets.set(groupId, (topics = new Map()))
    let partitions = topics.get(topic)
    if (partitions === undefined) topics.set(topic, (partitions = new Map()))
    partitions.set(partition, value)
  }

  private removeOffset(groupId: string, topic: string, partition: number): void {
    const topics = this.offsets.get(groupId)
    const partitions = topics?.get(topic)
    if (topics === undefined || partitions === undefined) return
    partitions.delete(partition)
    if (partitions.size === 0) topics.delete(topic)
    if (topics.size === 0) this.offsets.delete(groupId)
  }
}
