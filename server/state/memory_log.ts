/**
 * A StateLog in memory, for tests: what is appended is committed after `delayMs`, or when the test says so, and a crash
 * keeps what was committed and any part of the rest, from its beginning, that the test chooses.
 */
import type { Clock } from '../env/env.ts'
import { RecordBatch } from '../records/batch.ts'
import type { StateLog } from './log.ts'

export class MemoryLog implements StateLog {
  highWatermark: number
  private endOffset: number
  private offline: Error | undefined
  private readonly listeners = new Set<(highWatermark: number, error?: Error) => void>()
  /** If set, `append` throws it. */
  refusal: Error | undefined

  constructor(
    private readonly clock: Clock,
    /** Null: only `commit` commits. */
    public delayMs: (() => number) | null,
    readonly batches: Buffer[] = [],
  ) {
    const last = batches.at(-1)
    this.endOffset = last === undefined ? 0 : new RecordBatch(last).nextOffset
    this.highWatermark = this.endOffset
  }

  append(bytes: Buffer): number {
    if (this.offline !== undefined) throw this.offline
    if (this.refusal !== undefined) throw this.refusal
    const batch = new RecordBatch(bytes)
    batch.baseOffset = this.endOffset
    this.batches.push(bytes)
    const end = (this.endOffset = batch.nextOffset)
    if (this.delayMs !== null) this.clock.after(this.delayMs(), () => this.commit(end))
    return end
  }

  commit(upTo = this.endOffset): void {
    if (this.offline !== undefined || upTo <= this.highWatermark) return
    this.highWatermark = upTo
    for (const listener of [...this.listeners]) listener(upTo)
  }

  onHighWatermark(listener: (highWatermark: number, error?: Error) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** The disk has failed, or leadership is lost. */
  fail(error: Error): void {
    this.offline = error
    for (const listener of [...this.listeners]) listener(this.highWatermark, error)
  }

  /** The log as it is found after a crash. `luck` in [0, 1) says how much of what was not committed has survived. */
  crash(luck = 0): MemoryLog {
    this.fail(new Error('crashed'))
    const committed = this.batches.filter((b) => new RecordBatch(b).nextOffset <= this.highWatermark)
    const rest = this.batches.slice(committed.length)
    const kept = [...committed, ...rest.slice(0, Math.floor(luck * (rest.length + 1)))]
    return new MemoryLog(this.clock, this.delayMs, kept)
  }
}
