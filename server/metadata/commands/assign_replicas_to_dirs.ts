/**
 * AssignReplicasToDirs (73): a broker tells which of its log directories holds which replica (KIP-858). A replica in a directory that
 * is offline leads nothing and is not in sync.
 */
import { type ErrorName, errorCode } from '../../protocol/errors.ts'
import type { AssignReplicasToDirs } from '../../protocol/messages/73_assign_replicas_to_dirs.ts'
import type { Infer, Input } from '../../protocol/schema.ts'
import type { ControllerContext, MetadataCommand } from '../context.ts'
import { LOST } from '../directory_id.ts'
import type { MetadataRecord } from '../record_codec.ts'
import { changePartition } from './change_partition.ts'
import { checkBrokerEpoch } from './check_broker_epoch.ts'

type Request = Infer<typeof AssignReplicasToDirs.request>
type Response = Input<typeof AssignReplicasToDirs.response>

export const assignReplicasToDirs =
  (request: Request, { settings }: ControllerContext): MetadataCommand<Response> =>
  (image) => {
    const { brokerId } = request
    const broker = checkBrokerEpoch(image, brokerId, request.brokerEpoch)
    const records: MetadataRecord[] = []
    const assigned = new Set<string>()
    const directories = request.directories.map(({ id, topics }) => ({
      id,
      topics: topics.map(({ topicId, partitions }) => ({
        topicId,
        partitions: partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          errorCode: errorCode[assign(topicId, partitionIndex, id)],
        })),
      })),
    }))
    return { records, reply: { throttleTimeMs: 0, errorCode: errorCode.NONE, directories } }

    function assign(topicId: string, partitionId: number, id: string): ErrorName {
      const topic = image.topicById(topicId)
      if (topic === undefined) return 'UNKNOWN_TOPIC_ID'
      const p = topic.partitions[partitionId]
      if (p === undefined) return 'UNKNOWN_TOPIC_OR_PARTITION'
      if (!p.replicas.includes(brokerId)) return 'NOT_LEADER_OR_FOLLOWER'
      const isOffline = id === LOST || (broker.logDirs.length > 0 && !broker.logDirs.includes(id))
      const record = changePartition(image, settings, topic, p, {
        directory: { brokerId, id },
        ...(isOffline && { isr: p.isr.filter((member) => member !== brokerId) }),
      })
      const key = `${topicId}/${partitionId}`
      if (record === undefined) return 'NONE'
      // In two directories at once: decided by what was before the request, so the second would not know of the first.
      if (assigned.has(key)) return 'INVALID_REQUEST'
      assigned.add(key)
      records.push(record)
      return 'NONE'
    }
  }
