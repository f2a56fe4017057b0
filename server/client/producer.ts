/**
 * Sends records: gathers them in batches by partition, keeps one batch a partition in flight (so order and sequence
 * numbers are kept whatever is retried), and lets everything that arrives meanwhile become the next batch.
 *
 * It deliberately has no transactions. Idempotence (KIP-98) is on with acks=all: a retry never writes a record twice.
 * Memory is bounded by the caller's good manners: `full` says stop, `ready()` resolves when it may go on.
 */
import { partitionOf } from '../lib/murmur2.ts'
import { KafkaError } from '../protocol/errors.ts'
import { InitProducerId } from '../protocol/messages/22_init_producer_id.ts'
import type { RecordHeader } from '../records/batch.ts'
import type { CodecName } from '../records/compression.ts'
import type { Cluster } from './cluster.ts'
import { asKafkaError, asMoved, check, isStale } from './errors.ts'
import type { TopicMetadata } from './metadata.ts'
import { Batch, type Identity, PartitionQueue, sizeOf } from './producer_queue.ts'
import { produce } from './producer_request.ts'

export interface ProducerRecord {
  topic: string
  /** null or absent: by key, and without a key wherever a batch is being filled. */
  partition?: number | null
  key: Buffer | null
  /** null is a tombstone. */
  value: Buffer | null
  headers?: readonly RecordHeader[]
  /** Ms since the epoch; default: now. */
  timestamp?: number
}

export interface RecordResult {
  partition: number
  /** null where the broker does not tell: acks=0, or a retry that found the record written. */
  offset: number | null
  /** Ms since the epoch: the broker's with LogAppendTime, else the record's own. */
  timestamp: number
}

/** Who wants to know what became of a record: exactly one of the two is called, once. */
export interface Delivery {
  delivered(partition: number, offset: number | null, timestamp: number): void
  failed(error: KafkaError): void
}

export interface ProducerOptions {
  /** Default `all`. */
  acks?: 'all' | 1 | 0
  /** Default: with acks=all. */
  idempotent?: boolean
  codec?: CodecName
  /** How long a batch that is not full may wait for more. Default 0: until this turn of the event loop is over. */
  lingerMs?: number
  /** Default 512 KiB, which stays below the broker's usual `message.max.bytes`. */
  batchBytes?: number
  /** A larger record fails with MESSAGE_TOO_LARGE. Default 1 MiB. */
  maxRecordBytes?: number
  /** `full` from here on. Default 32 MiB. */
  bufferBytes?: number
  /** From `send` to the end of all retries. Default 30 s. */
  deliveryTimeoutMs?: number
  /** How long the broker may wait for its replicas. Default 10 s. */
  ackTimeoutMs?: number
  /** Let the broker create topics that it does not know, if it is set up so. Default no. */
  autoCreateTopics?: boolean
}

interface Waiting {
  record: ProducerRecord
  delivery: Delivery
  bytes: number
}

interface Topic {
  name: string
  topicId: string | null
  /** With holes where nothing was sent. */
  partitions: (PartitionQueue | undefined)[]
  /** Records that came before the topic's metadata, in order. */
  waiting: Waiting[] | undefined
  /** Where records without key and partition go now, -1 for none yet. */
  sticky: number
}

/** Not learned from a refusal: batches of fewer bytes than this are not worth it. */
const SMALLEST_BATCH_BYTES = 16 * 1024

export class Producer {
  private readonly topics = new Map<string, Topic>()
  private readonly ready_ = new Set<PartitionQueue>()
  private readonly options: Required<ProducerOptions>
  private readonly waiters: (() => void)[] = []
  private flushers: (() => void)[] = []
  private bytes = 0
  private unsettled = 0
  private scheduled = false
  private closed = false
  private identity: Identity | undefined
  private identifying = false

