/**
 * What partitions put off to the end of a turn of the event loop. First all write what the turn has brought, then those are told who
 * follow their logs: so a request for many partitions is one answer to a follower, not one for each.
 */
import type { Clock } from '../env/env.ts'

/** Must not throw. */
interface Writing {
  /** Writes what is queued. */
  writeQueued(): void
}

/** Must not throw. */
interface Telling {
  /** Tells who waits that the log has grown. */
  tell(): void
}

export class Turn {
  private writers: Writing[] = []
  private tellers: Telling[] = []
  private planned = false

  constructor(private readonly clock: Pick<Clock, 'soon'>) {}

  write(one: Writing): void {
    this.writers.push(one)
    this.plan()
  }
  tell(one: Telling): void {
    this.tellers.push(one)
    this.plan()
  }

  private plan(): void {
    if (this.planned) return
    this.planned = true
    this.clock.soon(() => this.end())
  }

  private end(): void {
    const { writers } = this
    this.writers = []
    for (const one of writers) one.writeQueued()
    const { tellers } = this
    this.tellers = []
    // What comes from here on is of the next turn.
    this.planned = false
    for (const one of tellers) one.tell()
    if (this.writers.length > 0) this.plan()
  }
}
