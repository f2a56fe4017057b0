/**
 * `POST /v3/clusters/{cluster}/topics/{topic}/records` as Confluent's REST Proxy v3: JSON objects, one or endlessly many
 * in one request, each answered by one in the same order as soon as it is acknowledged.
 *
 * What is wrong with one record is told in its place, with status 200. What makes the rest unreadable (no JSON, no end)
 * ends the answer; with status 400 if nothing came before it, else in its place.
 *
 * Reading stops while the producer is full, too much is unacknowledged, or the client does not read its answers.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Cluster } from '../client/cluster.ts'
import type { Delivery, Producer } from '../client/producer.ts'
import type { KafkaError } from '../protocol/errors.ts'
import type { Budget } from './budget.ts'
import { demandCluster } from './clusters.ts'
import type { Context, RestLimits } from './context.ts'
import { JsonError } from './json_scan.ts'
import { JsonSplitter, type Split } from './json_splitter.ts'
import { demandType, JSON_TYPE, negotiate } from './media_types.ts'
import { readV3Record, type V3Part, type V3Record } from './record_json.ts'
import { asRestError, busy, chunksOf, leaveBody } from './respond.ts'
import { fromKafka, RestError } from './rest_error.ts'
import { findTopic } from './topics.ts'

/** Text of one record's object: more than its bytes, for base64 and escapes. */
const objectLimit = (maxRecordBytes: number): number => maxRecordBytes * 2 + 64 * 1024
/** Answers beyond this wait in memory only while the budget allows. */
const UNREAD_SOFT_BYTES = 64 * 1024

export async function produceV3(ctx: Context): Promise<void> {
  const { req, params, client, limits } = ctx
  negotiate(req.headers.accept, [JSON_TYPE])
  demandType(req.headers, [JSON_TYPE])
  const clusterId = await demandCluster(client, params['cluster']!)
  const { name } = await findTopic(client, params['topic']!)
  const answers = new Answers(ctx, { clusterId, topic: name })
  const splitter = new JsonSplitter(objectLimit(limits.maxRecordBytes))
  let held = 0
  try {
    for await (const chunk of chunksOf(req, limits.streamIdleMs)) {
      if (answers.gone) return
      splitter.push(chunk, (object) => answers.add(object))
      const more = splitter.heldBytes - held
      if (more > 0 && !ctx.budget.take(more)) throw busy()
      if (more < 0) ctx.budget.release(-more)
      held = splitter.heldBytes
      while (answers.mustWait && !answers.gone) await answers.room()
    }
    if (splitter.open) throw new JsonError('it ends in the middle of an object')
    if (answers.count === 0) throw new RestError(42206, 'Payload error. Request body is empty. Data is required.')
    answers.end()
  } catch (error) {
    // The client has gone: whatever else went wrong, nobody is there to be told.
    if (answers.gone || req.errored) return
    const notJson =
      error instanceof JsonError ? new RestError(400, `The request is not JSON: ${error.message}.`) : error
    answers.endWith(asRestError(notJson))
  } finally {
    ctx.budget.release(held)
  }
}

/** The answers of one request, in the order of its records. */
class Answers {
  count = 0
  gone = false
  /** Records answered for and not written yet, in order. */
  private readonly slots: Slot[] = []
  private head = 0
  private ended = false
  private scheduled = false
  private waiter: (() => void) | undefined
  private readonly cluster: Cluster
  private readonly producer: Producer
  private readonly limits: RestLimits
  private readonly budget: Budget
  /** The beginning of every good answer. */
  private readonly prefix: string
  private readonly req: IncomingMessage
  private readonly res: ServerResponse

  constructor(
    { req, res, client, producer, limits, budget }: Context,
    private readonly to: { clusterId: string; topic: string },
  ) {
    this.cluster = client.cluster
    this.req = req
    this.res = res
    this.producer = producer
    this.limits = limits
    this.budget = budget
    const { clusterId, topic } = to
    this.prefix = `{"error_code":200,"cluster_id":${JSON.stringify(clusterId)},"topic_name":${JSON.stringify(topic)},"partition_id":`
    res.on('drain', () => this.progress())
    res.on('close', () => {
      this.gone = true
      this.progress()
    })
  }

