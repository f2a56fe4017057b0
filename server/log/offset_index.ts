/**
 * `.index`: for some batches of a segment their last offset (relative to the segment, 4 bytes) and their position in the
 * log (4 bytes). Sparse: one entry about every index.interval.bytes.
 */
import type { Files } from './files.ts'
import { IndexFile } from './index_file.ts'

const ENTRY_SIZE = 8

export class OffsetIndex {
  readonly file: IndexFile

  constructor(
    files: Files,
    path: string,
    private readonly baseOffset: number,
    sizeBytes: number,
  ) {
    this.file = new IndexFile(files, path, ENTRY_SIZE, sizeBytes)
  }

  isFull(maxBytes: number): boolean {
    return this.file.count >= Math.floor(maxBytes / ENTRY_SIZE)
  }

  append(lastOffset: number, position: number): void {
    const e = this.file.append()
    e.writeUInt32BE(lastOffset - this.baseOffset, 0)
    e.writeUInt32BE(position, 4)
  }

  /** Position of a batch at or before the one that holds `offset`. */
  lookup(offset: number): number {
    const relative = offset - this.baseOffset
    return this.position(this.file.search((e) => e.readUInt32BE(0) <= relative))
  }

  /** Of the batch that the last entry points at; 0 if there is none. */
  get lastPosition(): number {
    return this.position(this.file.count - 1)
  }

  private position(n: number): number {
    return n < 0 ? 0 : this.file.entry(n).readUInt32BE(4)
  }

  /** Keeps what points at offsets below. */
  truncateTo(offset: number): void {
    const relative = offset - this.baseOffset
    this.file.truncate(this.file.search((e) => e.readUInt32BE(0) < relative) + 1)
  }
}
