/** Reading and writing records of a cluster's topics: `browse/` does the reading, the client's producer the writing. */
import type { Client } from '../client/client.ts'
import type { ProducerRecord, RecordResult } from '../client/producer.ts'
import type { CodecName } from '../records/compression.ts'
import type { Actor, AuditLog } from './audit.ts'
import { browse } from './browse/browse.ts'
import { KafkaSource } from './browse/kafka_source.ts'
import { type LiveEvent, live } from './browse/live.ts'
import { wholeOf } from './browse/rows.ts'
import { ConsoleError } from './problems.ts'
import type { MessagesService } from './service.ts'
import type { BrowseInput, Produced, ProduceInput, RecordInput, WholeRecord } from './shapes/record.ts'

/** One record is asked for: the batch that holds it comes whole, whatever this says. */
const ONE_RECORD_BYTES = 4096
/** A record may be larger than producers usually send; the topic's max.message.bytes decides. */
const MAX_RECORD_BYTES = 32 * 1024 * 1024

export class Messages implements MessagesService {
  constructor(
    private readonly client: Client,
    private readonly audit: AuditLog,
    private readonly monotonicMs: () => number,
  ) {}

  readonly browse = async function* (
    this: Messages,
    input: BrowseInput,
    signal: AbortSignal,
  ): AsyncGenerator<LiveEvent> {
    const source = new KafkaSource(this.client, input.topic)
    const context = { source, signal, monotonicMs: this.monotonicMs }
    try {
      if (input.from.kind === 'live') {
        yield* live(input, { ...context, pause: (ms, s) => this.client.cluster.pause(ms, s) })
      } else {
        // Interrupted, a page is simply read again: its id says nothing.
        for await (const event of browse(input, context)) yield { ...event, id: 'page' }
      }
    } catch (error) {
      // Whoever asked has gone: there is no one to tell.
      if (!signal.aborted) throw error
    }
  }.bind(this)

  readonly get = async ({ topic, partition, offset }: RecordInput): Promise<WholeRecord> => {
    const source = new KafkaSource(this.client, topic)
    const options = { readCommitted: false, maxWaitMs: 0, signal: AbortSignal.timeout(15_000) }
    const [chunk] = await source.fetch([{ partition, offset, maxBytes: ONE_RECORD_BYTES }], options)
    if (chunk!.error?.error === 'OFFSET_OUT_OF_RANGE') throw await outOfRange(source, { topic, partition, offset })
    if (chunk!.error) throw chunk!.error
    const record = chunk!.records.find((r) => r.offset === offset)
    if (!record) {
      throw new ConsoleError(
        'NOT_FOUND',
        `Partition ${partition} of ${topic} has no record at offset ${offset}.`,
        'It was compacted away, is a mark of a transaction, or has not been written yet.',
      )
    }
    return wholeOf(partition, record)
  }

  readonly produce = async (input: ProduceInput, actor: Actor): Promise<Produced> => {
    const record: ProducerRecord = {
      topic: input.topic,
      partition: input.partition,
      key: bytesOf(input.key, 'key'),
      value: bytesOf(input.value, 'value'),
      headers: input.headers.map((h, i) => ({ key: h.key, value: bytesOf(h.value, `headers.${i}.value`) })),
      ...(input.timestampMs !== null && { timestamp: input.timestampMs }),
    }
    let result: RecordResult | undefined
    const after = {
      partition: input.partition,
      keyBytes: record.key?.length ?? null,
      valueBytes: record.value?.length ?? null,
      headers: input.headers.length,
    }
    const change = {
      action: 'messages.produce',
      resource: { type: 'topic' as const, name: input.topic },
      before: null,
      after,
    }
    await this.audit.record(actor, change, async () => {
      result = await this.send(record, input.codec)
      const { partition, offset } = result
      return { message: `Written to partition ${partition}.`, after: { ...after, partition, offset } }
    })
    const { partition, offset, timestamp } = result!
    return { partition, offset: offset ?? -1, timestampMs: timestamp }
  }

  private async send(record: ProducerRecord, codec: CodecName): Promise<RecordResult> {
    const producer = this.client.producer({ codec, maxRecordBytes: MAX_RECORD_BYTES, deliveryTimeoutMs: 15_000 })
    try {
      return await producer.send(record)
    } finally {
      await producer.close()
    }
  }
}

async function outOfRange(
  source: KafkaSource,
  { topic, partition, offset }: Omit<RecordInput, 'cluster'>,
): Promise<ConsoleError> {
  const [b] = await source.bounds([partition], { readCommitted: false })
  const range =
    b!.endOffset > b!.startOffset
      ? `holds offsets ${b!.startOffset} to ${b!.endOffset - 1}`
      : `is empty; its next offset is ${b!.endOffset}`
  return new ConsoleError('NOT_FOUND', `Partition ${partition} of ${topic} ${range}: there is no ${offset}.`)
}

/** Throws INVALID, naming the field. */
export function bytesOf(payload: ProduceInput['value'], field: string): Buffer | null {
  if (payload === null) return null
  const { encoding, data } = payload
  const bad = (what: string) =>
    new ConsoleError('INVALID', `The ${field.replace(/\.\d+\.value$/, '’ value')} is not ${what}.`)
  switch (encoding) {
    case 'text':
      return Buffer.from(data)
    case 'json':
      try {
        JSON.parse(data)
      } catch (e) {
        throw new ConsoleError('INVALID', `The ${field} is not JSON: ${(e as Error).message}.`)
      }
      // As typed: going through a parser would round large numbers.
      return Buffer.from(data)
    case 'base64': {
      const text = data.replace(/\s+/g, '')
      if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text) || text.replace(/=+$/, '').length % 4 === 1) throw bad('base64')
      return Buffer.from(text, 'base64')
    }
    case 'hex': {
      const text = data.replace(/\s+/g, '')
      if (!/^([0-9a-f]{2})*$/i.test(text)) throw bad('hexadecimal: two digits a byte')
      return Buffer.from(text, 'hex')
    }
  }
}
