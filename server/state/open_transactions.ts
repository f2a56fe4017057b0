/**
 * While a log is loaded: records that were written in a transaction count from its marker on, or, if it was aborted, never (KIP-98);
 * and not if one with the same key was written after them and counts already, as in Kafka, because after a compaction only the
 * later one would be there. What is still open when the log ends stays out. Nothing here begins or ends a transaction.
 */
import { controlType } from '../protocol/control_records/index.ts'
import { decodeRecords, type RecordBatch } from '../records/batch.ts'

export interface LoadedRecord<R> {
  readonly key: Buffer | null
  readonly record: R
  readonly offset: number
  readonly timestampMs: number
}

export class OpenTransactions<R> {
  /** By producer id, one transaction at a time; of each key the last record. */
  private readonly open = new Map<number, Map<string, LoadedRecord<R>>>()

  /** `records` are those of the batch. Returns what counts from it on. */
  take(batch: RecordBatch, records: LoadedRecord<R>[]): Iterable<LoadedRecord<R>> {
    if (batch.isControl) return this.end(batch)
    if (!batch.isTransactional) {
      this.supersede(records)
      return records
    }
    const open = this.open.get(batch.producerId) ?? new Map<string, LoadedRecord<R>>()
    this.open.set(batch.producerId, open)
    for (const r of records) open.set(keyOf(r), r)
    return []
  }

  private end(batch: RecordBatch): Iterable<LoadedRecord<R>> {
    const open = this.open.get(batch.producerId)
    if (open === undefined) return []
    const key = decodeRecords(batch)[0]?.key
    const type = key != null && key.length >= 4 ? key.readInt16BE(2) : -1
    if (type !== controlType.commit && type !== controlType.abort) return []
    this.open.delete(batch.producerId)
    if (type === controlType.abort) return []
    this.supersede(open.values())
    return open.values()
  }

  private supersede(by: Iterable<LoadedRecord<R>>): void {
    if (this.open.size === 0) return
    for (const r of by) {
      const key = keyOf(r)
      for (const open of this.open.values()) {
        const pending = open.get(key)
        if (pending !== undefined && pending.offset < r.offset) open.delete(key)
      }
    }
  }
}

const keyOf = ({ key }: { readonly key: Buffer | null }): string => key?.toString('latin1') ?? ''
