/** Every message that is described under this folder, by its name. For tools and tests; what runs imports what it needs. */
import { ConsumerProtocolAssignment } from './consumer_protocol/consumer_protocol_assignment.ts'
import { ConsumerProtocolSubscription } from './consumer_protocol/consumer_protocol_subscription.ts'
import { ControlRecordTypeSchema } from './control_records/control_record_type_schema.ts'
import { controlRecords } from './control_records/index.ts'
import { DefaultPrincipal } from './files/default_principal.ts'
import { ProducerSnapshot } from './files/producer_snapshot.ts'
import { QuorumState } from './files/quorum_state.ts'
import { groupRecords } from './group_records/index.ts'
import { RequestHeader } from './header/request_header.ts'
import { ResponseHeader } from './header/response_header.ts'
import { apis } from './messages/index.ts'
import { metadataRecords } from './metadata_records/index.ts'
import { remoteLogRecords } from './remote_log_records/index.ts'
import type { KeyedRecord, Message } from './schema.ts'
import { shareRecords } from './share_records/index.ts'
import { transactionRecords } from './transaction_records/index.ts'

const both = (records: ReadonlyMap<number, KeyedRecord>): Message[] =>
  [...records.values()].flatMap(({ key, value }) => [key, value])

const all: Message<any>[] = [
  RequestHeader,
  ResponseHeader,
  ...apis.flatMap((a) => [a.request, a.response]),
  ...metadataRecords.values(),
  ...both(groupRecords),
  ...both(transactionRecords),
  ...both(shareRecords),
  ...remoteLogRecords.values(),
  ControlRecordTypeSchema,
  ...controlRecords.values(),
  ConsumerProtocolSubscription,
  ConsumerProtocolAssignment,
  DefaultPrincipal,
  ProducerSnapshot,
  QuorumState,
]

export const messagesByName: ReadonlyMap<string, Message> = new Map(all.map((m) => [m.name, m]))
