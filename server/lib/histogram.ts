/** How often values fell into each of some fixed classes. To observe one costs a short search and two additions, no memory. */
export class Histogram {
  /** One more than there are bounds: the last class has none. */
  readonly counts: Float64Array
  sum = 0

  constructor(
    /** Upper ends of the classes, inclusive, ascending. */
    readonly bounds: readonly number[],
  ) {
    this.counts = new Float64Array(bounds.length + 1)
  }

  observe(value: number): void {
    const { bounds } = this
    let i = 0
    while (i < bounds.length && value > bounds[i]!) i++
    this.counts[i]!++
    this.sum += value
  }

  get count(): number {
    let n = 0
    for (const c of this.counts) n += c
    return n
  }
}

/** The value below which a share `q` of what was counted lies, as far as the classes tell; NaN of nothing. */
export function quantileOf(bounds: readonly number[], counts: ArrayLike<number>, q: number): number {
  let total = 0
  for (let i = 0; i < counts.length; i++) total += counts[i]!
  if (total === 0) return Number.NaN
  const rank = q * total
  let below = 0
  for (let i = 0; i < bounds.length; i++) {
    const here = counts[i]!
    if (here > 0 && below + here >= rank) {
      const from = i === 0 ? 0 : bounds[i - 1]!
      return from + (bounds[i]! - from) * Math.max(0, (rank - below) / here)
    }
    below += here
  }
  return bounds.at(-1) ?? Number.NaN
}

/** A histogram's quantiles over the last minutes. It looks when it is asked and keeps some earlier looks, whoever asks how often. */
export class RecentQuantiles {
  private readonly looks: { readonly atMs: number; readonly counts: Float64Array }[] = []

  constructor(
    private readonly of: Histogram,
    private readonly o: { readonly stepMs: number; readonly keepMs: number },
  ) {}

  /** `nowMs` is monotonic. Of what has been counted since the oldest look that is kept. */
  at(nowMs: number, quantiles: readonly number[]): number[] {
    const { counts, bounds } = this.of
    // The last look before the window stays: else a scrape after a pause would find nothing to compare with.
    while (this.looks.length > 1 && nowMs - this.looks[1]!.atMs > this.o.keepMs) this.looks.shift()
    const before = this.looks[0]?.counts
    const since = before ? counts.map((n, i) => n - before[i]!) : counts
    const found = quantiles.map((q) => quantileOf(bounds, since, q))
    const last = this.looks.at(-1)
    if (!last || nowMs - last.atMs >= this.o.stepMs) this.looks.push({ atMs: nowMs, counts: counts.slice() })
    return found
  }
}
