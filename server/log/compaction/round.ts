/**
 * One compaction of one log. First the last offset of every key in the dirty part is noted, as far as there is memory;
 * then all segments up to there are copied without the records that have a later one with their key, several small ones
 * into one, and swapped in. Offsets stay what they are.
 */
import type { Log } from '../log.ts'
import type { Segment } from '../segment.ts'
import type { AbortedTxn } from '../transaction_index.ts'
import { batchesOf, type Piece } from './batch_stream.ts'
import { type Cleanable, isCompacted } from './cleanable.ts'
import { CleanedSegment } from './cleaned_segment.ts'
import { KeyMap } from './key_map.ts'
import type { Pace } from './pace.ts'
import { noteKeys, Retention } from './retention.ts'
import { groupSegments, type SegmentGroup } from './segment_groups.ts'
import { swapIn } from './swap.ts'
import { TransactionTracker } from './transactions.ts'

export interface RoundOptions {
  readonly pace: Pace
  /** Bytes that are read at once, and about as many are written. */
  readonly ioBytes: number
  /** What the map of keys may take; it takes one batch's more if need be. */
  readonly mapBytes: number
  /** Eight random bytes. */
  readonly secret: Buffer
  /** Ms since the epoch. */
  readonly nowMs: number
  readonly isStopping: () => boolean
}

export interface RoundResult {
  /** Exclusive: up to here the log is compacted now. */
  readonly endOffset: number
  readonly bytesRead: number
  readonly bytesWritten: number
}

/** The log was cut, closed or deleted meanwhile, or the cleaner stops: nothing is wrong, and what was done stays done. */
export class CleaningAborted extends Error {
  override name = 'CleaningAborted'
}

/** Rejects with CleaningAborted, or with what is wrong with the log or its disk; the log is whole in any case. */
export const compact = (target: Cleanable, o: RoundOptions): Promise<RoundResult> => new Round(target, o).run()

class Round {
  private readonly log: Log
  private readonly map: KeyMap
  private readonly truncations: number
  private readonly dir: string
  private aborted: readonly AbortedTxn[] = []
  private reading: Segment | undefined
  /** What is being written. */
  private cleaned: CleanedSegment | undefined
  private bytesRead = 0
  private bytesWritten = 0

  constructor(
    private readonly target: Cleanable,
    private readonly o: RoundOptions,
  ) {
    this.log = target.log
    this.truncations = target.log.truncations
    this.dir = target.log.dir
    this.map = new KeyMap(o.secret)
  }

  async run(): Promise<RoundResult> {
    try {
      this.aborted = this.log.segments.all.flatMap((s) => [...s.txnIndex.all()])
      await this.noteAllKeys()
      const endOffset = this.map.latestOffset + 1
      const segments = this.log.segments.all.filter((s) => s.baseOffset < endOffset)
      const after = this.log.segments.endOf(segments.length - 1, this.log.logEndOffset)
      const tracker = new TransactionTracker(this.aborted, (txn) => this.cleaned?.segment.txnIndex.append(txn))
      for (const group of groupSegments(segments, after, this.log.config)) await this.replace(group, tracker)
      return { endOffset, bytesRead: this.bytesRead, bytesWritten: this.bytesWritten }
    } catch (e) {
      // A segment that retention has taken away cannot be read to its end; that is no damage.
      this.check()
      throw e
    }
  }

  /** Throws if there is no sense in going on. */
  private check(): void {
    const { log } = this
    const cut = log.isOffline || log.truncations !== this.truncations
    const moved = log.dir !== this.dir || (this.reading && !log.segments.all.includes(this.reading))
    if (this.o.isStopping() || cut || moved || !isCompacted(log)) throw new CleaningAborted()
  }

  private async noteAllKeys(): Promise<void> {
    const { firstDirtyOffset, firstUncleanableOffset } = this.target
    const { map, o } = this
    const tracker = new TransactionTracker(this.aborted)
    const { segments } = this.log
    const dirty = segments.all.slice(segments.indexOf(firstDirtyOffset), segments.indexOf(firstUncleanableOffset))
    for (const [i, s] of dirty.entries()) {
      const from = firstDirtyOffset > s.baseOffset ? s.offsetIndex.lookup(firstDirtyOffset) : 0
      for await (const piece of this.read(s, from)) {
        for (const batch of piece) {
          const mayGo = tracker.mayGo(batch)
          if (batch.lastOffset < firstDirtyOffset) continue
          if (!batch.isControl && !mayGo) {
            for (const _ of noteKeys(batch, map, firstDirtyOffset)) if (o.pace.isDue) await this.rest()
          }
          map.latestOffset = batch.lastOffset
          // Not in the middle of a batch: however little memory there is, it goes on by one.
          if (map.bytes >= o.mapBytes) return
          if (o.pace.isDue) await this.rest()
        }
      }
      map.latestOffset = Math.max(map.latestOffset, (dirty[i + 1]?.baseOffset ?? firstUncleanableOffset) - 1)
    }
  }

  private async replace(group: SegmentGroup, tracker: TransactionTracker): Promise<void> {
    const { log, map, o } = this
    const cleaned = new CleanedSegment(log, group.segments)
    this.cleaned = cleaned
    try {
      const { nowMs } = o
      const retention = new Retention({ map, tracker, producers: log.activeProducers, config: log.config, nowMs })
      for (const s of group.segments) {
        for await (const piece of this.read(s, 0)) {
          for (const batch of piece) {
            const filtered = retention.filter(batch)
            let step = filtered.next()
            for (; !step.done; step = filtered.next()) if (o.pace.isDue) await this.rest()
            cleaned.add(batch, step.value)
            if (o.pace.isDue) await this.rest()
          }
          const written = cleaned.write()
          this.bytesWritten += written
          await o.pace.spend(written)
        }
      }
      await cleaned.finish()
      this.check()
      // Retention may have taken some of them away.
      if (!group.segments.every((s) => log.segments.all.includes(s))) throw new CleaningAborted()
    } catch (e) {
      if (!log.isOffline) cleaned.discard()
      throw e
    }
    this.reading = undefined
    log.swapSegments(group.endOffset, (segments, snapshots) =>
      swapIn({ dir: log.dir, segments, snapshots }, group.segments, cleaned.segment),
    )
  }

  private async *read(s: Segment, from: number): AsyncGenerator<Piece> {
    const { pace, ioBytes } = this.o
    this.reading = s
    this.check()
    const { segments, logEndOffset } = this.log
    const endOffset = segments.endOf(segments.all.indexOf(s), logEndOffset)
    for await (const piece of batchesOf(s, { from, bytes: ioBytes, endOffset })) {
      pace.begin()
      this.check()
      yield piece
      let bytes = 0
      for (const batch of piece) bytes += batch.sizeInBytes
      this.bytesRead += bytes
      await pace.spend(bytes)
      this.check()
    }
  }

  private async rest(): Promise<void> {
    await this.o.pace.rest()
    this.check()
  }
}
