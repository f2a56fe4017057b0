/**
 * UnregisterBroker (64): a broker that will not come back is forgotten (KIP-631). First it leaves every set of replicas in sync, in
 * as many commands as that takes; where it was the last one it stays named there, for nobody else has the records.
 */
import { KafkaError } from '../../protocol/errors.ts'
import { MAX_RECORDS_PER_REQUEST, type MetadataCommand } from '../context.ts'
import type { MetadataImage, PartitionImage } from '../image.ts'
import { type MetadataRecord, metadataRecord } from '../record_codec.ts'
import { type PartitionChange, partitionChange } from './partition_change.ts'

/** Replies whether it is done; if not, the command is to be run again. */
export const unregisterBroker =
  (brokerId: number): MetadataCommand<boolean> =>
  (image) => {
    const broker = image.brokers.get(brokerId)
    if (broker === undefined) {
      throw new KafkaError('BROKER_ID_NOT_REGISTERED', `No broker ${brokerId} is registered.`)
    }
    const records: MetadataRecord[] = []
    for (const { topicId, partitions } of image.topics.values()) {
      for (const p of partitions) {
        const change = without(image, p, brokerId)
        if (change === undefined) continue
        records.push(partitionChange(image, { topicId, partitionId: p.partitionId, ...change }))
        if (records.length === MAX_RECORDS_PER_REQUEST - 1) return { records, reply: false }
      }
    }
    const { brokerEpoch } = broker
    return { records: [...records, metadataRecord('UnregisterBrokerRecord', { brokerId, brokerEpoch })], reply: true }
  }

function without(
  image: MetadataImage,
  p: PartitionImage,
  brokerId: number,
): Omit<PartitionChange, 'topicId' | 'partitionId'> | undefined {
  const isr = p.isr.filter((id) => id !== brokerId)
  const shrinks = isr.length < p.isr.length && isr.length > 0
  const elr = p.eligibleLeaderReplicas.filter((id) => id !== brokerId)
  const led = p.leader === brokerId
  if (!shrinks && !led && elr.length === p.eligibleLeaderReplicas.length) return undefined
  return {
    ...(shrinks && { isr }),
    ...(led && { leader: p.replicas.find((id) => isr.includes(id) && image.isActive(id)) ?? -1 }),
    ...(elr.length < p.eligibleLeaderReplicas.length && { eligibleLeaderReplicas: elr }),
  }
}
