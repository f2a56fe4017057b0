/** Last offsets by key, beside a plain map. */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { SimRandom } from '../../env/sim_random.ts'
import { KeyMap } from './key_map.ts'

const SECRET = Buffer.from('8 bytes!')
const put = (map: KeyMap, key: Buffer, offset: number) => map.put(key, 0, key.length, offset)
const get = (map: KeyMap, key: Buffer) => map.lastOffsetOf(key, 0, key.length)

test('the map agrees with a plain one, whatever the keys: empty, short, long, binary', () => {
  const random = new SimRandom('key map')
  const map = new KeyMap(SECRET)
  const plain = new Map<string, number>()
  const lengths = [0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 33, 34, 200, 5000]
  for (let offset = 0; offset < 30_000; offset++) {
    const key = Buffer.alloc(random.pick(lengths), random.int(3))
    if (key.length > 0) key[random.int(key.length)] = random.int(256)
    put(map, key, offset)
    plain.set(key.toString('latin1'), offset)
  }
  for (const [key, offset] of plain) expect(get(map, Buffer.from(key, 'latin1'))).toBe(offset)
  expect(map.size).toBe(plain.size)
  expect(get(map, Buffer.from('nobody'))).toBe(-1)
})

test('a key of 32 bytes is not taken for a long one whose digest it is', () => {
  const map = new KeyMap(SECRET)
  const long = Buffer.alloc(100, 'x')
  put(map, long, 1)
  expect(get(map, createHash('sha256').update(long).digest())).toBe(-1)
})

test('offsets beyond 32 bits are exact', () => {
  const map = new KeyMap(SECRET)
  put(map, Buffer.from('a'), 2 ** 52 + 1)
  expect(get(map, Buffer.from('a'))).toBe(2 ** 52 + 1)
})

test('half a million keys take 25 to 35 bytes and themselves, and say so', () => {
  const map = new KeyMap(SECRET)
  const key = Buffer.alloc(16)
  const n = 500_000
  for (let i = 0; i < n; i++) {
    key.writeUInt32LE(i, 3)
    put(map, key, i)
  }
  expect(map.size).toBe(n)
  expect(map.bytes / n).toBeLessThan(35 + 16)
  for (let i = 0; i < n; i += 997) {
    key.writeUInt32LE(i, 3)
    expect(get(map, key)).toBe(i)
  }
})

test('hashes are spread evenly, and by a secret', () => {
  const hashOf = (map: KeyMap, key: Buffer): number => (map as any).hash(key, 0, key.length)
  const map = new KeyMap(SECRET)
  const counts = new Array<number>(256).fill(0)
  for (let i = 0; i < 25_600; i++) counts[hashOf(map, Buffer.from(`user-${i}`)) & 255]!++
  expect(Math.max(...counts)).toBeLessThan(150)
  expect(Math.min(...counts)).toBeGreaterThan(60)
  const other = new KeyMap(Buffer.from('8 others'))
  expect(hashOf(other, Buffer.from('user-1'))).not.toBe(hashOf(map, Buffer.from('user-1')))
})
