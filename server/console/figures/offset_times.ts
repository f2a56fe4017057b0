/**
 * When a partition had which end, as far as it was looked at: so an offset has a time without its record being read. The further
 * back, the coarser. Times are monotonic ms.
 */
const MAX_POINTS = 64

export class OffsetTimes {
  /** The latest time at which the end was seen to be that; ascending. */
  private ends: number[] = []
  private times: number[] = []
  /** When the first end was seen first: what lies before it is at least as old. */
  private since = 0

  add(end: number, at: number): void {
    const last = this.ends.at(-1)
    if (last === end) {
      this.times[this.times.length - 1] = at
      return
    }
    // Cut off, or another topic of that name: nothing of before is true any more.
    if (last !== undefined && end < last) {
      this.ends = []
      this.times = []
    }
    if (this.ends.length === 0) this.since = at
    this.ends.push(end)
    this.times.push(at)
    if (this.ends.length > MAX_POINTS) this.thin()
  }

  /** When the record at `offset` came in; undefined if the end was never seen beyond it. */
  timeOf(offset: number): number | undefined {
    const { ends, times } = this
    const next = ends.findIndex((end) => end > offset)
    if (next < 0) return undefined
    if (next === 0) return this.since
    const share = (offset - ends[next - 1]!) / (ends[next]! - ends[next - 1]!)
    return times[next - 1]! + (times[next]! - times[next - 1]!) * share
  }

  /** Every second point of the older half goes. */
  private thin(): void {
    const keep = (_: number, i: number) => i >= MAX_POINTS / 2 || i % 2 === 0
    this.ends = this.ends.filter(keep)
    this.times = this.times.filter(keep)
  }
}
