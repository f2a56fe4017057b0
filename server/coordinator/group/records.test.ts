import { describe, expect, test } from 'vitest'
import { ZERO_UUID } from '../../protocol/schema.ts'
import { MalformedError } from '../../protocol/wire.ts'
import { type GroupRecord, groupRecordCodec } from './records.ts'

/** Written to `__consumer_offsets` by Apache Kafka 4.3.1. */
const kafkas: Record<string, [key: string, value: string, record: object]> = {
  'a group of static members': [
    '0002000b783036723137323432342d',
    `00030008636f6e73756d657200000003000572616e676500286f6e652d34616565303066652d343266322d343839352d623033332d396230
     313962613338373665000001a1fbc965a700000003002a74687265652d61376337643564392d303363352d343631362d626461372d343531
     39306337363332653600057468726565000163000a2f3132372e302e302e310000ea6000002710000000017400000002703200286f6e652d
     34616565303066652d343266322d343839352d623033332d39623031396261333837366500036f6e65000161000a2f3132372e302e302e31
     0000ea60000027100000000174000000027030002874776f2d36613031343266392d306366362d346337622d393332332d30306435363739
     3138653537000374776f000162000a2f3132372e302e302e310000ea60000027100000000174000000027031`,
    { type: 'GroupMetadata', value: { protocolType: 'consumer', generation: 3, protocol: 'range' } },
  ],
  'an empty group': [
    '0002000b783036723237323432342d',
    '00030008636f6e73756d657200000003ffffffff000001a1fbc9993400000000',
    { type: 'GroupMetadata', value: { generation: 3, protocol: null, leader: null, members: [] } },
  ],
  'a new group': [
    '0002000b783032723438353630362d',
    '0003000000000000ffffffff000001a1fbc94f5b00000000',
    { type: 'GroupMetadata', value: { protocolType: '', generation: 0 } },
  ],
  'an offset': [
    '0001000b783039723531393533352d00017400000000',
    '00040000000000000005ffffffff0668656c6c6f000001a1fbc94f7201001052f7ed58158f4ee0ac07705bd8fa69ab',
    {
      type: 'OffsetCommit',
      topic: 't',
      partition: 0,
      value: { offset: 5, leaderEpoch: -1, metadata: 'hello', topicId: 'UvftWBWPTuCsB3Bb2Pppqw' },
    },
  ],
}
const bytes = (hex: string): Buffer => Buffer.from(hex.replace(/\s+/g, ''), 'hex')

describe('records of groups', () => {
  for (const [name, [key, value, expected]] of Object.entries(kafkas)) {
    test(`${name} is read as Kafka wrote it, and written the same`, () => {
      const record = groupRecordCodec.decode(bytes(key), bytes(value))!
      expect(record).toMatchObject(expected)
      expect(groupRecordCodec.encode(record)).toEqual({ key: bytes(key), value: bytes(value) })
    })
  }

  test('an offset that expires by its own time is written in the version that can say so', () => {
    const value = {
      offset: 1,
      leaderEpoch: -1,
      metadata: '',
      commitTimestamp: 2,
      topicId: ZERO_UUID,
      expireTimestamp: 3,
    }
    const record: GroupRecord = { type: 'OffsetCommit', groupId: 'g', topic: 't', partition: 0, value }
    const { key, value: written } = groupRecordCodec.encode(record)
    expect(written!.readInt16BE(0)).toBe(1)
    expect(groupRecordCodec.decode(key, written)).toEqual(record)
  })

  test('a tombstone is a null value', () => {
    for (const record of [
      { type: 'OffsetCommit', groupId: 'g', topic: 't', partition: 7, value: null },
      { type: 'GroupMetadata', groupId: 'g', value: null },
    ] as const) {
      const { key, value } = groupRecordCodec.encode(record)
      expect(value).toBeNull()
      expect(groupRecordCodec.decode(key, null)).toEqual(record)
    }
  })

  test('the offsets of Kafka before 0.9 are read', () => {
    const key = bytes('0000 0001 67 0001 74 00000003')
    const value = bytes('0000 0000000000000009 0000 0000000000000005')
    expect(groupRecordCodec.decode(key, value)).toMatchObject({
      groupId: 'g',
      topic: 't',
      partition: 3,
      value: { offset: 9, commitTimestamp: 5, expireTimestamp: -1 },
    })
  })

  test('records of other kinds of groups are passed over, a later version of one of ours is not', () => {
    expect(groupRecordCodec.decode(bytes('000b 0001 67'), bytes('0000 00000001 00'))).toBeUndefined()
    expect(groupRecordCodec.decode(bytes('7fff 00'), bytes('00'))).toBeUndefined()
    expect(groupRecordCodec.decode(null, bytes('00'))).toBeUndefined()
    expect(() => groupRecordCodec.decode(bytes('0002 0001 67'), bytes('0005 00'))).toThrow(MalformedError)
  })
})
