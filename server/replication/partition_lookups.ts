/** What can be looked up in a partition by whoever may read it, at its leader or at a follower. */
import type { Log } from '../log/log.ts'
import { KafkaError } from '../protocol/errors.ts'
import { batches } from '../records/batch.ts'

export abstract class PartitionLookups {
  abstract log: Log
  /** Of the latest leader that this broker has heard of, whoever it is. */
  abstract readonly currentEpoch: number
  /** Exclusive end of what a consumer sees. */
  protected abstract endFor(readCommitted: boolean): number
  protected abstract checkOnline(): void

  checkOffset(offset: number): void {
    this.checkOnline()
    if (offset < this.log.logStartOffset || offset > this.log.logEndOffset) throw new KafkaError('OFFSET_OUT_OF_RANGE')
  }

  /** KIP-320: a client that knows of another epoch than ours must ask for metadata, or must wait until we have heard of it. */
  checkLeaderEpoch(known: number): void {
    if (known === -1) return
    if (known < this.currentEpoch) throw new KafkaError('FENCED_LEADER_EPOCH')
    if (known > this.currentEpoch) throw new KafkaError('UNKNOWN_LEADER_EPOCH')
  }

  /** Aborted transactions with records in what `read` has found from `offset` on, in the order of their markers. */
  abortedTransactions(offset: number, records: readonly Buffer[]): { producerId: number; firstOffset: number }[] {
    const last = records.at(-1)
    if (last === undefined) return []
    let end = offset
    for (const batch of batches(last)) end = batch.nextOffset
    return this.log.abortedTransactions(offset, end).map(({ producerId, firstOffset }) => ({ producerId, firstOffset }))
  }

  /** The first record at or after a time, ms; undefined where there is none below the end that the reader sees. */
  async firstAtOrAfter(
    timestampMs: number,
    end = () => this.endFor(false),
  ): Promise<{ offset: number; timestamp: number } | undefined> {
    this.checkOnline()
    return this.visible(await this.log.reader.offsetForTimestamp(timestampMs), end)
  }

  /** The record with the largest timestamp; as in Kafka undefined while that one is not below the end that the reader sees. */
  async maxTimestamp(end = () => this.endFor(false)): Promise<{ offset: number; timestamp: number } | undefined> {
    this.checkOnline()
    return this.visible(await this.log.reader.maxTimestamp(), end)
  }

  /**
   * Where this log parts from that of a reader whose last record before `fetchOffset` is of `lastFetchedEpoch`: largest epoch that
   * both know, and where it ends here; undefined where they do not part. Throws OFFSET_OUT_OF_RANGE where that cannot be said.
   */
  divergence(fetchOffset: number, lastFetchedEpoch: number): { epoch: number; endOffset: number } | undefined {
    const end = this.endOffsetForEpoch(lastFetchedEpoch)
    if (end.endOffset < 0 || fetchOffset < this.log.logStartOffset) throw new KafkaError('OFFSET_OUT_OF_RANGE')
    return end.epoch < lastFetchedEpoch || end.endOffset < fetchOffset ? end : undefined
  }

  /** The leader epoch of the record at `offset`, or that of the next one; -1 where it is not known. */
  epochAt(offset: number): number {
    return this.log.epochs.all.findLast((e) => e.startOffset <= offset)?.epoch ?? -1
  }

  private visible<T extends { offset: number }>(found: T | undefined, end: () => number): T | undefined {
    return found && found.offset < end() ? found : undefined
  }

  /** Exclusive end of an epoch, and the epoch it really speaks of. */
  endOffsetForEpoch(epoch: number): { epoch: number; endOffset: number } {
    this.checkOnline()
    return this.log.endOffsetForEpoch(epoch)
  }
}
