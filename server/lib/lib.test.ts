import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { crc32 } from './crc32.ts'
import { crc32c, crc32cInJavaScript } from './crc32c.ts'
import { Fifo } from './fifo.ts'
import { readInt64, writeInt64 } from './int64.ts'
import { murmur2, partitionOf } from './murmur2.ts'
import { sizeOfVarint, sizeOfVarlong, writeVarint, writeVarlong } from './varint.ts'
import { xxhash32Short } from './xxhash32.ts'

test('crc32c gives the check value of its definition, natively and in JavaScript', () => {
  const check = Buffer.from('123456789')
  expect(crc32c(check)).toBe(0xe3069283)
  expect(crc32cInJavaScript(check)).toBe(0xe3069283)
  expect(crc32c(Buffer.alloc(0))).toBe(0)
})

test('crc32c is the same natively and in JavaScript for every length and alignment', () => {
  const data = randomBytes(4096)
  for (let n = 0; n < 200; n++) {
    const part = data.subarray(n, n + n * 3)
    expect(crc32cInJavaScript(part)).toBe(crc32c(part))
  }
})

test('crc32 gives the check value of its definition', () => {
  expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926)
})

test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('murmur2 of %s is what Java producers compute', (key, hash) => {
  expect(murmur2(Buffer.from(key))).toBe(hash)
  expect(partitionOf(Buffer.from(key), 7)).toBe((hash & 0x7fffffff) % 7)
})

test('xxhash32 of an LZ4 frame descriptor is the byte that real frames carry', () => {
  // Flags 0x60 and block size 0x40, 0x70: header checksums 0x82 and 0x73 (LZ4 frame format description).
  expect((xxhash32Short(Buffer.from([0x60, 0x40])) >>> 8) & 0xff).toBe(0x82)
  expect((xxhash32Short(Buffer.from([0x60, 0x70])) >>> 8) & 0xff).toBe(0x73)
  expect(xxhash32Short(Buffer.alloc(0))).toBe(0x02cc5d05)
})

test('varints take the bytes that were counted and are zig-zag groups of seven bits', () => {
  const to = Buffer.alloc(16)
  const read = (end: number) => {
    let z = 0n
    for (let i = end - 1; i >= 0; i--) z = (z << 7n) | BigInt(to[i]! & 0x7f)
    return Number(z & 1n ? -(z >> 1n) - 1n : z >> 1n)
  }
  for (const v of [0, 1, -1, 63, 64, -64, -65, 8191, 8192, 2 ** 27, -(2 ** 27) - 1, 2 ** 31 - 1, -(2 ** 31)]) {
    const end = writeVarint(to, 0, v)
    expect(end).toBe(sizeOfVarint(v))
    expect(read(end)).toBe(v)
    expect(writeVarlong(to, 0, v)).toBe(end)
    expect(read(end)).toBe(v)
  }
  for (const v of [0, -1, 64, -65, 2 ** 33, -(2 ** 33), 1700000000000, Number.MAX_SAFE_INTEGER]) {
    const end = writeVarlong(to, 0, v)
    expect(end).toBe(sizeOfVarlong(v))
    expect(read(end)).toBe(v)
  }
})

test('int64 reads what it wrote, negative numbers included', () => {
  const b = Buffer.alloc(9)
  for (const v of [0, 1, -1, 2 ** 32, -(2 ** 32) - 5, Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER]) {
    writeInt64(b, 1, v)
    expect(readInt64(b, 1)).toBe(v)
    expect(Number(b.readBigInt64BE(1))).toBe(v)
  }
})

test('a fifo gives back in order what came, whatever the mix of pushes and shifts', () => {
  const fifo = new Fifo<number>()
  let pushed = 0
  let shifted = 0
  for (let round = 0; round < 300; round++) {
    for (let i = 0; i < (round * 7) % 23; i++) fifo.push(pushed++)
    for (let i = 0; i < (round * 5) % 19 && fifo.length > 0; i++) expect(fifo.shift()).toBe(shifted++)
    expect(fifo.length).toBe(pushed - shifted)
    if (fifo.length > 0) expect([fifo.at(0), fifo.at(fifo.length - 1)]).toEqual([shifted, pushed - 1])
  }
  while (fifo.length > 0) expect(fifo.shift()).toBe(shifted++)
  expect(fifo.shift()).toBe(undefined)
})
