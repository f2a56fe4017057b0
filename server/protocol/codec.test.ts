import { describe, expect, it } from 'vitest'
import { codec, decode, encode, source } from './codec.ts'
import { ConsumerGroupMemberMetadataValue } from './group_records/05_consumer_group_member_metadata.ts'
import { ConsumerGroupCurrentMemberAssignmentValue } from './group_records/08_consumer_group_current_member_assignment.ts'
import { Fetch } from './messages/01_fetch.ts'
import { Metadata } from './messages/03_metadata.ts'
import { array, bytes, int8, int16, int32, message, records, string, struct } from './schema.ts'
import { MalformedError, Writer } from './wire.ts'

const flexible = { versions: '0-2', flexible: '0+' } as const
const rigid = { versions: '0-2', flexible: 'none' } as const

describe('fields', () => {
  const versioned = message('Versioned', rigid, {
    old: int8({ versions: '0-1', default: 5 }),
    new: int8({ versions: '1+' }),
  })

  it.each([
    [0, '01', { old: 1, new: 0 }],
    [1, '0102', { old: 1, new: 2 }],
    [2, '02', { old: 5, new: 2 }],
  ])(
    'are on the wire of version %i as %s only where they belong, else they have their default',
    (version, hex, value) => {
      expect(encode(versioned, version, { old: 1, new: 2 }).toString('hex')).toBe(hex)
      expect(decode(versioned, version, Buffer.from(hex, 'hex'))).toEqual(value)
    },
  )

  it('that the caller leaves out are written as their default', () => {
    expect(encode(versioned, 1, {}).toString('hex')).toBe('0500')
  })

  it('with a null where the version has none are a fault of the caller', () => {
    const m = message('M', rigid, { s: string({ nullable: '1+' }), a: array(int8(), { nullable: '1+' }) })
    expect(() => encode(m, 0, { s: null, a: [] })).toThrow(TypeError)
    expect(() => encode(m, 0, { s: '', a: null })).toThrow(TypeError)
    expect(decode(m, 1, encode(m, 1, { s: null, a: null }))).toEqual({ s: null, a: null })
  })

  it('of a string above 32767 bytes are a fault of the caller', () => {
    const m = message('M', flexible, { s: string() })
    expect(() => encode(m, 0, { s: 'é'.repeat(16384) })).toThrow(RangeError)
    expect(decode(m, 0, encode(m, 0, { s: 'é'.repeat(16383) })).s.length).toBe(16383)
  })
})

describe('a string', () => {
  const read = (fixed: typeof rigid | typeof flexible, length: number[], contents: Buffer) =>
    decode(message('M', fixed, { s: string() }), 0, Buffer.concat([Buffer.from(length), contents])).s

  it('of more than 32767 bytes is malformed, though a varint can say so', () => {
    expect(
      read(flexible, [0x80, 0x80, 0x02], Buffer.concat([Buffer.alloc(32_767, 'x'), Buffer.from([0])])).length,
    ).toBe(32_767)
    expect(() =>
      read(flexible, [0x81, 0x80, 0x02], Buffer.concat([Buffer.alloc(32_768, 'x'), Buffer.from([0])])),
    ).toThrow(MalformedError)
  })

  it('that could not be said back is malformed: bytes that are no UTF-8 take three each', () => {
    const most = [0x7f, 0xff]
    expect(read(rigid, most, Buffer.alloc(32_767, 'x')).length).toBe(32_767)
    expect(() => read(rigid, most, Buffer.alloc(32_767, 'x').fill(0xff, 0, 1))).toThrow(MalformedError)
    expect(read(rigid, [0x00, 0x01], Buffer.from([0xff]))).toBe('\ufffd')
  })
})

describe('tagged fields', () => {
  const m = message('Tagged', flexible, {
    b: int16({ tag: 1, default: 7 }),
    a: string({ tag: 0, nullable: '0+', default: null }),
    s: struct({ n: int32({ default: -1 }) }, { tag: 2 }),
  })

  it('are left out where they are their default', () => {
    expect(encode(m, 0, {}).toString('hex')).toBe('00')
    expect(encode(m, 0, { a: null, b: 7, s: { n: -1 } }).toString('hex')).toBe('00')
    expect(decode(m, 0, Buffer.from([0]))).toEqual({ a: null, b: 7, s: { n: -1 } })
  })

  it('stand in ascending order', () => {
    const hex = encode(m, 0, { b: 1, a: 'x' }).toString('hex')
    expect(hex).toBe('02' + '00020278' + '01020001')
    expect(decode(m, 0, Buffer.from(hex, 'hex'))).toEqual({ a: 'x', b: 1, s: { n: -1 } })
  })

  it('that nobody knows are skipped', () => {
    expect(decode(m, 0, Buffer.from('02' + '0102' + '0001' + '6303' + 'aabbcc', 'hex')).b).toBe(1)
  })

  it.each([
    ['that claim more bytes than there are', '0101ff01'],
    ['that take more bytes than they claim', '01010100010000'],
    ['without end', 'ffffffff0f'],
  ])('%s are malformed', (_, hex) => {
    expect(() => decode(m, 0, Buffer.from(hex, 'hex'))).toThrow(MalformedError)
  })
})

