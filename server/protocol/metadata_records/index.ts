/** The records of `__cluster_metadata`, by the type that stands in front of each. */
import { byType } from '../schema.ts'
import { RegisterBrokerRecord } from './00_register_broker.ts'
import { UnregisterBrokerRecord } from './01_unregister_broker.ts'
import { TopicRecord } from './02_topic.ts'
import { PartitionRecord } from './03_partition.ts'
import { ConfigRecord } from './04_config.ts'
import { PartitionChangeRecord } from './05_partition_change.ts'
import { FenceBrokerRecord } from './07_fence_broker.ts'
import { UnfenceBrokerRecord } from './08_unfence_broker.ts'
import { RemoveTopicRecord } from './09_remove_topic.ts'
import { DelegationTokenRecord } from './10_delegation_token.ts'
import { UserScramCredentialRecord } from './11_user_scram_credential.ts'
import { FeatureLevelRecord } from './12_feature_level.ts'
import { ClientQuotaRecord } from './14_client_quota.ts'
import { ProducerIdsRecord } from './15_producer_ids.ts'
import { BrokerRegistrationChangeRecord } from './17_broker_registration_change.ts'
import { AccessControlEntryRecord } from './18_access_control_entry.ts'
import { RemoveAccessControlEntryRecord } from './19_remove_access_control_entry.ts'
import { NoOpRecord } from './20_no_op.ts'
import { ZkMigrationStateRecord } from './21_zk_migration_state.ts'
import { RemoveUserScramCredentialRecord } from './22_remove_user_scram_credential.ts'
import { BeginTransactionRecord } from './23_begin_transaction.ts'
import { EndTransactionRecord } from './24_end_transaction.ts'
import { AbortTransactionRecord } from './25_abort_transaction.ts'
import { RemoveDelegationTokenRecord } from './26_remove_delegation_token.ts'
import { RegisterControllerRecord } from './27_register_controller.ts'
import { ClearElrRecord } from './28_clear_elr.ts'

/** By name. */
export const metadataMessages = {
  RegisterBrokerRecord,
  UnregisterBrokerRecord,
  TopicRecord,
  PartitionRecord,
  ConfigRecord,
  PartitionChangeRecord,
  FenceBrokerRecord,
  UnfenceBrokerRecord,
  RemoveTopicRecord,
  DelegationTokenRecord,
  UserScramCredentialRecord,
  FeatureLevelRecord,
  ClientQuotaRecord,
  ProducerIdsRecord,
  BrokerRegistrationChangeRecord,
  AccessControlEntryRecord,
  RemoveAccessControlEntryRecord,
  NoOpRecord,
  ZkMigrationStateRecord,
  RemoveUserScramCredentialRecord,
  BeginTransactionRecord,
  EndTransactionRecord,
  AbortTransactionRecord,
  RemoveDelegationTokenRecord,
  RegisterControllerRecord,
  ClearElrRecord,
}

export const metadataRecords = byType(Object.values(metadataMessages))
