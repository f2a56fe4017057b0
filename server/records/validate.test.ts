import { expect, test } from 'vitest'
import { KafkaError } from '../protocol/errors.ts'
import { decodeRecords, RecordBatch } from './batch.ts'
import { type BatchOptions, buildBatch, type RecordToWrite } from './build_batch.ts'
import { encodeMessage } from './message_set.ts'
import { type RecordRules, validateProduce } from './validate.ts'

const NOW = 1_700_000_000_000
const b = (s: string) => Buffer.from(s)

const rules: RecordRules = {
  maxMessageBytes: 1_000,
  messageTimestampType: 'CreateTime',
  messageTimestampBeforeMaxMs: Infinity,
  messageTimestampAfterMaxMs: 3_600_000,
  compressionType: 'producer',
  cleanupPolicy: ['delete'],
}

const batch = (records: RecordToWrite[] = [{ key: b('k'), value: b('v') }], options: Partial<BatchOptions> = {}) =>
  buildBatch(records, { timestamp: NOW, ...options })

/** Rewrites the checksum, so that only the change is at fault. */
function changed(buf: Buffer, change: (b: Buffer) => void): Buffer {
  const copy = Buffer.from(buf)
  change(copy)
  const view = new RecordBatch(copy)
  copy.writeUInt32BE(view.computeCrc(), 17)
  return copy
}

function check(records: Buffer | null, expected: string, options: Partial<RecordRules> & { version?: number } = {}) {
  const { version = 9, ...more } = options
  let answer = 'accepted'
  try {
    validateProduce(records, { ...rules, ...more }, { version, now: NOW })
  } catch (e) {
    if (!(e instanceof KafkaError)) throw e
    answer = e.error
  }
  expect(answer).toBe(expected)
}

test('a batch that is as it should be is accepted, byte for byte', () => {
  const sent = batch()
  const copy = Buffer.from(sent)
  const valid = validateProduce(sent, rules, { version: 3, now: NOW })
  expect(valid).toEqual({ batches: copy, logAppendTimeMs: -1, recordCount: 1 })
})

test.each<[string, Buffer | null, string]>([
  ['nothing', null, 'INVALID_RECORD'],
  ['no bytes', Buffer.alloc(0), 'INVALID_RECORD'],
  ['part of a header', batch().subarray(0, 30), 'INVALID_RECORD'],
  ['part of a batch', batch().subarray(0, -1), 'INVALID_RECORD'],
  ['two batches', Buffer.concat([batch(), batch()]), 'INVALID_RECORD'],
  ['a batch and a part of another', Buffer.concat([batch(), batch().subarray(0, 40)]), 'accepted'],
  ['a wrong checksum', Buffer.concat([batch().subarray(0, -1), b('!')]), 'CORRUPT_MESSAGE'],
  ['a negative length', changedLength(-5), 'CORRUPT_MESSAGE'],
  ['a length below the header', changedLength(40), 'CORRUPT_MESSAGE'],
  ['a length beyond the request', changedLength(4000), 'INVALID_RECORD'],
  ['message format 3', changed(batch(), (x) => (x[16] = 3)), 'CORRUPT_MESSAGE'],
  [
    'message format 1',
    encodeMessage({ key: null, value: b('v'), timestamp: NOW }, 0, { magic: 1, codec: 'none' }),
    'INVALID_RECORD',
  ],
  ['codec 6', changed(batch(), (x) => (x[22] = 6)), 'CORRUPT_MESSAGE'],
  ['no records', changed(batch(), (x) => x.writeInt32BE(0, 57)), 'INVALID_RECORD'],
  ['more offsets than records', changed(batch(), (x) => x.writeInt32BE(3, 23)), 'INVALID_RECORD'],
  ['a negative last offset delta', changed(batch(), (x) => x.writeInt32BE(-1, 23)), 'INVALID_RECORD'],
  ['a base offset', batch(undefined, { baseOffset: 5 }), 'INVALID_RECORD'],
  ['control records', batch(undefined, { control: true }), 'INVALID_RECORD'],
  ['a producer id without a sequence', batch(undefined, { producerId: 4, producerEpoch: 0 }), 'INVALID_RECORD'],
  ['a record longer than the batch', changed(batch(), (x) => (x[61] = 0x7e)), 'INVALID_RECORD'],
  ['a header count that lies', changed(batch(), (x) => (x[x.length - 1] = 8)), 'INVALID_RECORD'],
  ['the timestamp type LogAppendTime', batch(undefined, { timestampType: 'LogAppendTime' }), 'INVALID_TIMESTAMP'],
  ['a time too far ahead', batch(undefined, { timestamp: NOW + 3_600_001 }), 'INVALID_TIMESTAMP'],
  ['no timestamp', batch(undefined, { timestamp: -1 }), 'accepted'],
  ['more than max.message.bytes', batch([{ key: null, value: Buffer.alloc(2_000) }]), 'MESSAGE_TOO_LARGE'],
  ['zstd', batch(undefined, { codec: 'zstd' }), 'accepted'],
])('a produce request with %s', (_, records, expected) => check(records, expected))

function changedLength(n: number): Buffer {
  const x = batch()
  x.writeInt32BE(n, 8)
  return x
}

