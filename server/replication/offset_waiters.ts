/** Who waits until an offset is passed: for the high watermark, a sync, the low watermark. Each until its own time is over. */
import type { Clock } from '../env/env.ts'
import { KafkaError } from '../protocol/errors.ts'

interface Waiter {
  /** Exclusive. */
  readonly endOffset: number
  /** Monotonic ms; Infinity for one that waits as long as it takes. */
  readonly deadlineMs: number
  resolve(): void
  reject(error: Error): void
}

export class OffsetWaiters {
  /** In the order in which they came. */
  private waiting: Waiter[] = []
  /** Is that the order of their offsets? Repetitions lie below earlier ones. */
  private inOrder = true
  private cancelTimer: (() => void) | undefined
  private timerAtMs = Number.POSITIVE_INFINITY

  constructor(private readonly clock: Clock) {}

  get size(): number {
    return this.waiting.length
  }

  add(
    endOffset: number,
    resolve: () => void,
    reject: (error: Error) => void,
    deadlineMs = Number.POSITIVE_INFINITY,
  ): void {
    if (endOffset < (this.waiting.at(-1)?.endOffset ?? 0)) this.inOrder = false
    this.waiting.push({ endOffset, resolve, reject, deadlineMs })
    if (deadlineMs < this.timerAtMs) this.setTimer(deadlineMs)
  }

  /** Everything below `offset` has come to pass. */
  passed(offset: number): void {
    let n = 0
    while (n < this.waiting.length && this.waiting[n]!.endOffset <= offset) n++
    const done = n > 0 ? this.waiting.splice(0, n) : []
    if (!this.inOrder) {
      done.push(...this.waiting.filter((w) => w.endOffset <= offset))
      this.waiting = this.waiting.filter((w) => w.endOffset > offset)
      this.inOrder = this.waiting.length === 0
    }
    for (const w of done) w.resolve()
  }

  fail(error: Error): void {
    this.cancelTimer?.()
    this.cancelTimer = undefined
    this.timerAtMs = Number.POSITIVE_INFINITY
    for (const w of this.waiting.splice(0)) w.reject(error)
  }

  /** One timer for all, which is not taken back when they are done: it costs less than one for each. */
  private setTimer(atMs: number): void {
    this.cancelTimer?.()
    this.timerAtMs = atMs
    this.cancelTimer = this.clock.after(Math.max(0, atMs - this.clock.monotonic()), () => this.expire())
  }

  private expire(): void {
    this.cancelTimer = undefined
    this.timerAtMs = Number.POSITIVE_INFINITY
    const nowMs = this.clock.monotonic()
    const late = this.waiting.filter((w) => w.deadlineMs <= nowMs)
    if (late.length > 0) this.waiting = this.waiting.filter((w) => w.deadlineMs > nowMs)
    let nextMs = Number.POSITIVE_INFINITY
    for (const w of this.waiting) nextMs = Math.min(nextMs, w.deadlineMs)
    if (nextMs < Number.POSITIVE_INFINITY) this.setTimer(nextMs)
    for (const w of late) w.reject(new KafkaError('REQUEST_TIMED_OUT'))
  }
}
