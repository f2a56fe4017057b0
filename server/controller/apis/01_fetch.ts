/**
 * Fetch (1) of the metadata log (KIP-595): whole batches up to the high watermark, or where the reader has to cut its log, or which
 * snapshot it needs first. A fetch that finds nothing new waits. There are no sessions. Versions before 13 have no topic ids and are refused
 * as Kafka refuses them; v17 says where the leader is, v18 lets a reader who does not know the high watermark hear of it at once (KIP-1166).
 */
import { CLUSTER_METADATA } from '../../metadata/internal_topics.ts'
import { codeOf, errorCode, KafkaError } from '../../protocol/errors.ts'
import { Fetch } from '../../protocol/messages/01_fetch.ts'
import type { Infer } from '../../protocol/schema.ts'
import type { NodeCall } from '../handler.ts'
import { nodeHandler } from '../handler.ts'
import { METADATA_TOPIC_ID } from '../metadata_log.ts'
import { checkClusterId, currentLeader, leaderEndpoints, onePartition } from './metadata_topic.ts'

type Request = Infer<typeof Fetch.request>
type Wanted = Request['topics'][number]['partitions'][number]

const ENDPOINTS_SINCE = 17

export const FetchHandler = nodeHandler(Fetch, {
  async handle(request, call) {
    const { node, gone } = call
    checkClusterId(request.clusterId, node)
    const wanted = onePartition(
      request.topics,
      (p) => p.partition,
      (t) => t.topicId === METADATA_TOPIC_ID,
    )
    if (wanted === undefined) throw new KafkaError('INVALID_REQUEST', `Here is ${CLUSTER_METADATA}-0 and nothing else.`)
    if (
      request.maxWaitMs < 0 ||
      wanted.fetchOffset < 0 ||
      wanted.lastFetchedEpoch < 0 ||
      wanted.lastFetchedEpoch > wanted.currentLeaderEpoch
    ) {
      return answer(call, { errorCode: errorCode.INVALID_REQUEST })
    }
    const { metadataLog } = node
    if (mayWait(wanted, request, call)) await metadataLog.wait(wanted.fetchOffset, request.maxWaitMs, gone)
    try {
      return answer(call, await read(wanted, request, call))
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      return answer(call, { errorCode: codeOf(error) })
    }
  },
  fail: (_request, { code }) => ({ errorCode: code, responses: [] }),
})

function mayWait(wanted: Wanted, { maxWaitMs }: Request, { node: { metadataLog } }: NodeCall): boolean {
  if (maxWaitMs === 0 || wanted.currentLeaderEpoch !== metadataLog.leaderEpoch) return false
  if (wanted.highWatermark < metadataLog.highWatermark) return false
  return metadataLog.find({ offset: wanted.fetchOffset, epoch: wanted.lastFetchedEpoch }).kind === 'valid'
}

async function read(wanted: Wanted, request: Request, { node }: NodeCall) {
  const { metadataLog, observers, config, answers } = node
  metadataLog.checkLeader(wanted.currentLeaderEpoch)
  const { fetchOffset } = wanted
  const found = metadataLog.find({ offset: fetchOffset, epoch: wanted.lastFetchedEpoch })
  if (found.kind === 'diverging') return { divergingEpoch: { epoch: found.epoch, endOffset: found.endOffset } }
  if (found.kind === 'snapshot') return { snapshotId: found.id }
  const id = request.replicaState.replicaId >= 0 ? request.replicaState.replicaId : request.replicaId
  observers.fetched({ id, directoryId: wanted.replicaDirectoryId }, fetchOffset, metadataLog.highWatermark)
  // Kafka's own readers leave the limit of the partition at 0.
  const maxBytes = Math.min(request.maxBytes, config['controller.quorum.fetch.max.bytes'], answers.roomBytes)
  return { records: await metadataLog.read(fetchOffset, maxBytes) }
}

function answer(
  { node, version }: NodeCall,
  found: {
    errorCode?: number
    records?: readonly Buffer[]
    divergingEpoch?: { epoch: number; endOffset: number }
    snapshotId?: { endOffset: number; epoch: number }
  },
) {
  const failed = found.errorCode !== undefined
  const partition = {
    partitionIndex: 0,
    errorCode: errorCode.NONE,
    highWatermark: failed ? -1 : node.metadataLog.highWatermark,
    logStartOffset: node.metadataLog.logStartOffset,
    abortedTransactions: [],
    records: [],
    currentLeader: currentLeader(node),
    ...found,
  }
  return {
    errorCode: errorCode.NONE,
    sessionId: 0,
    responses: [{ topicId: METADATA_TOPIC_ID, topic: CLUSTER_METADATA, partitions: [partition] }],
    nodeEndpoints: version >= ENDPOINTS_SINCE ? leaderEndpoints(node) : [],
  }
}
