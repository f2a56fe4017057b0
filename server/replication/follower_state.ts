/**
 * One follower as its leader knows it from its fetches: how much it has, and when it last had all of it. A fetch for an offset says
 * that the follower has everything before it. Times are monotonic ms; nothing here looks at a clock.
 */

/** What a fetch tells of the follower that sent it. */
export interface FollowerFetch {
  /** The follower's log end. */
  readonly fetchOffset: number
  /** Where its log starts; -1 where the version does not tell. */
  readonly logStartOffset: number
  /** Of its registration (KIP-903); -1 where the version does not tell. */
  readonly brokerEpoch: number
}

export class FollowerState {
  /** Exclusive; -1 until it has fetched from this leader. */
  logEndOffset = -1
  /** -1 until it has told. */
  logStartOffset = -1
  /** Undefined until it has fetched from this leader. */
  brokerEpoch: number | undefined
  /** The last time of which it is known that it had everything that the leader had then. */
  lastCaughtUpMs = Number.NEGATIVE_INFINITY
  /** The controller will not have it in the ISR: when it had fetched last, and where its log ended then. Undefined again once it has got on. */
  refused: { readonly ms: number; readonly logEndOffset: number } | undefined
  private lastFetchMs = Number.NEGATIVE_INFINITY
  private leaderEndAtLastFetch = -1

  constructor(readonly brokerId: number) {}

  /**
   * `leaderEndOffset` is where the leader's log ends now. Under steady load a fetch never asks for the leader's very end: then the
   * follower was caught up at its fetch before, if it has by now what the leader had then.
   */
  fetched(fetch: FollowerFetch, leaderEndOffset: number, nowMs: number): void {
    if (fetch.fetchOffset >= leaderEndOffset) this.lastCaughtUpMs = Math.max(this.lastCaughtUpMs, nowMs)
    else if (fetch.fetchOffset >= this.leaderEndAtLastFetch) {
      this.lastCaughtUpMs = Math.max(this.lastCaughtUpMs, this.lastFetchMs)
    }
    if (this.refused !== undefined && fetch.fetchOffset > this.refused.logEndOffset) this.refused = undefined
    this.logEndOffset = fetch.fetchOffset
    this.logStartOffset = fetch.logStartOffset
    this.brokerEpoch = fetch.brokerEpoch
    this.lastFetchMs = nowMs
    this.leaderEndAtLastFetch = Math.max(this.leaderEndAtLastFetch, leaderEndOffset)
  }

  /**
   * A new leader epoch of the same leader begins. Whoever is in sync is given its time from now on; nobody else comes in before it
   * has fetched, nor holds the high watermark back.
   */
  termBegins(leaderEndOffset: number, inSync: boolean, nowMs: number): void {
    const sinceMs = inSync ? nowMs : Number.NEGATIVE_INFINITY
    this.lastCaughtUpMs = sinceMs
    this.lastFetchMs = sinceMs
    this.leaderEndAtLastFetch = leaderEndOffset
    this.refused = undefined
  }

  /** Its disk may be full: nobody waits for it until it has more than now. */
  isRefused(): void {
    this.refused = { ms: this.lastFetchMs, logEndOffset: this.logEndOffset }
  }

  /** Has it everything, or had it within the last `lagTimeMaxMs`? */
  isCaughtUp(leaderEndOffset: number, nowMs: number, lagTimeMaxMs: number): boolean {
    return this.logEndOffset === leaderEndOffset || nowMs - this.lastCaughtUpMs <= lagTimeMaxMs
  }
}
