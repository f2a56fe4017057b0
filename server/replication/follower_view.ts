/** A partition as its followers read it: up to the log's end, which the high watermark does not bound. */
import type { Partition } from './partition.ts'
import type { Watcher } from './partition_options.ts'

export class FollowerView {
  private readonly watchers = new Set<Watcher>()
  /** Size of the log when they were told last. */
  private bytesTold: number

  constructor(private readonly partition: Partition) {
    this.bytesTold = partition.log.bytesAppended
  }

  get leaderEpoch(): number {
    return this.partition.leaderEpoch
  }
  get highWatermark(): number {
    return this.partition.highWatermark
  }
  get lastStableOffset(): number {
    return this.partition.lastStableOffset
  }
  get logStartOffset(): number {
    return this.partition.logStartOffset
  }
  get meter() {
    return this.partition.meter
  }
  get isWatched(): boolean {
    return this.watchers.size > 0
  }

  hasDataAt(offset: number): boolean {
    return offset < this.partition.logEndOffset
  }

  /** Whole batches from the one that holds `offset`; a promise where the disk is asked. Throws OFFSET_OUT_OF_RANGE. */
  read(o: { offset: number; maxBytes: number; minOneBatch: boolean }): readonly Buffer[] | Promise<readonly Buffer[]> {
    const { partition } = this
    partition.checkOffset(o.offset)
    return o.offset >= partition.logEndOffset ? [] : partition.log.read(o)
  }

  /** Followers need no list: they have the markers. */
  abortedTransactions(): null {
    return null
  }

  watch(watcher: Watcher): void {
    this.watchers.add(watcher)
  }
  unwatch(watcher: Watcher): void {
    this.watchers.delete(watcher)
  }

  /** The log may have grown. */
  tell(): void {
    const { bytesAppended } = this.partition.log
    const grown = bytesAppended - this.bytesTold
    this.bytesTold = bytesAppended
    if (grown > 0) for (const watcher of this.watchers) watcher.grown(grown)
  }

  highWatermarkMoved(): void {
    for (const watcher of this.watchers) if (watcher.wantsHighWatermark) watcher.grown(1)
  }

  /** The log is another, of the same records. */
  moved(): void {
    this.bytesTold = this.partition.log.bytesAppended
  }

  /** Something else than growth has happened: who waits looks again. */
  endWaits(): void {
    for (const watcher of this.watchers) watcher.grown(Number.POSITIVE_INFINITY)
  }
}
