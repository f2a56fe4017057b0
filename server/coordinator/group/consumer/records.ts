/**
 * The records of `__consumer_offsets` in which a consumer group (KIP-848) is kept, in Kafka's form. A null value is a tombstone.
 * Keys name the group, and after it the member or the regular expression that the record is about.
 */
import { codec } from '../../../protocol/codec.ts'
import type { ConsumerGroupMetadataValue } from '../../../protocol/group_records/03_consumer_group_metadata.ts'
import type { ConsumerGroupPartitionMetadataValue } from '../../../protocol/group_records/04_consumer_group_partition_metadata.ts'
import type { ConsumerGroupMemberMetadataValue } from '../../../protocol/group_records/05_consumer_group_member_metadata.ts'
import type { ConsumerGroupTargetAssignmentMetadataValue } from '../../../protocol/group_records/06_consumer_group_target_assignment_metadata.ts'
import type { ConsumerGroupTargetAssignmentMemberValue } from '../../../protocol/group_records/07_consumer_group_target_assignment_member.ts'
import type { ConsumerGroupCurrentMemberAssignmentValue } from '../../../protocol/group_records/08_consumer_group_current_member_assignment.ts'
import type { ConsumerGroupRegularExpressionValue } from '../../../protocol/group_records/16_consumer_group_regular_expression.ts'
import { groupRecords } from '../../../protocol/group_records/index.ts'
import type { Infer } from '../../../protocol/schema.ts'
import { MalformedError, Reader, Writer } from '../../../protocol/wire.ts'

interface Values {
  ConsumerGroupMetadata: Infer<typeof ConsumerGroupMetadataValue>
  ConsumerGroupPartitionMetadata: Infer<typeof ConsumerGroupPartitionMetadataValue>
  ConsumerGroupMemberMetadata: Infer<typeof ConsumerGroupMemberMetadataValue>
  ConsumerGroupTargetAssignmentMetadata: Infer<typeof ConsumerGroupTargetAssignmentMetadataValue>
  ConsumerGroupTargetAssignmentMember: Infer<typeof ConsumerGroupTargetAssignmentMemberValue>
  ConsumerGroupCurrentMemberAssignment: Infer<typeof ConsumerGroupCurrentMemberAssignmentValue>
  ConsumerGroupRegularExpression: Infer<typeof ConsumerGroupRegularExpressionValue>
}

/** What a record is about within its group: a member's id, a regular expression, or nothing ('') for the group itself. */
export type ConsumerGroupRecord = {
  [T in keyof Values]: {
    readonly type: T
    readonly groupId: string
    readonly about: string
    readonly value: Values[T] | null
  }
}[keyof Values]

export type MemberMetadata = Values['ConsumerGroupMemberMetadata']
export type CurrentMemberAssignment = Values['ConsumerGroupCurrentMemberAssignment']

/** The type at the head of each key, and the key's field after `groupId`. */
const kinds: Record<keyof Values, { type: number; about?: string }> = {
  ConsumerGroupMetadata: { type: 3 },
  ConsumerGroupPartitionMetadata: { type: 4 },
  ConsumerGroupMemberMetadata: { type: 5, about: 'memberId' },
  ConsumerGroupTargetAssignmentMetadata: { type: 6 },
  ConsumerGroupTargetAssignmentMember: { type: 7, about: 'memberId' },
  ConsumerGroupCurrentMemberAssignment: { type: 8, about: 'memberId' },
  ConsumerGroupRegularExpression: { type: 16, about: 'regularExpression' },
}
const namesByType = new Map(Object.entries(kinds).map(([name, { type }]) => [type, name as keyof Values]))

/** All of them have this version only. */
const VERSION = 0

export const isConsumerGroupRecord = (record: { readonly type: string }): record is ConsumerGroupRecord =>
  record.type in kinds

export function encodeConsumerGroupRecord(record: ConsumerGroupRecord): { key: Buffer; value: Buffer | null } {
  const { type, about } = kinds[record.type]
  const { key, value } = groupRecords.get(type)!
  const fields = { groupId: record.groupId, ...(about !== undefined && { [about]: record.about }) }
  return {
    key: prefixed(type, (w) => codec(key, VERSION).encode(w, fields)),
    value: record.value && prefixed(VERSION, (w) => codec(value, VERSION).encode(w, record.value!)),
  }
}

/** `key` stands behind its type. Undefined if the type is none of these. */
export function decodeConsumerGroupRecord(
  type: number,
  key: Reader,
  value: Buffer | null,
): ConsumerGroupRecord | undefined {
  const name = namesByType.get(type)
  if (name === undefined) return undefined
  const messages = groupRecords.get(type)!
  const fields = codec(messages.key, VERSION).decode(key) as Record<string, string>
  const about = kinds[name].about
  return {
    type: name,
    groupId: fields.groupId!,
    about: about === undefined ? '' : fields[about]!,
    value: value && decodeValue(name, value),
  } as ConsumerGroupRecord
}

function decodeValue(name: keyof Values, value: Buffer): unknown {
  // A copy: the state outlives the batch that the bytes are a view of.
  const r = new Reader(Buffer.from(value))
  const version = r.int16()
  // Passing over it would show an older state as the current one.
  if (version !== VERSION) throw new MalformedError(`${name} v${version} is of a later release`)
  return codec(groupRecords.get(kinds[name].type)!.value, VERSION).decode(r)
}

function prefixed(prefix: number, write: (w: Writer) => void): Buffer {
  const w = new Writer(128)
  w.int16(prefix)
  write(w)
  return w.done()
}
