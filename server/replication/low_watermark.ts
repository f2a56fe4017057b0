/** The start that all replicas on living brokers have reached, and who waits for it: deletions are done when all have followed. */
import type { Clock } from '../env/env.ts'
import { OffsetWaiters } from './offset_waiters.ts'

export class LowWatermark {
  private readonly waiting: OffsetWaiters

  constructor(
    private readonly clock: Clock,
    /** At this moment. */
    private readonly get: () => number,
  ) {
    this.waiting = new OffsetWaiters(clock)
  }

  get value(): number {
    return this.get()
  }

  /** Resolves with it when it has come to `offset`; rejects with REQUEST_TIMED_OUT, or with what `fail` is told. */
  reached(offset: number, timeoutMs: number): Promise<number> {
    if (this.value >= offset) return Promise.resolve(this.value)
    return new Promise((resolve, reject) =>
      this.waiting.add(offset, () => resolve(this.value), reject, this.clock.monotonic() + timeoutMs),
    )
  }

  /** A replica's start has moved, or counts no more. */
  moved(): void {
    if (this.waiting.size > 0) this.waiting.passed(this.value)
  }

  fail(error: Error): void {
    this.waiting.fail(error)
  }
}
