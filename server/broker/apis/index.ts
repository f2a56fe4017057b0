/**
 * The table of what this broker serves: what it does itself and, behind that, what the controller decides. ApiVersions and the dispatcher read it: a new API key is a description in
 * `protocol/messages/`, a handler beside this file, and a line here.
 */
import { decided } from '../../controller/apis/decided.ts'
import { type Api, highestVersion, lowestVersion } from '../../protocol/api.ts'
import type { Handler } from '../handler.ts'
import { ProduceHandler } from './00_produce.ts'
import { FetchHandler } from './01_fetch.ts'
import { ListOffsetsHandler } from './02_list_offsets.ts'
import { MetadataHandler } from './03_metadata.ts'
import { OffsetCommitHandler } from './08_offset_commit.ts'
import { OffsetFetchHandler } from './09_offset_fetch.ts'
import { FindCoordinatorHandler } from './10_find_coordinator.ts'
import { JoinGroupHandler } from './11_join_group.ts'
import { HeartbeatHandler } from './12_heartbeat.ts'
import { LeaveGroupHandler } from './13_leave_group.ts'
import { SyncGroupHandler } from './14_sync_group.ts'
import { DescribeGroupsHandler } from './15_describe_groups.ts'
import { ListGroupsHandler } from './16_list_groups.ts'
import { ApiVersionsHandler } from './18_api_versions.ts'
import { DeleteRecordsHandler } from './21_delete_records.ts'
import { InitProducerIdHandler } from './22_init_producer_id.ts'
import { OffsetForLeaderEpochHandler } from './23_offset_for_leader_epoch.ts'
import { DescribeConfigsHandler } from './32_describe_configs.ts'
import { AlterReplicaLogDirsHandler } from './34_alter_replica_log_dirs.ts'
import { DescribeLogDirsHandler } from './35_describe_log_dirs.ts'
import { DeleteGroupsHandler } from './42_delete_groups.ts'
import { IncrementalAlterConfigsHandler } from './44_incremental_alter_configs.ts'
import { OffsetDeleteHandler } from './47_offset_delete.ts'
import { DescribeClientQuotasHandler } from './48_describe_client_quotas.ts'
import { DescribeClusterHandler } from './60_describe_cluster.ts'
import { DescribeProducersHandler } from './61_describe_producers.ts'
import { ConsumerGroupHeartbeatHandler } from './68_consumer_group_heartbeat.ts'
import { ConsumerGroupDescribeHandler } from './69_consumer_group_describe.ts'
import { GetTelemetrySubscriptionsHandler } from './71_get_telemetry_subscriptions.ts'
import { PushTelemetryHandler } from './72_push_telemetry.ts'
import { ListConfigResourcesHandler } from './74_list_config_resources.ts'
import { DescribeTopicPartitionsHandler } from './75_describe_topic_partitions.ts'
import { forwarded } from './forwarded.ts'

const own: readonly Handler[] = [
  ProduceHandler,
  FetchHandler,
  ListOffsetsHandler,
  MetadataHandler,
  OffsetCommitHandler,
  OffsetFetchHandler,
  FindCoordinatorHandler,
  JoinGroupHandler,
  HeartbeatHandler,
  LeaveGroupHandler,
  SyncGroupHandler,
  DescribeGroupsHandler,
  ListGroupsHandler,
  ApiVersionsHandler,
  DeleteRecordsHandler,
  InitProducerIdHandler,
  OffsetForLeaderEpochHandler,
  DescribeConfigsHandler,
  AlterReplicaLogDirsHandler,
  DescribeLogDirsHandler,
  DeleteGroupsHandler,
  IncrementalAlterConfigsHandler,
  OffsetDeleteHandler,
  DescribeClientQuotasHandler,
  DescribeClusterHandler,
  DescribeProducersHandler,
  ConsumerGroupHeartbeatHandler,
  ConsumerGroupDescribeHandler,
  GetTelemetrySubscriptionsHandler,
  PushTelemetryHandler,
  ListConfigResourcesHandler,
  DescribeTopicPartitionsHandler,
]

const ownKeys = new Set(own.map((h) => h.api.key))
const handlers: readonly Handler[] = [...own, ...decided.filter((h) => !ownKeys.has(h.api.key)).map(forwarded)].sort(
  (a, b) => a.api.key - b.api.key,
)

/** By API key, ascending. */
export const served: ReadonlyMap<number, Handler> = new Map(handlers.map((h) => [h.api.key, h]))

/** Versions that Apache Kafka 4.3 keeps back as unstable: clients that negotiate would otherwise choose them. */
const UNSTABLE_FROM = new Map([[22, 6]])

/** What ApiVersions tells. */
export const offered = () =>
  handlers.map(({ api }) => {
    const { lowest, highest } = offeredVersions(api)
    return { apiKey: api.key, minVersion: lowest, maxVersion: highest }
  })

export const offeredVersions = (api: Api): { lowest: number; highest: number } => ({
  lowest: lowestVersion(api),
  highest: Math.min(highestVersion(api), (UNSTABLE_FROM.get(api.key) ?? Number.POSITIVE_INFINITY) - 1),
})
