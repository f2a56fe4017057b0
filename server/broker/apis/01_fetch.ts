/**
 * Fetch (1). Whole batches, as they lie in the log, as far as the reader may see (`fetch_reader.ts`). A fetch that finds fewer bytes
 * than it wants is parked until they are there or its time is over; an error in any partition answers at once, and so does
 * whatever else a reader must hear: that its log parts from this one, or that it should read elsewhere.
 *
 * v0 to v3 get message sets, converted from batches; v4 isolation level; v7 sessions (KIP-227, see `fetch_sessions.ts`);
 * v9 leader epochs (KIP-320); v11 the consumer's rack (KIP-392); v12 diverging epochs (KIP-595); v13 topics by id; v15 a follower's
 * broker epoch (KIP-903); v16 tells the current leader (KIP-951). The high watermark that v18 tells concerns the metadata log alone.
 */
import { errorCode, KafkaError } from '../../protocol/errors.ts'
import { Fetch } from '../../protocol/messages/01_fetch.ts'
import { type Infer, ZERO_UUID } from '../../protocol/schema.ts'
import { countRecords } from '../../records/count_records.ts'
import { batchesToMessageSet } from '../../records/message_set.ts'
import type { FetchContext, FetchPartition } from '../fetch_sessions.ts'
import { handler, type RequestContext } from '../handler.ts'
import type { BrokerMetrics } from '../metrics.ts'
import { LeadersTold } from './current_leader.ts'
import { type Item, type Readable, type Reader, readerOf } from './fetch_reader.ts'
import { partitionError, topicOf } from './partition_error.ts'

type Request = Infer<typeof Fetch.request>

const READ_COMMITTED = 1

export const FetchHandler = handler(Fetch, {
  handle(request, context) {
    const reader = readerOf(request, context)
    if (reader.isFollower) context.quota?.exempt()
    const fetch = context.broker.fetchSessions.open(request, context.version, reader.isFollower)
    const one: OneFetch = { fetch, reader, request, context }
    const items = look(one, true)
    if (request.maxWaitMs <= 0 || mustAnswer(items, fetch.resting)) return readAndAnswer(one, items)
    if (request.minBytes > 1) return readOrWait(one, items)
    // minBytes of 0 and 1 need no reading to know whether there is something.
    if (request.minBytes <= 0 || items.some((item) => hasData(item, one))) return readAndAnswer(one, items)
    return waitAndAnswer(one, items, 1)
  },
  fail: (_request, { code }) => ({ errorCode: code, sessionId: 0, responses: [] }),
})

/** All that is kept of a fetch while it waits: a broker may have very many of them. */
interface OneFetch {
  readonly fetch: FetchContext
  readonly reader: Reader
  readonly request: Request
  readonly context: RequestContext
}

const look = (one: OneFetch, isFirst: boolean): readonly Item[] =>
  inOrder(one.fetch.wanted().map((wanted) => find(wanted, one, isFirst)))

async function readOrWait(one: OneFetch, items: readonly Item[]) {
  const { request, context } = one
  const first = await readAll(items, one)
  const most = Math.min(request.maxBytes, context.broker.config['fetch.max.bytes'])
  const limit = Math.min(request.minBytes, most, context.quota?.maxFetchBytes ?? most)
  return first.bytes >= limit ? answer(one, first.parts) : waitAndAnswer(one, items, limit - first.bytes)
}

function waitAndAnswer(
  one: OneFetch,
  items: readonly Item[],
  bytes: number,
  sinceMs = one.context.broker.clock.monotonic(),
) {
  const { broker, gone, quota } = one.context
  const { isolationLevel, maxWaitMs } = one.request
  const leftMs = () => Math.max(0, maxWaitMs - (broker.clock.monotonic() - sinceMs))
  const waited = broker.purgatory.wait(one.fetch.watched(items), bytes, leftMs(), gone)
  return waited.then((): ReturnType<typeof readAndAnswer> => {
    const found = look(one, false)
    // What was written belongs to a transaction that is open, or stands behind one: it is not this reader's yet.
    const inVain = isolationLevel === READ_COMMITTED && !found.some((i) => i.error || isTelling(i) || hasData(i, one))
    if (inVain && leftMs() > ROUNDING_MS && !gone.over) return waitAndAnswer(one, found, bytes, sinceMs)
    quota?.resume()
    return readAndAnswer(one, found)
  })
}

function readAndAnswer(one: OneFetch, items: readonly Item[]) {
  const read = readAll(items, one)
  return read instanceof Promise ? read.then(({ parts }) => answer(one, parts)) : answer(one, read.parts)
}

