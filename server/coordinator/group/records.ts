/**
 * The records of `__consumer_offsets`, in Kafka's form: a key is its type (int16) and body, a value its version (int16) and body.
 * Those of consumer groups are in `consumer/records.ts`. Records of other kinds of groups are passed over, not lost: they stay in
 * the log.
 */
import { ownCopy } from '../../lib/own_copy.ts'
import { codec } from '../../protocol/codec.ts'
import { OffsetCommitKey, OffsetCommitValue } from '../../protocol/group_records/01_offset_commit.ts'
import { GroupMetadataKey, GroupMetadataValue } from '../../protocol/group_records/02_group_metadata.ts'
import type { Fields, Infer, Input, Message } from '../../protocol/schema.ts'
import { MalformedError, Reader, Writer } from '../../protocol/wire.ts'
import type { RecordCodec } from '../../state/log.ts'
import {
  type ConsumerGroupRecord,
  decodeConsumerGroupRecord,
  encodeConsumerGroupRecord,
  isConsumerGroupRecord,
} from './consumer/records.ts'

export type GroupMetadata = Infer<typeof GroupMetadataValue>
export type CommittedOffset = Infer<typeof OffsetCommitValue>

/** A null value is a tombstone. */
export type GroupRecord =
  | ConsumerGroupRecord
  | { readonly type: 'GroupMetadata'; readonly groupId: string; readonly value: GroupMetadata | null }
  | {
      readonly type: 'OffsetCommit'
      readonly groupId: string
      readonly topic: string
      readonly partition: number
      readonly value: CommittedOffset | null
    }

/** What stands in front of a key. 0 was used until Kafka 0.9 and has the fields of 1. */
const keyType = { legacyOffsetCommit: 0, offsetCommit: 1, groupMetadata: 2 }

/** Versions that Kafka 4.3 writes. An offset that expires by its own time can be said in version 1 alone. */
const GROUP_METADATA_VERSION = 3
const OFFSET_COMMIT_VERSION = 4
const EXPIRING_OFFSET_COMMIT_VERSION = 1

export const groupRecordCodec: RecordCodec<GroupRecord> = {
  encode(record) {
    if (isConsumerGroupRecord(record)) return encodeConsumerGroupRecord(record)
    if (record.type === 'GroupMetadata') {
      return {
        key: prefixed(keyType.groupMetadata, GroupMetadataKey, 0, { group: record.groupId }),
        value:
          record.value && prefixed(GROUP_METADATA_VERSION, GroupMetadataValue, GROUP_METADATA_VERSION, record.value),
      }
    }
    const { groupId: group, topic, partition, value } = record
    const version = (value?.expireTimestamp ?? -1) === -1 ? OFFSET_COMMIT_VERSION : EXPIRING_OFFSET_COMMIT_VERSION
    return {
      key: prefixed(keyType.offsetCommit, OffsetCommitKey, 0, { group, topic, partition }),
      value: value && prefixed(version, OffsetCommitValue, version, value),
    }
  },

  decode(key, value) {
    if (key === null || key.length < 2) return undefined
    const r = new Reader(key)
    const type = r.int16()
    switch (type) {
      case keyType.legacyOffsetCommit:
      case keyType.offsetCommit: {
        const { group, topic, partition } = codec(OffsetCommitKey, 0).decode(r)
        return { type: 'OffsetCommit', groupId: group, topic, partition, value: versioned(OffsetCommitValue, 4, value) }
      }
      case keyType.groupMetadata: {
        const { group } = codec(GroupMetadataKey, 0).decode(r)
        // A copy: the state outlives the batch that the bytes are a view of.
        const own = value && ownCopy(value)
        return { type: 'GroupMetadata', groupId: group, value: versioned(GroupMetadataValue, 4, own) }
      }
      default:
        return decodeConsumerGroupRecord(type, r, value)
    }
  },
}

function prefixed<F extends Fields>(prefix: number, m: Message<F>, version: number, body: Input<Message<F>>): Buffer {
  const w = new Writer(128)
  w.int16(prefix)
  codec(m, version).encode(w, body)
  return w.done()
}

function versioned<F extends Fields>(m: Message<F>, highest: number, value: Buffer | null): Infer<Message<F>> | null {
  if (value === null) return null
  const r = new Reader(value)
  const version = r.int16()
  // Passing over it would show an older offset or generation as the current one.
  if (version < 0 || version > highest) throw new MalformedError(`${m.name} v${version} is of a later release`)
  return codec(m, version).decode(r)
}
