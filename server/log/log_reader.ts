/**
 * What is asked of a log's files: batches that are in memory no more, and lookups by time. An index that turns out not to
 * fit its log is built anew, once; a log that is damaged itself is CORRUPT_MESSAGE, a disk that fails
 * KAFKA_STORAGE_ERROR, and neither takes the log offline.
 */
import { KafkaError } from '../protocol/errors.ts'
import type { Files } from './files.ts'
import { rebuildIndexes } from './recovery.ts'
import { DamagedLogError, type ReadRange, type Segment } from './segment.ts'
import type { SegmentList } from './segment_list.ts'
import type { TimestampOffset } from './time_index.ts'

export interface ReadableLog {
  readonly files: Files
  readonly segments: SegmentList
  readonly indexIntervalBytes: () => number
  /** Throws what a reader must hear if the log has gone offline or `offset` out of it while the disk was asked. */
  readonly check: (offset: number) => void
}

export class LogReader {
  private readonly rebuilt = new WeakSet<Segment>()

  constructor(private readonly log: ReadableLog) {}

  async read(range: ReadRange): Promise<readonly Buffer[]> {
    const { segments } = this.log
    // Compaction may have left nothing at the end of a segment: then the next one has the answer.
    for (const s of segments.all.slice(segments.indexOf(range.offset))) {
      const found = await this.fromDisk(s, range.offset, () => s.read(range))
      if (found) return found
    }
    return []
  }

  /** The first record at or after both, in whatever order the timestamps are; undefined if there is none. */
  async offsetForTimestamp(timestampMs: number, startOffset: number): Promise<TimestampOffset | undefined> {
    for (const s of [...this.log.segments.all]) {
      if (s.size === 0 || s.maxTimestamp.timestamp < timestampMs) continue
      const from = Math.max(startOffset, s.baseOffset)
      const found = await this.fromDisk(s, from, () => s.findByTimestamp(timestampMs, from))
      if (found) return found
    }
    return undefined
  }

  /** -1 if no record has one. */
  get latestTimestamp(): number {
    let latest = -1
    for (const s of this.log.segments.all) latest = Math.max(latest, s.maxTimestamp.timestamp)
    return latest
  }

  private async fromDisk<T>(s: Segment, offset: number, read: () => Promise<T>): Promise<T> {
    try {
      return await read()
    } catch (e) {
      this.log.check(offset)
      if (!(e instanceof DamagedLogError)) throw storageError(e)
      if (this.rebuilt.has(s)) throw new KafkaError('CORRUPT_MESSAGE', e.message)
    }
    this.rebuilt.add(s)
    try {
      rebuildIndexes(this.log.files, s, this.log.indexIntervalBytes())
    } catch (e) {
      throw storageError(e)
    }
    return this.fromDisk(s, offset, read)
  }
}

const storageError = (e: unknown): KafkaError =>
  e instanceof KafkaError ? e : new KafkaError('KAFKA_STORAGE_ERROR', (e as Error).message)
