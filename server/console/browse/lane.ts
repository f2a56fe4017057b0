/**
 * One partition being read within a range, in one direction: what has been fetched and not yet merged, and how far it got.
 * Pure bookkeeping; `browse.ts` fetches and merges.
 */
import type { RecordRow } from '../shapes/record.ts'
import type { Direction } from './cursor.ts'

/** A scanned record: only what matches carries a row, so that a long search holds next to nothing. */
export interface Entry {
  readonly offset: number
  readonly timestampMs: number
  readonly row: RecordRow | null
}

export class Lane {
  /** Next to merge is `entries[taken]`. */
  private entries: Entry[] = []
  private taken = 0
  /** Forward: next offset to fetch. Backward: what is at or above it has been fetched. */
  private fetched: number
  /** Forward: next offset to merge. Backward: what is at or above it has been merged. */
  private merged: number
  /** Of a partition that failed: it is left out, and its rest stays in the cursor. */
  failed = false
  /** Offsets of the next window downwards; doubled with every window (see read.ts). */
  window = 0

  /** [low, high) is what is to be read. */
  constructor(
    readonly partition: number,
    readonly direction: Direction,
    readonly low: number,
    readonly high: number,
  ) {
    this.fetched = this.merged = direction === 'forward' ? low : high
  }

  get head(): Entry | undefined {
    return this.entries[this.taken]
  }

  /** All of the range has been fetched. */
  get exhausted(): boolean {
    return this.failed || (this.direction === 'forward' ? this.fetched >= this.high : this.fetched <= this.low)
  }
  get done(): boolean {
    return this.exhausted && this.head === undefined
  }

  /** What to fetch next, end exclusive: a window downwards, all the rest upwards. */
  get wanted(): { from: number; to: number } {
    return this.direction === 'forward'
      ? { from: this.fetched, to: this.high }
      : { from: Math.max(this.low, this.fetched - this.window), to: this.fetched }
  }

  /** Takes in the entries of [from, to), ascending by offset, when all of it has been read. */
  add(range: { from: number; to: number }, entries: Entry[]): void {
    if (this.head === undefined) {
      this.entries = []
      this.taken = 0
      // With nothing in hand, what was fetched before is merged too: offsets without a record included.
      this.merged = this.fetched
    }
    if (this.direction === 'forward') {
      this.fetched = range.to
      this.entries.push(...entries)
    } else {
      this.fetched = range.from
      for (let i = entries.length - 1; i >= 0; i--) this.entries.push(entries[i]!)
    }
    if (this.head === undefined) this.merged = this.fetched
  }

  take(): Entry {
    const entry = this.entries[this.taken++]!
    this.merged = this.direction === 'forward' ? entry.offset + 1 : entry.offset
    if (this.head === undefined) this.merged = this.fetched
    return entry
  }

  /** What the next page in the same direction has to read: possibly nothing. */
  get rest(): { low: number; high: number } {
    return this.direction === 'forward' ? { low: this.merged, high: this.high } : { low: this.low, high: this.merged }
  }

  get scanned(): { from: number; to: number } {
    return this.direction === 'forward' ? { from: this.low, to: this.merged } : { from: this.merged, to: this.high }
  }
}

/**
 * The lane whose head comes next by (timestamp, partition, offset), or undefined while some lane that has more has no head:
 * merging on without it could put a record before one that belongs ahead of it.
 */
export function nextLane(lanes: readonly Lane[], direction: Direction): Lane | undefined {
  let best: Lane | undefined
  for (const lane of lanes) {
    const head = lane.head
    if (head === undefined) {
      if (!lane.exhausted) return undefined
      continue
    }
    if (best === undefined || precedes(head, lane.partition, best.head!, best.partition, direction)) best = lane
  }
  return best
}

/** Within a partition offsets decide, as lanes hold them in order; between partitions time does. */
function precedes(a: Entry, aPartition: number, b: Entry, bPartition: number, direction: Direction): boolean {
  const order = a.timestampMs - b.timestampMs || aPartition - bPartition
  return direction === 'forward' ? order < 0 : order > 0
}
