/** The batches that one turn of the event loop appends to a log, on their way into a segment in one write. */
import type { RecordBatch } from '../records/batch.ts'
import type { Segment } from './segment.ts'
import type { Tail } from './tail.ts'

export class GroupedWrite {
  totalBytes = 0
  private pending: RecordBatch[] = []
  private bytes = 0

  constructor(
    /** Where readers find them; undefined where nobody reads. */
    private readonly tail: Tail | undefined,
  ) {}

  /** A batch that the segment has noted. */
  add(batch: RecordBatch): void {
    const size = batch.sizeInBytes
    this.pending.push(batch)
    this.bytes += size
    this.totalBytes += size
  }

  /** Before another segment begins, and at the end. */
  toDisk(segment: Segment): void {
    if (this.bytes === 0) return
    const parts = this.pending.map((b) => b.bytes())
    segment.write(parts, this.bytes)
    if (this.tail) for (const [i, b] of this.pending.entries()) this.tail.push(b.baseOffset, b.nextOffset, parts[i]!)
    this.pending = []
    this.bytes = 0
  }
}
