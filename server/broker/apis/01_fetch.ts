/**
 * Fetch (1). Whole batches, as they lie in the log, up to the high watermark. A fetch that finds fewer bytes than it wants
 * is parked until they are there or its time is over; an error in any partition answers at once.
 *
 * v0 to v3 get message sets, converted from batches; v4 isolation level; v7 sessions (KIP-227): none is ever opened here, so
 * clients send whole requests; v9 leader epochs (KIP-320); v13 topics by id.
 */
import { errorCode, KafkaError } from '../../protocol/errors.ts'
import { Fetch } from '../../protocol/messages/01_fetch.ts'
import type { Infer } from '../../protocol/schema.ts'
import { batchesToMessageSet } from '../../records/message_set.ts'
import type { Partition } from '../../replication/partition.ts'
import { handler, type RequestContext } from '../handler.ts'
import { partitionError, topicOf } from './partition_error.ts'

type Request = Infer<typeof Fetch.request>
type Wanted = Request['topics'][number]['partitions'][number]

/** One partition of the request, in its order. */
interface Item {
  readonly wanted: Wanted
  readonly partition: Partition | undefined
  readonly error: { code: number } | undefined
}

interface TopicItems {
  readonly topicId: string
  readonly topic: string
  readonly items: readonly Item[]
}

export const FetchHandler = handler(Fetch, {
  async handle(request, context) {
    if (request.sessionId !== 0 && request.sessionEpoch > 0) throw new KafkaError('FETCH_SESSION_ID_NOT_FOUND')
    const topics = request.topics.map(
      (topic): TopicItems => ({
        topicId: topic.topicId,
        topic: topic.topic,
        items: topic.partitions.map((wanted) => find(topic, wanted, context)),
      }),
    )
    const answer = () => readAll(topics, request, context)
    if (request.maxWaitMs <= 0 || topics.some((t) => t.items.some((i) => i.error))) return (await answer()).response

    // minBytes of 0 and 1 need no reading to know whether there is something.
    if (request.minBytes <= 1) {
      const ready = request.minBytes <= 0 || items(topics).some((i) => i.partition!.hasDataAt(i.wanted.fetchOffset))
      if (!ready) await context.broker.purgatory.wait(watched(topics), 1, request.maxWaitMs, context.gone)
      return (await answer()).response
    }
    const first = await answer()
    const limit = Math.min(
      request.minBytes,
      items(topics).reduce((sum, i) => sum + Math.max(i.wanted.partitionMaxBytes, 1), 0),
    )
    if (first.bytes >= limit) return first.response
    await context.broker.purgatory.wait(watched(topics), limit - first.bytes, request.maxWaitMs, context.gone)
    return (await answer()).response
  },
  fail: (_request, { code }) => ({ errorCode: code, sessionId: 0, responses: [] }),
})

const items = (topics: readonly TopicItems[]): Item[] => topics.flatMap((t) => t.items)
const watched = (topics: readonly TopicItems[]): Partition[] => items(topics).flatMap((i) => i.partition ?? [])

function find(topic: { topic: string; topicId: string }, wanted: Wanted, context: RequestContext): Item {
  try {
    const name = topicOf({ name: topic.topic, topicId: topic.topicId }, context)
    const partition = context.broker.partitions.leader(name, wanted.partition)
    partition.checkLeaderEpoch(wanted.currentLeaderEpoch)
    partition.checkOffset(wanted.fetchOffset)
    return { wanted, partition, error: undefined }
  } catch (error) {
    return { wanted, partition: undefined, error: partitionError(error, context) }
  }
}

/** However little memory is left, a fetch may bring so much. */
const LEAST_BYTES = 64 * 1024

/** Reads partition by partition, in the order asked, until the bytes are used up. */
async function readAll(topics: readonly TopicItems[], request: Request, context: RequestContext) {
  const { config, answers } = context.broker
  const readCommitted = request.isolationLevel === 1
  let left = Math.min(request.maxBytes, config['fetch.max.bytes'], Math.max(answers.roomBytes, LEAST_BYTES))
  let bytes = 0
  const responses = []
  try {
    for (const topic of topics) {
      const partitions = []
      for (const item of topic.items) {
        const most = Math.max(0, Math.min(item.wanted.partitionMaxBytes, left))
        answers.take(most)
        const part = await readOne(item, { left, first: bytes === 0, readCommitted, version: context.version }, context)
        answers.take(part.bytes - most)
        bytes += part.bytes
        left -= part.bytes
        partitions.push(part.answer)
      }
      responses.push({ topicId: topic.topicId, topic: topic.topic, partitions })
    }
  } finally {
    // From here on the connection counts what its client has not read.
    answers.give(bytes)
  }
  return { bytes, response: { responses } }
}

async function readOne(
  item: Item,
  o: { left: number; first: boolean; readCommitted: boolean; version: number },
  context: RequestContext,
) {
  const { wanted, partition } = item
  try {
    if (!partition) return failed(wanted, item.error!.code)
    const maxBytes = Math.min(wanted.partitionMaxBytes, o.left)
    // Even a batch larger than all limits is sent, if it is the first: a consumer must be able to get past it (KIP-74).
    const minOneBatch = o.first && o.version >= 3
    const read =
      maxBytes > 0 || minOneBatch ? partition.read({ offset: wanted.fetchOffset, maxBytes, minOneBatch }) : []
    let records = read instanceof Promise ? await read : read
    if (o.version <= 3 && records.length > 0) {
      records = batchesToMessageSet(records, { magic: o.version <= 1 ? 0 : 1, fetchOffset: wanted.fetchOffset })
    }
    return {
      bytes: records.reduce((sum, r) => sum + r.length, 0),
      answer: {
        partitionIndex: wanted.partition,
        errorCode: errorCode.NONE,
        highWatermark: partition.highWatermark,
        lastStableOffset: partition.lastStableOffset,
        logStartOffset: partition.logStartOffset,
        abortedTransactions: o.readCommitted ? [] : null,
        records: records as readonly Buffer[],
      },
    }
  } catch (error) {
    return failed(wanted, partitionError(error, context).code)
  }
}

const failed = (wanted: Wanted, code: number) => ({
  bytes: 0,
  answer: {
    partitionIndex: wanted.partition,
    errorCode: code,
    highWatermark: -1,
    abortedTransactions: null,
    records: [] as readonly Buffer[],
  },
})
