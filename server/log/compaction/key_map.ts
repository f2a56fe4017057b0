/**
 * The last offset of every key in a stretch of a log, in memory whose size is known at any time.
 *
 * Keys are kept whole, up to 32 bytes, longer ones as their SHA-256; so no two keys are ever taken for one. Kafka keeps a
 * hash of 128 bits (MD5) in 24 bytes an entry: less memory for long keys, but who can make two keys with one hash makes a
 * record disappear. Here an entry takes 25 to 35 bytes and its key.
 *
 * Places are found with a keyed hash (HalfSipHash-1-3), so that nobody can choose keys that all fall into one place. The
 * table is split, so that it grows in small steps and never holds up the process.
 */
import { createHash } from 'node:crypto'

const SHARDS = 256
const FIRST_SLOTS = 16
/** Bytes. An entry is an offset (8), the length of its key (1) and the key; entries begin at multiples of 8. */
const PAGE = 64 * 1024
const UNITS = PAGE / 8
const LONGEST_KEY = 32
/** In the place of a length: 32 bytes of SHA-256 follow. */
const HASHED = 33

interface Page {
  readonly bytes: Uint8Array
  readonly offsets: Float64Array
}

class Shard {
  /** Of an entry, in units of 8 bytes, plus one; 0 where there is none. */
  entries = new Uint32Array(FIRST_SLOTS)
  hashes = new Uint32Array(FIRST_SLOTS)
  used = 0
}

export class KeyMap {
  /** Inclusive: every record up to here that was to be in the map is; -1 before the first. */
  latestOffset = -1
  private readonly shards = Array.from({ length: SHARDS }, () => new Shard())
  private readonly pages: Page[] = []
  /** Of the last page, in units of 8 bytes. */
  private pageUsed = UNITS
  private slots = SHARDS * FIRST_SLOTS
  private entries = 0
  private readonly k0: number
  private readonly k1: number

  /** Eight random bytes. */
  constructor(secret: Buffer) {
    this.k0 = secret.readInt32LE(0)
    this.k1 = secret.readInt32LE(4)
  }

  /** Keys. */
  get size(): number {
    return this.entries
  }
  /** What it takes of memory. */
  get bytes(): number {
    return this.pages.length * PAGE + this.slots * 8
  }

  /** Offsets of one key must not descend. */
  put(buf: Uint8Array, start: number, length: number, offset: number): void {
    if (length > LONGEST_KEY) this.putIn(digest(buf, start, length), 0, LONGEST_KEY, HASHED, offset)
    else this.putIn(buf, start, length, length, offset)
  }

  /** -1 if the key is not in the map. */
  lastOffsetOf(buf: Uint8Array, start: number, length: number): number {
    if (length > LONGEST_KEY) return this.find(digest(buf, start, length), 0, LONGEST_KEY, HASHED)
    return this.find(buf, start, length, length)
  }

  private putIn(buf: Uint8Array, start: number, length: number, kind: number, offset: number): void {
    const hash = this.hash(buf, start, length)
    const shard = this.shards[hash & (SHARDS - 1)]!
    const at = this.slotOf(shard, hash, buf, start, length, kind)
    const known = shard.entries[at]!
    if (known !== 0) {
      this.pages[Math.floor((known - 1) / UNITS)]!.offsets[(known - 1) % UNITS] = offset
      return
    }
    shard.entries[at] = this.addEntry(buf, start, length, kind, offset) + 1
    shard.hashes[at] = hash
    this.entries++
    if (++shard.used * 4 > shard.entries.length * 3) this.grow(shard)
  }

  private find(buf: Uint8Array, start: number, length: number, kind: number): number {
    const hash = this.hash(buf, start, length)
    const shard = this.shards[hash & (SHARDS - 1)]!
    const known = shard.entries[this.slotOf(shard, hash, buf, start, length, kind)]!
    return known === 0 ? -1 : this.pages[Math.floor((known - 1) / UNITS)]!.offsets[(known - 1) % UNITS]!
  }

  /** The one that holds the key, or the free one where it belongs. */
  private slotOf(shard: Shard, hash: number, buf: Uint8Array, start: number, length: number, kind: number): number {
    const mask = shard.entries.length - 1
    for (let at = (hash >>> 8) & mask; ; at = (at + 1) & mask) {
      const known = shard.entries[at]!
      if (known === 0) return at
      if (shard.hashes[at] === hash && this.isKey(known - 1, buf, start, length, kind)) return at
    }
  }

  private isKey(entry: number, buf: Uint8Array, start: number, length: number, kind: number): boolean {
    const { bytes } = this.pages[Math.floor(entry / UNITS)]!
    let at = (entry % UNITS) * 8 + 8
    if (bytes[at++] !== kind) return false
    for (let i = 0; i < length; i++) if (bytes[at + i] !== buf[start + i]) return false
    return true
  }

  private addEntry(buf: Uint8Array, start: number, length: number, kind: number, offset: number): number {
    const units = 1 + ((length + 8) >>> 3)
    if (this.pageUsed + units > UNITS) {
      const bytes = new Uint8Array(PAGE)
      this.pages.push({ bytes, offsets: new Float64Array(bytes.buffer) })
      this.pageUsed = 0
    }
    const page = this.pages[this.pages.length - 1]!
    const at = this.pageUsed * 8
    page.offsets[this.pageUsed] = offset
    page.bytes[at + 8] = kind
    for (let i = 0; i < length; i++) page.bytes[at + 9 + i] = buf[start + i]!
    const entry = (this.pages.length - 1) * UNITS + this.pageUsed
    this.pageUsed += units
    return entry
  }

  private grow(shard: Shard): void {
    const { entries, hashes } = shard
    const slots = entries.length * 2
    shard.entries = new Uint32Array(slots)
    shard.hashes = new Uint32Array(slots)
    this.slots += entries.length
    for (let i = 0; i < entries.length; i++) {
      if (entries[i] === 0) continue
      const hash = hashes[i]!
      let at = (hash >>> 8) & (slots - 1)
      while (shard.entries[at] !== 0) at = (at + 1) & (slots - 1)
      shard.entries[at] = entries[i]!
      shard.hashes[at] = hash
    }
  }

  private hash(buf: Uint8Array, start: number, length: number): number {
    let v0 = this.k0
    let v1 = this.k1
    let v2 = this.k0 ^ 0x6c796765
    let v3 = this.k1 ^ 0x74656462
    const words = length >>> 2
    // The words of the key, its rest with the length, and three rounds more: written as one loop, for it is run for every record.
    for (let i = 0, at = start; i < words + 4; i++, at += 4) {
      let m = 0
      if (i < words) m = buf[at]! | (buf[at + 1]! << 8) | (buf[at + 2]! << 16) | (buf[at + 3]! << 24)
      else if (i === words) {
        m = length << 24
        for (let rest = length & 3; rest > 0; rest--) m |= buf[at + rest - 1]! << ((rest - 1) * 8)
      } else if (i === words + 1) v2 ^= 0xff
      v3 ^= m
      v0 = (v0 + v1) | 0
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
      v0 = (v0 << 16) | (v0 >>> 16)
      v2 = (v2 + v3) | 0
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
      v0 = (v0 + v3) | 0
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
      v2 = (v2 + v1) | 0
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
      v2 = (v2 << 16) | (v2 >>> 16)
      v0 ^= m
    }
    return (v1 ^ v3) >>> 0
  }
}

const digest = (buf: Uint8Array, start: number, length: number): Buffer =>
  createHash('sha256')
    .update(buf.subarray(start, start + length))
    .digest()
