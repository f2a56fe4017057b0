/**
 * The metadata log as those see it who fetch it (KIP-595, KIP-630): where a reader's log parts from it, who needs a snapshot first, and
 * who waits for more. Only what is committed is told, so who follows applies at once what comes, and never takes anything back.
 */
import type { Clock } from '../env/env.ts'
import type { SnapshotId } from '../metadata/snapshot.ts'
import type { SnapshotStore } from '../metadata/snapshot_store.ts'
import { KafkaError } from '../protocol/errors.ts'
import type { Partition } from '../replication/partition.ts'
import type { Gone } from '../rpc/gone.ts'

/** A place in a log: what is below `offset` has been read, and its last record is of `epoch`. */
export interface ReadPosition {
  readonly offset: number
  readonly epoch: number
}

export type Found =
  | { readonly kind: 'valid' }
  /** The reader has to cut its log there. */
  | { readonly kind: 'diverging'; readonly epoch: number; readonly endOffset: number }
  /** What it needs is no longer in the log, or reads faster so. */
  | { readonly kind: 'snapshot'; readonly id: SnapshotId }

interface Waiter {
  readonly offset: number
  wake(): void
}

export class FetchedLog {
  private readonly waiters = new Set<Waiter>()
  private readonly stopListening: () => void
  private closed = false

  constructor(
    private readonly partition: Partition,
    readonly leaderId: number,
    readonly leaderEpoch: number,
    private readonly snapshots: SnapshotStore,
    private readonly clock: Pick<Clock, 'after'>,
  ) {
    this.stopListening = partition.onHighWatermark((highWatermark, error) => {
      for (const w of [...this.waiters]) if (error !== undefined || highWatermark > w.offset) w.wake()
    })
  }

  get highWatermark(): number {
    return this.partition.highWatermark
  }
  get logStartOffset(): number {
    return this.partition.logStartOffset
  }

  /** Throws what a request for another term must hear, or for any once this node is about to stop. */
  checkLeader(requestEpoch: number): void {
    if (requestEpoch < this.leaderEpoch) throw new KafkaError('FENCED_LEADER_EPOCH')
    if (requestEpoch > this.leaderEpoch) throw new KafkaError('UNKNOWN_LEADER_EPOCH')
    if (this.closed) throw new KafkaError('BROKER_NOT_AVAILABLE')
  }

  find({ offset, epoch }: ReadPosition): Found {
    const latest = this.snapshots.latestId
    if (offset === 0 && latest !== undefined && !isBootstrap(latest)) return { kind: 'snapshot', id: latest }
    const { logStartOffset } = this
    if (offset === 0 && logStartOffset === 0) return { kind: 'valid' }
    const earliest = this.snapshots.earliestId
    const needsSnapshot =
      earliest !== undefined &&
      (offset < logStartOffset ||
        (offset === logStartOffset && logStartOffset !== 0 && epoch !== earliest.epoch) ||
        epoch < earliest.epoch)
    if (needsSnapshot) return { kind: 'snapshot', id: latest! }
    const end = this.endOffsetOf(epoch, earliest)
    return end.epoch !== epoch || end.endOffset < offset ? { kind: 'diverging', ...end } : { kind: 'valid' }
  }

  /** A log that begins with a snapshot has no record of the epoch that the snapshot ends in. */
  private endOffsetOf(epoch: number, earliest: SnapshotId | undefined): { epoch: number; endOffset: number } {
    const found = this.partition.endOffsetForEpoch(epoch)
    if (found.endOffset < 0) return { epoch: this.leaderEpoch, endOffset: this.partition.logEndOffset }
    if (earliest !== undefined && earliest.endOffset === found.endOffset && earliest.epoch === epoch) return earliest
    return found
  }

  /** Whole batches from `offset` up to the high watermark; at least one, if there is one. */
  read(offset: number, maxBytes: number): readonly Buffer[] | Promise<readonly Buffer[]> {
    return this.partition.read({ offset, maxBytes, minOneBatch: true })
  }

  piece(id: SnapshotId, o: { position: number; maxBytes: number }): { size: number; bytes: Buffer } | undefined {
    return isBootstrap(id) ? undefined : this.snapshots.piece(id, o)
  }

  /** Resolves when there is more than `offset`, or after so long, or when nobody waits any more. */
  wait(offset: number, ms: number, gone: Gone): Promise<void> {
    if (this.closed || gone.over || this.highWatermark > offset) return Promise.resolve()
    return new Promise((resolve) => {
      const waiter: Waiter = {
        offset,
        wake: () => {
          this.waiters.delete(waiter)
          cancel()
          gone.unwatch(waiter.wake)
          resolve()
        },
      }
      const cancel = this.clock.after(ms, waiter.wake)
      gone.watch(waiter.wake)
      this.waiters.add(waiter)
    })
  }

  /** Who waits is answered, and told to look elsewhere. */
  close(): void {
    this.closed = true
    this.stopListening()
    for (const w of [...this.waiters]) w.wake()
  }
}

/** What a folder was formatted with (KIP-853) is in the log as well, and is not told: nobody would get further by it. */
const isBootstrap = (id: SnapshotId): boolean => id.endOffset === 0
