/**
 * Memory that requests of all connections may hold between their first byte and their answer. When it is spent, sockets
 * are not read any more, but for those that hold little, so that heartbeats still get through, and for one other: whoever
 * waits has its turn, one request each, so that requests that have begun can end.
 */
export class InflightBudget {
  private used = 0
  private privileged: object | undefined
  /** In the order in which they began to wait. */
  private readonly waiters = new Map<object, () => void>()

  constructor(
    private readonly limitBytes: number,
    /** What each may hold in any case. */
    private readonly freeBytes: number,
  ) {}

  get usedBytes(): number {
    return this.used
  }

  private get exceeded(): boolean {
    return this.used > this.limitBytes
  }

  take(bytes: number): void {
    this.used += bytes
  }

  /** May the socket of `who`, who holds so much, be read on? Whoever asks first has the first turn. */
  allows(who: object, heldBytes: number): boolean {
    if (!this.exceeded || heldBytes <= this.freeBytes) return true
    this.privileged ??= who
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

  /** The next one has its turn. To be called now and then: who has it may never send the rest of its request. */
  passOn(): void {
    this.privileged = undefined
    const next = this.waiters.entries().next().value
    if (!next) return
    const [who, wake] = next
    this.waiters.delete(who)
    this.privileged = who
    wake()
  }
}
