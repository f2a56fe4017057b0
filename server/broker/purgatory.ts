/** Where fetches wait that have not found enough: until their partitions have grown by enough bytes, or their time is over. */
import type { Clock } from '../env/env.ts'
import type { Watcher } from '../replication/partition.ts'

/** What tells that something has become readable. */
export interface Watchable {
  watch(watcher: Watcher): void
  unwatch(watcher: Watcher): void
}

export class Purgatory {
  private readonly waiters = new Set<Waiter>()

  constructor(private readonly clock: Clock) {}

  /** Who waits now. */
  get size(): number {
    return this.waiters.size
  }

  /** Resolves, and never rejects, when `bytes` more are readable, after `maxWaitMs`, or when the client is gone. */
  wait(on: readonly Watchable[], bytes: number, maxWaitMs: number, gone: AbortSignal): Promise<void> {
    // Its signal has been given, and is not given twice.
    if (gone.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const waiter = new Waiter(on, bytes, () => {
        this.waiters.delete(waiter)
        resolve()
      })
      this.waiters.add(waiter)
      waiter.cancelTimer = this.clock.after(maxWaitMs, waiter.end)
      waiter.gone = gone
      gone.addEventListener('abort', waiter.end)
      for (const w of on) w.watch(waiter)
    })
  }
}

class Waiter implements Watcher {
  cancelTimer: (() => void) | undefined
  gone: AbortSignal | undefined
  private over = false

  constructor(
    private readonly on: readonly Watchable[],
    private missing: number,
    private readonly resolve: () => void,
  ) {}

  grown(bytes: number): void {
    this.missing -= bytes
    if (this.missing <= 0) this.end()
  }

  readonly end = (): void => {
    if (this.over) return
    this.over = true
    this.cancelTimer?.()
    this.gone?.removeEventListener('abort', this.end)
    for (const w of this.on) w.unwatch(this)
    this.resolve()
  }
}