function answer({ fetch, reader, context }: OneFetch, parts: readonly Part[]) {
  const { broker } = context
  // Followers are not slowed down as clients are.
  const quota = reader.isFollower ? undefined : context.quota
  count(parts, broker.metrics, reader.isFollower)
  if (reader.isFollower) countThrottled(parts, broker.throttled.leader)
  const mustWait = (quota?.fetched(parts.reduce((sum, p) => sum + p.bytes, 0)) ?? 0) > 0
  if (mustWait) return { ...fetch.postpone(), responses: [] }
  const { told, ...outcome } = fetch.conclude(parts)
  if (context.version < FIRST_WITH_LEADERS || !told.some((p) => p.answer.errorCode !== errorCode.NONE)) {
    return { ...outcome, responses: byTopic(told) }
  }
  const leaders = new LeadersTold(context)
  const hinted = told.map(({ wanted, answer }) => {
    const currentLeader = leaders.of(answer.errorCode, wanted.topic, wanted.partition)
    return { wanted, answer: currentLeader ? { ...answer, currentLeader } : answer }
  })
  return { ...outcome, responses: byTopic(hinted), nodeEndpoints: leaders.nodeEndpoints }
}

const FIRST_WITH_LEADERS = 16

const hasData = ({ wanted, source }: Item, { request }: OneFetch): boolean =>
  source?.hasDataAt(wanted.fetchOffset, request.isolationLevel === READ_COMMITTED) === true

/** What is left of a time when it is over, by how numbers are added. */
const ROUNDING_MS = 0.001

/** Topics that are not there are told when there is something to tell of others; any other error at once, as by Kafka. */
const mayWait = new Set<number>([errorCode.UNKNOWN_TOPIC_ID, errorCode.UNKNOWN_TOPIC_OR_PARTITION])
const isMissing = ({ error }: Item): boolean => error !== undefined && mayWait.has(error.code)
/** There is something to say besides records. */
const isTelling = (i: Item): boolean => i.diverging !== undefined || i.preferred !== undefined || i.isNews
const mustAnswer = (items: readonly Item[], resting: number): boolean =>
  items.some((i) => (i.error && !isMissing(i)) || isTelling(i)) || (resting === 0 && items.every(isMissing))

/** What is missing comes last. */
const inOrder = (items: readonly Item[]): readonly Item[] =>
  items.some(isMissing) ? [...items.filter((i) => !isMissing(i)), ...items.filter(isMissing)] : items

function find(wanted: FetchPartition, { reader, context }: OneFetch, isFirst: boolean): Item {
  try {
    return reader.find(nameOf(wanted, context), wanted, isFirst)
  } catch (e) {
    const error = partitionError(e, context)
    const nothing = {
      source: undefined,
      diverging: undefined,
      preferred: undefined,
      isNews: false,
      ledEpoch: undefined,
    }
    return { wanted, error, ...nothing }
  }
}

/** An id's name, once known, is kept, as by Kafka: another topic of that name is told from the one that was meant. */
function nameOf(wanted: FetchPartition, context: RequestContext): string {
  if (wanted.topic === '' && context.version >= 13) throw new KafkaError('UNKNOWN_TOPIC_ID')
  if (wanted.topic === undefined) {
    wanted.topic = topicOf({ name: '', topicId: wanted.topicId }, context)
    return wanted.topic
  }
  const present = wanted.topicId === ZERO_UUID ? undefined : context.broker.metadata.topic(wanted.topic)
  if (present && present.topicId !== wanted.topicId) throw new KafkaError('INCONSISTENT_TOPIC_ID')
  return wanted.topic
}

/** Neighbours of one topic stand together; a topic may come several times. */
function byTopic(parts: readonly Pick<Part, 'wanted' | 'answer'>[]) {
  const topics: { topicId: string; topic: string; partitions: Part['answer'][] }[] = []
  for (const { wanted, answer } of parts) {
    const { topicId } = wanted
    const topic = wanted.topic ?? ''
    const last = topics.at(-1)
    if (last?.topic === topic && last.topicId === topicId) last.partitions.push(answer)
    else topics.push({ topicId, topic, partitions: [answer] })
  }
  return topics
}

interface Read {
  bytes: number
  left: number
  readonly parts: Part[]
}

/** Reads partition by partition, in the order asked, until the bytes are used up; a promise where the disk is asked. */
function readAll(items: readonly Item[], one: OneFetch): Read | Promise<Read> {
  const { request, reader, context } = one
  const { config, answers } = context.broker
  const quota = reader.isFollower ? undefined : context.quota
  const left = Math.min(
    request.maxBytes,
    config['fetch.max.bytes'],
    answers.roomBytes,
    quota?.maxFetchBytes ?? Number.POSITIVE_INFINITY,
  )
  const read: Read = { bytes: 0, left, parts: [] }
  for (const [i, item] of items.entries()) {
    const part = readOne(item, read, request, context)
    if (part instanceof Promise) return readOn(part, i, items, read, request, context)
    add(part, read)
  }
  return read
}

function add(part: Part, read: Read): void {
  read.bytes += part.bytes
  read.left -= part.bytes
  read.parts.push(part)
}

