/** AssignReplicasToDirs (73): a broker tells which of its log directories holds which replica (KIP-858). */
import { errorCode, KafkaError } from '../../protocol/errors.ts'
import type { AssignReplicasToDirs } from '../../protocol/messages/73_assign_replicas_to_dirs.ts'
import type { Infer, Input } from '../../protocol/schema.ts'
import type { MetadataCommand } from '../context.ts'
import type { MetadataImage } from '../image.ts'
import type { MetadataRecord } from '../record_codec.ts'
import { partitionChange } from './partition_change.ts'

type Request = Infer<typeof AssignReplicasToDirs.request>
type Response = Input<typeof AssignReplicasToDirs.response>

/** Who leads does not change by it: see `electLeaders`. */
export const assignReplicasToDirs =
  (request: Request): MetadataCommand<Response> =>
  (image) => {
    const broker = image.brokers.get(request.brokerId)
    if (broker === undefined) throw new KafkaError('BROKER_ID_NOT_REGISTERED')
    if (broker.brokerEpoch !== request.brokerEpoch) throw new KafkaError('STALE_BROKER_EPOCH')
    const records: MetadataRecord[] = []
    const directories = request.directories.map(({ id, topics }) => ({
      id,
      topics: topics.map(({ topicId, partitions }) => ({
        topicId,
        partitions: partitions.map(({ partitionIndex }) => {
          const change = assign(image, { brokerId: request.brokerId, topicId, partitionId: partitionIndex, id })
          if (change.record) records.push(change.record)
          return { partitionIndex, errorCode: change.errorCode }
        }),
      })),
    }))
    return { records, reply: { throttleTimeMs: 0, errorCode: errorCode.NONE, directories } }
  }

function assign(
  image: MetadataImage,
  { brokerId, topicId, partitionId, id }: { brokerId: number; topicId: string; partitionId: number; id: string },
): { errorCode: number; record?: MetadataRecord } {
  const topic = image.topicById(topicId)
  if (topic === undefined) return { errorCode: errorCode.UNKNOWN_TOPIC_ID }
  const p = topic.partitions[partitionId]
  if (p === undefined) return { errorCode: errorCode.UNKNOWN_TOPIC_OR_PARTITION }
  const replica = p.replicas.indexOf(brokerId)
  if (replica < 0) return { errorCode: errorCode.NOT_LEADER_OR_FOLLOWER }
  if (p.directories[replica] === id) return { errorCode: errorCode.NONE }
  const directories = p.directories.map((known, i) => (i === replica ? id : known))
  // Of a cluster from before directories had ids the record cannot speak.
  if (directories.length === 0) return { errorCode: errorCode.NONE }
  return { errorCode: errorCode.NONE, record: partitionChange(image, { topicId, partitionId, directories }) }
}
