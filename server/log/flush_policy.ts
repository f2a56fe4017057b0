/** flush.messages and flush.ms: when a log is synced though nobody asked for it. */
import type { Clock } from '../env/env.ts'
import type { LogConfig } from './log_config.ts'

export class FlushPolicy {
  private cancelTimer: (() => void) | undefined

  constructor(
    private readonly clock: Clock,
    private readonly config: () => Pick<LogConfig, 'flushMessages' | 'flushMs'>,
    private readonly sync: () => void,
  ) {}

  isDue(unflushedMessages: number): boolean {
    return unflushedMessages >= this.config().flushMessages
  }

  /** Something was appended. */
  appended(unflushedMessages: number): void {
    if (this.isDue(unflushedMessages)) this.sync()
    else if (this.config().flushMs < Number.MAX_SAFE_INTEGER) {
      this.cancelTimer ??= this.clock.after(this.config().flushMs, () => {
        this.cancelTimer = undefined
        this.sync()
      })
    }
  }

  /** All that was appended is synced, or nothing more is to be. */
  rest(): void {
    this.cancelTimer?.()
    this.cancelTimer = undefined
  }
}
