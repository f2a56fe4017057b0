/**
 * The syncs of a partition's log: those that the high watermark of a leader alone waits for, one at a time, the next for all that was
 * appended meanwhile; and that after its end was cut off, until which a loss of power may bring back what was there.
 */
import type { Clock } from '../env/env.ts'
import type { Log } from '../log/log.ts'

export interface SyncGateOptions {
  /** At this moment: it may be moved to another log dir. */
  readonly log: () => Log
  readonly clock: Clock
  /** A sync has come as far as `to`, exclusive. */
  readonly synced: (to: number) => void
  /** What was cut off will not come back. */
  readonly cutSynced: () => void
  readonly failed: (error: Error) => void
}

export class SyncGate {
  /** Exclusive: up to here the log must be synced before the high watermark may pass. */
  private wantedTo = 0
  /** Exclusive: so far the last of these syncs has come. */
  private syncedTo = 0
  private syncing = false
  private cutTo = Number.POSITIVE_INFINITY

  constructor(private readonly o: SyncGateOptions) {}

  /** Exclusive: so far the high watermark may go. */
  get limit(): number {
    return this.syncing ? this.syncedTo : Number.POSITIVE_INFINITY
  }

  /** What is in the log now must be synced. */
  want(when: 'soon' | 'now'): void {
    this.wantedTo = this.o.log().logEndOffset
    if (this.syncing) return
    this.syncing = true
    if (when === 'now') void this.sync()
    else this.o.clock.soon(() => void this.sync())
  }

  /** Exclusive: after a loss of power nothing below is other than it is now. What was cut off may come back until it is synced. */
  get sureTo(): number {
    return this.cutTo
  }

  /** The log was cut at its end. */
  wasCut(): void {
    const log = this.o.log()
    const { logEndOffset, truncations } = log
    this.wantedTo = Math.min(this.wantedTo, logEndOffset)
    this.syncedTo = Math.min(this.syncedTo, logEndOffset)
    this.cutTo = Math.min(this.cutTo, logEndOffset)
    log.sync().then(
      () => {
        if (truncations !== log.truncations) return
        this.cutTo = Number.POSITIVE_INFINITY
        this.o.cutSynced()
      },
      (error) => {
        if (log === this.o.log()) this.o.failed(error as Error)
      },
    )
  }

  private async sync(): Promise<void> {
    for (;;) {
      const target = this.wantedTo
      const log = this.o.log()
      const { truncations } = log
      try {
        await log.sync()
      } catch (error) {
        // What it waited for was synced where it is now.
        if (log !== this.o.log()) continue
        this.o.failed(error as Error)
        return
      }
      // What was there when it began is not what is there now.
      if (truncations !== log.truncations) continue
      this.syncedTo = target
      this.syncing = this.wantedTo > target
      this.o.synced(target)
      if (!this.syncing || log.isOffline) return
    }
  }
}
