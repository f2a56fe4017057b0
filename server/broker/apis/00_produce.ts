/**
 * Produce (0). The batches go into the log as they came; only what versions 0 to 2 send is turned into batches first.
 * acks=0 is answered by nothing, acks=1 once the batches are written, acks=all once the high watermark has passed them, or with
 * REQUEST_TIMED_OUT when other replicas take too long. With fewer in sync than min.insync.replicas acks=all is refused before anything
 * is written; where that comes about afterwards the high watermark stands until enough are in sync again (KIP-966), so that there is
 * no NOT_ENOUGH_REPLICAS_AFTER_APPEND.
 *
 * v3 transactional id; v7 zstd allowed; v8 error per record; v10 tells the current leader; v13 topics by id (KIP-516).
 * Answers every partition; transactions are refused.
 */

import { isInternalTopic } from '../../metadata/internal_topics.ts'
import { type ErrorName, errorCode, KafkaError } from '../../protocol/errors.ts'
import { Produce } from '../../protocol/messages/00_produce.ts'
import { BATCH_OVERHEAD, RecordBatch } from '../../records/batch.ts'
import { RecordValidationError } from '../../records/validate.ts'
import type { AppendResult } from '../../replication/partition.ts'
import { handler, type RequestContext } from '../handler.ts'
import { LeadersTold } from './current_leader.ts'
import { partitionError, type TopicKey, topicOf } from './partition_error.ts'

export const ProduceHandler = handler(Produce, {
  overlaps: true,
  letsGo: true,
  async handle(request, context) {
    const { acks, topicData } = request
    if (acks < -1 || acks > 1) throw new KafkaError('INVALID_REQUIRED_ACKS')
    if (request.transactionalId !== null) {
      throw new KafkaError('TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'Transactions are not served by this broker.')
    }
    const responses = await Promise.all(
      topicData.map(async (topic) => ({
        topicId: topic.topicId,
        name: topic.name,
        partitionResponses: await Promise.all(
          topic.partitionData.map((p) =>
            produceOne(topic, p.index, asBuffer(p.records), acks, request.timeoutMs, context),
          ),
        ),
      })),
    )
    const failed = responses.some((t) => t.partitionResponses.some((p) => p.errorCode !== errorCode.NONE))
    if (acks === 0) return { noAnswer: true, close: failed }
    return failed && context.version >= FIRST_WITH_LEADERS ? withLeaders(responses, context) : { responses }
  },
  fail: (request, { code, detail }) =>
    request.acks === 0
      ? { noAnswer: true, close: true }
      : {
          responses: request.topicData.map((t) => ({
            topicId: t.topicId,
            name: t.name,
            partitionResponses: t.partitionData.map((p) => ({
              index: p.index,
              errorCode: code,
              baseOffset: -1,
              errorMessage: detail,
            })),
          })),
        },
})

const FIRST_WITH_LEADERS = 10

/** Tells where to go instead, beside what this broker does not lead. */
function withLeaders(responses: readonly Produced[], context: RequestContext) {
  const leaders = new LeadersTold(context)
  const hinted = responses.map((t) => ({
    ...t,
    partitionResponses: t.partitionResponses.map((p) => {
      const name = t.name || context.broker.metadata.topicName(t.topicId)
      const currentLeader = leaders.of(p.errorCode, name, p.index)
      return currentLeader ? { ...p, currentLeader } : p
    }),
  }))
  return { responses: hinted, nodeEndpoints: leaders.nodeEndpoints }
}

interface Produced {
  readonly topicId: string
  readonly name: string
  readonly partitionResponses: readonly Awaited<ReturnType<typeof produceOne>>[]
}

/** Refusals that do not tell where the log starts: it was not asked, or cannot say. */
const NOT_ASKED: ReadonlySet<ErrorName> = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'NOT_LEADER_OR_FOLLOWER',
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'CORRUPT_MESSAGE',
  'KAFKA_STORAGE_ERROR',
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_RECORD',
])

async function produceOne(
  topic: TopicKey,
  index: number,
  records: Buffer | null,
  acks: number,
  timeoutMs: number,
  context: RequestContext,
) {
  const { metrics } = context.broker
  let meter = metrics.elsewhere
  let logStartOffset = -1
  try {
    const name = topicOf(topic, context)
    // It would begin a transaction that nobody can end.
    if (records && isTransactional(records)) {
      throw new KafkaError('TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'Transactions are not served by this broker.')
    }
    const partition = context.broker.partitions.leader(name, index)
    if (isInternalTopic(name)) throw new KafkaError('INVALID_TOPIC_EXCEPTION', `Clients may not write to ${name}.`)
    meter = partition.meter ?? meter
    logStartOffset = partition.logStartOffset
    meter.produceRequests++
    const result: AppendResult = await partition.produce(records, { acks, version: context.version, timeoutMs })
    return {
      index,
      errorCode: errorCode.NONE,
      baseOffset: result.baseOffset,
      logAppendTimeMs: result.logAppendTimeMs,
      logStartOffset: result.logStartOffset,
    }
  } catch (error) {
    if (meter === metrics.elsewhere) meter.produceRequests++
    meter.failedProduceRequests++
    const { code, detail } = partitionError(error, context)
    const refused = { index, errorCode: code, baseOffset: -1, errorMessage: detail, recordErrors: recordErrors(error) }
    const asked = error instanceof RecordValidationError || !(error instanceof KafkaError && NOT_ASKED.has(error.error))
    return asked ? { ...refused, logStartOffset } : refused
  }
}

const isTransactional = (records: Buffer): boolean =>
  records.length >= BATCH_OVERHEAD && new RecordBatch(records).magic === 2 && new RecordBatch(records).isTransactional

/** Which records of the batch were at fault, so that a client can send the others again (KIP-467). */
const recordErrors = (error: unknown) =>
  error instanceof RecordValidationError
    ? error.recordErrors.map((e) => ({ batchIndex: e.batchIndex, batchIndexErrorMessage: e.message }))
    : []

/** What is read from the wire is one buffer; a list is only ever written. */
const asBuffer = (records: Buffer | readonly Buffer[] | null): Buffer | null =>
  records === null || Buffer.isBuffer(records) ? records : Buffer.concat(records)
