/**
 * DescribeQuorum (55): who leads the metadata log, how far each voter is (KIP-595), here one, which is the leader, and who follows without a
 * vote. v1 adds times, v2 directories and addresses (KIP-853). A node that is broker and controller has no listener of the
 * controllers to tell, and nobody follows it.
 */
import { CLUSTER_METADATA } from '../../metadata/internal_topics.ts'
import { errorCode, KafkaError } from '../../protocol/errors.ts'
import { DescribeQuorum } from '../../protocol/messages/55_describe_quorum.ts'
import { handler } from '../handler.ts'

export const DescribeQuorumHandler = handler(DescribeQuorum, {
  handle({ topics }, { controller, node }) {
    const asked = topics.flatMap((t) => t.partitions.map((p) => `${t.topicName}-${p.partitionIndex}`))
    // The whole request speaks of the one partition that there is, or every partition of it is unknown.
    if (asked.length !== 1 || asked[0] !== `${CLUSTER_METADATA}-0` || topics.length !== 1) {
      const { code, message } = new KafkaError('UNKNOWN_TOPIC_OR_PARTITION')
      const unknown = (partitionIndex: number) => ({
        partitionIndex,
        errorCode: code,
        errorMessage: message,
        leaderId: 0,
        leaderEpoch: 0,
        highWatermark: 0,
        currentVoters: [],
        observers: [],
      })
      return {
        errorCode: errorCode.NONE,
        errorMessage: '',
        topics: topics.map(({ topicName, partitions }) => ({
          topicName,
          partitions: partitions.map((p) => unknown(p.partitionIndex)),
        })),
        nodes: [],
      }
    }
    const { leaderId, leaderDirectoryId, leaderEpoch, highWatermark, logEndOffset, nowMs } = controller.quorum
    // With a fixed list of voters their directories are not known to the quorum: the zero UUID.
    const directory = leaderDirectoryId !== undefined && { replicaDirectoryId: leaderDirectoryId }
    const voter = {
      replicaId: leaderId,
      ...directory,
      logEndOffset,
      lastFetchTimestamp: nowMs,
      lastCaughtUpTimestamp: nowMs,
    }
    const partition = {
      partitionIndex: 0,
      errorCode: errorCode.NONE,
      errorMessage: '',
      leaderId,
      leaderEpoch,
      highWatermark,
      currentVoters: [voter],
      observers: (node?.observers.all ?? []).map((o) => ({
        replicaId: o.replicaId,
        replicaDirectoryId: o.replicaDirectoryId,
        logEndOffset: o.logEndOffset,
        lastFetchTimestamp: o.lastFetchTimestamp,
        lastCaughtUpTimestamp: o.lastCaughtUpTimestamp,
      })),
    }
    const listeners = node ? [{ name: controller.settings.listenerName, ...node.endpoint }] : []
    return {
      errorCode: errorCode.NONE,
      errorMessage: '',
      topics: [{ topicName: CLUSTER_METADATA, partitions: [partition] }],
      nodes: [{ nodeId: leaderId, listeners }],
    }
  },
  fail: (_request, { code, detail }) => ({ errorCode: code, errorMessage: detail, topics: [], nodes: [] }),
})
