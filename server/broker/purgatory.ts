/** Where fetches wait that have not found enough: until their partitions have grown by enough bytes, or their time is over. */
import type { Clock } from '../env/env.ts'
import type { Watcher } from '../replication/partition.ts'
import type { Gone } from '../rpc/gone.ts'

/** What tells that something has become readable. */
export interface Watchable {
  watch(watcher: Watcher): void
  unwatch(watcher: Watcher): void
}

export class Purgatory {
  private waiting = 0

  constructor(private readonly clock: Clock) {}

  /** How many wait now. */
  get size(): number {
    return this.waiting
  }

  /** Resolves, and never rejects, when `bytes` more are readable, after `maxWaitMs`, or when the client is gone. */
  wait(on: readonly Watchable[], bytes: number, maxWaitMs: number, gone: Gone): Promise<void> {
    // It has told, and does not tell twice.
    if (gone.over) return Promise.resolve()
    this.waiting++
    return new Promise((resolve) => {
      const waiter = new Waiter(on, bytes, gone, () => {
        this.waiting--
        resolve()
      })
      waiter.cancelTimer = this.clock.after(maxWaitMs, waiter.end)
      gone.watch(waiter.end)
      for (const w of on) w.watch(waiter)
    })
  }
}

class Waiter implements Watcher {
  cancelTimer: (() => void) | undefined
  private over = false

  constructor(
    private readonly on: readonly Watchable[],
    private missing: number,
    private readonly gone: Gone,
    private readonly ended: () => void,
  ) {}

  grown(bytes: number): void {
    this.missing -= bytes
    if (this.missing <= 0) this.end()
  }

  readonly end = (): void => {
    if (this.over) return
    this.over = true
    this.cancelTimer?.()
    this.gone.unwatch(this.end)
    for (const w of this.on) w.unwatch(this)
    this.ended()
  }
}
