/**
 * Opens a partition's folder. After a clean stop what the files say is taken for granted and little is read. Otherwise
 * every segment from the recovery point on is read batch by batch, cut at the first bad byte, and its indexes are built
 * anew; the state of the producers and the leader epochs come from the newest files that hold, and from the batches
 * since. Missing or damaged companions of the log (indexes, snapshots, checkpoints) are made anew in either case.
 *
 * It syncs what it cuts, and changes nothing that is whole: a second recovery finds nothing to do.
 * What compaction was about to replace when the broker ended is settled first, see `compaction/swap.ts`.
 */
import type { RecordBatch } from '../records/batch.ts'
import { settleSwaps } from './compaction/swap.ts'
import { isOutOfRoom } from './disk_room.ts'
import {
  COMPANION_SUFFIXES,
  DELETED_SUFFIX,
  fileOf,
  INDEX_SUFFIX,
  LOG_SUFFIX,
  offsetIn,
  SNAPSHOT_SUFFIX,
  TIME_INDEX_SUFFIX,
} from './file_names.ts'
import type { Files } from './files.ts'
import { LeaderEpochs } from './leader_epochs.ts'
import type { LogConfig } from './log_config.ts'
import { decodeProducerSnapshot } from './producer_snapshot.ts'
import { type CompletedTxn, isExpired, type ProducerEntry, ProducerState } from './producer_state.ts'
import { scanBatches } from './scan_batches.ts'
import { Segment } from './segment.ts'
import { SnapshotFiles } from './snapshot_files.ts'

export interface LoadOptions {
  readonly files: Files
  readonly dir: string
  readonly config: LogConfig
  /** Was the broker stopped cleanly? */
  readonly clean: boolean
  /** From the checkpoints of the log dir. */
  readonly recoveryPoint: number
  readonly logStartOffset: number
  /** Exclusive: up to here the log was compacted, from the cleaner's checkpoint. */
  readonly cleanedTo: number
  /** Ms since the epoch. */
  readonly now: number
  readonly producerIdExpirationMs: number
  /** Ms by which a new segment rolls earlier. */
  readonly rollJitterMs: () => number
}

export interface LoadedLog {
  /** Ascending, at least one. */
  readonly segments: Segment[]
  readonly logStartOffset: number
  readonly logEndOffset: number
  readonly recoveryPoint: number
  readonly producers: ProducerState
  readonly epochs: LeaderEpochs
  /** Of the snapshot files, ascending. */
  readonly snapshots: number[]
  /** Bytes at the end that were no whole batches, and segments after them. 0 if all was well. */
  readonly cutBytes: number
}

export function loadLog(options: LoadOptions): LoadedLog {
  const load = new Load(options)
  return load.run()
}

class Load {
  private readonly files: Files
  private readonly dir: string
  private segments: Segment[] = []
  private snapshots: number[] = []
  private readonly producers = new ProducerState()
  private readonly epochs = new LeaderEpochs()
  private cutBytes = 0

  constructor(private readonly o: LoadOptions) {
    this.files = o.files
    this.dir = o.dir
  }

  run(): LoadedLog {
    const { o } = this
    this.findFiles()
    this.epochs.load(this.files.disk, this.dir)
    const logEndOffset = (o.clean ? this.cleanEnd() : undefined) ?? this.recover()
    const logStartOffset = Math.max(o.logStartOffset, this.segments[0]!.baseOffset)
    if (logStartOffset > logEndOffset) return this.startAnewAt(logStartOffset)
    this.epochs.truncateFromEnd(logEndOffset)
    this.epochs.truncateFromStart(logStartOffset)
    this.producers.expire(o.now, o.producerIdExpirationMs)
    return {
      segments: this.segments,
      logStartOffset,
      logEndOffset,
      recoveryPoint: o.clean && this.cutBytes === 0 ? logEndOffset : Math.min(o.recoveryPoint, logEndOffset),
      producers: this.producers,
      epochs: this.epochs,
      snapshots: this.snapshots,
      cutBytes: this.cutBytes,
    }
  }

  private path(offset: number, suffix: string): string {
    return `${this.dir}/${fileOf(offset, suffix)}`
  }

