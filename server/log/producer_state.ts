/**
 * What a partition knows of idempotent and transactional producers (KIP-98): per producer id the epoch, the last
 * batches (to recognise one that is sent again) and where an open transaction began. It is derived from the log; the
 * snapshots in `producer_snapshot.ts` only save reading it from the beginning.
 *
 * A producer id that is not known may start at any sequence number, as in Kafka: its state may have expired, or its
 * records may have been deleted.
 */
import { KafkaError } from '../protocol/errors.ts'
import { addSequence, decodeRecords, NO_PRODUCER_EPOCH, NO_SEQUENCE, type RecordBatch } from '../records/batch.ts'
import type { AbortedTxn } from './transaction_index.ts'

/** As many requests as a producer may have in flight. */
const BATCHES_TO_RETAIN = 5
const ABORT_MARKER = 0

export interface BatchMetadata {
  readonly lastSequence: number
  readonly lastOffset: number
  readonly offsetDelta: number
  /** The batch's largest, ms since the epoch. */
  readonly timestamp: number
}

export interface ProducerEntry {
  readonly producerId: number
  epoch: number
  /** Oldest first. */
  batches: readonly BatchMetadata[]
  /**
   * When it wrote last, or when that was read from the log again. Kafka takes the records' own time: there, one who copies old
   * records is forgotten with the next start, and what it repeats then is written twice.
   */
  lastTimestamp: number
  coordinatorEpoch: number
  /** -1 if no transaction is open. */
  currentTxnFirstOffset: number
}

/** A transaction whose marker has been appended. */
export interface CompletedTxn extends AbortedTxn {
  readonly aborted: boolean
}

const NONE: readonly CompletedTxn[] = []

/** `replication`: what is in the log already, here or at the leader, is taken as it is. */
export type AppendOrigin = 'client' | 'coordinator' | 'replication'

export class ProducerState {
  private entries = new Map<number, ProducerEntry>()
  /** First offsets of open transactions, by producer id. */
  private open = new Map<number, number>()
  /** Transactions that are complete but may not be behind the high watermark yet. */
  private unreplicated: CompletedTxn[] = []
  /** What entries were when `remember` was called, since changed. */
  private before: Map<number, ProducerEntry | undefined> | undefined

  get size(): number {
    return this.entries.size
  }
  get all(): Iterable<ProducerEntry> {
    return this.entries.values()
  }
  get(producerId: number): ProducerEntry | undefined {
    return this.entries.get(producerId)
  }

  /** The batch that this one repeats, if it is among the last ones of its producer. */
  duplicateOf(batch: RecordBatch): BatchMetadata | undefined {
    const entry = batch.hasProducerId ? this.entries.get(batch.producerId) : undefined
    if (!entry || entry.epoch !== batch.producerEpoch) return undefined
    const { baseSequence, lastSequence } = batch
    return entry.batches.find((b) => b.lastSequence === lastSequence && firstSequence(b) === baseSequence)
  }

