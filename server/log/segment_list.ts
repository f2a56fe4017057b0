/** The segments of a log, in order and never none. The last is the active one, which is written to. */
import { DELETED_SUFFIX } from './file_names.ts'
import type { Segment } from './segment.ts'

export class SegmentList {
  constructor(private readonly list: Segment[]) {}

  get all(): readonly Segment[] {
    return this.list
  }
  get first(): Segment {
    return this.list[0]!
  }
  get active(): Segment {
    return this.list[this.list.length - 1]!
  }
  get count(): number {
    return this.list.length
  }
  get sizeInBytes(): number {
    let sum = 0
    for (const s of this.list) sum += s.size
    return sum
  }

  /** Index of the segment that holds `offset`, or would. */
  indexOf(offset: number): number {
    let low = 0
    let high = this.list.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.list[middle]!.baseOffset <= offset) low = middle
      else high = middle - 1
    }
    return low
  }

  /** Exclusive end of segment `i`. */
  endOf(i: number, logEndOffset: number): number {
    return this.list[i + 1]?.baseOffset ?? logEndOffset
  }

  add(s: Segment): void {
    this.list.push(s)
  }

  /** Puts one in the place of several that follow each other. */
  replace(old: readonly Segment[], by: Segment): void {
    this.list.splice(this.list.indexOf(old[0]!), old.length, by)
  }

  /** Takes the first `n` out and marks their files, whose new names it returns: oldest first, so that no crash leaves gaps. */
  dropFirst(n: number): string[] {
    return this.list.splice(0, n).flatMap((s) => s.markDeleted(DELETED_SUFFIX))
  }

  /** The same of those from index `i` on: newest first, for the same reason. */
  dropFrom(i: number): string[] {
    return this.list
      .splice(i)
      .reverse()
      .flatMap((s) => s.markDeleted(DELETED_SUFFIX))
  }
}