  private findFiles(): void {
    const { disk } = this.files
    settleSwaps(this.files, this.dir)
    const names = new Set(disk.list(this.dir).flatMap((f) => (f.directory ? [] : [f.name])))
    const bases: number[] = []
    for (const name of names) {
      if (name.endsWith(DELETED_SUFFIX)) {
        disk.remove(`${this.dir}/${name}`)
        continue
      }
      const base = offsetIn(name, LOG_SUFFIX)
      if (base !== undefined) bases.push(base)
      const snapshot = offsetIn(name, SNAPSHOT_SUFFIX)
      if (snapshot !== undefined) this.snapshots.push(snapshot)
      for (const suffix of COMPANION_SUFFIXES) {
        const offset = offsetIn(name, suffix)
        if (offset !== undefined && !names.has(fileOf(offset, LOG_SUFFIX))) disk.remove(`${this.dir}/${name}`)
      }
    }
    this.snapshots.sort((a, b) => a - b)
    for (const base of bases.sort((a, b) => a - b)) {
      const size = (suffix: string) =>
        names.has(fileOf(base, suffix)) ? this.files.sizeOf(this.path(base, suffix)) : undefined
      this.segments.push(
        this.segment(base, {
          logBytes: this.files.sizeOf(this.path(base, LOG_SUFFIX)),
          indexBytes: size(INDEX_SUFFIX),
          timeIndexBytes: size(TIME_INDEX_SUFFIX),
        }),
      )
    }
    if (this.segments.length === 0) this.addSegment(this.o.logStartOffset)
  }

  private segment(base: number, found: ConstructorParameters<typeof Segment>[3]): Segment {
    return new Segment(this.files, this.dir, base, found, this.o.now, this.o.rollJitterMs())
  }

  private addSegment(base: number): void {
    const { files, dir, o } = this
    this.segments.push(Segment.create(files, dir, base, { nowMs: o.now, rollJitterMs: o.rollJitterMs() }))
  }

  // --- after a clean stop ---

  /** The log's end, or undefined if the files do not look like those of a clean stop. */
  private cleanEnd(): number | undefined {
    const active = this.segments.at(-1)!
    if (!this.segments.every((s) => s.txnIndex.looksRight())) return undefined
    for (const s of this.segments) if (s.size > 0 && !(s.hasIndexes && s.indexesEndWell())) this.rebuildIndexes(s)
    const end = active.loadEnd((batch) => this.epochs.assign(batch.partitionLeaderEpoch, batch.baseOffset))
    if (end === undefined) return undefined
    this.rebuildState(end)
    return end
  }

  // --- otherwise ---

  private recover(): number {
    const { recoveryPoint } = this.o
    const behind = this.segments.findLastIndex((s) => s.baseOffset <= recoveryPoint)
    // What was aborted cannot be told from the segment alone: it takes the producers as they were before.
    const unsure = this.segments.findIndex((s) => !s.txnIndex.looksRight())
    const first = Math.max(0, unsure < 0 ? behind : Math.min(behind, unsure))
    const doubtful = this.segments.splice(first)
    for (const s of this.segments) if (!s.hasIndexes || !s.indexesLookRight()) this.rebuildIndexes(s)
    const scannedFrom = doubtful[0]!.baseOffset
    this.rebuildState(scannedFrom)
    let end = scannedFrom
    for (const [i, s] of doubtful.entries()) {
      // Otherwise there is a hole: the end of the segment before was never written. Compaction leaves gaps as well.
      const whole = i === 0 || s.baseOffset === end || (s.baseOffset > end && s.baseOffset <= this.o.cleanedTo)
      if (whole) {
        this.segments.push(s)
        if (i > 0) this.writeSnapshot(s.baseOffset)
        const scan = this.scan(s)
        end = scan.nextOffset
        if (!scan.damaged) continue
      }
      for (const rest of doubtful.slice(whole ? i + 1 : i).reverse()) this.remove(rest)
      break
    }
    return end
  }

  /** What is known of producers where a segment begins: without it, it would go with the segments before. It only helps. */
  private writeSnapshot(offset: number): void {
    try {
      new SnapshotFiles(this.files, this.snapshots).write(this.dir, offset, this.producers)
    } catch (e) {
      if (!isOutOfRoom(e)) throw e
    }
  }

  /** Reads a whole segment and cuts it where it is not whole. */
  private scan(s: Segment): { nextOffset: number; damaged: boolean } {
    const { size } = s
    let nextOffset = s.baseOffset
    s.reset()
    s.txnIndex.clear()
    const file = this.files.get(s.logPath, 'write')
    const end = scanBatches(file, { from: 0, size, checkCrc: true }, (batch) => {
      if (batch.baseOffset < nextOffset || !s.canHold(batch.lastOffset)) return false
      s.noteBatch(batch, this.o.config.indexIntervalBytes)
      for (const txn of this.learn(batch)) if (txn.aborted) s.txnIndex.append(txn)
      nextOffset = batch.nextOffset
    })
    s.finishIndexes()
    if (end < size) {
      file.truncate(end)
      file.syncSync()
      this.cutBytes += size - end
    }
    return { nextOffset, damaged: end < size }
  }

