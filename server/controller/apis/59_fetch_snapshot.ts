/** FetchSnapshot (59, KIP-630): a piece of a snapshot of the metadata log, from a position on. v1 says where the leader is. */
import { CLUSTER_METADATA } from '../../metadata/internal_topics.ts'
import { codeOf, errorCode, KafkaError } from '../../protocol/errors.ts'
import { FetchSnapshot } from '../../protocol/messages/59_fetch_snapshot.ts'
import type { Infer } from '../../protocol/schema.ts'
import { type NodeCall, nodeHandler } from '../handler.ts'
import { checkClusterId, currentLeader, leaderEndpoints, onePartition } from './metadata_topic.ts'

type Request = Infer<typeof FetchSnapshot.request>
type Wanted = Request['topics'][number]['partitions'][number]

const ENDPOINTS_SINCE = 1

export const FetchSnapshotHandler = nodeHandler(FetchSnapshot, {
  handle(request, call) {
    checkClusterId(request.clusterId, call.node)
    const [topic] = request.topics
    const [first] = topic?.partitions ?? []
    if (topic === undefined || first === undefined) throw new KafkaError('INVALID_REQUEST')
    const wanted = onePartition(
      request.topics,
      (p) => p.partition,
      (t) => t.name === CLUSTER_METADATA,
    )
    if (wanted === undefined) {
      const unknown = { index: first.partition, errorCode: errorCode.UNKNOWN_TOPIC_OR_PARTITION }
      return answer(call, topic.name, { ...EMPTY, ...unknown })
    }
    try {
      return answer(call, CLUSTER_METADATA, { ...EMPTY, ...read(wanted, request, call) })
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      return answer(call, CLUSTER_METADATA, { ...EMPTY, errorCode: codeOf(error) })
    }
  },
  fail: (_request, { code }) => ({ errorCode: code, topics: [] }),
})

const EMPTY = {
  index: 0,
  errorCode: errorCode.NONE as number,
  snapshotId: { endOffset: 0, epoch: 0 },
  size: 0,
  position: 0,
  unalignedRecords: [] as readonly Buffer[],
}

function read({ currentLeaderEpoch, snapshotId, position }: Wanted, request: Request, { node }: NodeCall) {
  const { metadataLog, config, answers } = node
  metadataLog.checkLeader(currentLeaderEpoch)
  const most = Math.min(config['controller.quorum.fetch.snapshot.max.bytes'], answers.roomBytes)
  const maxBytes = Math.min(Math.max(0, request.maxBytes), most)
  if (position < 0) throw new KafkaError('POSITION_OUT_OF_RANGE')
  const piece = metadataLog.piece(snapshotId, { position, maxBytes })
  if (piece === undefined) throw new KafkaError('SNAPSHOT_NOT_FOUND')
  if (position >= piece.size) throw new KafkaError('POSITION_OUT_OF_RANGE')
  return { snapshotId, size: piece.size, position, unalignedRecords: [piece.bytes] }
}

const answer = ({ node, version }: NodeCall, name: string, partition: typeof EMPTY) => ({
  errorCode: errorCode.NONE,
  topics: [{ name, partitions: [{ ...partition, currentLeader: currentLeader(node) }] }],
  nodeEndpoints: version >= ENDPOINTS_SINCE ? leaderEndpoints(node) : [],
})
