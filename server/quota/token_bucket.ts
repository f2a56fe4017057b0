/** Tokens that come back at a rate, up to what all windows together would bring (KIP-599). More may be taken than there are. */
import type { RateWindows } from './sampled_rate.ts'

export class TokenBucket {
  private tokens: number | undefined
  private updatedMs = 0

  constructor(private readonly windows: RateWindows) {}

  /** `perSecond`: the quota as it is now. */
  take(n: number, perSecond: number, nowMs: number): void {
    this.refill(perSecond, nowMs)
    this.tokens! -= n
  }

  /** How long until none is owed any more, ms. */
  debtMs(perSecond: number, nowMs: number): number {
    this.refill(perSecond, nowMs)
    return this.tokens! >= 0 ? 0 : Math.round((-this.tokens! / perSecond) * 1000)
  }

  private refill(perSecond: number, nowMs: number): void {
    const { samples, windowMs } = this.windows
    const most = (samples * windowMs * perSecond) / 1000
    const more = ((nowMs - this.updatedMs) * perSecond) / 1000
    this.tokens = Math.min(most, this.tokens === undefined ? most : this.tokens + more)
    this.updatedMs = nowMs
  }
}
