/**
 * How a metadata record looks in the log: no key; a value of frame version (1), type and version as unsigned varints, and
 * the message (KIP-500, KIP-631).
 */
import { codec } from '../protocol/codec.ts'
import { RegisterBrokerRecord } from '../protocol/metadata_records/00_register_broker.ts'
import { UnregisterBrokerRecord } from '../protocol/metadata_records/01_unregister_broker.ts'
import { TopicRecord } from '../protocol/metadata_records/02_topic.ts'
import { PartitionRecord } from '../protocol/metadata_records/03_partition.ts'
import { ConfigRecord } from '../protocol/metadata_records/04_config.ts'
import { PartitionChangeRecord } from '../protocol/metadata_records/05_partition_change.ts'
import { FenceBrokerRecord } from '../protocol/metadata_records/07_fence_broker.ts'
import { UnfenceBrokerRecord } from '../protocol/metadata_records/08_unfence_broker.ts'
import { RemoveTopicRecord } from '../protocol/metadata_records/09_remove_topic.ts'
import { DelegationTokenRecord } from '../protocol/metadata_records/10_delegation_token.ts'
import { UserScramCredentialRecord } from '../protocol/metadata_records/11_user_scram_credential.ts'
import { FeatureLevelRecord } from '../protocol/metadata_records/12_feature_level.ts'
import { ClientQuotaRecord } from '../protocol/metadata_records/14_client_quota.ts'
import { ProducerIdsRecord } from '../protocol/metadata_records/15_producer_ids.ts'
import { BrokerRegistrationChangeRecord } from '../protocol/metadata_records/17_broker_registration_change.ts'
import { AccessControlEntryRecord } from '../protocol/metadata_records/18_access_control_entry.ts'
import { RemoveAccessControlEntryRecord } from '../protocol/metadata_records/19_remove_access_control_entry.ts'
import { NoOpRecord } from '../protocol/metadata_records/20_no_op.ts'
import { ZkMigrationStateRecord } from '../protocol/metadata_records/21_zk_migration_state.ts'
import { RemoveUserScramCredentialRecord } from '../protocol/metadata_records/22_remove_user_scram_credential.ts'
import { BeginTransactionRecord } from '../protocol/metadata_records/23_begin_transaction.ts'
import { EndTransactionRecord } from '../protocol/metadata_records/24_end_transaction.ts'
import { AbortTransactionRecord } from '../protocol/metadata_records/25_abort_transaction.ts'
import { RemoveDelegationTokenRecord } from '../protocol/metadata_records/26_remove_delegation_token.ts'
import { RegisterControllerRecord } from '../protocol/metadata_records/27_register_controller.ts'
import { ClearElrRecord } from '../protocol/metadata_records/28_clear_elr.ts'
import type { Infer, RecordMessage } from '../protocol/schema.ts'
import { MalformedError, Reader, Writer } from '../protocol/wire.ts'
import type { RecordCodec } from '../state/log.ts'

const messages = {
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

export type MetadataRecordName = keyof typeof messages
/** The fields of a record, all of them. */
export type MetadataRecordData<N extends MetadataRecordName> = Infer<(typeof messages)[N]>
/** One record of `__cluster_metadata`. */
export type MetadataRecord = {
  [N in MetadataRecordName]: { readonly name: N; readonly version: number; readonly data: MetadataRecordData<N> }
}[MetadataRecordName]

/** `version` decides which fields are kept: what the cluster's metadata.version allows, see `record_versions.ts`. */
export const metadataRecord = <N extends MetadataRecordName>(
  name: N,
  data: MetadataRecordData<N>,
  version = 0,
): MetadataRecord => ({ name, version, data }) as MetadataRecord

const FRAME_VERSION = 1
const byType = new Map<number, MetadataRecordName>(
  Object.entries(messages).map(([name, m]) => [m.type, name as MetadataRecordName]),
)

export const metadataRecordCodec: RecordCodec<MetadataRecord> = {
  encode({ name, version, data }) {
    const message: RecordMessage<any> = messages[name]
    const w = new Writer(128)
    w.uvarint(FRAME_VERSION)
    w.uvarint(message.type)
    w.uvarint(version)
    codec(message, version).encode(w, data)
    return { key: null, value: w.done() }
  },

  /**
   * Unlike other machines this one must know every record: one of a later metadata.version than ours may hold anything.
   * The values are copied, so that the image does not keep whole batches alive.
   */
  decode(_key, value) {
    if (value === null) throw new MalformedError('a metadata record without a value')
    const r = new Reader(Buffer.from(value))
    const frame = r.uvarint()
    if (frame !== FRAME_VERSION) throw new MalformedError(`a metadata record in frame version ${frame}`)
    const type = r.uvarint()
    const version = r.uvarint()
    const name = byType.get(type)
    if (name === undefined) throw new MalformedError(`a metadata record of unknown type ${type}`)
    const message: RecordMessage<any> = messages[name]
    const data = codec(message, version).decode(r)
    return { name, version, data } as MetadataRecord
  },
}