/** The same from the first on that comes from the disk. Until all is there, it counts as what answers hold. */
async function readOn(
  first: Promise<Part>,
  from: number,
  items: readonly Item[],
  read: Read,
  request: Request,
  context: RequestContext,
): Promise<Read> {
  const { answers } = context.broker
  answers.take(read.bytes)
  try {
    for (let i = from; i < items.length; i++) {
      const most = Math.max(0, Math.min(items[i]!.wanted.partitionMaxBytes, read.left))
      answers.take(most)
      const part = await (i === from ? first : readOne(items[i]!, read, request, context))
      answers.take(part.bytes - most)
      add(part, read)
    }
  } finally {
    // From here on the connection counts what its client has not read.
    answers.give(read.bytes)
  }
  return read
}

type Part = ReturnType<typeof partOf> | ReturnType<typeof instead> | ReturnType<typeof failed>

function count(parts: readonly Part[], metrics: BrokerMetrics, isFollower: boolean): void {
  for (const { wanted, source, bytes, answer } of parts) {
    const meter = source?.meter ?? metrics.topics.get(wanted.topic ?? '') ?? metrics.elsewhere
    meter.fetchRequests++
    if (answer.errorCode !== errorCode.NONE) meter.failedFetchRequests++
    if (bytes === 0) continue
    if (isFollower) {
      meter.replicationBytesOut += bytes
      continue
    }
    meter.bytesOut += bytes
    meter.recordsOut += countRecords(answer.records)
  }
}

function countThrottled(parts: readonly Part[], throttled: RequestContext['broker']['throttled']['leader']): void {
  for (const { wanted, bytes } of parts) {
    if (bytes > 0 && throttled.isThrottled(wanted.topic ?? '', wanted.partition)) throttled.record(bytes)
  }
}

/**
 * Others were read before, or the disk was asked for it: has another become leader meanwhile? Then the log may have been cut, and
 * what stands there be that one's: a follower that has not heard of it would take it for the continuation of what it has.
 */
const isOutdated = ({ ledEpoch, source }: Item): boolean => ledEpoch !== undefined && source!.leaderEpoch !== ledEpoch

/** Never throws, nor rejects. */
function readOne(item: Item, { left, bytes }: Read, request: Request, context: RequestContext): Part | Promise<Part> {
  const { wanted, source: partition } = item
  if (!partition) return failed(wanted, item.error!.code)
  if (item.diverging || item.preferred !== undefined) return instead(item, partition)
  if (isOutdated(item)) return failed(wanted, errorCode.NOT_LEADER_OR_FOLLOWER)
  const fail = (e: unknown) => failed(wanted, partitionError(e, context).code)
  try {
    const maxBytes = Math.min(wanted.partitionMaxBytes, left)
    // Even a batch larger than all limits is sent, if it is the first: a consumer must be able to get past it (KIP-74).
    const minOneBatch = bytes === 0 && context.version >= 3
    const offset = wanted.fetchOffset
    const readCommitted = request.isolationLevel === READ_COMMITTED
    const read = maxBytes > 0 || minOneBatch ? partition.read({ offset, maxBytes, minOneBatch, readCommitted }) : []
    if (!(read instanceof Promise)) return partOf(wanted, partition, read, readCommitted, context.version)
    return read
      .then((records) =>
        isOutdated(item)
          ? failed(wanted, errorCode.NOT_LEADER_OR_FOLLOWER)
          : partOf(wanted, partition, records, readCommitted, context.version),
      )
      .catch(fail)
  } catch (e) {
    return fail(e)
  }
}

function partOf(
  wanted: FetchPartition,
  partition: Readable,
  read: readonly Buffer[],
  readCommitted: boolean,
  version: number,
) {
  const abortedTransactions = readCommitted ? partition.abortedTransactions(wanted.fetchOffset, read) : null
  const records =
    version <= 3 && read.length > 0
      ? batchesToMessageSet(read, { magic: version <= 1 ? 0 : 1, fetchOffset: wanted.fetchOffset })
      : read
  return {
    wanted,
    source: partition,
    bytes: records.reduce((sum, r) => sum + r.length, 0),
    answer: {
      partitionIndex: wanted.partition,
      errorCode: errorCode.NONE,
      highWatermark: partition.highWatermark,
      lastStableOffset: partition.lastStableOffset,
      logStartOffset: partition.logStartOffset,
      abortedTransactions,
      records: records as readonly Buffer[],
    },
  }
}

/** No records, but what its reader has to do. */
function instead({ wanted, diverging, preferred }: Item, partition: Readable) {
  const part = partOf(wanted, partition, [], false, 4)
  return {
    ...part,
    answer: {
      ...part.answer,
      ...(diverging && { divergingEpoch: diverging }),
      ...(preferred !== undefined && { preferredReadReplica: preferred }),
    },
  }
}

const failed = (wanted: FetchPartition, code: number) => ({
  wanted,
  source: undefined,
  bytes: 0,
  answer: {
    partitionIndex: wanted.partition,
    errorCode: code,
    highWatermark: -1,
    // Nothing follows from the difference, but Kafka makes it.
    abortedTransactions: mayWait.has(code) ? [] : null,
    records: [] as readonly Buffer[],
  },
})
