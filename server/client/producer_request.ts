/** One Produce request with the first batch of each of some partitions, and what became of each. */
import { KafkaError } from '../protocol/errors.ts'
import { Produce } from '../protocol/messages/00_produce.ts'
import { RecordBatch } from '../records/batch.ts'
import { buildBatch } from '../records/build_batch.ts'
import type { CodecName } from '../records/compression.ts'
import type { Cluster } from './cluster.ts'
import { errorFrom } from './errors.ts'
import type { PartitionQueue } from './producer_queue.ts'

export interface Outcome {
  error: KafkaError | null
  /** null where the broker does not tell. */
  baseOffset: number | null
  /** null with CreateTime. */
  logAppendTimeMs: number | null
  /** Records that were refused, by their place in the batch. */
  recordErrors: { index: number; message: string | null }[]
}

const ACKS = { all: -1, 1: 1, 0: 0 } as const
/** From the next version on topics go by id (KIP-516). */
const LAST_VERSION_WITH_NAMES = 12

/** Outcomes in the order of `group`. Throws when no answer came. */
export async function produce(
  cluster: Cluster,
  leader: number,
  group: readonly PartitionQueue[],
  options: { acks: 'all' | 1 | 0; codec: CodecName; ackTimeoutMs: number },
): Promise<Outcome[]> {
  const connection = await cluster.node(leader, 'produce')
  await connection.writable()
  const topics = new Map<string, { topicId: string | null; partitions: { index: number; records: Buffer }[] }>()
  for (const p of group) {
    let topic = topics.get(p.topic)
    if (!topic) {
      topic = { topicId: cluster.metadata.topics.get(p.topic)?.topicId ?? null, partitions: [] }
      topics.set(p.topic, topic)
    }
    topic.partitions.push({ index: p.partition, records: encoded(p, options.codec) })
  }
  const ids = [...topics.values()].every((t) => t.topicId !== null)
  const response = await connection.send(
    Produce,
    (version) => ({
      transactionalId: null,
      acks: ACKS[options.acks],
      timeoutMs: options.ackTimeoutMs,
      topicData: [...topics].map(([name, t]) => ({
        ...(version > LAST_VERSION_WITH_NAMES ? { topicId: t.topicId! } : { name }),
        partitionData: t.partitions,
      })),
    }),
    { minVersion: 3, maxVersion: ids ? undefined : LAST_VERSION_WITH_NAMES, noResponse: options.acks === 0 },
  )
  if (options.acks === 0)
    return group.map(() => ({ error: null, baseOffset: null, logAppendTimeMs: null, recordErrors: [] }))
  const answers = new Map<string, (typeof response)['responses'][number]['partitionResponses'][number]>()
  for (const t of response.responses) {
    for (const r of t.partitionResponses) answers.set(`${t.name || t.topicId} ${r.index}`, r)
  }
  return group.map((p) => {
    const r = answers.get(`${p.topic} ${p.partition}`) ?? answers.get(`${topics.get(p.topic)!.topicId} ${p.partition}`)
    if (!r) throw new KafkaError('NETWORK_EXCEPTION', `the broker left ${p.topic}-${p.partition} out of its answer`)
    return {
      error: errorFrom(r.errorCode, r.errorMessage),
      baseOffset: r.baseOffset < 0 ? null : r.baseOffset,
      logAppendTimeMs: r.logAppendTimeMs < 0 ? null : r.logAppendTimeMs,
      recordErrors: r.recordErrors.map((e) => ({ index: e.batchIndex, message: e.batchIndexErrorMessage })),
    }
  })
}

/** The first batch's bytes: built once, and stamped anew if it got another identity since. */
function encoded(p: PartitionQueue, codec: CodecName): Buffer {
  const batch = p.batches[0]!
  const stamp = p.identity ? { ...p.identity, baseSequence: batch.sequence } : undefined
  if (!batch.encoded) {
    batch.encoded = buildBatch(batch.records, { timestamp: batch.timestamp, codec, ...stamp })
    return batch.encoded
  }
  if (stamp) {
    const view = new RecordBatch(batch.encoded)
    const same = view.producerId === stamp.producerId && view.baseSequence === stamp.baseSequence
    if (!same) view.setProducerState(stamp)
  }
  return batch.encoded
}