  /**
   * Takes in a batch with a producer id that is appended at `baseOffset`, now (ms since the epoch). Throws a KafkaError and changes nothing if it
   * must not be appended: INVALID_PRODUCER_EPOCH, OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_TXN_STATE,
   * TRANSACTION_COORDINATOR_FENCED.
   */
  append(batch: RecordBatch, baseOffset: number, origin: AppendOrigin, nowMs: number): CompletedTxn | undefined {
    const { producerId, producerEpoch } = batch
    const known = this.entries.get(producerId)
    if (this.before && !this.before.has(producerId)) this.before.set(producerId, known && { ...known })
    if (known && producerEpoch < known.epoch && origin !== 'replication') {
      throw new KafkaError(
        'INVALID_PRODUCER_EPOCH',
        `Producer ${producerId} is at epoch ${known.epoch}, this batch comes from epoch ${producerEpoch}.`,
      )
    }
    if (batch.isControl) return this.appendMarker(batch, baseOffset, { origin, nowMs }, known)
    if (origin === 'client') checkSequence(batch, known)
    const open = known?.currentTxnFirstOffset ?? -1
    if (open >= 0 && !batch.isTransactional && origin !== 'replication') {
      throw new KafkaError(
        'INVALID_TXN_STATE',
        `Producer ${producerId} has a transaction open and must write within it.`,
      )
    }
    const entry = known ?? emptyEntry(producerId)
    const appended: BatchMetadata = {
      lastSequence: batch.lastSequence,
      lastOffset: baseOffset + batch.lastOffsetDelta,
      offsetDelta: batch.lastOffsetDelta,
      timestamp: batch.maxTimestamp,
    }
    const earlier = entry.epoch === producerEpoch ? entry.batches.slice(1 - BATCHES_TO_RETAIN) : []
    entry.batches = [...earlier, appended]
    entry.epoch = producerEpoch
    entry.lastTimestamp = nowMs
    if (batch.isTransactional && open < 0) {
      entry.currentTxnFirstOffset = baseOffset
      this.open.set(producerId, baseOffset)
    }
    if (!known) this.entries.set(producerId, entry)
    return undefined
  }

  private appendMarker(
    batch: RecordBatch,
    offset: number,
    { origin, nowMs }: { origin: AppendOrigin; nowMs: number },
    known: ProducerEntry | undefined,
  ): CompletedTxn | undefined {
    const marker = decodeRecords(batch)[0]
    // Compaction may leave a control batch without its marker.
    if (!marker || marker.key === null || marker.key.length < 4 || marker.value === null) return undefined
    const aborted = marker.key.readInt16BE(2) === ABORT_MARKER
    const coordinatorEpoch = marker.value.length >= 6 ? marker.value.readInt32BE(2) : -1
    const entry = known ?? emptyEntry(batch.producerId)
    if (entry.coordinatorEpoch > coordinatorEpoch && origin !== 'replication') {
      throw new KafkaError('TRANSACTION_COORDINATOR_FENCED')
    }
    const firstOffset = entry.currentTxnFirstOffset
    if (entry.epoch !== batch.producerEpoch) entry.batches = []
    entry.epoch = batch.producerEpoch
    entry.coordinatorEpoch = coordinatorEpoch
    entry.lastTimestamp = nowMs
    entry.currentTxnFirstOffset = -1
    this.open.delete(batch.producerId)
    if (!known) this.entries.set(batch.producerId, entry)
    if (firstOffset < 0) return undefined
    const lastStableOffset = Math.min(offset + 1, ...this.open.values())
    const completed = { producerId: batch.producerId, firstOffset, lastOffset: offset, lastStableOffset, aborted }
    this.unreplicated.push(completed)
    return completed
  }

  /** The same for the batches of one append, one after the other from `baseOffset` on: all or none. Returns what was completed. */
  appendAll(
    batches: readonly RecordBatch[],
    baseOffset: number,
    origin: AppendOrigin,
    nowMs: number,
  ): readonly CompletedTxn[] {
    const idempotent = batches.filter((b) => b.hasProducerId)
    if (idempotent.length === 0) return NONE
    const completed: CompletedTxn[] = []
    const before = batches.length > 1 ? this.copies(idempotent) : undefined
    let offset = baseOffset
    try {
      for (const batch of batches) {
        const txn = batch.hasProducerId ? this.append(batch, offset, origin, nowMs) : undefined
        if (txn) completed.push(txn)
        offset += batch.lastOffsetDelta + 1
      }
    } catch (e) {
      if (before) this.restore(before)
      throw e
    }
    return completed
  }

  private copies(batches: readonly RecordBatch[]): Map<number, ProducerEntry | undefined> {
    const copies = new Map<number, ProducerEntry | undefined>()
    for (const { producerId } of batches) {
      const entry = this.entries.get(producerId)
      copies.set(producerId, entry && { ...entry })
    }
    return copies
  }

