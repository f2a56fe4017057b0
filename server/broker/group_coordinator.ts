/** Gives the group coordinator its logs and its settings. */
import type { BrokerConfig } from '../config/resolve.ts'
import type { GroupConfig } from '../coordinator/group/config.ts'
import type { GroupCoordinator } from '../coordinator/group/coordinator.ts'
import type { Partition } from '../replication/partition.ts'
import { allBatches } from '../replication/read_all.ts'

/** Reads the broker's settings at each use: they may change. */
export const groupConfigOf = (config: () => BrokerConfig): GroupConfig => ({
  get minSessionTimeoutMs() {
    return config()['group.min.session.timeout.ms']
  },
  get maxSessionTimeoutMs() {
    return config()['group.max.session.timeout.ms']
  },
  get initialRebalanceDelayMs() {
    return config()['group.initial.rebalance.delay.ms']
  },
  get maxSize() {
    return config()['group.max.size']
  },
  get offsetMetadataMaxBytes() {
    return config()['offset.metadata.max.bytes']
  },
  get offsetsRetentionMs() {
    return config()['offsets.retention.minutes'] * 60_000
  },
  get offsetsRetentionCheckIntervalMs() {
    return config()['offsets.retention.check.interval.ms']
  },
})

/** Loads the groups of one partition of `__consumer_offsets`. */
export const loadGroups = (groups: GroupCoordinator, index: number, partition: Partition): Promise<void> =>
  groups.load(index, { log: partition, batches: () => allBatches(partition.log) })
