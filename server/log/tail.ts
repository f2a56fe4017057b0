/**
 * The batches appended last, in memory, so that who reads at the end of a log reads no disk. All logs share one budget:
 * what was appended first goes first, whichever log it is in.
 *
 * Everything is copied, in and out, between slabs that are used over and over: a cache of what clients sent, as they sent
 * it, would be the largest thing that the garbage collector has to look after. Large batches are not kept; who reads
 * those is well served by the system's own cache.
 */
import { Fifo } from '../lib/fifo.ts'
import { readInt64 } from '../lib/int64.ts'
import type { ReadRange } from './segment.ts'

const SLAB_BYTES = 1024 * 1024
const LARGEST_BATCH = 32 * 1024
/** A run is looked through batch by batch. */
const LARGEST_RUN = 16 * 1024

interface Slab {
  readonly bytes: Buffer
  used: number
  /** In order; only the last one grows. */
  readonly runs: Run[]
}

/** Batches of one log, one after the other. */
interface Run {
  readonly slab: Slab
  readonly baseOffset: number
  nextOffset: number
  readonly start: number
  end: number
  /** Undefined once the log has given it up. */
  tail: Tail | undefined
}

interface Span {
  readonly from: Buffer
  readonly start: number
  readonly end: number
}

export class TailCache {
  private readonly slabs = new Fifo<Slab>()
  private readonly most: number
  private readonly slabBytes: number

  constructor(
    budgetBytes: number,
    /** Where what is read is copied to. */
    readonly take: (bytes: number) => Buffer = Buffer.allocUnsafe,
  ) {
    this.slabBytes = Math.max(1, Math.min(SLAB_BYTES, budgetBytes))
    this.most = Math.floor(budgetBytes / this.slabBytes)
  }

  get usedBytes(): number {
    return this.slabs.length * this.slabBytes
  }

  /** For Tail: is there ever room for so much? */
  holds(bytes: number): boolean {
    return this.most > 0 && bytes <= LARGEST_BATCH && bytes <= this.slabBytes
  }

  /** For Tail: puts a batch behind `last` if that stands at the end of what is used, else into a run of its own. */
  add(tail: Tail, last: Run | undefined, baseOffset: number, nextOffset: number, batch: Buffer): Run {
    const slab = this.room(batch.length)
    const start = slab.used
    slab.bytes.set(batch, start)
    slab.used += batch.length
    if (last?.tail && last.slab === slab && last.end === start && slab.used - last.start <= LARGEST_RUN) {
      last.end = slab.used
      last.nextOffset = nextOffset
      return last
    }
    const run: Run = { slab, baseOffset, nextOffset, start, end: slab.used, tail }
    slab.runs.push(run)
    return run
  }

  private room(bytes: number): Slab {
    const last = this.slabs.length > 0 ? this.slabs.at(this.slabs.length - 1) : undefined
    if (last && last.bytes.length - last.used >= bytes) return last
    const oldest = this.slabs.length >= this.most ? this.slabs.shift()! : undefined
    for (const run of oldest?.runs ?? []) run.tail?.drop(run)
    const slab: Slab = { bytes: oldest?.bytes ?? Buffer.allocUnsafeSlow(this.slabBytes), used: 0, runs: [] }
    this.slabs.push(slab)
    return slab
  }
}

/** One log's part of it: contiguous, up to the log's end. */
export class Tail {
  private readonly runs = new Fifo<Run>()

  constructor(private readonly cache: TailCache) {}

  /** One whole batch, already on its way to the disk. */
  push(baseOffset: number, nextOffset: number, batch: Buffer): void {
    if (!this.cache.holds(batch.length)) {
      this.clear()
      return
    }
    const last = this.last
    const run = this.cache.add(this, last, baseOffset, nextOffset, batch)
    if (run !== last) this.runs.push(run)
  }

  private get last(): Run | undefined {
    return this.runs.length > 0 ? this.runs.at(this.runs.length - 1) : undefined
  }

  /**
   * Whole batches from the one that holds `offset`, or undefined if that one is not here. Batches that end after
   * `maxOffset` (exclusive) are left out.
   */
  read(o: ReadRange): Buffer[] | undefined {
    const all = this.runs
    if (all.length === 0 || o.offset < all.at(0).baseOffset) return undefined
    let low = 0
    let high = all.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (all.at(middle).nextOffset <= o.offset) low = middle + 1
      else high = middle
    }
    const spans: Span[] = []
    let bytes = 0
    for (let i = low; i < all.length; i++) {
      const run = all.at(i)
      const { start, end } = within(run, o, bytes)
      if (end > start) spans.push({ from: run.slab.bytes, start, end })
      bytes += end - start
      if (end < run.end) break
    }
    return bytes === 0 ? [] : [this.copy(spans, bytes)]
  }

  private copy(spans: readonly Span[], bytes: number): Buffer {
    const into = this.cache.take(bytes)
    let at = 0
    for (const { from, start, end } of spans) at += from.copy(into, at, start, end)
    return into
  }

  clear(): void {
    for (let run = this.runs.shift(); run; run = this.runs.shift()) run.tail = undefined
  }

  /** What begins before `offset` has been compacted: it is read from the disk again. */
  clearBelow(offset: number): void {
    while (this.runs.length > 0 && this.runs.at(0).baseOffset < offset) this.runs.shift()!.tail = undefined
  }

  /** For TailCache: `run` is the oldest. */
  drop(run: Run): void {
    if (this.runs.shift() !== run) throw new Error('the tail cache and a tail disagree about what is oldest')
  }
}

/** Which bytes of the run's slab belong to the answer, of which there are `before` already. */
function within(run: Run, o: ReadRange, before: number): { start: number; end: number } {
  if (run.baseOffset >= o.offset && run.nextOffset <= o.maxOffset && before + run.end - run.start <= o.maxBytes)
    return run
  const { bytes } = run.slab
  let at = run.start
  while (at < run.end && nextOffsetAt(bytes, at) <= o.offset) at += sizeAt(bytes, at)
  const start = at
  while (at < run.end && nextOffsetAt(bytes, at) <= o.maxOffset) {
    const size = sizeAt(bytes, at)
    const first = before === 0 && at === start
    if (before + at + size - start > o.maxBytes && !(o.minOneBatch && first)) break
    at += size
  }
  return { start, end: at }
}

/** Of a batch of format 2: base offset int64, length int32, …, last offset delta int32 at 23. */
const nextOffsetAt = (bytes: Buffer, at: number): number => readInt64(bytes, at) + bytes.readInt32BE(at + 23) + 1
const sizeAt = (bytes: Buffer, at: number): number => 12 + bytes.readInt32BE(at + 8)