  constructor(
    private readonly cluster: Cluster,
    options: ProducerOptions = {},
  ) {
    const acks = options.acks ?? 'all'
    this.options = {
      acks,
      idempotent: acks === 'all',
      codec: 'none',
      lingerMs: 0,
      batchBytes: 960 * 1024,
      maxRecordBytes: 1024 * 1024,
      bufferBytes: 32 * 1024 * 1024,
      deliveryTimeoutMs: 30_000,
      ackTimeoutMs: 10_000,
      autoCreateTopics: false,
      ...options,
    }
    if (this.options.idempotent && acks !== 'all') throw new TypeError('an idempotent producer needs acks=all')
  }

  // --- what callers use ---

  /** Bytes of records that are not settled yet. */
  get bufferedBytes(): number {
    return this.bytes
  }

  /** Stop sending until `ready()`. */
  get full(): boolean {
    return this.bytes >= this.options.bufferBytes
  }

  /** Resolves at once, or when half of the buffer is free again. */
  ready(): Promise<void> {
    if (!this.full) return Promise.resolve()
    return new Promise((resolve) => this.waiters.push(resolve))
  }

  /** Resolves when the record is acknowledged; rejects with a KafkaError. Waits first while the buffer is full. */
  async send(record: ProducerRecord): Promise<RecordResult> {
    while (this.full && !this.closed) await this.ready()
    return new Promise((resolve, reject) =>
      this.enqueue(record, {
        delivered: (partition, offset, timestamp) => resolve({ partition, offset, timestamp }),
        failed: reject,
      }),
    )
  }

  /** The same without promises, and without waiting: whoever calls it in a loop looks at `full`. */
  enqueue(record: ProducerRecord, delivery: Delivery): void {
    const bytes = sizeOf(record)
    const refused = this.refusal(record, bytes)
    if (refused) {
      delivery.failed(refused)
      return
    }
    this.bytes += bytes
    this.unsettled++
    let topic = this.topics.get(record.topic)
    if (!topic) {
      topic = { name: record.topic, topicId: null, partitions: [], waiting: undefined, sticky: -1 }
      this.topics.set(record.topic, topic)
    }
    const metadata = topic.waiting ? undefined : this.cluster.metadata.topics.get(record.topic)
    if (metadata) this.place(topic, metadata, record, delivery, bytes)
    else if (topic.waiting) topic.waiting.push({ record, delivery, bytes })
    else {
      topic.waiting = [{ record, delivery, bytes }]
      void this.lookUp(topic)
    }
  }

  /** Resolves when everything sent before is settled. */
  flush(): Promise<void> {
    if (this.unsettled === 0) return Promise.resolve()
    for (const topic of this.topics.values()) for (const p of topic.partitions) if (p?.batches.length) this.wake(p)
    return new Promise((resolve) => this.flushers.push(resolve))
  }

  /** Settles what was sent; refuses what comes after. */
  async close(): Promise<void> {
    this.closed = true
    await this.flush()
  }

  private refusal(record: ProducerRecord, bytes: number): KafkaError | undefined {
    if (this.closed) return new KafkaError('UNKNOWN_SERVER_ERROR', 'this producer has been closed')
    if (bytes > this.options.maxRecordBytes) {
      return new KafkaError(
        'MESSAGE_TOO_LARGE',
        `a record of ${bytes} bytes, the limit is ${this.options.maxRecordBytes}`,
      )
    }
    const timestamp = record.timestamp
    if (timestamp !== undefined && !(Number.isSafeInteger(timestamp) && timestamp >= 0)) {
      return new KafkaError('INVALID_TIMESTAMP', `${timestamp} is no timestamp in milliseconds`)
    }
    return undefined
  }

  // --- into batches ---

  private async lookUp(topic: Topic): Promise<void> {
    let metadata: TopicMetadata | undefined
    let error: KafkaError | undefined
    try {
      metadata = await this.cluster.topic(topic.name, { autoCreate: this.options.autoCreateTopics })
    } catch (e) {
      error = asKafkaError(e)
    }
    const waiting = topic.waiting ?? []
    topic.waiting = undefined
    for (const { record, delivery, bytes } of waiting) {
      if (metadata) this.place(topic, metadata, record, delivery, bytes)
      else this.settled(delivery, bytes, error!)
    }
    if (!metadata && topic.partitions.every((p) => !p?.batches.length)) this.topics.delete(topic.name)
  }

