/**
 * `.txnindex`: the aborted transactions whose markers are in a segment, in the order of the markers, 34 bytes each (KIP-98). It
 * tells readers of committed records what to pass over. Like the other indexes it is built anew from the log after a crash, but
 * it takes the state of the producers to do so. The file is made with the first entry: most segments have none.
 */
import { readInt64, writeInt64 } from '../lib/int64.ts'
import type { Files } from './files.ts'
import { IndexFile } from './index_file.ts'

const ENTRY_SIZE = 34
const VERSION = 0
const PRODUCER_ID = 2
const FIRST_OFFSET = 10
const LAST_OFFSET = 18
const LAST_STABLE_OFFSET = 26

export interface AbortedTxn {
  readonly producerId: number
  readonly firstOffset: number
  /** Of the marker. */
  readonly lastOffset: number
  /** Exclusive end of what was stable right after it. */
  readonly lastStableOffset: number
}

export class TransactionIndex {
  private loaded: IndexFile | undefined

  constructor(
    private readonly files: Files,
    private filePath: string,
    /** Of the segment. */
    private readonly baseOffset: number,
  ) {}

  get path(): string {
    return this.filePath
  }
  set path(path: string) {
    this.filePath = path
    if (this.loaded) this.loaded.path = path
  }

  get count(): number {
    return this.entries.count
  }

  private get entries(): IndexFile {
    if (!this.loaded) {
      const bytes = this.files.disk.exists(this.filePath) ? this.files.sizeOf(this.filePath) : 0
      this.loaded = new IndexFile(this.files, this.filePath, ENTRY_SIZE, bytes)
    }
    return this.loaded
  }

  append(txn: AbortedTxn): void {
    const e = this.entries.append()
    e.writeInt16BE(VERSION, 0)
    writeInt64(e, PRODUCER_ID, txn.producerId)
    writeInt64(e, FIRST_OFFSET, txn.firstOffset)
    writeInt64(e, LAST_OFFSET, txn.lastOffset)
    writeInt64(e, LAST_STABLE_OFFSET, txn.lastStableOffset)
  }

  *all(): Generator<AbortedTxn> {
    for (let n = 0; n < this.count; n++) yield this.at(n)
  }

  /**
   * Those with records from `from` to `to` (exclusive) are added to `found`. True if none can come after them, in this segment
   * or a later one.
   */
  collect(from: number, to: number, found: AbortedTxn[]): boolean {
    const { entries } = this
    for (let n = entries.search((e) => readInt64(e, LAST_OFFSET) < from) + 1; n < entries.count; n++) {
      const txn = this.at(n)
      if (txn.firstOffset < to) found.push(txn)
      if (txn.lastStableOffset >= to) return true
    }
    return false
  }

  private at(n: number): AbortedTxn {
    const e = this.entries.entry(n)
    return {
      producerId: readInt64(e, PRODUCER_ID),
      firstOffset: readInt64(e, FIRST_OFFSET),
      lastOffset: readInt64(e, LAST_OFFSET),
      lastStableOffset: readInt64(e, LAST_STABLE_OFFSET),
    }
  }

  /** Could it be that of its segment? */
  looksRight(): boolean {
    const { files, filePath } = this
    if (!files.disk.exists(filePath)) return true
    if (files.sizeOf(filePath) % ENTRY_SIZE !== 0) return false
    return (
      this.entries.ascends((e) => (e.readInt16BE(0) === VERSION ? readInt64(e, LAST_OFFSET) : Number.NaN)) &&
      (this.count === 0 || this.at(0).lastOffset >= this.baseOffset)
    )
  }

  // --- as the other indexes ---

  /** Keeps those whose markers are below. */
  truncateTo(offset: number): void {
    const kept = this.entries.search((e) => readInt64(e, LAST_OFFSET) < offset) + 1
    if (kept < this.count) this.entries.truncate(kept)
  }
  /** Undefined while nobody has asked for it: then nothing was appended either. */
  get loadedCount(): number | undefined {
    return this.loaded?.count
  }
  rewind(count: number | undefined): void {
    if (count === undefined) this.loaded = undefined
    else this.loaded?.rewind(count)
  }
  clear(): void {
    this.loaded = undefined
    if (this.count > 0 || this.files.disk.exists(this.filePath)) this.entries.clear()
  }
  flush(): void {
    this.loaded?.flush()
  }
  async sync(): Promise<void> {
    if (this.loaded && (this.count > 0 || this.loaded.isChanged)) await this.loaded.sync()
  }
}
