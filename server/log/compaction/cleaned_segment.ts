/** The segment that is made of one or several others, under `.cleaned` names until it is swapped in. */
import { RecordBatch } from '../../records/batch.ts'
import { COMPANION_SUFFIXES, fileOf, LOG_SUFFIX } from '../file_names.ts'
import type { Log } from '../log.ts'
import { Segment } from '../segment.ts'
import { emptied } from './retention.ts'
import { CLEANED_SUFFIX } from './swap.ts'

/** Positions in indexes are of 31 bits. */
const LARGEST = 2 ** 31 - 1

export class CleanedSegment {
  readonly segment: Segment
  private parts: Buffer[] = []
  private bytes = 0
  private dropped: RecordBatch | undefined
  /** What came last was dropped: its header, should nothing follow. */
  private last: Buffer | undefined

  constructor(
    private readonly log: Log,
    from: readonly Segment[],
  ) {
    const { files, baseOffset } = from[0]!
    const none = { logBytes: 0, indexBytes: 0, timeIndexBytes: 0 }
    this.segment = new Segment(files, log.dir, baseOffset, none, from.at(-1)!.createdMs, 0)
    this.segment.nameFiles(CLEANED_SUFFIX)
    this.discard()
    files.get(this.segment.logPath, 'write')
  }

  /** What stays of `batch`, the next one; undefined: nothing. The bytes must not change until `write`. */
  add(batch: RecordBatch, bytes: Buffer | undefined): void {
    if (bytes) this.note(bytes)
    else this.dropped = batch
  }

  private note(bytes: Buffer): void {
    this.dropped = undefined
    this.last = undefined
    if (this.segment.size + bytes.length > LARGEST) {
      throw new Error(`what stays of the segment at ${this.segment.baseOffset} is larger than a segment may be`)
    }
    this.segment.noteBatch(new RecordBatch(bytes), this.log.config.indexIntervalBytes)
    this.parts.push(bytes)
    this.bytes += bytes.length
  }

  /** Writes what was added; returns its bytes. */
  write(): number {
    const { bytes, parts, dropped } = this
    // The batches that were added are views on memory that is used again.
    if (dropped) this.last = Buffer.from(emptied(dropped))
    this.dropped = undefined
    if (bytes > 0) this.segment.write(parts, bytes)
    this.parts = []
    this.bytes = 0
    return bytes
  }

  /**
   * All of it is on the disk when this resolves. Its last batch is that of what it was made from, if only the header: so
   * segments follow each other without gaps, which a start after a crash would have to take for lost data.
   */
  async finish(): Promise<void> {
    if (this.last) {
      this.note(this.last)
      this.write()
    }
    this.segment.finishIndexes()
    await Promise.all([this.segment.syncLog(), this.segment.syncIndexes()])
  }

  /** Removes its files. */
  discard(): void {
    const { files, baseOffset } = this.segment
    for (const kind of [LOG_SUFFIX, ...COMPANION_SUFFIXES]) {
      const path = `${this.log.dir}/${fileOf(baseOffset, kind)}${CLEANED_SUFFIX}`
      files.forget(path)
      files.disk.remove(path)
    }
  }
}
