import { expect, test } from 'vitest'
import { KafkaError } from '../protocol/errors.ts'
import { MalformedError } from '../protocol/wire.ts'
import { decodeRecords, RecordBatch } from './batch.ts'
import { buildBatch } from './build_batch.ts'
import { type CodecName, compress } from './compression.ts'
import { compressLz4 } from './lz4.ts'
import { batchesToMessageSet, decodeMessageSet, encodeMessage, messageSetToBatch } from './message_set.ts'

const b = (s: string) => Buffer.from(s)
const old: CodecName[] = ['none', 'gzip', 'snappy', 'lz4']

const records = [
  { key: b('a'), value: b('one'), timestamp: 10 },
  { key: null, value: b('two'), timestamp: 30 },
  { key: b('c'), value: null, timestamp: 20 },
]

test.each(old.flatMap((codec) => [[codec, 0] as const, [codec, 1] as const]))(
  'batches in %s become messages of format %i and back',
  (codec, magic) => {
    const batch = buildBatch(records, { timestamp: 0, codec, baseOffset: 500 })
    const set = Buffer.concat(batchesToMessageSet([batch], { magic, fetchOffset: 0 }))
    const expected = records.map((r, i) => ({ ...r, offset: 500 + i, timestamp: magic === 0 ? -1 : r.timestamp }))
    expect(decodeMessageSet(set)).toEqual(expected)
    const again = messageSetToBatch(set)
    expect(new RecordBatch(again).codec).toBe(codec)
    expect(decodeRecords(again).map((r) => [r.key, r.value])).toEqual(records.map((r) => [r.key, r.value]))
  },
)

test('a wrapper may hold more messages than a function takes arguments', () => {
  const count = 200_000
  const inner = Buffer.concat(
    Array.from({ length: count }, (_, i) =>
      encodeMessage({ key: null, value: null, timestamp: 1 }, i, { magic: 1, codec: 'none' }),
    ),
  )
  const value = compress('gzip', inner)
  const wrapper = encodeMessage({ key: null, value, timestamp: 1 }, count - 1, { magic: 1, codec: 'gzip' })
  expect(new RecordBatch(messageSetToBatch(wrapper)).recordCount).toBe(count)
})

test('records before the fetch offset and control records are left out', () => {
  const control = buildBatch([{ key: b('\0\0\0\0'), value: b('x') }], { timestamp: 0, control: true, baseOffset: 3 })
  const parts = [buildBatch(records, { timestamp: 0 }), control]
  const set = Buffer.concat(batchesToMessageSet(parts, { magic: 1, fetchOffset: 1 }))
  expect(decodeMessageSet(set).map((m) => m.offset)).toEqual([1, 2])
})

test('zstd cannot be given to clients of the old formats', () => {
  const batch = buildBatch(records, { timestamp: 0, codec: 'zstd' })
  expect(() => batchesToMessageSet([batch], { magic: 1, fetchOffset: 0 })).toThrow(KafkaError)
})

test('lz4 frames of format 0 carry the header checksum that its clients expect, and both are read', () => {
  const inner = Buffer.concat(records.map((r, i) => encodeMessage(r, i, { magic: 0, codec: 'none' })))
  const right = compress('lz4', inner)
  const wrong = compressLz4(inner, { wrongHeaderChecksum: true })
  expect(wrong.equals(right)).toBe(false)
  for (const value of [right, wrong]) {
    const set = encodeMessage({ key: null, value, timestamp: -1 }, 2, { magic: 0, codec: 'lz4' })
    expect(decodeMessageSet(set)).toHaveLength(3)
  }
})

test('offsets inside a wrapper of format 1 are relative to its end', () => {
  const inner = Buffer.concat(records.map((r, i) => encodeMessage(r, i, { magic: 1, codec: 'none' })))
  const value = compress('gzip', inner)
  const set = encodeMessage({ key: null, value, timestamp: 77 }, 102, { magic: 1, codec: 'gzip', appendTime: true })
  expect(decodeMessageSet(set).map((m) => [m.offset, m.timestamp])).toEqual([
    [100, 77],
    [101, 77],
    [102, 77],
  ])
})

test('a wrapper inside a wrapper is refused', () => {
  let set: Buffer = encodeMessage({ key: null, value: b('v'), timestamp: 0 }, 0, { magic: 1, codec: 'none' })
  for (let i = 0; i < 2; i++) {
    set = encodeMessage({ key: null, value: compress('gzip', set), timestamp: 0 }, 0, { magic: 1, codec: 'gzip' })
  }
  expect(() => decodeMessageSet(set)).toThrow(MalformedError)
})

test('whatever is changed in a message set, reading it ends in messages, a MalformedError or a KafkaError', () => {
  const batch = buildBatch(records, { timestamp: 0, codec: 'snappy' })
  const set = Buffer.concat(batchesToMessageSet([batch], { magic: 1, fetchOffset: 0 }))
  for (let i = 0; i < set.length; i++) {
    const bad = Buffer.from(set)
    bad[i]! ^= 0xff
    try {
      decodeMessageSet(bad)
    } catch (e) {
      expect(e instanceof MalformedError || e instanceof KafkaError).toBe(true)
    }
  }
})
