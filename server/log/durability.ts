/**
 * What of a log survives a crash, and the syncs that make it so: of records, of the names of new files, and of what belongs to
 * segments that are written to no more, which recovery trusts.
 *
 * A sync that fails is the end of the log. Where it could not be begun, for want of descriptors, it is tried again; indexes and
 * epochs that find no room on the disk stay in memory, and recovery will look at their segments, until there is.
 */
import { isOutOfDescriptors, isOutOfRoom } from './disk_room.ts'
import { FlushPolicy } from './flush_policy.ts'
import type { LeaderEpochs } from './leader_epochs.ts'
import type { LogConfig } from './log_config.ts'
import type { LogContext } from './log_context.ts'
import type { Segment } from './segment.ts'
import type { SegmentList } from './segment_list.ts'
import { SharedSync } from './shared_sync.ts'

const RETRY_MS = 100

/** The log that is to be durable. */
export interface DurableLog {
  readonly dir: string
  /** Exclusive. */
  readonly logEndOffset: number
  readonly config: LogConfig
  /** Throws if the log is offline. */
  checkOnline(): void
  /** As `Durability.sync`, for those who use the log. */
  sync(): Promise<void>
  /** The log is over; returns what to throw. */
  fail(e: unknown): Error
}

export interface DurabilityOptions {
  readonly context: LogContext
  readonly segments: SegmentList
  readonly epochs: LeaderEpochs
  readonly recoveryPoint: number
  /** Was its folder made just now, and was the last stop a clean one? */
  readonly created: boolean
  readonly clean: boolean
}

export class Durability {
  /** Exclusive: so far records are safe. */
  syncedTo: number
  /** There are names in the folder that are not durable. */
  newNames: boolean
  /** Counts truncations: a sync that began before one says nothing about what was appended after it. */
  truncations = 0
  readonly flushPolicy: FlushPolicy
  /** Segments that are not written to any more, but whose indexes are not durable. */
  private readonly rolled = new Marks()
  /** Segments that are shorter than their file may be after a crash. */
  private readonly cut = new Marks()
  private readonly syncs = new SharedSync(
    (target) => this.syncFiles(target),
    () => this.log.logEndOffset,
    () => this.truncations,
  )

  constructor(
    private readonly log: DurableLog,
    private readonly o: DurabilityOptions,
  ) {
    const { segments, context } = o
    this.syncedTo = o.recoveryPoint
    this.newNames = o.created || !o.clean
    if (!o.clean) for (const s of segments.all.slice(segments.indexOf(o.recoveryPoint), -1)) this.rolled.set(s)
    this.flushPolicy = new FlushPolicy(
      context.env.clock,
      () => log.config,
      () => this.syncInBackground(),
    )
  }

  /** Exclusive: up to here everything survives a crash, and recovery need not look at it. */
  get recoveryPoint(): number {
    let safe = this.syncedTo
    for (const s of this.rolled.all) safe = Math.min(safe, s.baseOffset)
    return safe
  }

  get unflushed(): number {
    return this.log.logEndOffset - this.syncedTo
  }

  get isSynced(): boolean {
    return this.syncedTo >= this.log.logEndOffset && !this.newNames && this.rolled.isEmpty && this.cut.isEmpty
  }

  /** Resolves when everything appended before the call survives a crash. Concurrent callers share syncs. */
  sync(): Promise<void> {
    return this.isSynced ? Promise.resolve() : this.syncs.request()
  }

  /** Twice: a sync that was under way when a segment was rolled knew nothing of its indexes. Its failure shows later. */
  syncInBackground(): void {
    this.sync()
      .then(() => this.sync())
      .catch(() => {})
  }

  /** `s` is written to no more. */
  segmentRolled(s: Segment): void {
    this.rolled.set(s)
  }

  /** After another: that is synced in the background, as Kafka does. */
  segmentBegan(): void {
    this.o.context.env.clock.soon(() => this.syncInBackground())
  }

  /** They are gone. */
  forget(segments: readonly Segment[]): void {
    for (const s of segments) {
      this.rolled.delete(s)
      this.cut.delete(s)
    }
  }

