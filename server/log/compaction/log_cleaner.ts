/**
 * Compacts the logs of all log dirs, one after the other, those with the largest dirty part first (KIP-58, KIP-354). There is
 * one of it: it works between what the broker serves, see `pace.ts`, and log.cleaner.threads only says whether it works at all.
 *
 * A log that cannot be compacted is told of once and left alone until it is opened again; one whose disk fails, for a while.
 */
import { type Clock, DiskError, type Random } from '../../env/env.ts'
import type { Log } from '../log.ts'
import { type Cleanable, cleanableOf, isCompacted } from './cleanable.ts'
import { Pace } from './pace.ts'
import { CleaningAborted, compact } from './round.ts'

/** The broker's settings that are read here, under Kafka's names. May be live. */
export interface CleanerConfig {
  readonly 'log.cleaner.enable': boolean
  readonly 'log.cleaner.threads': number
  readonly 'log.cleaner.backoff.ms': number
  readonly 'log.cleaner.dedupe.buffer.size': number
  readonly 'log.cleaner.io.buffer.load.factor': number
  readonly 'log.cleaner.io.buffer.size': number
  readonly 'log.cleaner.io.max.bytes.per.second': number
}

export interface LogCleanerOptions {
  readonly clock: Clock
  readonly random: Random
  readonly config: CleanerConfig
  readonly logs: () => Iterable<Log>
  /** A log was compacted: its `cleanedTo` is to be kept. Rejects with a DiskError. */
  readonly onCleaned: (log: Log) => Promise<void>
  readonly onLine?: (line: string) => void
}

const SMALLEST_READ_BYTES = 4096
const LONGEST_WAIT_MS = 1000
/** After which a disk that failed, as one that is full, is tried again. */
const DISK_RETRY_MS = 600_000

export class LogCleaner {
  private readonly pace: Pace
  /** Until when, by the monotonic clock, in ms. */
  private readonly uncleanable = new WeakMap<Log, number>()
  private running: Promise<void> | undefined
  private stopping = false

  constructor(private readonly o: LogCleanerOptions) {
    this.pace = new Pace(o.clock, () => o.config['log.cleaner.io.max.bytes.per.second'])
  }

  start(): void {
    if (this.o.config['log.cleaner.enable']) this.running ??= this.run()
  }

  /** Resolves when nothing is touched any more; what was under way is given up. */
  async stop(): Promise<void> {
    this.stopping = true
    this.pace.hurry()
    await this.running
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      const cleaned = await this.cleanAll()
      if (!cleaned) await this.pause()
    }
  }

  /** A changed pause counts while it is waited. */
  private async pause(): Promise<void> {
    const backoffMs = () => Math.max(1, this.o.config['log.cleaner.backoff.ms'])
    for (let waitedMs = 0; waitedMs < backoffMs() && !this.stopping; ) {
      const ms = Math.min(LONGEST_WAIT_MS, backoffMs() - waitedMs)
      await this.pace.wait(ms)
      waitedMs += ms
    }
  }

  /** All logs that are worth it now. False if that was none. */
  private async cleanAll(): Promise<boolean> {
    if (this.o.config['log.cleaner.threads'] < 1) return false
    const found: Cleanable[] = []
    for (const log of [...this.o.logs()]) {
      const cleanable = isCompacted(log) ? this.cleanable(log) : undefined
      if (cleanable) found.push(cleanable)
      if (this.pace.isDue) await this.pace.rest()
      if (this.stopping) return false
    }
    let any = false
    for (const { log } of found.sort((a, b) => b.dirtyRatio - a.dirtyRatio)) {
      // It may have changed while others were compacted.
      const target = this.cleanable(log)
      if (target && (await this.clean(target))) any = true
      if (this.stopping) return false
    }
    return any
  }

  private cleanable(log: Log): Cleanable | undefined {
    const { clock } = this.o
    if (log.isOffline || clock.monotonic() < (this.uncleanable.get(log) ?? 0)) return undefined
    try {
      return cleanableOf(log, clock.now())
    } catch (e) {
      this.giveUp(log, e)
      return undefined
    }
  }

  private async clean(target: Cleanable): Promise<boolean> {
    const { log } = target
    const { clock, random, config } = this.o
    try {
      const { endOffset } = await compact(target, {
        pace: this.pace,
        // Half of it is for what is written.
        ioBytes: Math.max(SMALLEST_READ_BYTES, Math.floor(config['log.cleaner.io.buffer.size'] / 2)),
        mapBytes: config['log.cleaner.dedupe.buffer.size'] * config['log.cleaner.io.buffer.load.factor'],
        secret: random.bytes(8),
        nowMs: clock.now(),
        isStopping: () => this.stopping,
      })
      log.cleanedTo = endOffset
      // The new names before it is written down that there is nothing left to do.
      await log.sync()
      await this.o.onCleaned(log)
      return true
    } catch (e) {
      if (!(e instanceof CleaningAborted)) this.giveUp(log, e)
      return false
    }
  }

  private giveUp(log: Log, e: unknown): void {
    // Then it has told so itself, or is gone.
    if (log.isOffline) return
    const { message } = e as Error
    const again = e instanceof DiskError
    this.uncleanable.set(log, again ? this.o.clock.monotonic() + DISK_RETRY_MS : Number.POSITIVE_INFINITY)
    this.o.onLine?.(
      again
        ? `${log.name} cannot be compacted now, it is tried again in ten minutes: ${message}`
        : `${log.name} cannot be compacted and will grow: ${message}. Copy the topic, or delete its records up to there.`,
    )
  }
}
