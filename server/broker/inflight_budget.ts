/**
 * Memory that requests of all connections may hold between their first byte and their answer. When it is spent, sockets
 * are not read any more, but for the one connection that asked first: so that a request that has begun can always end.
 */
export class InflightBudget {
  private used = 0
  private privileged: object | undefined
  private readonly waiters = new Map<object, () => void>()

  constructor(private readonly limitBytes: number) {}

  get usedBytes(): number {
    return this.used
  }

  get exceeded(): boolean {
    return this.used > this.limitBytes
  }

  take(who: object, bytes: number): void {
    this.used += bytes
    if (this.exceeded && !this.privileged) this.privileged = who
  }

  /** The one connection that is read on although the budget is spent. */
  mayContinue(who: object): boolean {
    return this.privileged === who
  }

  give(bytes: number): void {
    this.used -= bytes
    if (!this.exceeded) {
      this.privileged = undefined
      this.wake()
    }
  }

  waitFor(who: object, wake: () => void): void {
    this.waiters.set(who, wake)
  }

  forget(who: object): void {
    this.waiters.delete(who)
    if (this.privileged !== who) return
    this.privileged = undefined
    this.wake()
  }

  private wake(): void {
    const waiting = [...this.waiters.values()]
    this.waiters.clear()
    for (const resume of waiting) resume()
  }
}
