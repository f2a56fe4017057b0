import { expect, test } from 'vitest'
import { SimRandom } from '../env/sim_random.ts'
import { batches } from '../records/batch.ts'
import { Tail, TailCache } from './tail.ts'

/** Just what a tail reads of a batch: offsets and length; the rest says whose it is. */
function batch(baseOffset: number, records: number, bytes: number): Buffer {
  const b = Buffer.alloc(bytes, baseOffset % 251)
  b.writeBigInt64BE(BigInt(baseOffset), 0)
  b.writeInt32BE(bytes - 12, 8)
  b[16] = 2
  b.writeInt32BE(records - 1, 23)
  return b
}
const everything = { offset: 0, maxBytes: 1e6, maxOffset: Infinity, minOneBatch: false }
const bytesIn = (found: Buffer[] | undefined) => found?.reduce((sum, b) => sum + b.length, 0)

test('what was appended first goes first, whichever log it is in', () => {
  const cache = new TailCache(3 * 1024 * 1024)
  const [a, b] = [new Tail(cache), new Tail(cache)]
  a.push(0, 1, batch(0, 1, 1000))
  for (let i = 0; i < 3 * 32 - 1; i++) b.push(i, i + 1, batch(i, 1, 32 * 1024))
  expect(bytesIn(a.read(everything))).toBe(1000)
  for (let i = 3 * 32 - 1; i < 3 * 32 + 1; i++) b.push(i, i + 1, batch(i, 1, 32 * 1024))
  expect(a.read(everything)).toBe(undefined)
  expect(b.read({ ...everything, offset: 40 })).toHaveLength(1)
  expect(cache.usedBytes).toBe(3 * 1024 * 1024)
})

test('a log that gives its tail up finds nothing there, and what it had is not missed by others', () => {
  const cache = new TailCache(4000)
  const [a, b] = [new Tail(cache), new Tail(cache)]
  a.push(0, 1, batch(0, 1, 1000))
  b.push(0, 1, batch(0, 1, 1000))
  a.clear()
  expect(a.read(everything)).toBe(undefined)
  for (let i = 1; i < 10; i++) b.push(i, i + 1, batch(i, 1, 1000))
  a.push(1, 2, batch(1, 1, 500))
  expect(bytesIn(a.read({ ...everything, offset: 1 }))).toBe(500)
})

test('a batch too large to be kept ends the tail, which begins anew after it', () => {
  const tail = new Tail(new TailCache(1e6))
  tail.push(0, 1, batch(0, 1, 100))
  tail.push(1, 2, batch(1, 1, 40_000))
  expect(tail.read({ ...everything, offset: 1 })).toBe(undefined)
  tail.push(2, 3, batch(2, 1, 100))
  expect(tail.read({ ...everything, offset: 1 })).toBe(undefined)
  expect(bytesIn(tail.read({ ...everything, offset: 2 }))).toBe(100)
})

test('with no budget nothing is kept', () => {
  const tail = new Tail(new TailCache(0))
  tail.push(0, 1, batch(0, 1, 100))
  expect(tail.read(everything)).toBe(undefined)
})

test('what is read is a copy: slabs are used again under the reader', () => {
  const tail = new Tail(new TailCache(1000))
  tail.push(0, 1, batch(0, 1, 900))
  const [read] = tail.read(everything)!
  tail.push(1, 2, batch(1, 1, 900))
  expect(read).toEqual(batch(0, 1, 900))
})

test('from any offset, with any limits, it gives the batches that a list of them would', () => {
  for (let seed = 0; seed < 60; seed++) {
    const random = new SimRandom(seed)
    const cache = new TailCache(random.pick([20_000, 200_000, 3_000_000]))
    const logs = Array.from({ length: random.between(1, 4) }, () => ({
      tail: new Tail(cache),
      end: 0,
      all: [] as { base: number; next: number; bytes: Buffer }[],
    }))
    for (let step = 0; step < 300; step++) {
      const log = random.pick(logs)
      if (random.chance(0.7)) {
        // Gaps, as compaction leaves them.
        const base = log.end + (random.chance(0.1) ? random.int(5) : 0)
        const records = random.between(1, 20)
        const bytes = batch(base, records, random.between(70, random.chance(0.02) ? 40_000 : 4_000))
        log.tail.push(base, base + records, bytes)
        log.end = base + records
        log.all.push({ base, next: log.end, bytes })
        continue
      }
      const o = {
        offset: random.int(log.end + 2),
        maxBytes: random.int(20_000),
        maxOffset: random.chance(0.5) ? Infinity : random.int(log.end + 2),
        minOneBatch: random.chance(0.5),
      }
      const found = log.tail.read(o)
      if (found === undefined) continue
      const wanted: Buffer[] = []
      let left = o.maxBytes
      for (const b of log.all.filter((each) => each.next > o.offset)) {
        if (b.next > o.maxOffset || (b.bytes.length > left && !(o.minOneBatch && wanted.length === 0))) break
        wanted.push(b.bytes)
        left -= b.bytes.length
      }
      expect(Buffer.concat(found).equals(Buffer.concat(wanted)), `seed ${seed}`).toBe(true)
      for (const b of found) expect([...batches(b)].length).toBeGreaterThan(0)
    }
  }
})
