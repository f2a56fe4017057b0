/**
 * The batches appended last, in memory, so that who reads at the end of a log reads no disk. All logs share one budget:
 * what was appended first goes first, whichever log it is in.
 */
import { Fifo } from '../lib/fifo.ts'
import type { ReadRange } from './segment.ts'

interface Entry {
  readonly baseOffset: number
  readonly nextOffset: number
  bytes: Buffer
  tail: Tail | undefined
}

const NOTHING = Buffer.alloc(0)

export class TailCache {
  private readonly queue = new Fifo<Entry>()
  private used = 0

  constructor(readonly budgetBytes: number) {}

  get usedBytes(): number {
    return this.used
  }

  /** For Tail. */
  add(entry: Entry): void {
    this.used += entry.bytes.length
    this.queue.push(entry)
    while (this.used > this.budgetBytes && this.queue.length > 0) this.dropOldest()
  }

  /** For Tail: it gave the entry up by itself; its place in the queue goes in its turn. */
  gaveUp(entry: Entry): void {
    this.used -= entry.bytes.length
    entry.bytes = NOTHING
  }

  private dropOldest(): void {
    const entry = this.queue.shift()!
    const { tail } = entry
    if (tail === undefined) return
    this.used -= entry.bytes.length
    tail.drop(entry)
  }
}

/** One log's part of it: contiguous, up to the log's end. */
export class Tail {
  private readonly entries = new Fifo<Entry>()

  constructor(private readonly cache: TailCache) {}

  /** One whole batch, already on its way to the disk; it must not change any more. */
  push(baseOffset: number, nextOffset: number, bytes: Buffer): void {
    const entry: Entry = { baseOffset, nextOffset, bytes: own(bytes), tail: this }
    this.entries.push(entry)
    this.cache.add(entry)
  }

  /**
   * Whole batches from the one that holds `offset`, or undefined if that one is not here. Batches that end after
   * `maxOffset` (exclusive) are left out.
   */
  read(o: ReadRange): Buffer[] | undefined {
    const all = this.entries
    if (all.length === 0 || o.offset < all.at(0).baseOffset) return undefined
    let low = 0
    let high = all.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (all.at(middle).nextOffset <= o.offset) low = middle + 1
      else high = middle
    }
    const found: Buffer[] = []
    let left = o.maxBytes
    for (let i = low; i < all.length; i++) {
      const e = all.at(i)
      if (e.nextOffset > o.maxOffset || e.nextOffset <= o.offset) break
      if (e.bytes.length > left && !(o.minOneBatch && found.length === 0)) break
      found.push(e.bytes)
      left -= e.bytes.length
    }
    return found
  }

  clear(): void {
    for (let e = this.entries.shift(); e; e = this.entries.shift()) {
      e.tail = undefined
      this.cache.gaveUp(e)
    }
  }

  /** For TailCache: `entry` is the oldest. */
  drop(entry: Entry): void {
    if (this.entries.shift() !== entry) throw new Error('the tail cache and a tail disagree about what is oldest')
  }
}

/** A small piece of something large would keep all of it in memory. */
function own(bytes: Buffer): Buffer {
  return bytes.buffer.byteLength > 2 * bytes.length + 4096 ? Buffer.from(bytes) : bytes
}
