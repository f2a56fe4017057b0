/**
 * Entries of a fixed size in ascending order, in a file that is only appended to: the base of both indexes. Lookups read
 * single entries from the file, so an index costs no memory. New entries wait in memory until `flush`: after a crash an
 * index is built anew from its log anyway. Unlike Kafka's the file is not made large beforehand; it always has the size
 * of its entries, as Kafka trims it to when a segment is rolled.
 */
import type { DiskFile } from '../env/env.ts'
import type { Files } from './files.ts'

const NOTHING = Buffer.alloc(0)
/** Entries that may wait. */
const MOST_PENDING = 1024

export class IndexFile {
  /** In the file. */
  private written: number
  private pending = NOTHING
  private waiting = 0
  /** The file may hold more than `written` entries. */
  private stale = false
  private unsynced = false
  private readonly scratch: Buffer

  constructor(
    private readonly files: Files,
    public path: string,
    readonly entrySize: number,
    /** Bytes of the file, a multiple of `entrySize`; what is beyond is not an entry. */
    sizeBytes: number,
  ) {
    this.written = Math.floor(sizeBytes / entrySize)
    this.scratch = Buffer.allocUnsafe(entrySize)
  }

  get count(): number {
    return this.written + this.waiting
  }
  /** Is there anything that a sync would have to do? */
  get isChanged(): boolean {
    return this.unsynced || this.stale || this.waiting > 0
  }

  /** The bytes of entry `n`, valid until the next call. */
  entry(n: number): Buffer {
    const size = this.entrySize
    if (n >= this.written) return this.pending.subarray((n - this.written) * size, (n - this.written + 1) * size)
    const got = this.files.get(this.path, 'read').readSync(this.scratch, n * size)
    if (got < size) throw new Error(`${this.path} is shorter than it was`)
    return this.scratch
  }

  /** Room for one more entry, to be filled at once. */
  append(): Buffer {
    const size = this.entrySize
    if (this.waiting >= MOST_PENDING) this.flush()
    if ((this.waiting + 1) * size > this.pending.length) {
      const grown = Buffer.allocUnsafeSlow(Math.min(MOST_PENDING, Math.max(8, this.waiting * 2)) * size)
      this.pending.copy(grown)
      this.pending = grown
    }
    const at = this.waiting++ * size
    return this.pending.subarray(at, at + size)
  }

  /** The last entry for which `notAfter` holds, or -1; it holds for all entries before it. */
  search(notAfter: (entry: Buffer) => boolean): number {
    let low = -1
    let high = this.count - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (notAfter(this.entry(middle))) low = middle
      else high = middle - 1
    }
    return low
  }

  /** Whether each entry's value is above the one before. */
  ascends(value: (entry: Buffer) => number): boolean {
    let last = Number.NEGATIVE_INFINITY
    for (let n = 0; n < this.count; n++) {
      const v = value(this.entry(n))
      if (!(v > last)) return false
      last = v
    }
    return true
  }

  /** Writes what waits. */
  flush(): void {
    if (this.waiting > 0) {
      const bytes = this.pending.subarray(0, this.waiting * this.entrySize)
      this.files.get(this.path, 'write').write([bytes], this.written * this.entrySize)
      this.unsynced = true
    }
    this.written += this.waiting
    this.waiting = 0
    this.pending = NOTHING
    if (this.stale) {
      this.files.get(this.path, 'write').truncate(this.written * this.entrySize)
      this.stale = false
      this.unsynced = true
    }
  }

  /** The same, and makes the file if it has no entries: all that a sync needs room for. */
  make(): DiskFile {
    this.flush()
    return this.files.get(this.path, 'write')
  }

  /** Writes what waits and makes it durable. */
  async sync(): Promise<void> {
    const file = this.make()
    if (!this.unsynced) return
    this.unsynced = false
    await file.sync()
  }
  syncSync(): void {
    this.make().syncSync()
  }

  /** Keeps the first `count` entries, and asks nothing of the disk: the file is cut at the next `flush`. */
  rewind(count: number): void {
    if (count >= this.written) {
      this.waiting = count - this.written
      return
    }
    this.written = count
    this.waiting = 0
    this.pending = NOTHING
    this.stale = true
  }

  /** The same, at once. Nothing is written: it is done on a full disk, too. */
  truncate(count: number): void {
    this.rewind(Math.min(count, this.count))
    if (!this.stale) return
    this.files.get(this.path, 'write').truncate(this.written * this.entrySize)
    this.stale = false
    this.unsynced = true
  }

  /**
   * Forgets all entries; the file is cut at the next `flush`, after what is new has been written. File systems take a
   * file that is emptied first for one that is replaced, and hurry to get it to the device.
   */
  clear(): void {
    this.written = 0
    this.waiting = 0
    this.pending = NOTHING
    this.stale = true
  }
}
