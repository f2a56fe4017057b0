/**
 * A rate over a sliding window, measured as Kafka measures quotas: sums of up to `samples` windows and one that overlaps them.
 * Little that has happened counts as if it had happened over all but one of the windows, so that a first burst is no violation.
 */
export interface RateWindows {
  readonly samples: number
  readonly windowMs: number
}

interface Sample {
  startMs: number
  lastMs: number
  sum: number
}

export class SampledRate {
  private readonly list: Sample[] = []
  private current = 0

  constructor(private readonly windows: RateWindows) {}

  record(value: number, nowMs: number): void {
    let sample = this.list[this.current]
    if (sample === undefined) sample = this.list[this.current] = { startMs: nowMs, lastMs: nowMs, sum: 0 }
    else if (nowMs - sample.startMs >= this.windows.windowMs) sample = this.advance(nowMs)
    sample.sum += value
    sample.lastMs = nowMs
  }

  /** A second. */
  rate(nowMs: number): number {
    this.purge(nowMs)
    return (this.list.reduce((sum, s) => sum + s.sum, 0) * 1000) / this.spanMs(nowMs)
  }

  /** How long nothing more may come for the rate to be back at `limit`, ms; 0 where it is not above. */
  excessMs(limit: number, nowMs: number): number {
    const rate = this.rate(nowMs)
    return rate <= limit ? 0 : Math.round(((rate - limit) / limit) * this.spanMs(nowMs))
  }

  /** The time to which the sums belong. */
  private spanMs(nowMs: number): number {
    const { samples, windowMs } = this.windows
    let elapsedMs = nowMs - this.list.reduce((oldest, s) => Math.min(oldest, s.startMs), nowMs)
    const full = Math.floor(elapsedMs / windowMs)
    if (full < samples - 1) elapsedMs += (samples - 1 - full) * windowMs
    return Math.max(elapsedMs, 1)
  }

  private advance(nowMs: number): Sample {
    this.current = (this.current + 1) % (this.windows.samples + 1)
    return (this.list[this.current] = { startMs: nowMs, lastMs: nowMs, sum: 0 })
  }

  private purge(nowMs: number): void {
    const { samples, windowMs } = this.windows
    for (const s of this.list) {
      if (nowMs - s.lastMs >= samples * windowMs) {
        s.startMs = nowMs
        s.lastMs = nowMs
        s.sum = 0
      }
    }
  }
}