  private place(
    topic: Topic,
    metadata: TopicMetadata,
    record: ProducerRecord,
    delivery: Delivery,
    bytes: number,
  ): void {
    const count = metadata.partitions.length
    const number = record.partition ?? (record.key ? partitionOf(record.key, count) : this.stickyOf(topic, metadata))
    if (!Number.isInteger(number) || number < 0 || number >= count) {
      const error = new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `topic ${topic.name} has no partition ${number}`)
      this.settled(delivery, bytes, error)
      return
    }
    const p = (topic.partitions[number] ??= new PartitionQueue(topic.name, number, this.options.batchBytes))
    let batch = p.batches.at(-1)
    const { clock } = this.cluster.env
    const now = clock.now()
    if (!batch || batch.sealed || batch.bytes + bytes > p.batchBytes) {
      if (batch && !batch.sealed) this.seal(topic, batch)
      batch = new Batch(clock.monotonic() + this.options.deliveryTimeoutMs, now)
      p.batches.push(batch)
      if (this.options.lingerMs > 0) batch.cancelLinger = clock.after(this.options.lingerMs, () => this.wake(p))
    }
    batch.add(record, delivery, bytes, now)
    if (this.options.lingerMs === 0 || p.batches.length > 1) this.wake(p)
  }

  /** KIP-480: one partition until its batch is on its way, then another. */
  private stickyOf(topic: Topic, metadata: TopicMetadata): number {
    if (topic.sticky >= 0 && topic.sticky < metadata.partitions.length) return topic.sticky
    const led = metadata.partitions.filter((p) => p.leader >= 0)
    const among = led.length > 0 ? led : metadata.partitions
    topic.sticky = among[this.cluster.env.random.int(among.length)]!.partition
    return topic.sticky
  }

  private seal(topic: Topic | undefined, batch: Batch): void {
    batch.sealed = true
    batch.cancelLinger?.()
    if (topic) topic.sticky = -1
  }

  // --- out to the brokers ---

  private wake(p: PartitionQueue): void {
    if (p.busy) return
    this.ready_.add(p)
    if (this.scheduled) return
    this.scheduled = true
    this.cluster.env.clock.soon(() => {
      this.scheduled = false
      this.drain()
    })
  }

  private wakeAfter(p: PartitionQueue, ms: number): void {
    p.busy = true
    this.cluster.env.clock.after(ms, () => {
      p.busy = false
      this.wake(p)
    })
  }

  /** Takes the first batch of every partition that has one, and sends one request to each leader. */
  private drain(): void {
    const byLeader = new Map<number, PartitionQueue[]>()
    const all = [...this.ready_]
    this.ready_.clear()
    for (const p of all) {
      if (p.busy || p.batches.length === 0 || this.expired(p)) continue
      const metadata = this.cluster.metadata.topics.get(p.topic)
      const leader = metadata?.partitions[p.partition]?.leader ?? -1
      if (metadata) this.cluster.keepFresh(metadata)
      if (!metadata || leader < 0) void this.findLeader(p)
      else if (this.options.idempotent && !this.identified(p)) continue
      else {
        this.begin(p, metadata)
        const group = byLeader.get(leader)
        if (group) group.push(p)
        else byLeader.set(leader, [p])
      }
    }
    for (const [leader, group] of byLeader) void this.send_(leader, group)
  }

  private begin(p: PartitionQueue, metadata: TopicMetadata): void {
    const batch = p.batches[0]!
    p.busy = true
    const topic = this.topics.get(p.topic)
    if (!batch.sealed) this.seal(topic, batch)
    if (topic && topic.topicId !== metadata.topicId) {
      // Created anew: its partitions know nothing of what was sent to the topic before.
      if (topic.topicId !== null) for (const q of topic.partitions) if (q) q.sequence = 0
      topic.topicId = metadata.topicId
    }
    if (p.identity && batch.sequence < 0) batch.sequence = p.sequence
  }

  private async send_(leader: number, group: PartitionQueue[]): Promise<void> {
    let outcomes: Awaited<ReturnType<typeof produce>>
    try {
      outcomes = await produce(this.cluster, leader, group, this.options)
    } catch (e) {
      // Anything but a KafkaError is our bug: it costs these records, which are told so, and not the process.
      const error =
        e instanceof KafkaError
          ? asMoved(e, 'LEADER_NOT_AVAILABLE', this.cluster)
          : new KafkaError('UNKNOWN_SERVER_ERROR', `not sent: ${(e as Error).message}`)
      for (const p of group) {
        p.batches[0]!.uncertain = true
        this.retryOrFail(p, error)
      }
      return
    }
    for (const [i, p] of group.entries()) {
      const outcome = outcomes[i]!
      if (outcome.error) this.refused(p, outcome.error, outcome.recordErrors)
      else this.acknowledged(p, outcome.baseOffset, outcome.logAppendTimeMs)
    }
  }

  private acknowledged(p: PartitionQueue, baseOffset: number | null, logAppendTimeMs: number | null): void {
    const batch = p.batches.shift()!
    p.sequence = (batch.sequence + batch.records.length) % 0x80000000
    p.failures = 0
    p.unknown = 0
    p.busy = false
    this.bytes -= batch.bytes
    this.unsettled -= batch.records.length
    for (let i = 0; i < batch.records.length; i++) {
      const offset = baseOffset === null ? null : baseOffset + i
      batch.deliveries[i]!.delivered(p.partition, offset, logAppendTimeMs ?? batch.records[i]!.timestamp)
    }
    this.afterSettling()
    if (p.batches.length > 0) this.wake(p)
  }

  /** The broker has answered, and with an error: nothing of this attempt was written. */
  private refused(
    p: PartitionQueue,
    error: KafkaError,
    recordErrors: readonly { index: number; message: string | null }[],
  ): void {
    const batch = p.batches[0]!
    switch (error.error) {
      case 'DUPLICATE_SEQUENCE_NUMBER':
        this.acknowledged(p, null, null)
        return
      case 'MESSAGE_TOO_LARGE':
      case 'RECORD_LIST_TOO_LARGE':
        if (batch.records.length === 1) break
        p.batchBytes = Math.max(SMALLEST_BATCH_BYTES, batch.bytes / 2)
        p.batches.splice(0, 1, ...batch.split())
        p.busy = false
        this.wake(p)
        return
      case 'INVALID_RECORD':
      case 'INVALID_TIMESTAMP':
        if (recordErrors.length === 0 || recordErrors.length >= batch.records.length) break
        this.failSome(p, error, recordErrors)
        return
      case 'OUT_OF_ORDER_SEQUENCE_NUMBER':
      case 'UNKNOWN_PRODUCER_ID':
      case 'INVALID_PRODUCER_EPOCH':
      case 'INVALID_PRODUCER_ID_MAPPING':
        // The broker has forgotten us. With a new identity the batch can go again, unless it may have been written.
        this.forgetIdentity(p)
        if (batch.uncertain || batch.renewed) break
        batch.renewed = true
        batch.sequence = -1
        p.busy = false
        this.wake(p)
        return
    }
    if (error.error === 'NOT_ENOUGH_REPLICAS_AFTER_APPEND' || error.error === 'REQUEST_TIMED_OUT')
      batch.uncertain = true
    this.retryOrFail(p, error)
  }

  /** Single records were refused, and with them the whole batch: the others go again. */
  private failSome(
    p: PartitionQueue,
    error: KafkaError,
    recordErrors: readonly { index: number; message: string | null }[],
  ): void {
    const batch = p.batches[0]!
    const failed = batch.remove(recordErrors.map((r) => r.index))
    for (const [i, { delivery, bytes }] of failed.entries()) {
      this.settled(delivery, bytes, new KafkaError(error.error, recordErrors[i]!.message ?? undefined))
    }
    p.busy = false
    this.wake(p)
  }

  private retryOrFail(p: PartitionQueue, error: KafkaError, hopeless = !error.retriable): void {
    const batch = p.batches[0]!
    const pauseMs = this.cluster.backoffMs(p.failures++)
    const { clock } = this.cluster.env
    if (hopeless || clock.monotonic() + pauseMs >= batch.deadline) {
      p.busy = false
      this.fail(p, error)
      if (p.batches.length > 0) this.wake(p)
      return
    }
    this.cluster.learnFrom(error)
    if (isStale(error)) this.cluster.metadata.forget(p.topic)
    p.lastError = error
    this.wakeAfter(p, pauseMs)
  }

  /** Fails the first batch. If it may have been written after all, later ones must not carry on its sequence. */
  private fail(p: PartitionQueue, error: KafkaError): void {
    const batch = p.batches.shift()!
    batch.cancelLinger?.()
    if (batch.uncertain) this.forgetIdentity(p)
    p.failures = 0
    for (let i = 0; i < batch.records.length; i++) this.settled(batch.deliveries[i]!, batch.sizes[i]!, error)
  }

  private expired(p: PartitionQueue): boolean {
    const now = this.cluster.env.clock.monotonic()
    while (p.batches.length > 0 && p.batches[0]!.deadline <= now) {
      this.fail(
        p,
        p.lastError ?? new KafkaError('REQUEST_TIMED_OUT', `no answer from ${p.topic}-${p.partition} in time`),
      )
    }
    return p.batches.length === 0
  }

  private async findLeader(p: PartitionQueue): Promise<void> {
    p.busy = true
    try {
      await this.cluster.leader(p.topic, p.partition)
      p.busy = false
      this.wake(p)
    } catch (e) {
      const error = asKafkaError(e)
      // Deleted, or its records were sent to a topic of fewer partitions: nobody will ever take them.
      const gone = error.error === 'UNKNOWN_TOPIC_OR_PARTITION' && ++p.unknown > 3
      this.retryOrFail(p, error, gone)
    }
  }

  // --- who we are, to a broker that counts what we send ---

  /** Has `p` a producer id? If not, one is asked for and `p` woken afterwards. */
  private identified(p: PartitionQueue): boolean {
    if (p.identity) return true
    if (this.identity) {
      p.identity = this.identity
      p.sequence = 0
      return true
    }
    this.ready_.add(p)
    if (!this.identifying) void this.identify()
    return false
  }

  private async identify(): Promise<void> {
    this.identifying = true
    try {
      const r = await this.cluster.request(
        'any',
        InitProducerId,
        { transactionalId: null, transactionTimeoutMs: 60_000 },
        { verify: (r) => check(r.errorCode), timeoutMs: this.options.deliveryTimeoutMs },
      )
      this.identity = { producerId: r.producerId, producerEpoch: r.producerEpoch }
    } catch (e) {
      const error = asKafkaError(e)
      for (const p of [...this.ready_]) while (!p.busy && !p.identity && p.batches.length > 0) this.fail(p, error)
    } finally {
      this.identifying = false
    }
    for (const p of [...this.ready_]) this.wake(p)
  }

  private forgetIdentity(p: PartitionQueue): void {
    if (this.identity === p.identity) this.identity = undefined
    p.identity = undefined
    p.sequence = 0
  }

  // --- accounting ---

  private settled(delivery: Delivery, bytes: number, error: KafkaError): void {
    this.bytes -= bytes
    this.unsettled--
    delivery.failed(error)
    this.afterSettling()
  }

  private afterSettling(): void {
    if (this.waiters.length > 0 && this.bytes <= this.options.bufferBytes / 2) {
      for (const resolve of this.waiters.splice(0)) resolve()
    }
    if (this.unsettled === 0 && this.flushers.length > 0) {
      for (const resolve of this.flushers.splice(0)) resolve()
    }
  }
}
