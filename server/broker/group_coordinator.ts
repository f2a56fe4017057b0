/** Gives the group coordinator its settings, and the topics that there are. */
import type { GroupConfig } from '../coordinator/group/config.ts'
import { assignorNames } from '../coordinator/group/consumer/assignors/assignor.ts'
import type { GroupTopics } from '../coordinator/group/consumer/topics.ts'
import type { Configs } from '../metadata/configs.ts'
import type { MetadataImage } from '../metadata/image.ts'

/** Reads the settings at each use: they may change. */
export function groupConfigOf(configs: Configs): GroupConfig {
  const config = () => configs.broker
  return {
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
    get offsetsCommitTimeoutMs() {
      return config()['offsets.commit.timeout.ms']
    },
    get offsetsRetentionMs() {
      return config()['offsets.retention.minutes'] * 60_000
    },
    get offsetsRetentionCheckIntervalMs() {
      return config()['offsets.retention.check.interval.ms']
    },
    consumer: {
      sessionTimeoutMs: (groupId) => configs.groupConfigOf(groupId)['consumer.session.timeout.ms'],
      heartbeatIntervalMs: (groupId) => configs.groupConfigOf(groupId)['consumer.heartbeat.interval.ms'],
      assignmentIntervalMs: (groupId) => configs.groupConfigOf(groupId)['consumer.assignment.interval.ms'],
      get maxSize() {
        return config()['group.consumer.max.size']
      },
      get assignors() {
        return assignorNames(config()['group.consumer.assignors'])
      },
      get migrationPolicy() {
        return config()['group.consumer.migration.policy'].toLowerCase()
      },
    },
  }
}

/** Every change of the metadata counts as one of the topics: to look again costs a group little. */
export const groupTopicsOf = (image: MetadataImage): GroupTopics => ({
  get version() {
    return image.nextOffset
  },
  byName: (name) => {
    const topic = image.topic(name)
    return topic && { topicId: topic.topicId, numPartitions: topic.partitions.length }
  },
  nameOf: (topicId) => image.topicNames.get(topicId),
  names: () => image.topics.keys(),
})