  /** Sends the record on, or answers at once what is wrong with it. Throws what ends the whole request. */
  add({ text, sizeBytes }: Split): void {
    this.count++
    if (!text) {
      const error = new RestError(
        413,
        `A record of ${sizeBytes} bytes of JSON is more than ${this.limits.maxRecordBytes} allows.`,
      )
      if (this.count === 1) throw error
      this.refuse(error)
      return
    }
    let record: V3Record
    try {
      record = readV3Record(text)
    } catch (error) {
      if (!(error instanceof RestError)) throw error
      this.refuse(error)
      return
    }
    if (record.partition !== null && !this.hasPartition(record.partition)) {
      this.refuse(new RestError(40402))
      return
    }
    const slot = new Slot(this, this.prefix, record.key, record.value)
    this.slots.push(slot)
    this.producer.enqueue(
      {
        topic: this.to.topic,
        partition: record.partition,
        key: record.key?.data ?? null,
        value: record.value?.data ?? null,
        headers: record.headers,
        timestamp: record.timestamp,
      },
      slot,
    )
  }

  /** By what is known now: a long stream lives to see partitions added. */
  private hasPartition(partition: number): boolean {
    const known = this.cluster.metadata.topics.get(this.to.topic)
    return !known || known.partitions[partition] !== undefined
  }

  private refuse(error: RestError): void {
    const slot = new Slot(this, this.prefix, null, null)
    slot.text = `${error.toJson()}\n`
    this.slots.push(slot)
    this.progress()
  }

  get mustWait(): boolean {
    return (
      this.producer.full ||
      this.slots.length - this.head > this.limits.maxUnacknowledged ||
      this.res.writableLength > this.limits.maxUnreadBytes ||
      (this.res.writableLength > UNREAD_SOFT_BYTES && this.budget.exhausted)
    )
  }

  /** Resolves when something has moved. */
  async room(): Promise<void> {
    if (this.producer.full) await this.producer.ready()
    else await new Promise<void>((resolve) => (this.waiter = resolve))
  }

  end(): void {
    this.ended = true
    this.progress()
  }

  /** The last answer: an error. Whatever of the request has not been read, is not read any more. */
  endWith(error: RestError): void {
    leaveBody(this.req, this.res)
    if (!this.res.headersSent && this.slots.length === 0) this.res.statusCode = error.status
    this.refuse(error)
    this.end()
  }

  /** What was acknowledged in one go is written in one go. */
  progress(): void {
    if (this.scheduled) return
    this.scheduled = true
    setImmediate(() => {
      this.scheduled = false
      this.flush()
      const { waiter } = this
      this.waiter = undefined
      waiter?.()
    })
  }

  private flush(): void {
    if (this.gone) return
    let out = ''
    for (; this.head < this.slots.length; this.head++) {
      const { text } = this.slots[this.head]!
      if (text === undefined) break
      out += text
    }
    if (this.head > 1024 || this.head === this.slots.length) {
      this.slots.splice(0, this.head)
      this.head = 0
    }
    if (out !== '') this.write(out)
    if (this.ended && this.slots.length === this.head) this.res.end()
  }

  private write(out: string): void {
    if (!this.res.headersSent) {
      this.res.setHeader('content-type', JSON_TYPE)
      this.res.setHeader('cache-control', 'no-store, no-transform')
      this.res.setHeader('x-accel-buffering', 'no')
    }
    const bytes = Buffer.from(out)
    this.budget.force(bytes.length)
    this.res.write(bytes, () => this.budget.release(bytes.length))
  }
}

/** One record on its way: becomes the text of its answer. */
class Slot implements Delivery {
  text: string | undefined

  constructor(
    private readonly answers: Answers,
    private readonly prefix: string,
    private readonly key: V3Part | null,
    private readonly value: V3Part | null,
  ) {}

  delivered(partition: number, offset: number | null, timestamp: number): void {
    const key = this.key ? `,"key":{"type":"${this.key.type}","size":${this.key.data?.length ?? 0}}` : ''
    const value = this.value ? `,"value":{"type":"${this.value.type}","size":${this.value.data?.length ?? 0}}` : ''
    this.text = `${this.prefix}${partition},"offset":${offset ?? -1},"timestamp":"${isoTime(timestamp)}"${key}${value}}\n`
    this.answers.progress()
  }

  failed(error: KafkaError): void {
    this.text = `${fromKafka(error).toJson()}\n`
    this.answers.progress()
  }
}

/** Records of one batch mostly have the same time. */
let lastMs = Number.NaN
let lastText = ''
function isoTime(ms: number): string {
  if (ms !== lastMs) {
    lastText = new Date(ms).toISOString()
    lastMs = ms
  }
  return lastText
}
