/** The broker settings that the group coordinator obeys. It reads them at each use, so they may change at any time. */
export interface GroupConfig {
  /** Of consumer groups (KIP-848). */
  readonly consumer: ConsumerGroupConfig
  /** group.min.session.timeout.ms */
  readonly minSessionTimeoutMs: number
  /** group.max.session.timeout.ms */
  readonly maxSessionTimeoutMs: number
  /** group.initial.rebalance.delay.ms */
  readonly initialRebalanceDelayMs: number
  /** group.max.size, members */
  readonly maxSize: number
  /** offset.metadata.max.bytes; Kafka counts characters. */
  readonly offsetMetadataMaxBytes: number
  /** offsets.commit.timeout.ms */
  readonly offsetsCommitTimeoutMs: number
  /** offsets.retention.minutes */
  readonly offsetsRetentionMs: number
  /** offsets.retention.check.interval.ms */
  readonly offsetsRetentionCheckIntervalMs: number
}

export interface ConsumerGroupConfig {
  /** consumer.session.timeout.ms of the group, or else group.consumer.session.timeout.ms */
  sessionTimeoutMs(groupId: string): number
  /** consumer.heartbeat.interval.ms of the group, or else group.consumer.heartbeat.interval.ms */
  heartbeatIntervalMs(groupId: string): number
  /** consumer.assignment.interval.ms of the group, or else group.consumer.assignment.interval.ms */
  assignmentIntervalMs(groupId: string): number
  /** group.consumer.max.size, members */
  readonly maxSize: number
  /** group.consumer.assignors by their short names; the first is the default. */
  readonly assignors: readonly string[]
  /** group.consumer.migration.policy, in lower case. */
  readonly migrationPolicy: string
}

/** Kafka's defaults. */
export const defaultGroupConfig: GroupConfig = {
  consumer: {
    sessionTimeoutMs: () => 45_000,
    heartbeatIntervalMs: () => 5_000,
    assignmentIntervalMs: () => 1_000,
    maxSize: 2_147_483_647,
    assignors: ['uniform', 'range'],
    migrationPolicy: 'bidirectional',
  },
  minSessionTimeoutMs: 6_000,
  maxSessionTimeoutMs: 1_800_000,
  initialRebalanceDelayMs: 3_000,
  maxSize: 2_147_483_647,
  offsetMetadataMaxBytes: 4_096,
  offsetsCommitTimeoutMs: 5_000,
  offsetsRetentionMs: 10_080 * 60_000,
  offsetsRetentionCheckIntervalMs: 600_000,
}
