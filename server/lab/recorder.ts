/** Takes down what happens in a run, tells those who watch, and forgets what is too much. No clock, no I/O. */
import type { RunEvent } from './run_shape.ts'

/** About 4 MB as JSON: an hour in which something changes five times a second. */
const MAX_EVENTS = 20_000

/** An event without its time. */
export type News = RunEvent extends infer E ? (E extends RunEvent ? Omit<E, 'atMs'> : never) : never

export class Recorder {
  readonly events: RunEvent[] = []
  dropped = 0
  /** What was last said about each subject: the same again is no event. */
  private readonly last = new Map<string, string>()

  constructor(private readonly nowMs: () => number) {}

  /** Takes down what has changed; `subject` names whose state it is. */
  state(subject: string, news: News): void {
    const said = JSON.stringify(news)
    if (this.last.get(subject) === said) return
    this.last.set(subject, said)
    this.event(news)
  }

  /** Takes down what has happened, however often. */
  event(news: News): void {
    if (this.events.length >= MAX_EVENTS) {
      this.dropped++
      return
    }
    this.events.push({ atMs: this.nowMs(), ...news } as RunEvent)
  }
}
