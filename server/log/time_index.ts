/**
 * `.timeindex`: the largest timestamp seen so far (8 bytes) and the last offset of the batch that has it (relative to
 * the segment, 4 bytes). Timestamps strictly ascend. A segment that is no longer written to ends with its maximum.
 */
import { readInt64, writeInt64 } from '../lib/int64.ts'
import type { Files } from './files.ts'
import { IndexFile } from './index_file.ts'

const ENTRY_SIZE = 12

export interface TimestampOffset {
  readonly timestamp: number
  /** The last of its batch. */
  readonly offset: number
}

export class TimeIndex {
  readonly file: IndexFile

  constructor(
    files: Files,
    path: string,
    private readonly baseOffset: number,
    sizeBytes: number,
  ) {
    this.file = new IndexFile(files, path, ENTRY_SIZE, sizeBytes)
  }

  /** The last entry that fits is kept for the one that ends the file. */
  isFull(maxBytes: number): boolean {
    return this.file.count >= Math.floor(maxBytes / ENTRY_SIZE) - 1
  }

  /** Does nothing unless the timestamp is later than the last one. */
  maybeAppend(max: TimestampOffset): void {
    if (max.timestamp <= this.last.timestamp) return
    const e = this.file.append()
    writeInt64(e, 0, max.timestamp)
    e.writeUInt32BE(max.offset - this.baseOffset, 8)
  }

  /** Timestamp -1 if there is none. */
  get last(): TimestampOffset {
    return this.at(this.file.count - 1)
  }

  /** The last entry at or before a time: what is later than `timestampMs` comes after its offset or in its batch. */
  lookup(timestampMs: number): TimestampOffset {
    return this.at(this.file.search((e) => readInt64(e, 0) <= timestampMs))
  }

  /** Keeps what points at offsets below. */
  truncateTo(offset: number): void {
    const relative = offset - this.baseOffset
    this.file.truncate(this.file.search((e) => e.readUInt32BE(8) < relative) + 1)
  }

  private at(n: number): TimestampOffset {
    if (n < 0) return { timestamp: -1, offset: this.baseOffset }
    const e = this.file.entry(n)
    return { timestamp: readInt64(e, 0), offset: this.baseOffset + e.readUInt32BE(8) }
  }
}