test('zstd needs produce version 7', () => {
  check(batch(undefined, { codec: 'zstd' }), 'UNSUPPORTED_COMPRESSION_TYPE', { version: 6 })
})

test('a time too far back is refused where the topic says so, in any record of the batch', () => {
  const records = [NOW, NOW - 2_000, NOW].map((timestamp) => ({ key: null, value: null, timestamp }))
  check(batch(records), 'accepted', { messageTimestampBeforeMaxMs: 2_000 })
  check(batch(records), 'INVALID_TIMESTAMP', { messageTimestampBeforeMaxMs: 1_999 })
})

test.each(['none', 'lz4'] as const)('a compacted topic wants keys, with codec %s too', (codec) => {
  const records = [
    { key: b('k'), value: b('v') },
    { key: null, value: b('v') },
  ]
  check(batch(records.slice(0, 1), { codec }), 'accepted', { cleanupPolicy: ['compact'] })
  check(batch(records, { codec }), 'INVALID_RECORD', { cleanupPolicy: ['compact', 'delete'] })
  const several = batch([records[1]!, ...records, records[1]!], { codec })
  const refused = () => validateProduce(several, { ...rules, cleanupPolicy: ['compact'] }, { version: 9, now: NOW })
  const found = { recordErrors: [{ batchIndex: 0 }, { batchIndex: 2 }, { batchIndex: 3 }] }
  expect(refused).toThrow(expect.objectContaining({ error: 'INVALID_RECORD' }))
  expect(refused).toThrow(
    expect.objectContaining({ recordErrors: found.recordErrors.map((e) => expect.objectContaining(e)) }),
  )
})

test('under LogAppendTime the batch gets the time of the append, whatever it said', () => {
  const sent = batch([{ key: null, value: null, timestamp: 5 }])
  const own: RecordRules = { ...rules, messageTimestampType: 'LogAppendTime', messageTimestampBeforeMaxMs: 0 }
  const valid = validateProduce(sent, own, { version: 9, now: NOW })
  const got = new RecordBatch(valid.batches)
  expect(valid.logAppendTimeMs).toBe(NOW)
  expect(got.isValid).toBe(true)
  expect(decodeRecords(got)[0]!.timestamp).toBe(NOW)
})

test('a max timestamp that the records do not have is put right', () => {
  const sent = changed(batch(), (x) => x.writeBigInt64BE(BigInt(NOW - 77), 35))
  const got = new RecordBatch(validateProduce(sent, rules, { version: 9, now: NOW }).batches)
  expect(got.maxTimestamp).toBe(NOW)
  expect(got.isValid).toBe(true)
})

test.each(['gzip', 'zstd'] as const)(
  'a higher level of %s makes what is compressed anew smaller',
  (compressionType) => {
    const text = Array.from(
      { length: 3_000 },
      (_, i) => `${(i * 7919) % 613} sold on day ${i % 97} at ${i % 31}.${i % 7}`,
    )
    const sent = buildBatch([{ key: null, value: Buffer.from(text.join('; ')) }], { timestamp: NOW })
    const size = (compressionLevel: number | undefined) =>
      validateProduce(
        Buffer.from(sent),
        { ...rules, maxMessageBytes: 1e6, compressionType, compressionLevel },
        { version: 9, now: NOW },
      ).batches.length
    expect(size(1)).toBeGreaterThan(size(9))
  },
)

test("a topic's own compression.type wins, and the producer's state stays", () => {
  const records = [{ key: b('k'), value: b('v'.repeat(200)), headers: [{ key: 'h', value: b('1') }] }]
  for (const compressionType of ['uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'] as const) {
    const sent = batch(records, {
      codec: 'lz4',
      producerId: 7,
      producerEpoch: 2,
      baseSequence: 40,
      transactional: true,
    })
    const got = new RecordBatch(validateProduce(sent, { ...rules, compressionType }, { version: 9, now: NOW }).batches)
    expect(got).toMatchObject({
      producerId: 7,
      producerEpoch: 2,
      baseSequence: 40,
      isTransactional: true,
      isValid: true,
    })
    expect(got.codec).toBe(compressionType === 'uncompressed' ? 'none' : compressionType)
    expect(decodeRecords(got)).toEqual(decodeRecords(sent))
  }
})

test('old messages become one batch of format 2, under versions 0 to 2 only', () => {
  const set = Buffer.concat([
    encodeMessage({ key: b('a'), value: b('1'), timestamp: -1 }, 0, { magic: 0, codec: 'none' }),
    encodeMessage({ key: null, value: null, timestamp: -1 }, 0, { magic: 0, codec: 'none' }),
  ])
  check(set, 'INVALID_RECORD', { version: 3 })
  const valid = validateProduce(set, rules, { version: 2, now: NOW })
  expect(valid.recordCount).toBe(2)
  expect(decodeRecords(valid.batches)).toMatchObject([
    { offset: 0, key: b('a'), value: b('1'), timestamp: -1 },
    { offset: 1, key: null, value: null, timestamp: -1 },
  ])
  set[set.length - 1]! ^= 1
  check(set, 'CORRUPT_MESSAGE', { version: 0 })
})
