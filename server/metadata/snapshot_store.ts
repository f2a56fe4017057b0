/**
 * The snapshots in the folder of the metadata log, and how much of the log is kept behind them (KIP-630): when log and snapshots are
 * larger than metadata.max.retention.bytes, or the oldest snapshot is older than metadata.max.retention.ms, the oldest one goes,
 * and with it the segments that end before the next one. The newest is never removed, and nothing is on the word of a file
 * that cannot be read back.
 */
import type { Disk } from '../env/env.ts'
import { MalformedError } from '../protocol/wire.ts'
import { decodeSnapshot, parseSnapshotName, type Snapshot, type SnapshotId, snapshotName } from './snapshot.ts'

/** The metadata log, as far as it matters here. */
export interface SnapshottedLog {
  readonly logStartOffset: number
  readonly logEndOffset: number
  readonly sizeInBytes: number
  deleteRecordsBefore(offset: number): void
  truncateFullyAndStartAt(offset: number): void
}

export interface SnapshotStoreOptions {
  readonly disk: Disk
  readonly folder: string
  readonly log: SnapshottedLog
  /** Of log and snapshots together; below 0: no limit. */
  readonly retentionBytes: number
  /** Below 0: no limit. */
  readonly retentionMs: number
}

/** What a crash or Apache Kafka may leave: half written, or to be removed later. */
const LEFTOVER = /\.checkpoint\.(part|deleted|tmp)$/

interface Seen {
  readonly bytes: number
  /** Ms since the epoch, of the last record in it; undefined if it cannot be read. */
  readonly lastMs: number | undefined
}

export class SnapshotStore {
  private readonly seen = new Map<string, Seen>()
  /** Oldest first: those that can be read as far as has been seen, so that nobody who asks at every fetch costs a look at the disk. */
  private known: readonly SnapshotId[] = []

  constructor(private readonly o: SnapshotStoreOptions) {}

  /**
   * The newest whole snapshot, with log and folder brought in line with it. Throws, with a sentence, if the beginning of the log
   * is gone and no snapshot stands for it: what is left would be another cluster.
   */
  open(): (Snapshot & SnapshotId) | undefined {
    const { disk, folder, log } = this.o
    for (const { name } of disk.list(folder)) if (LEFTOVER.test(name)) disk.remove(`${folder}/${name}`)
    const latest = this.latest()
    if (log.logStartOffset > (latest?.endOffset ?? 0)) {
      throw new Error(
        `${folder} begins at offset ${log.logStartOffset}, and no snapshot that can be read goes that far. Restore the newest .checkpoint file of this folder from a backup.`,
      )
    }
    // Such as after the end of the log was cut: what is appended next must not be taken for part of the snapshot.
    if (latest !== undefined && latest.endOffset > log.logEndOffset) log.truncateFullyAndStartAt(latest.endOffset)
    for (const id of this.ids()) if (id.endOffset < log.logStartOffset) this.remove(id)
    this.known = this.ids().filter((id) => latest !== undefined && id.endOffset <= latest.endOffset)
    return latest
  }

  private latest(): (Snapshot & SnapshotId) | undefined {
    for (const id of this.ids().reverse()) {
      const snapshot = this.read(id)
      if (snapshot !== undefined) return { ...id, ...snapshot }
    }
    return undefined
  }

  write(id: SnapshotId, file: Buffer): void {
    this.o.disk.replaceFile(this.path(id), file)
    this.seen.delete(snapshotName(id))
    this.known = [...this.known, id]
  }

  get earliestId(): SnapshotId | undefined {
    return this.known[0]
  }
  get latestId(): SnapshotId | undefined {
    return this.known.at(-1)
  }

  /** A piece of a snapshot for who fetches it, and how large the whole is; undefined where there is no such snapshot. */
  piece(id: SnapshotId, o: { position: number; maxBytes: number }): { size: number; bytes: Buffer } | undefined {
    const path = this.path(id)
    if (!this.o.disk.exists(path)) return undefined
    const file = this.o.disk.open(path, 'read')
    try {
      const size = file.size()
      const bytes = Buffer.alloc(Math.max(0, Math.min(o.maxBytes, size - o.position)))
      return { size, bytes: bytes.subarray(0, file.readSync(bytes, o.position)) }
    } finally {
      file.close()
    }
  }

  /** Removes what retention no longer covers. */
  clean(nowMs: number): void {
    const { log, retentionBytes, retentionMs } = this.o
    const ids = this.ids()
    for (const [i, id] of ids.slice(0, -1).entries()) {
      const tooLarge = retentionBytes >= 0 && log.sizeInBytes + this.bytesOf(ids.slice(i)) > retentionBytes
      if (!tooLarge && !(retentionMs >= 0 && nowMs - (this.look(id).lastMs ?? nowMs) > retentionMs)) return
      const next = ids[i + 1]!
      if (this.read(next) === undefined) return
      // The log first: a snapshot from before its start is removed when the folder is opened again.
      log.deleteRecordsBefore(next.endOffset)
      this.remove(id)
    }
  }

  private bytesOf(ids: readonly SnapshotId[]): number {
    return ids.reduce((sum, id) => sum + this.look(id).bytes, 0)
  }

  /** Read once: a file of that name never changes. */
  private look(id: SnapshotId): Seen {
    const name = snapshotName(id)
    let seen = this.seen.get(name)
    if (seen === undefined) {
      const bytes = this.o.disk.readFile(this.path(id))?.length ?? 0
      seen = { bytes, lastMs: this.read(id)?.lastContainedLogTimestamp }
      this.seen.set(name, seen)
    }
    return seen
  }

  /** Undefined if it is damaged or not whole. */
  private read(id: SnapshotId): Snapshot | undefined {
    try {
      return decodeSnapshot(this.o.disk.readFile(this.path(id)) ?? Buffer.alloc(0))
    } catch (e) {
      if (!(e instanceof MalformedError)) throw e
      return undefined
    }
  }

  remove(id: SnapshotId): void {
    this.o.disk.remove(this.path(id))
    this.seen.delete(snapshotName(id))
    this.known = this.known.filter((k) => k.endOffset !== id.endOffset || k.epoch !== id.epoch)
  }

  private path(id: SnapshotId): string {
    return `${this.o.folder}/${snapshotName(id)}`
  }

  /** Oldest first. */
  ids(): SnapshotId[] {
    return this.o.disk
      .list(this.o.folder)
      .flatMap(({ name }) => parseSnapshotName(name) ?? [])
      .sort((a, b) => a.endOffset - b.endOffset || a.epoch - b.epoch)
  }
}