describe('nulls as Apache Kafka 4.3.1 writes them', () => {
  it('in a tagged struct whose default is not null', () => {
    const value = { instanceId: null, rackId: null, clientId: '', clientHost: '', subscribedTopicNames: [] }
    const all = { ...value, subscribedTopicRegex: null, serverAssignor: null, classicMemberMetadata: null }
    const hex = encode(ConsumerGroupMemberMetadataValue, 0, all).toString('hex')
    expect(hex).toBe('000001010100ffffffff0001000100')
    expect(decode(ConsumerGroupMemberMetadataValue, 0, Buffer.from(hex, 'hex'))).toMatchObject(all)
  })

  it('in a tagged array whose default is not null', () => {
    const assignedPartitions = [{ topicId: 'AAAAAAAAAAAAAAAAAAAAAA', partitions: [], assignmentEpochs: null }]
    const value = {
      memberEpoch: 0,
      previousMemberEpoch: 0,
      state: 0,
      assignedPartitions,
      partitionsPendingRevocation: [],
    }
    const hex = encode(ConsumerGroupCurrentMemberAssignmentValue, 0, value).toString('hex')
    expect(hex).toBe('000000000000000000020000000000000000000000000000000001010001000100')
    expect(decode(ConsumerGroupCurrentMemberAssignmentValue, 0, Buffer.from(hex, 'hex'))).toEqual(value)
  })
})

describe('lengths', () => {
  const lists = [
    ['an array of int32', message('M', rigid, { a: array(int32()) })],
    ['an array of strings', message('M', rigid, { a: array(string()) })],
    ['an array of structs', message('M', rigid, { a: array({ x: int8(), y: array(int8()) }) })],
    ['bytes', message('M', rigid, { a: bytes() })],
    ['records', message('M', rigid, { a: records() })],
  ] as const

  it.each(lists)('of %s that the bytes do not hold are malformed, at once', (_, m) => {
    for (const claimed of [2 ** 31 - 1, 100, -2, -(2 ** 31)]) {
      const buf = Buffer.alloc(64)
      buf.writeInt32BE(claimed)
      expect(() => decode(m as any, 0, buf)).toThrow(MalformedError)
    }
  })

  it('of arrays of nothing cannot be described', () => {
    expect(() => codec(message('M', rigid, { a: array({}) }), 0)).toThrow('an array of nothing')
  })
})

describe('record data', () => {
  it('is neither copied when it is read nor when it is written', () => {
    const data = Buffer.alloc(100_000, 3)
    const partitions = [{ partitionIndex: 0, errorCode: 0, highWatermark: 1, records: [data, data] }]
    const w = new Writer()
    codec(Fetch.response, 4).encode(w, { responses: [{ topic: 't', partitions }] })
    expect(w.chunks().filter((c) => c.buffer === data.buffer).length).toBe(2)
    const whole = w.done()
    const read = decode(Fetch.response, 4, whole).responses[0]!.partitions[0]!.records as Buffer
    expect(read.buffer).toBe(whole.buffer)
    expect(read.length).toBe(200_000)
  })
})

describe('compiling', () => {
  it('puts no name into the program that is not a plain word', () => {
    const m = message('M', rigid, { 'x: 0 }; process.exit(); ({ y': int8() })
    expect(() => codec(m, 0)).toThrow('not a field name')
  })

  it('refuses versions that the message does not have', () => {
    expect(() => codec(Metadata.request, 99)).toThrow(RangeError)
    expect(() => codec(Metadata.request, -1)).toThrow(RangeError)
  })

  it('happens once a version', () => {
    expect(codec(Metadata.request, 9)).toBe(codec(Metadata.request, 9))
  })

  it('can be read', () => {
    expect(source(message('M', rigid, { n: int8() }), 0)).toContain('let $n = r.int8()')
  })

  it('gives each decoded value defaults of its own', () => {
    const m = message('M', rigid, { a: array(int8(), { versions: '1+' }) })
    expect(decode(m, 0, Buffer.alloc(0)).a).not.toBe(decode(m, 0, Buffer.alloc(0)).a)
  })
})
