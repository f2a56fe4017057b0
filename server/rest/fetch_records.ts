/**
 * `GET /topics/{topic}/partitions/{partition}/records?offset=&timeout=&max_bytes=`: reading without a consumer and
 * without anything kept here, as Redpanda's proxy has it. The answer is a bare array. Values that are JSON are given
 * back as the very text that is in the log.
 */
import { isUtf8 } from 'node:buffer'
import type { DecodedRecord } from '../records/batch.ts'
import type { Context } from './context.ts'
import { FETCH_PARAMETERS } from './fetch_parameters.ts'
import { JsonError, skipSpace, skipValue } from './json_scan.ts'
import { type Embedded, JSON_TYPE, negotiate, V2_RECORDS } from './media_types.ts'
import { busy, sendText } from './respond.ts'
import { RestError } from './rest_error.ts'
import { findTopic, offsetsOf, partitionParam } from './topics.ts'

export async function fetchRecords(ctx: Context): Promise<void> {
  const { req, res, client, params, budget } = ctx
  // Plain JSON means binary in it, as Confluent's proxy has it.
  const type = negotiate(req.headers.accept, [V2_RECORDS.binary, V2_RECORDS.json, JSON_TYPE])
  const embedded: Embedded = type === V2_RECORDS.json ? 'json' : 'binary'
  const { name: topic, ...metadata } = await findTopic(client, params['topic']!)
  const partition = partitionParam({ name: topic, ...metadata }, params['partition']!)
  const timeoutMs = parameter(ctx, 'timeout')
  const maxBytes = parameter(ctx, 'max_bytes')
  const { beginning, end } = await offsetsOf(client, topic, partition)
  const asked = parameter(ctx, 'offset')
  const offset = asked < 0 ? beginning : asked
  if (offset < beginning || offset > end) {
    throw new RestError(
      40002,
      `Offset ${offset} is out of range: partition ${partition} goes from ${beginning} to ${end}.`,
    )
  }
  if (!budget.take(maxBytes)) throw busy()
  const stop = new AbortController()
  const gone = () => stop.abort()
  res.on('close', gone)
  try {
    const records = await read(ctx, { topic, partition, offset, timeoutMs, maxBytes, signal: stop.signal })
    const shown = records.map((r) => show(r, topic, partition, embedded))
    sendText(res, 200, type, Buffer.concat([OPEN, ...shown.flatMap((s, i) => (i === 0 ? s : [COMMA, ...s])), CLOSE]))
  } catch (error) {
    if (!stop.signal.aborted) throw error
  } finally {
    res.off('close', gone)
    budget.release(maxBytes)
  }
}

function parameter({ query }: Context, name: keyof typeof FETCH_PARAMETERS): number {
  const { highest, absent } = FETCH_PARAMETERS[name]
  const text = query.get(name)
  if (text === null || text === '') return absent
  const n = /^\d{1,16}$/.test(text) ? Number(text) : -1
  if (n < 0 || n > highest) throw new RestError(40001, `${name} must be an integer from 0 to ${highest}.`)
  return n
}

/** Of one batch: a small one that unfolds to more is not for a process that serves others too. */
const MAX_DECOMPRESSED_BYTES = 64 * 1024 * 1024

interface Read {
  topic: string
  partition: number
  offset: number
  timeoutMs: number
  maxBytes: number
  signal: AbortSignal
}

/** Fetches until there is a record, or the time is over. Batches that hold nothing for us only move the position. */
async function read({ client }: Context, r: Read): Promise<DecodedRecord[]> {
  const deadline = performance.now() + r.timeoutMs
  let { offset } = r
  let partitionMaxBytes = Math.max(1, r.maxBytes)
  for (;;) {
    const maxWaitMs = Math.max(0, Math.round(deadline - performance.now()))
    const [answer] = await client.fetcher.fetch([{ topic: r.topic, partition: r.partition, offset }], {
      maxWaitMs,
      maxBytes: partitionMaxBytes,
      partitionMaxBytes,
      signal: r.signal,
    })
    if (answer!.error) throw answer!.error
    const records: DecodedRecord[] = []
    let bytes = 0
    for (const batch of answer!.batches) {
      if (batch.isControl) continue
      for (const record of batch.records(MAX_DECOMPRESSED_BYTES)) {
        bytes += (record.key?.length ?? 0) + (record.value?.length ?? 0)
        if (records.length > 0 && bytes > r.maxBytes) return records
        records.push(record)
      }
    }
    if (records.length > 0) return records
    // A first batch larger than asked for, from a broker that cuts it off.
    if (answer!.batches.length === 0 && answer!.sizeBytes > 0) partitionMaxBytes *= 2
    const moved = answer!.nextOffset > offset
    offset = answer!.nextOffset
    if (!moved && performance.now() >= deadline) return []
  }
}

const OPEN = Buffer.from('[')
const CLOSE = Buffer.from(']')
const COMMA = Buffer.from(',')
const NULL = Buffer.from('null')

function show(r: DecodedRecord, topic: string, partition: number, embedded: Embedded): Buffer[] {
  const shown = (bytes: Buffer | null, what: string) => {
    if (bytes === null) return NULL
    if (embedded === 'binary') return Buffer.from(`"${bytes.toString('base64')}"`)
    if (!isJson(bytes)) {
      throw new RestError(40801, `The ${what} at offset ${r.offset} is not JSON; ask for ${V2_RECORDS.binary}.`)
    }
    return bytes
  }
  return [
    Buffer.from(`{"topic":${JSON.stringify(topic)},"key":`),
    shown(r.key, 'key'),
    Buffer.from(',"value":'),
    shown(r.value, 'value'),
    Buffer.from(`,"partition":${partition},"offset":${r.offset}}`),
  ]
}

function isJson(bytes: Buffer): boolean {
  try {
    return isUtf8(bytes) && skipSpace(bytes, skipValue(bytes, 0)) === bytes.length
  } catch (error) {
    if (error instanceof JsonError) return false
    throw error
  }
}