  private remove(s: Segment): void {
    this.cutBytes += s.size
    for (const path of s.markDeleted(DELETED_SUFFIX)) this.files.disk.remove(path)
  }

  /** Everything in the log is below its start: what is left of it is of no use. */
  private startAnewAt(offset: number): LoadedLog {
    for (const s of this.segments.splice(0).reverse()) this.remove(s)
    for (const snapshot of this.snapshots.splice(0)) this.files.disk.remove(this.path(snapshot, SNAPSHOT_SUFFIX))
    this.addSegment(offset)
    this.epochs.truncateFromEnd(0)
    return {
      segments: this.segments,
      logStartOffset: offset,
      logEndOffset: offset,
      recoveryPoint: offset,
      producers: new ProducerState(),
      epochs: this.epochs,
      snapshots: [],
      cutBytes: this.cutBytes,
    }
  }

  private learn(batch: RecordBatch): readonly CompletedTxn[] {
    this.epochs.correct(batch.partitionLeaderEpoch, batch.baseOffset)
    return this.producers.appendAll([batch], batch.baseOffset, 'replication', this.o.now)
  }

  private rebuildIndexes(s: Segment): void {
    rebuildIndexes(this.files, s, this.o.config.indexIntervalBytes)
  }

  /** What producers and leader epochs were at `offset`, where the segments at hand end. */
  private rebuildState(offset: number): void {
    const { files, dir, segments, snapshots, producers, epochs, o } = this
    const from = segments[0]?.baseOffset ?? offset
    const known = loadSnapshot(files, dir, snapshots, { from, to: offset })
    producers.load(known.entries.filter((e) => !isExpired(e, o.now, o.producerIdExpirationMs)))
    if (epochs.latest === undefined)
      replay(files, segments, 0, (b) => epochs.assign(b.partitionLeaderEpoch, b.baseOffset))
    if (known.offset < offset) replay(files, segments, known.offset, (batch) => this.learn(batch))
  }
}

/**
 * The newest snapshot that holds and is between `from`, where the log begins, and `to`; nobody if there is none. Those
 * above it are removed. One from before the log would be out of date: what has been deleted since cannot be read.
 */
function loadSnapshot(
  files: Files,
  dir: string,
  snapshots: number[],
  { from, to }: { from: number; to: number },
): { offset: number; entries: ProducerEntry[] } {
  while (snapshots.length > 0 && snapshots.at(-1)! >= from) {
    const newest = snapshots.at(-1)!
    const path = `${dir}/${fileOf(newest, SNAPSHOT_SUFFIX)}`
    const bytes = newest <= to ? files.disk.readFile(path) : undefined
    const entries = bytes && decodeProducerSnapshot(bytes)
    if (entries) return { offset: newest, entries }
    files.disk.remove(path)
    snapshots.pop()
  }
  return { offset: 0, entries: [] }
}

/** Shows all batches from `from` on. */
function replay(files: Files, segments: readonly Segment[], from: number, see: (batch: RecordBatch) => void): void {
  for (const [i, s] of segments.entries()) {
    const next = segments[i + 1]
    if (s.size === 0 || (next && next.baseOffset <= from)) continue
    const position = from <= s.baseOffset ? 0 : s.offsetIndex.lookup(from)
    scanBatches(files.get(s.logPath, 'read'), { from: position, size: s.size, checkCrc: false }, (batch) => {
      if (batch.baseOffset >= from) see(batch)
    })
  }
}

/** The state of the producers after the log was cut at its end. */
export function reloadProducers(
  files: Files,
  log: { dir: string; segments: readonly Segment[]; snapshots: number[]; endOffset: number; now: number },
): ProducerState {
  const producers = new ProducerState()
  const known = loadSnapshot(files, log.dir, log.snapshots, {
    from: log.segments[0]!.baseOffset,
    to: log.endOffset,
  })
  producers.load(known.entries)
  replay(files, log.segments, known.offset, (batch) => {
    if (batch.hasProducerId) producers.append(batch, batch.baseOffset, 'replication', log.now)
  })
  return producers
}

/** From the log alone. */
export function rebuildIndexes(files: Files, s: Segment, indexIntervalBytes: number): void {
  const { size } = s
  s.reset()
  scanBatches(
    files.get(s.logPath, 'read'),
    { from: 0, size, checkCrc: false },
    (batch) => void s.noteBatch(batch, indexIntervalBytes),
  )
  s.size = size
  s.finishIndexes()
  // A time index that lost its last entry would hide records from lookups, and nothing would tell.
  s.offsetIndex.file.syncSync()
  s.timeIndex.file.syncSync()
}
