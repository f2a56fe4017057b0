/**
 * What compaction knows of transactions on its way through a log: batches of aborted ones go, and the marker of a
 * transaction goes once nothing of it is left, after the same delay as tombstones (KIP-98, KIP-534).
 */
import { iterateRecords, type RecordBatch } from '../../records/batch.ts'
import type { AbortedTxn } from '../transaction_index.ts'

const ABORT = 0
const COMMIT = 1

export class TransactionTracker {
  private next = 0
  private readonly aborted: readonly AbortedTxn[]
  private readonly ongoingAborted = new Map<number, { txn: AbortedTxn; seen: boolean }>()
  private readonly ongoingCommitted = new Set<number>()

  constructor(
    /** All that may reach into what is read. */
    aborted: readonly AbortedTxn[],
    /** Told of each whose marker stays because there was something of it. */
    private readonly onKept: (txn: AbortedTxn) => void = () => {},
  ) {
    this.aborted = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset)
  }

  /** The next batch of the log. May it go, as far as transactions are concerned? */
  mayGo(batch: RecordBatch): boolean {
    for (; this.next < this.aborted.length && this.aborted[this.next]!.firstOffset <= batch.lastOffset; this.next++) {
      const txn = this.aborted[this.next]!
      if (!this.ongoingAborted.has(txn.producerId)) this.ongoingAborted.set(txn.producerId, { txn, seen: false })
    }
    if (batch.isControl) return this.markerMayGo(batch)
    if (!batch.isTransactional) return false
    const aborted = this.ongoingAborted.get(batch.producerId)
    if (!aborted) {
      this.ongoingCommitted.add(batch.producerId)
      return false
    }
    aborted.seen = true
    return true
  }

  private markerMayGo(batch: RecordBatch): boolean {
    const [marker] = batch.recordCount > 0 ? iterateRecords(batch) : []
    // One that was emptied before.
    if (!marker) return true
    const type = marker.key !== null && marker.key.length >= 4 ? marker.key.readInt16BE(2) : undefined
    if (type === COMMIT) return !this.ongoingCommitted.delete(batch.producerId)
    if (type !== ABORT) return false
    const aborted = this.ongoingAborted.get(batch.producerId)
    this.ongoingAborted.delete(batch.producerId)
    if (!aborted?.seen) return true
    this.onKept(aborted.txn)
    return false
  }
}
