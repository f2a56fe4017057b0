/**
 * What the controller decides for clients, whichever broker they ask. A new API key that is the controller's is a handler beside this
 * file and a line here; brokers serve it without more.
 */
import type { ControllerHandler } from '../handler.ts'
import { CreateTopicsHandler } from './19_create_topics.ts'
import { DeleteTopicsHandler } from './20_delete_topics.ts'
import { AlterConfigsHandler } from './33_alter_configs.ts'
import { CreatePartitionsHandler } from './37_create_partitions.ts'
import { ElectLeadersHandler } from './43_elect_leaders.ts'
import { IncrementalAlterConfigsHandler } from './44_incremental_alter_configs.ts'
import { AlterPartitionReassignmentsHandler } from './45_alter_partition_reassignments.ts'
import { ListPartitionReassignmentsHandler } from './46_list_partition_reassignments.ts'
import { AlterClientQuotasHandler } from './49_alter_client_quotas.ts'
import { DescribeQuorumHandler } from './55_describe_quorum.ts'
import { UpdateFeaturesHandler } from './57_update_features.ts'
import { UnregisterBrokerHandler } from './64_unregister_broker.ts'
import { AddRaftVoterHandler } from './80_add_raft_voter.ts'
import { RemoveRaftVoterHandler } from './81_remove_raft_voter.ts'

export const decided: readonly ControllerHandler[] = [
  CreateTopicsHandler,
  DeleteTopicsHandler,
  AlterConfigsHandler,
  CreatePartitionsHandler,
  ElectLeadersHandler,
  IncrementalAlterConfigsHandler,
  AlterPartitionReassignmentsHandler,
  ListPartitionReassignmentsHandler,
  AlterClientQuotasHandler,
  DescribeQuorumHandler,
  UpdateFeaturesHandler,
  UnregisterBrokerHandler,
  AddRaftVoterHandler,
  RemoveRaftVoterHandler,
]
