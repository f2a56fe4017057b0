/**
 * A moment at which a command runs, moved on often and reached seldom, such as the end of a member's session: moving it
 * costs an assignment, not a timer. It goes by the monotonic clock, so a clock that is set forward ends nobody's session.
 */
import type { Clock } from '../env/env.ts'
import type { Command, Machine, Runtime } from './runtime.ts'

const NOTHING = () => {}

export class Deadline<S extends Machine<R>, R> {
  private atMs = 0
  private timerAtMs = Number.POSITIVE_INFINITY
  private stop = NOTHING

  constructor(
    private readonly runtime: Runtime<S, R>,
    private readonly clock: Clock,
    private readonly command: Command<S, R, any>,
  ) {}

  /** From now. */
  set(ms: number): void {
    this.atMs = this.clock.monotonic() + ms
    if (this.atMs < this.timerAtMs) this.arm()
  }

  cancel(): void {
    this.stop()
    this.over()
  }

  private over(): void {
    // There are very many of these, and a timer that is over holds a lot.
    this.stop = NOTHING
    this.timerAtMs = Number.POSITIVE_INFINITY
  }

  private arm(): void {
    this.stop()
    this.timerAtMs = this.atMs
    this.stop = this.runtime.timer(Math.ceil(this.atMs - this.clock.monotonic()), (state, nowMs) => {
      if (this.clock.monotonic() < this.atMs) return { reply: undefined, change: () => this.arm() }
      const decision = this.command(state, nowMs)
      return {
        ...decision,
        change: () => {
          this.over()
          decision.change?.()
        },
      }
    })
  }
}
