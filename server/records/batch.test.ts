import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { MalformedError } from '../protocol/wire.ts'
import { addSequence, batches, decodeRecords, RecordBatch } from './batch.ts'
import { buildBatch } from './build_batch.ts'
import { CODECS } from './compression.ts'
import { scanRecords } from './record_scan.ts'

const b = (s: string) => Buffer.from(s)

const records = [
  { key: b('k'), value: b('v'), headers: [], timestamp: 1000 },
  { key: null, value: null, headers: [{ key: 'h', value: null }], timestamp: 999 },
  {
    key: b(''),
    value: b('é'.repeat(500)),
    headers: [
      { key: 'same', value: b('1') },
      { key: 'same', value: b('') },
      { key: '', value: b('3') },
    ],
    timestamp: 1_700_000_000_000,
  },
]

test.each(CODECS)('records written with %s read back whole: nulls, empties, duplicate headers, order', (codec) => {
  const batch = new RecordBatch(buildBatch(records, { timestamp: 5, codec, baseOffset: 70 }))
  expect(batch.isValid).toBe(true)
  expect(batch.codec).toBe(codec)
  expect(batch.recordCount).toBe(3)
  expect(batch.lastOffset).toBe(72)
  expect(batch.baseTimestamp).toBe(1000)
  expect(batch.maxTimestamp).toBe(1_700_000_000_000)
  expect(decodeRecords(batch)).toEqual(records.map((r, i) => ({ offset: 70 + i, ...r })))
})

test('the header of a batch holds what its options say', () => {
  const options = {
    timestamp: 12,
    baseOffset: 2 ** 40,
    partitionLeaderEpoch: 7,
    producerId: 2 ** 33,
    producerEpoch: 3,
    baseSequence: 2 ** 31 - 1,
    transactional: true,
    control: true,
  }
  const batch = new RecordBatch(
    buildBatch(
      [
        { key: null, value: b('x') },
        { key: null, value: b('y') },
      ],
      options,
    ),
  )
  expect(batch).toMatchObject({
    baseOffset: 2 ** 40,
    nextOffset: 2 ** 40 + 2,
    partitionLeaderEpoch: 7,
    producerId: 2 ** 33,
    producerEpoch: 3,
    baseSequence: 2 ** 31 - 1,
    lastSequence: 0,
    isTransactional: true,
    isControl: true,
    magic: 2,
    timestampType: 'CreateTime',
    baseTimestamp: 12,
    sizeInBytes: batch.buf.length,
  })
})

test('base offset and leader epoch can be set without touching the checksum', () => {
  const batch = new RecordBatch(buildBatch(records, { timestamp: 0 }))
  const crc = batch.crc
  batch.baseOffset = 123_456_789_012
  batch.partitionLeaderEpoch = 9
  expect(batch.baseOffset).toBe(123_456_789_012)
  expect(batch.partitionLeaderEpoch).toBe(9)
  expect(batch.crc).toBe(crc)
  expect(batch.isValid).toBe(true)
})

test('under LogAppendTime every record has the time of the append', () => {
  const batch = new RecordBatch(buildBatch(records, { timestamp: 0 }))
  batch.setMaxTimestamp('LogAppendTime', 4242)
  expect(batch.isValid).toBe(true)
  expect(batch.timestampType).toBe('LogAppendTime')
  expect(decodeRecords(batch).map((r) => r.timestamp)).toEqual([4242, 4242, 4242])
})

test('a part of a batch at the end is passed over', () => {
  const one = buildBatch(records, { timestamp: 0, baseOffset: 0 })
  const two = buildBatch(records, { timestamp: 0, baseOffset: 3 })
  for (const cut of [0, 1, 60, 61, two.length - 1]) {
    const found = [...batches(Buffer.concat([one, two.subarray(0, cut)]))]
    expect(found.map((x) => x.baseOffset)).toEqual([0])
  }
  expect([...batches(Buffer.concat([one, two]))].map((x) => x.baseOffset)).toEqual([0, 3])
})

test('a flipped bit anywhere after the leader epoch is seen', () => {
  const good = buildBatch(records, { timestamp: 0 })
  for (let i = 17; i < good.length; i += 7) {
    const bad = Buffer.from(good)
    bad[i]! ^= 4
    expect(new RecordBatch(bad).isValid).toBe(false)
  }
})

test('whatever the bytes of the records are, decoding ends in records or a MalformedError', () => {
  for (const codec of CODECS) {
    const good = buildBatch(records, { timestamp: 0, codec })
    for (let i = 57; i < good.length; i++) {
      for (const flip of [1, 0x80, 0xff]) {
        const bad = Buffer.from(good)
        bad[i]! ^= flip
        for (const read of [() => decodeRecords(bad), () => scanRecords(bad, 61, bad.length, 3)]) {
          try {
            read()
          } catch (e) {
            expect(e).toBeInstanceOf(MalformedError)
          }
        }
      }
    }
    expect(decodeRecords(good)).toHaveLength(3)
  }
})

test.each(CODECS.slice(1))('%s never gives more than its limit, and exactly its limit', (codec) => {
  const bomb = buildBatch([{ key: null, value: Buffer.alloc(3_000_000) }], { timestamp: 0, codec })
  const size = 3_000_000 + 14
  expect(bomb.length).toBeLessThan(200_000)
  expect(() => decodeRecords(bomb, 100_000)).toThrow(MalformedError)
  expect(decodeRecords(bomb, size + 2 ** 22)[0]!.value!.length).toBe(3_000_000)
})

test.each(CODECS)('%s keeps what cannot be compressed', (codec) => {
  const value = randomBytes(700_000)
  const batch = buildBatch([{ key: null, value }], { timestamp: 0, codec })
  expect(decodeRecords(batch)[0]!.value!.equals(value)).toBe(true)
})

test('a scan sees the deltas of every record and which key is null first', () => {
  const seen: number[][] = []
  const batch = buildBatch(records, { timestamp: 0 })
  const scan = scanRecords(batch, 61, batch.length, 3, (...r) => seen.push(r))
  expect(scan).toEqual({ maxTimestampDelta: 1_699_999_999_000, minTimestampDelta: -1, firstNullKey: 1 })
  expect(seen).toEqual([
    [0, 0, 0],
    [1, 1, -1],
    [2, 2, 1_699_999_999_000],
  ])
})

test('sequences start from 0 again after 2^31 - 1', () => {
  expect(addSequence(2 ** 31 - 1, 1)).toBe(0)
  expect(addSequence(2 ** 31 - 2, 5)).toBe(3)
})