  /** The log ends here now, in this segment, which is written to again. What was behind must not come back by a crash. */
  cutTo(endOffset: number, active: Segment): void {
    if (endOffset < this.syncedTo) this.o.context.onCut()
    this.syncedTo = Math.min(this.syncedTo, endOffset)
    this.rolled.delete(active)
    this.cut.set(active)
    this.newNames = true
  }

  /** All is as a clean stop leaves it, whose next start looks at nothing. */
  async settle(writeSnapshot: () => void): Promise<void> {
    const { segments, epochs, context } = this.o
    const { files } = context
    await this.log.sync()
    // A sync that was under way when a segment was rolled knew nothing of its companions.
    await this.log.sync()
    try {
      segments.active.finishIndexes()
      writeSnapshot()
      await Promise.all([segments.active.syncIndexes(), epochs.flush(files, this.log.dir)])
      files.disk.syncDirectory(this.log.dir)
    } catch (e) {
      throw this.log.fail(e)
    }
  }

  syncNames(): void {
    if (!this.newNames) return
    this.o.context.syncFolderNames()
    this.o.context.files.disk.syncDirectory(this.log.dir)
    this.newNames = false
  }

  private async syncFiles(target: number): Promise<void> {
    const { truncations } = this
    const { log } = this
    const { context } = this.o
    const { clock } = context.env
    const begunMs = clock.monotonic()
    for (;;) {
      log.checkOnline()
      const failure = await this.trySync()
      if (failure === undefined) break
      if (!isOutOfDescriptors(failure)) throw log.fail(failure)
      await new Promise<void>((resolve) => clock.after(RETRY_MS, resolve))
    }
    context.onSynced(clock.monotonic() - begunMs)
    log.checkOnline()
    if (truncations === this.truncations) this.syncedTo = Math.max(this.syncedTo, target)
    this.flushPolicy.rest()
  }

  private async trySync(): Promise<unknown> {
    const { segments } = this.o
    const behind = segments.all.slice(segments.indexOf(this.syncedTo))
    // Recovery trusts the indexes of segments before the recovery point, so they must be safe before it passes.
    const rolled = this.rolled.taken().filter(([s]) => hasRoom(s))
    const epochs = rolled.length > 0 ? this.syncEpochs() : Promise.resolve(true)
    const cut = this.cut.taken()
    const logs = [...new Set([...behind, ...cut.map(([s]) => s)])]
    const syncs = [...logs.map((s) => s.syncLog()), ...rolled.map(([s]) => s.syncIndexes())]
    const [written, ...ends] = await Promise.allSettled([epochs, ...syncs])
    const failures = [written, ...ends].flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []))
    if (failures.length > 0) return failures.find((e) => !isOutOfDescriptors(e)) ?? failures[0]
    this.cut.settle(cut)
    if (rolled.length > 0 && written.status === 'fulfilled' && written.value) {
      this.rolled.settle(rolled)
      this.newNames = true
    }
    try {
      this.syncNames()
    } catch (e) {
      return e
    }
    return undefined
  }

  /** False if there is no room for them. */
  private async syncEpochs(): Promise<boolean> {
    try {
      await this.o.epochs.flush(this.o.context.files, this.log.dir)
      return true
    } catch (e) {
      if (isOutOfRoom(e)) return false
      throw e
    }
  }
}

type Mark = readonly [Segment, number]

/** Segments for which something is to be done; one that is marked again while it is being done keeps its mark. */
class Marks {
  private readonly marks = new Map<Segment, number>()
  private count = 0

  get isEmpty(): boolean {
    return this.marks.size === 0
  }
  get all(): Iterable<Segment> {
    return this.marks.keys()
  }
  set(s: Segment): void {
    this.marks.set(s, ++this.count)
  }
  delete(s: Segment): void {
    this.marks.delete(s)
  }
  taken(): Mark[] {
    return [...this.marks]
  }
  settle(done: readonly Mark[]): void {
    for (const [s, mark] of done) if (this.marks.get(s) === mark) this.marks.delete(s)
  }
}

/** Is there, for its indexes? */
function hasRoom(s: Segment): boolean {
  try {
    s.makeIndexes()
    return true
  } catch (e) {
    if (isOutOfRoom(e)) return false
    throw e
  }
}
