/** One Fetch request on one connection, and what it brought for each position. */
import { KafkaError } from '../protocol/errors.ts'
import { Fetch } from '../protocol/messages/01_fetch.ts'
import type { Infer } from '../protocol/schema.ts'
import { MalformedError } from '../protocol/wire.ts'
import type { IsolationLevel } from './admin/offsets.ts'
import type { Cluster } from './cluster.ts'
import type { BrokerConnection } from './connection.ts'
import { errorFrom } from './errors.ts'
import { type FetchedBatch, markAborted, readBatches } from './fetched_batch.ts'
import { byTopic, type TopicPartition } from './routing.ts'

export interface FetchPosition extends TopicPartition {
  offset: number
}

export interface FetchOptions {
  isolation?: IsolationLevel
  /** How long a broker may wait for `minBytes`. Default 0: answer with what there is. */
  maxWaitMs?: number
  /** Default 1. */
  minBytes?: number
  /** Of one answer of one broker; a single batch may exceed it. Default 8 MiB. */
  maxBytes?: number
  /** Of one partition in one answer. Default 1 MiB. */
  partitionMaxBytes?: number
  /** Ends the fetch at once; the broker is left. */
  signal?: AbortSignal
}

export interface FetchedPartition extends TopicPartition {
  error: KafkaError | null
  /** What was asked for. */
  offset: number
  /** Where to read on: after the last batch, even if it held nothing to see. */
  nextOffset: number
  /** -1 with an error. */
  highWatermark: number
  lastStableOffset: number
  logStartOffset: number
  /** In order. Control batches and aborted ones are here too, marked as such. */
  batches: FetchedBatch[]
  sizeBytes: number
}

export const PARTITION_MAX_BYTES = 1024 * 1024
const MAX_BYTES = 8 * 1024 * 1024
const ISOLATION_LEVELS = { read_uncommitted: 0, read_committed: 1 } as const
/** The oldest version that delivers batches of the current format. */
const FIRST_VERSION = 4
/** From the next version on topics go by id (KIP-516). */
const LAST_VERSION_WITH_NAMES = 12

/** Answers in the order of `positions`. Throws when the whole request failed. */
export async function fetchFrom(
  cluster: Cluster,
  connection: BrokerConnection,
  positions: readonly FetchPosition[],
  options: FetchOptions,
): Promise<FetchedPartition[]> {
  const topics = byTopic(positions).map((t) => ({
    ...t,
    topicId: cluster.metadata.topics.get(t.topic)?.topicId ?? null,
  }))
  const maxWaitMs = options.maxWaitMs ?? 0
  const response = await connection.send(
    Fetch,
    (version) => ({
      maxWaitMs,
      minBytes: options.minBytes ?? 1,
      maxBytes: options.maxBytes ?? MAX_BYTES,
      isolationLevel: ISOLATION_LEVELS[options.isolation ?? 'read_uncommitted'],
      topics: topics.map((t) => ({
        ...(version > LAST_VERSION_WITH_NAMES ? { topicId: t.topicId! } : { topic: t.topic }),
        partitions: t.items.map((p) => ({
          partition: p.partition,
          fetchOffset: p.offset,
          partitionMaxBytes: options.partitionMaxBytes ?? PARTITION_MAX_BYTES,
        })),
      })),
    }),
    {
      minVersion: FIRST_VERSION,
      maxVersion: topics.every((t) => t.topicId !== null) ? undefined : LAST_VERSION_WITH_NAMES,
      extraTimeoutMs: maxWaitMs,
    },
  )
  const whole = errorFrom(response.errorCode)
  if (whole) throw whole
  const names = new Map(topics.map((t) => [t.topicId, t.topic]))
  const answers = new Map<string, Answer>()
  for (const t of response.responses) {
    for (const p of t.partitions) answers.set(`${t.topic || names.get(t.topicId)} ${p.partitionIndex}`, p)
  }
  return positions.map((position) => {
    const answer = answers.get(`${position.topic} ${position.partition}`)
    if (answer) return fetched(position, answer, options.isolation === 'read_committed')
    return fetchFailed(position, new KafkaError('UNKNOWN_SERVER_ERROR', 'the broker left this partition out'))
  })
}

type Answer = Infer<typeof Fetch.response>['responses'][number]['partitions'][number]

function fetched({ topic, partition, offset }: FetchPosition, p: Answer, committed: boolean): FetchedPartition {
  let error = errorFrom(p.errorCode)
  const bytes = p.records === null ? Buffer.alloc(0) : Buffer.isBuffer(p.records) ? p.records : Buffer.concat(p.records)
  let batches: FetchedBatch[] = []
  try {
    if (!error) batches = readBatches(bytes, offset)
  } catch (e) {
    if (!(e instanceof MalformedError)) throw e
    error = new KafkaError(
      'CORRUPT_MESSAGE',
      `what ${topic}-${partition} holds at ${offset} cannot be read: ${e.message}`,
    )
  }
  if (committed) markAborted(batches, p.abortedTransactions ?? [])
  return {
    topic,
    partition,
    error,
    offset,
    nextOffset: Math.max(offset, (batches.at(-1)?.lastOffset ?? -1) + 1),
    highWatermark: p.highWatermark,
    lastStableOffset: p.lastStableOffset,
    logStartOffset: p.logStartOffset,
    batches,
    sizeBytes: bytes.length,
  }
}

export const fetchFailed = ({ topic, partition, offset }: FetchPosition, error: KafkaError): FetchedPartition => ({
  topic,
  partition,
  error,
  offset,
  nextOffset: offset,
  highWatermark: -1,
  lastStableOffset: -1,
  logStartOffset: -1,
  batches: [],
  sizeBytes: 0,
})

/** Closes a connection that waits in a long poll: the only way to stop waiting. Returns what undoes this. */
export function closeOnAbort(connection: BrokerConnection, signal: AbortSignal | undefined): () => void {
  if (!signal) return () => {}
  const close = () => connection.close()
  if (signal.aborted) close()
  signal.addEventListener('abort', close, { once: true })
  return () => signal.removeEventListener('abort', close)
}