  private restore(before: ReadonlyMap<number, ProducerEntry | undefined>): void {
    for (const [id, entry] of before) {
      if (entry) this.entries.set(id, entry)
      else this.entries.delete(id)
    }
    this.findOpen()
  }

  /** From here on `rewind` is possible, until `settle`. */
  remember(): void {
    this.before = new Map()
  }
  settle(): void {
    this.before = undefined
  }
  /**
   * Everything is as it was at `remember`; the log ended at `endOffset` then. But who began and was refused must begin again:
   * as an unknown producer it might go on with what it had sent meanwhile, and its first records would never be in order.
   */
  rewind(endOffset: number): void {
    const begun = [...(this.before ?? [])].flatMap(([id, entry]) => (entry ? [] : (this.entries.get(id) ?? [])))
    if (this.before?.size) this.restore(this.before)
    for (const { producerId, epoch, batches } of begun) {
      const first = batches[0]
      if (first && firstSequence(first) === 0) this.begins(producerId, epoch)
    }
    this.unreplicated = this.unreplicated.filter((t) => t.lastOffset < endOffset)
  }

  /** The same of a batch that was refused before it came to the log. */
  beginsAgain({ producerId, producerEpoch, baseSequence }: RecordBatch): void {
    if (baseSequence === 0 && !this.entries.has(producerId)) this.begins(producerId, producerEpoch)
  }

  private begins(producerId: number, epoch: number): void {
    this.entries.set(producerId, { ...emptyEntry(producerId), epoch })
  }

  load(entries: Iterable<ProducerEntry>): void {
    this.entries = new Map([...entries].map((e) => [e.producerId, e]))
    this.unreplicated = []
    this.findOpen()
  }

  private findOpen(): void {
    this.open.clear()
    for (const e of this.entries.values()) {
      if (e.currentTxnFirstOffset >= 0) this.open.set(e.producerId, e.currentTxnFirstOffset)
    }
  }

  /** Where the first transaction began that is open, or complete only beyond the high watermark; undefined if none. */
  firstUnstableOffset(highWatermark: number): number | undefined {
    let first: number | undefined
    for (const offset of this.open.values()) if (first === undefined || offset < first) first = offset
    if (this.unreplicated.length > 0) {
      this.unreplicated = this.unreplicated.filter((t) => t.lastOffset >= highWatermark)
      for (const t of this.unreplicated) if (first === undefined || t.firstOffset < first) first = t.firstOffset
    }
    return first
  }

  /** Forgets who has not written for so long, unless a transaction is open. */
  expire(now: number, expirationMs: number): void {
    for (const e of this.entries.values()) if (isExpired(e, now, expirationMs)) this.entries.delete(e.producerId)
  }
}

export const isExpired = (e: ProducerEntry, now: number, expirationMs: number): boolean =>
  e.currentTxnFirstOffset < 0 && now - e.lastTimestamp >= expirationMs

const emptyEntry = (producerId: number): ProducerEntry => ({
  producerId,
  epoch: NO_PRODUCER_EPOCH,
  batches: [],
  lastTimestamp: -1,
  coordinatorEpoch: -1,
  currentTxnFirstOffset: -1,
})

/** Sequences wrap around, so the difference does as well. */
const firstSequence = (b: BatchMetadata): number => addSequence(b.lastSequence, 0x80000000 - b.offsetDelta)

function checkSequence(batch: RecordBatch, known: ProducerEntry | undefined): void {
  if (!known || known.epoch === NO_PRODUCER_EPOCH) return
  const { baseSequence } = batch
  const last = known.batches.at(-1)?.lastSequence ?? NO_SEQUENCE
  const expected = batch.producerEpoch === known.epoch ? (last === NO_SEQUENCE ? 0 : addSequence(last, 1)) : 0
  if (baseSequence === expected) return
  throw new KafkaError(
    'OUT_OF_ORDER_SEQUENCE_NUMBER',
    `Producer ${batch.producerId} sent sequence ${baseSequence} where ${expected} comes next.`,
  )
}
