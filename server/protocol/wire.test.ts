import { describe, expect, it } from 'vitest'
import { MalformedError, Reader, Writer } from './wire.ts'

const hex = (write: (w: Writer) => void) => {
  const w = new Writer(1)
  write(w)
  return w.done().toString('hex')
}
const reader = (s: string) => new Reader(Buffer.from(s, 'hex'))

describe('varints', () => {
  it.each([
    [0, '00'],
    [1, '02'],
    [-1, '01'],
    [63, '7e'],
    [-64, '7f'],
    [64, '8001'],
    [2147483647, 'feffffff0f'],
    [-2147483648, 'ffffffff0f'],
  ])('%i is %s', (value, bytes) => {
    expect(hex((w) => w.varint(value))).toBe(bytes)
    expect(reader(bytes).varint()).toBe(value)
  })

  it.each([
    [0, '00'],
    [-64, '7f'],
    [8191, 'fe7f'],
    [-(2 ** 40), 'ffffffffff3f'],
    [2 ** 53 - 1, 'feffffffffffff1f'],
    [-(2 ** 53) + 1, 'fdffffffffffff1f'],
  ])('%i is %s as a varlong', (value, bytes) => {
    expect(hex((w) => w.varlong(value))).toBe(bytes)
    expect(reader(bytes).varlong()).toBe(value)
  })

  it('of more than 32 bits are malformed where 32 are meant', () => {
    expect(() => reader('ffffffff1f').uvarint()).toThrow(MalformedError)
    expect(() => reader('ffffffffffff').uvarint()).toThrow(MalformedError)
    expect(reader('ffffffff0f').uvarint()).toBe(0xffffffff)
  })

  it('that never end are malformed', () => {
    expect(() => reader('ffffffffffffffffffffff').varlong()).toThrow(MalformedError)
  })
})

describe('int64', () => {
  it.each([
    [0, '0000000000000000'],
    [-1, 'ffffffffffffffff'],
    [2 ** 53 - 1, '001fffffffffffff'],
    [-(2 ** 53) + 1, 'ffe0000000000001'],
    [4294967296, '0000000100000000'],
    [-4294967297, 'fffffffeffffffff'],
    [2 ** 63, '7fffffffffffffff'],
    [-(2 ** 63), '8000000000000000'],
  ])('%i is %s', (value, bytes) => {
    expect(hex((w) => w.int64(value))).toBe(bytes)
    expect(reader(bytes).int64()).toBe(value)
  })
})

describe('Reader', () => {
  it.each([
    ['int8', 1],
    ['int16', 2],
    ['int32', 4],
    ['int64', 8],
    ['float64', 8],
    ['uuid', 16],
    ['uvarint', 1],
  ] as const)('finds %s malformed with a byte missing', (kind, size) => {
    expect(() => new Reader(Buffer.alloc(size - 1))[kind]()).toThrow(MalformedError)
    expect(() => new Reader(Buffer.alloc(size))[kind]()).not.toThrow()
  })

  it('reads nothing past its own end, even where the buffer has more', () => {
    expect(() => new Reader(Buffer.alloc(10), 2, 5).int32()).toThrow(MalformedError)
  })

  it.each([-1, 2 ** 32])('takes no slice of %i bytes', (n) => {
    expect(() => new Reader(Buffer.alloc(4)).slice(n)).toThrow(MalformedError)
  })

  it('gives slices that are views', () => {
    const buf = Buffer.from('abc')
    const slice = new Reader(buf).slice(3)
    buf[0] = 0x41
    expect(String(slice)).toBe('Abc')
  })
})

describe('Writer', () => {
  it('keeps the order of what is copied and what is referenced', () => {
    const w = new Writer(4)
    const big = Buffer.alloc(10_000, 7)
    w.int8(1)
    w.ref(Buffer.from([2]))
    w.int32(3)
    w.bytes(big)
    w.int8(4)
    expect(w.length).toBe(10_007)
    expect(w.done().equals(Buffer.concat([Buffer.from([1, 2, 0, 0, 0, 3]), big, Buffer.from([4])]))).toBe(true)
    expect(w.chunks().some((c) => c.buffer === big.buffer)).toBe(true)
  })

  it('refuses what is no UUID', () => {
    expect(() => new Writer().uuid('short')).toThrow(RangeError)
  })
})
