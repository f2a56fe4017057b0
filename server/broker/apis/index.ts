/**
 * The table of what this broker serves. ApiVersions and the dispatcher read it: a new API key is a description in
 * `protocol/messages/`, a handler beside this file, and a line here.
 */
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
import { CreateTopicsHandler } from './19_create_topics.ts'
import { DeleteTopicsHandler } from './20_delete_topics.ts'
import { DeleteRecordsHandler } from './21_delete_records.ts'
import { InitProducerIdHandler } from './22_init_producer_id.ts'
import { OffsetForLeaderEpochHandler } from './23_offset_for_leader_epoch.ts'
import { DescribeConfigsHandler } from './32_describe_configs.ts'
import { AlterConfigsHandler } from './33_alter_configs.ts'
import { AlterReplicaLogDirsHandler } from './34_alter_replica_log_dirs.ts'
import { DescribeLogDirsHandler } from './35_describe_log_dirs.ts'
import { CreatePartitionsHandler } from './37_create_partitions.ts'
import { DeleteGroupsHandler } from './42_delete_groups.ts'
import { ElectLeadersHandler } from './43_elect_leaders.ts'
import { IncrementalAlterConfigsHandler } from './44_incremental_alter_configs.ts'
import { AlterPartitionReassignmentsHandler } from './45_alter_partition_reassignments.ts'
import { ListPartitionReassignmentsHandler } from './46_list_partition_reassignments.ts'
import { OffsetDeleteHandler } from './47_offset_delete.ts'
import { DescribeClientQuotasHandler } from './48_describe_client_quotas.ts'
import { AlterClientQuotasHandler } from './49_alter_client_quotas.ts'
import { DescribeQuorumHandler } from './55_describe_quorum.ts'
import { UpdateFeaturesHandler } from './57_update_features.ts'
import { DescribeClusterHandler } from './60_describe_cluster.ts'
import { DescribeProducersHandler } from './61_describe_producers.ts'
import { UnregisterBrokerHandler } from './64_unregister_broker.ts'
import { ConsumerGroupHeartbeatHandler } from './68_consumer_group_heartbeat.ts'
import { ConsumerGroupDescribeHandler } from './69_consumer_group_describe.ts'
import { GetTelemetrySubscriptionsHandler } from './71_get_telemetry_subscriptions.ts'
import { PushTelemetryHandler } from './72_push_telemetry.ts'
import { ListConfigResourcesHandler } from './74_list_config_resources.ts'
import { DescribeTopicPartitionsHandler } from './75_describe_topic_partitions.ts'
import { AddRaftVoterHandler } from './80_add_raft_voter.ts'
import { RemoveRaftVoterHandler } from './81_remove_raft_voter.ts'

const handlers: readonly Handler[] = [
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
  CreateTopicsHandler,
  DeleteTopicsHandler,
  DeleteRecordsHandler,
  InitProducerIdHandler,
  OffsetForLeaderEpochHandler,
  DescribeConfigsHandler,
  AlterConfigsHandler,
  AlterReplicaLogDirsHandler,
  DescribeLogDirsHandler,
  CreatePartitionsHandler,
  DeleteGroupsHandler,
  ElectLeadersHandler,
  IncrementalAlterConfigsHandler,
  AlterPartitionReassignmentsHandler,
  ListPartitionReassignmentsHandler,
  OffsetDeleteHandler,
  DescribeQuorumHandler,
  UpdateFeaturesHandler,
  DescribeClientQuotasHandler,
  AlterClientQuotasHandler,
  DescribeClusterHandler,
  DescribeProducersHandler,
  UnregisterBrokerHandler,
  ConsumerGroupHeartbeatHandler,
  ConsumerGroupDescribeHandler,
  GetTelemetrySubscriptionsHandler,
  PushTelemetryHandler,
  ListConfigResourcesHandler,
  DescribeTopicPartitionsHandler,
  AddRaftVoterHandler,
  RemoveRaftVoterHandler,
]

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
