/** What waits in a producer: batches being filled or sent, in one queue a partition. */
import type { KafkaError } from '../protocol/errors.ts'
import type { RecordToWrite } from '../records/build_batch.ts'
import type { Delivery, ProducerRecord } from './producer.ts'

export interface Identity {
  producerId: number
  producerEpoch: number
}

/** Bytes that a record is counted with, its own overhead included. */
export function sizeOf(r: ProducerRecord): number {
  let n = 24 + (r.key?.length ?? 0) + (r.value?.length ?? 0)
  if (r.headers) for (const h of r.headers) n += 8 + h.key.length + (h.value?.length ?? 0)
  return n
}

type Stamped = RecordToWrite & { timestamp: number }

export class Batch {
  records: Stamped[] = []
  deliveries: Delivery[] = []
  sizes: number[] = []
  bytes = 0
  /** Nothing more comes in. */
  sealed = false
  /** Sequence of the first record, -1 until it is given one. */
  sequence = -1
  /** As sent, so that a retry sends the same bytes. */
  encoded: Buffer | undefined
  /** Some attempt had no answer, or one that leaves open whether it was written. */
  uncertain = false
  /** Has been given a new identity already. */
  renewed = false
  cancelLinger: (() => void) | undefined

  /** `deadline` is monotonic, `timestamp` wall clock. */
  constructor(
    readonly deadline: number,
    readonly timestamp: number,
  ) {}

  add(r: ProducerRecord, delivery: Delivery, bytes: number, now: number): void {
    this.records.push({ key: r.key, value: r.value, headers: r.headers, timestamp: r.timestamp ?? now })
    this.deliveries.push(delivery)
    this.sizes.push(bytes)
    this.bytes += bytes
  }

  /** Two batches of half the records each, to be sent with sequences of their own. */
  split(): Batch[] {
    const middle = this.records.length >> 1
    return [this.part(0, middle), this.part(middle, this.records.length)]
  }

  private part(from: number, to: number): Batch {
    const half = new Batch(this.deadline, this.timestamp)
    half.records = this.records.slice(from, to)
    half.deliveries = this.deliveries.slice(from, to)
    half.sizes = this.sizes.slice(from, to)
    half.bytes = half.sizes.reduce((a, b) => a + b, 0)
    half.sealed = true
    half.uncertain = this.uncertain
    return half
  }

  /** Takes out the records at these places, and returns them in that order. */
  remove(places: readonly number[]): { delivery: Delivery; bytes: number }[] {
    const gone = new Set(places)
    const removed = places.map((i) => ({ delivery: this.deliveries[i]!, bytes: this.sizes[i]! }))
    this.records = this.records.filter((_, i) => !gone.has(i))
    this.deliveries = this.deliveries.filter((_, i) => !gone.has(i))
    this.sizes = this.sizes.filter((_, i) => !gone.has(i))
    this.bytes = this.sizes.reduce((a, b) => a + b, 0)
    this.encoded = undefined
    return removed
  }
}

export class PartitionQueue {
  readonly batches: Batch[] = []
  /** A request with the first batch is on its way, or a pause before the next attempt. */
  busy = false
  identity: Identity | undefined
  /** Of the next record. */
  sequence = 0
  /** In a row. */
  failures = 0
  /** Times that the cluster said it has no such partition. */
  unknown = 0
  lastError: KafkaError | undefined

  constructor(
    readonly topic: string,
    readonly partition: number,
    /** Of batches to come; halved when the broker finds one too large. */
    public batchBytes: number,
  ) {}
}
