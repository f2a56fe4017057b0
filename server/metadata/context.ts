/** What commands need besides the image and the time. */
import type { Random } from '../env/env.ts'
import type { Command } from '../state/runtime.ts'
import type { ConfigRules } from './config_rules.ts'
import type { MetadataImage } from './image.ts'
import type { MetadataRecord } from './record_codec.ts'

export interface ControllerSettings {
  readonly clusterId: string
  readonly nodeId: number
  /** controller.listener.names, the first. */
  readonly listenerName: string
  /** num.partitions */
  readonly numPartitions: number
  /** default.replication.factor */
  readonly defaultReplicationFactor: number
  /** delete.topic.enable */
  readonly deleteTopicEnable: boolean
  /** min.insync.replicas: becomes the cluster's dynamic default when the cluster is made, as Kafka does since 4.0 (KIP-966). */
  readonly minInsyncReplicas: number
  /** unclean.leader.election.enable, where neither the topic nor the cluster says. */
  readonly uncleanLeaderElectionEnable: boolean
  /** unclean.leader.election.interval.ms */
  readonly uncleanLeaderElectionIntervalMs: number
  /** broker.session.timeout.ms */
  readonly brokerSessionTimeoutMs: number
  /** leader.imbalance.check.interval.seconds; undefined where auto.leader.rebalance.enable is false. */
  readonly leaderImbalanceCheckIntervalMs: number | undefined
}

export interface ControllerContext {
  readonly settings: ControllerSettings
  readonly configRules: ConfigRules
  readonly random: Random
}

/** Told how many partitions are about to be made or removed; throws where a quota forbids it (KIP-599). */
export type ChargePartitions = (count: number) => void

export type MetadataCommand<A> = Command<MetadataImage, MetadataRecord, A>

/** One request makes at most so many records, which have to fit one batch; Kafka has the same limit. */
export const MAX_RECORDS_PER_REQUEST = 10_000

/** One batch of the metadata log is at most so large, as in Kafka: whoever follows the log has to take it whole. */
export const MAX_BATCH_BYTES = 8 * 1024 * 1024
