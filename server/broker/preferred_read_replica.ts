/**
 * From which replica a consumer should read (KIP-392): as `replica.selector.class` says, which knows one way here, that of
 * Kafka's RackAwareReplicaSelector: the leader if it is in the consumer's rack, else who has most of those there.
 */
import type { Partition } from '../replication/partition.ts'
import type { BrokerState } from './broker_state.ts'

export const RACK_AWARE = 'org.apache.kafka.common.replica.RackAwareReplicaSelector'

/** May consumers be sent to followers? */
export const isRackAware = ({ config }: Pick<BrokerState, 'config'>): boolean =>
  config['replica.selector.class'] === RACK_AWARE

/** Node id; undefined for this broker, and where it does not lead. */
export function preferredReadReplica(
  partition: Partition,
  { rackId, fetchOffset, broker }: { rackId: string; fetchOffset: number; broker: BrokerState },
): number | undefined {
  const { followers } = partition
  if (!followers || !isRackAware(broker)) return undefined
  const { image } = broker.controller
  const isThere = (id: number) => image.brokers.get(id)?.rack === rackId && !image.brokers.get(id)!.fenced
  if (isThere(broker.nodeId)) return undefined
  const there = [...followers.followers].filter(
    (f) =>
      // Who lags would be chosen again and again, and never catch up with what the consumer wants.
      followers.isr.includes(f.brokerId) &&
      f.logEndOffset >= fetchOffset &&
      f.logStartOffset <= fetchOffset &&
      isThere(f.brokerId),
  )
  there.sort(
    (a, b) => b.logEndOffset - a.logEndOffset || b.lastCaughtUpMs - a.lastCaughtUpMs || b.brokerId - a.brokerId,
  )
  return there[0]?.brokerId
}
