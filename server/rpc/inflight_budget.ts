/**
 * Memory that requests of all connections may hold between their first byte and their answer. When it is spent, sockets
 * are not read any more, but for those that hold little, so that heartbeats still get through, and for one other: whoever
 * waits has its turn, one request each, so that requests that have begun can end; one that sends nothing loses its turn.
 */
import type { Clock } from '../env/env.ts'

/** Without a byte for so long, a turn is over. */
const PATIENCE_MS = 1000

export class InflightBudget {
  private used = 0
  private privileged: object | undefined
  /** It has sent something since it was looked at last. */
  private moving = false
  private watched = false
  /** In the order in which they began to wait. */
  private readonly waiters = new Map<object, () => void>()

  constructor(
    private readonly limitBytes: number,
    /** What each may hold in any case. */
    private readonly freeBytes: number,
    private readonly clock: Pick<Clock, 'after'>,
  ) {}

  get usedBytes(): number {
    return this.used
  }

  private get exceeded(): boolean {
    return this.used > this.limitBytes
  }

  take(who: object, bytes: number): void {
    this.used += bytes
    if (who === this.privileged) this.moving = true
  }

  /** May the socket of `who`, who holds so much, be read on? Whoever asks first has the first turn. */
  allows(who: object, heldBytes: number): boolean {
    if (!this.exceeded || heldBytes <= this.freeBytes) return true
    if (this.privileged === undefined) this.grant(who)
    return this.privileged === who
  }

  /** A request of `who` has been answered, or its connection has ended. */
  give(who: object, bytes: number): void {
    this.used -= bytes
    if (this.exceeded) {
      if (this.privileged === who) this.passOn()
      return
    }
    this.privileged = undefined
    if (this.waiters.size === 0) return
    const waiting = [...this.waiters.values()]
    this.waiters.clear()
    for (const resume of waiting) resume()
  }

  waitFor(who: object, wake: () => void): void {
    if (!this.waiters.has(who)) this.waiters.set(who, wake)
  }

  /** It does not wait any more, or cannot be read for another reason. */
  forget(who: object): void {
    this.waiters.delete(who)
    if (this.privileged === who) this.passOn()
  }

  private passOn(): void {
    this.privileged = undefined
    const next = this.waiters.entries().next().value
    if (!next) return
    const [who, wake] = next
    this.waiters.delete(who)
    this.grant(who)
    wake()
  }

  private grant(who: object): void {
    this.privileged = who
    this.moving = true
    if (!this.watched) this.watch()
  }

  private watch(): void {
    this.watched = true
    this.clock.after(PATIENCE_MS, () => {
      this.watched = false
      if (this.privileged === undefined) return
      if (this.moving) {
        this.moving = false
        this.watch()
      } else this.passOn()
    })
  }
}
