/**
 * How fast the cleaner goes: it works in slices of a few milliseconds, between which the broker serves, and reads and writes
 * no more than log.cleaner.io.max.bytes.per.second. Between slices it also hears that it has to stop.
 */
import type { Clock } from '../../env/env.ts'

const SLICE_MS = 2
/** Shorter waits are saved up. */
const SHORTEST_WAIT_MS = 50
/** A limit that was changed is noticed after so long. */
const LONGEST_WAIT_MS = 1000

export class Pace {
  private sliceBegan: number
  /** Read and written faster than allowed. */
  private owedBytes = 0
  private last: number
  private wake: () => void = () => {}
  private hurried = false

  constructor(
    private readonly clock: Clock,
    private readonly maxBytesPerSecond: () => number,
  ) {
    this.sliceBegan = clock.monotonic()
    this.last = this.sliceBegan
  }

  /** Is it time to let others work? */
  get isDue(): boolean {
    return this.clock.monotonic() - this.sliceBegan >= SLICE_MS
  }

  /** Lets others work. */
  async rest(): Promise<void> {
    await new Promise<void>((resolve) => this.clock.soon(resolve))
    this.begin()
  }

  /** A new slice begins: others have worked. */
  begin(): void {
    this.sliceBegan = this.clock.monotonic()
  }

  /** So many bytes were read or written: waits as long as they may take. */
  async spend(bytes: number): Promise<void> {
    this.owedBytes += bytes
    for (;;) {
      const now = this.clock.monotonic()
      const bytesPerMs = this.maxBytesPerSecond() / 1000
      this.owedBytes = Math.max(0, this.owedBytes - (now - this.last) * bytesPerMs)
      this.last = now
      const ms = this.owedBytes / bytesPerMs
      if (this.hurried || !(ms >= SHORTEST_WAIT_MS)) return
      await this.wait(Math.min(ms, LONGEST_WAIT_MS))
    }
  }

  /** Until so much time has passed or `hurry` is called. */
  async wait(ms: number): Promise<void> {
    if (this.hurried) return
    let cancel = () => {}
    await new Promise<void>((resolve) => {
      this.wake = resolve
      cancel = this.clock.after(ms, resolve)
    })
    cancel()
    this.begin()
  }

  /** Nothing is waited for any more. */
  hurry(): void {
    this.hurried = true
    this.wake()
  }
}
