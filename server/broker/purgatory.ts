/** Where fetches wait that have not found enough: until their partitions have grown by enough bytes, or their time is over. */
import type { Clock } from '../env/env.ts'

/** What tells that something has become readable. */
export interface Watchable {
  /** `grown`: bytes that have become readable; Infinity when the partition is gone or failed. Returns how to stop. */
  watch(grown: (bytes: number) => void): () => void
}

export class Purgatory {
  constructor(private readonly clock: Clock) {}

  /** Resolves, and never rejects, when `bytes` more are readable, after `maxWaitMs`, or when the client is gone. */
  wait(on: readonly Watchable[], bytes: number, maxWaitMs: number, gone: AbortSignal): Promise<void> {
    // Its signal has been given, and is not given twice.
    if (gone.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      let missing = bytes
      let over = false
      const end = () => {
        if (over) return
        over = true
        cancelTimer()
        gone.removeEventListener('abort', end)
        for (const stop of stops) stop()
        resolve()
      }
      const cancelTimer = this.clock.after(maxWaitMs, end)
      const stops = on.map((w) =>
        w.watch((grown) => {
          missing -= grown
          if (missing <= 0) end()
        }),
      )
      gone.addEventListener('abort', end)
    })
  }
}
