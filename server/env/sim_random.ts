/** Chance from a seed (sfc32 by Chris Doty-Humphrey, public domain). Fast and good enough for tests; never for secrets. */
import type { Random } from './env.ts'

export class SimRandom implements Random {
  private a: number
  private b: number
  private c: number
  private counter = 1

  constructor(private readonly seed: number | string) {
    const s = String(seed)
    this.a = hash(`${s}/a`)
    this.b = hash(`${s}/b`)
    this.c = hash(`${s}/c`)
    for (let i = 0; i < 12; i++) this.uint32()
  }

  /** A stream of its own: what it is asked for does not change what this one gives. */
  fork(name: string): SimRandom {
    return new SimRandom(`${this.seed}/${name}`)
  }

  uint32(): number {
    const t = (this.a + this.b + this.counter++) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = (((this.c << 21) | (this.c >>> 11)) + t) | 0
    return t >>> 0
  }
  next(): number {
    return this.uint32() / 2 ** 32
  }
  int(below: number): number {
    return Math.floor(this.next() * below)
  }
  /** From `low` to `high`, both inclusive. */
  between(low: number, high: number): number {
    return low + this.int(high - low + 1)
  }
  chance(probability: number): boolean {
    return this.next() < probability
  }
  pick<T>(from: readonly T[]): T {
    return from[this.int(from.length)]!
  }
  bytes(n: number): Buffer {
    const b = Buffer.allocUnsafe(n)
    for (let i = 0; i < n; i++) b[i] = this.uint32()
    return b
  }
  uuid(): string {
    for (;;) {
      const s = this.bytes(16).toString('base64url')
      if (!s.startsWith('-')) return s
    }
  }
}

/** FNV-1a with a final mix, so that seeds 1 and 2 have nothing in common. */
function hash(s: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < s.length; i++) h = Math.imul(h ^ s.charCodeAt(i), 0x01000193)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
