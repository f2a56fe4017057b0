/**
 * Copies a partition into its future replica in another log dir while it is served, and has it take the partition's place once
 * it has everything (KIP-113). The copy has the offsets, epochs and bytes of the original. For the last step producers are held
 * back for as long as one sync takes, at most a second; a broker that ends before goes on with what is copied.
 */
import type { Clock } from '../env/env.ts'
import { isOutOfRoom } from '../log/disk_room.ts'
import type { Log } from '../log/log.ts'
import { KafkaError } from '../protocol/errors.ts'
import { truncationOffset } from './fetcher/truncation.ts'
import type { Partition } from './partition.ts'

export interface ReplicaMove {
  readonly partition: Partition
  readonly future: Log
  readonly clock: Clock
  /** replica.alter.log.dirs.io.max.bytes.per.second */
  readonly maxBytesPerSecond: () => number
  /** Until `release` nothing of another leader is appended; clients are held by the partition itself. */
  readonly hold: () => void
  readonly release: () => void
  /** The future replica becomes the partition; returns its log. Throws if the disk fails. */
  readonly swap: () => Log
  /** It is over: done, or with why it is not. Not called for one that was cancelled. */
  readonly onEnd: (error?: Error) => void
}

const STEP_BYTES = 1024 * 1024
/** With less than this left the producers are held back for the rest. */
const LAST_STEP_BYTES = 64 * 1024
const HOLD_MS = 1_000
/** Before the last step is tried again. */
const PAUSE_MS = 20
/** Where there is no room, or the original cannot be read for the moment. */
const RETRY_MS = 1_000

export class ReplicaMover {
  private cancelled = false
  /** Of the original, when the copy was compared with it last. */
  private truncations: number

  constructor(private readonly m: ReplicaMove) {
    this.truncations = m.partition.log.truncations
  }

  /** How many records it is behind. */
  get offsetLag(): number {
    return Math.max(0, this.m.partition.logEndOffset - this.m.future.logEndOffset)
  }

  start(): void {
    void this.run()
  }

  cancel(): void {
    this.cancelled = true
    this.release()
  }

  private async run(): Promise<void> {
    const { onEnd } = this.m
    for (;;) {
      try {
        await this.copy()
        if (!this.cancelled) onEnd()
        return
      } catch (error) {
        if (this.cancelled) return
        if (!this.mayTryAgain(error)) return onEnd(error as Error)
        await this.sleep(RETRY_MS)
        if (this.cancelled) return
      }
    }
  }

  /** A full disk may have room again; one that has failed is out. */
  private mayTryAgain(error: unknown): boolean {
    const { partition, future } = this.m
    return !partition.log.isOffline && !future.isOffline && (isOutOfRoom(error) || error instanceof KafkaError)
  }

  private async copy(): Promise<void> {
    const { future } = this.m
    while (!this.cancelled) {
      this.align()
      const left = await this.step()
      if (this.cancelled) return
      if (left > 0) continue
      await future.sync()
      if (this.cancelled) return
      if (this.offsetLag > 0 && (await this.lagBytes()) > LAST_STEP_BYTES) continue
      if (await this.finish()) return
      await this.sleep(PAUSE_MS)
    }
  }

  /** What the original has deleted from its beginning goes here as well. */
  private align(): void {
    const { partition, future } = this.m
    const start = partition.logStartOffset
    if (future.logEndOffset < start || future.logStartOffset > start) future.truncateFullyAndStartAt(start)
    else future.deleteRecordsBefore(start)
    this.followCuts()
    // It has more than the original: what that has lost.
    if (future.logEndOffset > partition.logEndOffset) future.truncateTo(partition.logEndOffset)
  }

  /** A follower is cut where its leader's log parts from its own: so is the copy, which may have grown there since, or be behind. */
  private followCuts(): void {
    const { partition, future } = this.m
    if (partition.log.truncations === this.truncations) return
    this.truncations = partition.log.truncations
    // Once more for every epoch that only one of them knows.
    for (let end = -1; end !== future.logEndOffset && future.latestEpoch !== undefined; ) {
      end = future.logEndOffset
      const known = partition.log.endOffsetForEpoch(future.latestEpoch)
      if (known.endOffset < 0) {
        future.truncateFullyAndStartAt(partition.logStartOffset)
        return
      }
      const copy = {
        logEndOffset: end,
        highWatermark: future.logStartOffset,
        endOffsetForEpoch: (epoch: number) => future.endOffsetForEpoch(epoch),
      }
      future.truncateTo(truncationOffset(known, copy))
    }
  }

  private hold(): void {
    this.m.partition.hold()
    this.m.hold()
  }

  private release(): void {
    this.m.partition.release()
    this.m.release()
  }

  /** One piece. Returns how many records are left. */
  private async step(): Promise<number> {
    const { future, maxBytesPerSecond } = this.m
    const records = await this.read()
    if (this.cancelled || records.length === 0) return 0
    future.appendAsFollower(records)
    const pauseMs = (records.length / maxBytesPerSecond()) * 1000
    // Others have their turn in any case.
    await this.sleep(pauseMs > 1 ? pauseMs : 0)
    return this.offsetLag
  }

  private async read(): Promise<Buffer> {
    const { partition, future } = this.m
    const o = { offset: future.logEndOffset, maxBytes: STEP_BYTES, minOneBatch: true }
    return Buffer.concat(await partition.log.read(o))
  }

  private async lagBytes(): Promise<number> {
    return (await this.read()).length
  }

  /** The rest, while nothing is added to it. False if something was all the same, or it took too long. */
  private async finish(): Promise<boolean> {
    const { partition, future, clock, swap } = this.m
    this.hold()
    const cancelTimer = clock.after(HOLD_MS, () => this.release())
    try {
      this.align()
      while (this.offsetLag > 0) {
        const records = await this.read()
        if (this.cancelled) return false
        future.appendAsFollower(records)
      }
      future.takeOver(partition.log)
      await future.sync()
      // The segment that has ended with it.
      await future.sync()
      if (this.cancelled) return false
      const complete =
        future.logEndOffset === partition.logEndOffset &&
        future.logStartOffset === partition.logStartOffset &&
        future.recoveryPoint === future.logEndOffset
      if (complete) partition.moveTo(swap())
      return complete
    } finally {
      cancelTimer()
      this.release()
    }
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.m.clock.after(ms, resolve))
  }
}
