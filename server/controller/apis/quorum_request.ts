/**
 * What Vote (52), BeginQuorumEpoch (53) and EndQuorumEpoch (54) have in common, as the only voter answers them. There is nobody to vote for
 * and nobody else to follow: where Kafka's leader would step down before the epoch of a stranger, and be elected again a second later,
 * this one stays.
 */
import { CLUSTER_METADATA } from '../../metadata/internal_topics.ts'
import { codeOf, errorCode, KafkaError } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/schema.ts'
import type { ControllerState } from '../controller_state.ts'
import type { NodeCall } from '../handler.ts'
import { checkClusterId, currentLeader, leaderEndpoints, onePartition } from './metadata_topic.ts'

const ENDPOINTS_SINCE = 1

interface QuorumRequest<P> {
  readonly clusterId: string | null
  readonly topics: readonly { readonly topicName: string; readonly partitions: readonly P[] }[]
}

/** `check` throws what the partition is answered with; `more` is what the answer says besides. */
export function answerQuorum<P extends { readonly partitionIndex: number }, M extends object>(
  request: QuorumRequest<P>,
  { node, version }: NodeCall,
  o: { check(wanted: P): void; more: M },
) {
  checkClusterId(request.clusterId, node)
  const wanted = onePartition(request.topics, (p) => p.partitionIndex)
  if (wanted === undefined) throw new KafkaError('INVALID_REQUEST', `Here is ${CLUSTER_METADATA}-0 and nothing else.`)
  let code: number = errorCode.NONE
  try {
    o.check(wanted)
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
    code = codeOf(error)
  }
  const partition = { partitionIndex: 0, errorCode: code, ...currentLeader(node), ...o.more }
  return {
    errorCode: errorCode.NONE,
    topics: [{ topicName: CLUSTER_METADATA, partitions: [partition] }],
    nodeEndpoints: version >= ENDPOINTS_SINCE ? leaderEndpoints(node) : [],
  }
}

/** `from` is who sends it: a voter, as it believes. */
export function checkEpoch(from: number, epoch: number, { metadataLog }: ControllerState): void {
  if (epoch < metadataLog.leaderEpoch) throw new KafkaError('FENCED_LEADER_EPOCH')
  if (from < 0) throw new KafkaError('INVALID_REQUEST')
}

/** Throws where somebody else says that he leads, in an epoch that has not been here. */
export function checkOnlyLeader(leaderId: number, epoch: number, node: ControllerState): void {
  checkEpoch(leaderId, epoch, node)
  if (leaderId !== node.nodeId || epoch > node.metadataLog.leaderEpoch) throw new KafkaError('INVALID_REQUEST')
}

/** A request is for the voter that it names, if it names one. */
export function checkVoterKey(voterId: number, directoryId: string, node: ControllerState): void {
  if (voterId < 0) return
  if (voterId !== node.nodeId || (directoryId !== ZERO_UUID && directoryId !== node.directoryId)) {
    throw new KafkaError('INVALID_VOTER_KEY')
  }
}
