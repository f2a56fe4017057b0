/**
 * Kafka's error codes, one row each: what a client may do about it, and one sentence for people that says the same.
 * `KafkaError` is the one failure that is an answer; anything else that is thrown is our own fault.
 */

export interface ErrorRow {
  readonly code: number
  /** The same request may succeed later. */
  readonly retriable: boolean
  /** It will succeed only after the client has asked for fresh metadata. */
  readonly refreshesMetadata: boolean
  /** What happened and what to do about it. */
  readonly text: string
}

const final = (code: number, text: string): ErrorRow => ({ code, retriable: false, refreshesMetadata: false, text })
const retriable = (code: number, text: string): ErrorRow => ({ code, retriable: true, refreshesMetadata: false, text })
const stale = (code: number, text: string): ErrorRow => ({ code, retriable: true, refreshesMetadata: true, text })

export const errors = {
  UNKNOWN_SERVER_ERROR: final(-1, 'The broker failed in a way it did not expect; its log says how.'),
  NONE: final(0, 'No error.'),
  OFFSET_OUT_OF_RANGE: final(1, 'The partition does not hold that offset; choose one between its start and its end.'),
  CORRUPT_MESSAGE: retriable(2, 'The records did not match their checksum or their size; send them again.'),
  UNKNOWN_TOPIC_OR_PARTITION: stale(3, 'This broker has no such topic or partition; check the name, or create it.'),
  INVALID_FETCH_SIZE: final(4, 'The fetch size is not valid; ask for at least one byte.'),
  LEADER_NOT_AVAILABLE: stale(5, 'The partition has no leader at the moment; try again once one is elected.'),
  NOT_LEADER_OR_FOLLOWER: stale(6, 'This broker does not hold that role for the partition; ask the current leader.'),
  REQUEST_TIMED_OUT: retriable(7, 'The request was not done within its timeout; try again, or allow more time.'),
  BROKER_NOT_AVAILABLE: final(8, 'That broker is not running; start it or choose another.'),
  REPLICA_NOT_AVAILABLE: stale(9, 'The replica is not here or not ready; ask for metadata and try again.'),
  MESSAGE_TOO_LARGE: final(10, 'A record batch is larger than max.message.bytes allows; send less or raise the limit.'),
  STALE_CONTROLLER_EPOCH: final(11, 'The controller that sent this has been replaced; the current one must send it.'),
  OFFSET_METADATA_TOO_LARGE: final(12, 'The text stored with an offset is longer than offset.metadata.max.bytes.'),
  NETWORK_EXCEPTION: stale(13, 'The connection ended before the answer came; connect and try again.'),
  COORDINATOR_LOAD_IN_PROGRESS: retriable(14, 'The coordinator is still reading its log; try again shortly.'),
  COORDINATOR_NOT_AVAILABLE: retriable(15, 'No broker coordinates this at the moment; look for the coordinator again.'),
  NOT_COORDINATOR: retriable(16, 'Another broker coordinates this; look for the coordinator again.'),
  INVALID_TOPIC_EXCEPTION: final(17, 'The topic name is not allowed, or clients may not write to this topic.'),
  RECORD_LIST_TOO_LARGE: final(18, 'The batch does not fit into one segment of the log; send smaller batches.'),
  NOT_ENOUGH_REPLICAS: retriable(19, 'Fewer replicas are in sync than min.insync.replicas demands; wait for them.'),
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: retriable(
    20,
    'The records were written, but fewer replicas are in sync than min.insync.replicas; a retry may duplicate them.',
  ),
  INVALID_REQUIRED_ACKS: final(21, 'acks must be 0, 1 or -1 (all).'),
  ILLEGAL_GENERATION: final(22, 'The group has moved on to another generation; join it again.'),
  INCONSISTENT_GROUP_PROTOCOL: final(23, 'The member shares no assignor or protocol type with the rest of the group.'),
  INVALID_GROUP_ID: final(24, 'The group id is empty or not allowed; give the group a name.'),
  UNKNOWN_MEMBER_ID: final(25, 'The group does not know this member (any more); join it again.'),
  INVALID_SESSION_TIMEOUT: final(
    26,
    'The session timeout is outside group.min.session.timeout.ms and group.max.session.timeout.ms.',
  ),
  REBALANCE_IN_PROGRESS: final(27, 'The group is sharing out its partitions anew; join it again.'),
  INVALID_COMMIT_OFFSET_SIZE: final(28, 'The offset commit is too large to be stored; commit fewer partitions.'),
  TOPIC_AUTHORIZATION_FAILED: final(29, 'No permission for this topic; ask for an ACL that allows the operation.'),
  GROUP_AUTHORIZATION_FAILED: final(30, 'No permission for this group; ask for an ACL that allows the operation.'),
  CLUSTER_AUTHORIZATION_FAILED: final(31, 'No permission on the cluster; ask for an ACL that allows the operation.'),
  INVALID_TIMESTAMP: final(32, 'A timestamp is outside what the topic accepts; check the clock of the producer.'),
  UNSUPPORTED_SASL_MECHANISM: final(33, 'The broker does not offer this SASL mechanism; choose one that it lists.'),
  ILLEGAL_SASL_STATE: final(34, 'The request does not fit the present step of the SASL exchange.'),
  UNSUPPORTED_VERSION: final(35, 'The broker does not speak this version of the API; use one that ApiVersions lists.'),
  TOPIC_ALREADY_EXISTS: final(36, 'A topic of that name exists already; choose another name or use it as it is.'),
  INVALID_PARTITIONS: final(37, 'The number of partitions is not valid; it must be positive and can only grow.'),
  INVALID_REPLICATION_FACTOR: final(38, 'The replication factor must be between 1 and the number of live brokers.'),
  INVALID_REPLICA_ASSIGNMENT: final(39, 'The replica assignment names unknown brokers, repeats some or has gaps.'),
  INVALID_CONFIG: final(40, 'A configuration has an unknown name or a value that is not allowed.'),
  NOT_CONTROLLER: retriable(41, 'This node is not the active controller; ask the one that is.'),
  INVALID_REQUEST: final(42, 'The request contradicts itself or lacks something; correct it before sending it again.'),
  UNSUPPORTED_FOR_MESSAGE_FORMAT: final(43, 'The message format of the partition has no means for this operation.'),
  POLICY_VIOLATION: final(44, 'A policy of the cluster forbids the change.'),
  OUT_OF_ORDER_SEQUENCE_NUMBER: final(45, 'The sequence number of a batch does not follow the last; some may be lost.'),
  DUPLICATE_SEQUENCE_NUMBER: final(46, 'The batch was written before; nothing is to be done.'),
  INVALID_PRODUCER_EPOCH: final(47, 'A newer producer has taken over this producer id; close this one.'),
  INVALID_TXN_STATE: final(48, 'The transaction is not in a state that allows this operation.'),
  INVALID_PRODUCER_ID_MAPPING: final(49, 'The producer id is not the one that belongs to the transactional id.'),
  INVALID_TRANSACTION_TIMEOUT: final(50, 'The transaction timeout is above transaction.max.timeout.ms; ask for less.'),
  CONCURRENT_TRANSACTIONS: retriable(
    51,
    'The last transaction of this id is still being completed; try again shortly.',
  ),
  TRANSACTION_COORDINATOR_FENCED: final(52, 'A newer transaction coordinator has taken over from the sender.'),
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: final(
    53,
    'No permission for this transactional id; ask for an ACL that allows the operation.',
  ),
  SECURITY_DISABLED: final(54, 'The broker has no authorizer; configure one before asking for ACLs.'),
  OPERATION_NOT_ATTEMPTED: final(55, 'This part was left out because another part of the same request failed.'),
  KAFKA_STORAGE_ERROR: stale(56, 'The disk of the log has failed; see the log of the broker and check the disk.'),
  LOG_DIR_NOT_FOUND: final(57, 'The broker has no such log directory; choose one that DescribeLogDirs lists.'),
  SASL_AUTHENTICATION_FAILED: final(58, 'The credentials were not accepted; check user name, password and mechanism.'),
  UNKNOWN_PRODUCER_ID: final(59, 'The partition has forgotten this producer; start with a new producer id.'),
  REASSIGNMENT_IN_PROGRESS: final(60, 'The partition is being reassigned; wait for it to end or cancel it.'),
  DELEGATION_TOKEN_AUTH_DISABLED: final(61, 'Delegation tokens are switched off on this broker.'),
  DELEGATION_TOKEN_NOT_FOUND: final(62, 'No such delegation token; it may have expired.'),
  DELEGATION_TOKEN_OWNER_MISMATCH: final(63, 'Only the owner and the renewers of a token may do this.'),
  DELEGATION_TOKEN_REQUEST_NOT_ALLOWED: final(
    64,
    'Delegation tokens can be asked for only over an authenticated connection that does not use one itself.',
  ),
  DELEGATION_TOKEN_AUTHORIZATION_FAILED: final(65, 'No permission for this delegation token.'),
  DELEGATION_TOKEN_EXPIRED: final(66, 'The delegation token has expired; ask for a new one.'),
  INVALID_PRINCIPAL_TYPE: final(67, 'The type of the principal is not supported; use User.'),
  NON_EMPTY_GROUP: final(68, 'The group still has members; stop them first.'),
  GROUP_ID_NOT_FOUND: final(69, 'There is no such group; check its name.'),
  FETCH_SESSION_ID_NOT_FOUND: retriable(70, 'The broker has dropped this fetch session; begin a new one.'),
  INVALID_FETCH_SESSION_EPOCH: retriable(71, 'The fetch session is at another epoch; begin a new one.'),
  LISTENER_NOT_FOUND: stale(72, 'The leader has no listener of this name; check that all brokers have the same ones.'),
  TOPIC_DELETION_DISABLED: final(73, 'Deleting topics is switched off; set delete.topic.enable=true to allow it.'),
  FENCED_LEADER_EPOCH: stale(74, 'A newer leader has been elected than the one the request speaks of.'),
  UNKNOWN_LEADER_EPOCH: retriable(
    75,
    'The request speaks of a newer leader than this broker knows; try again shortly.',
  ),
  UNSUPPORTED_COMPRESSION_TYPE: final(76, 'The request is of a version that does not know this compression type.'),
  STALE_BROKER_EPOCH: final(77, 'The broker has registered again since; it must use its new epoch.'),
  OFFSET_NOT_AVAILABLE: retriable(78, 'The new leader does not know the high watermark yet; try again shortly.'),
  MEMBER_ID_REQUIRED: final(79, 'Join again with the member id that came with this answer.'),
  PREFERRED_LEADER_NOT_AVAILABLE: stale(80, 'The preferred replica is not running or not in sync; wait for it.'),
  GROUP_MAX_SIZE_REACHED: final(81, 'The group has as many members as its limit allows.'),
  FENCED_INSTANCE_ID: final(82, 'Another member uses the same group.instance.id; give each its own.'),
  ELIGIBLE_LEADERS_NOT_AVAILABLE: stale(83, 'No replica that may lead is running; start one of those in sync.'),
  ELECTION_NOT_NEEDED: stale(84, 'The partition has the leader that was asked for already.'),
  NO_REASSIGNMENT_IN_PROGRESS: final(85, 'The partition is not being reassigned; there is nothing to cancel.'),
  GROUP_SUBSCRIBED_TO_TOPIC: final(86, 'The group still consumes this topic; its offsets cannot be deleted now.'),
  INVALID_RECORD: final(87, 'A record does not fulfil what the topic demands, such as a key in a compacted topic.'),
  UNSTABLE_OFFSET_COMMIT: retriable(88, 'A transaction with offsets of this group is still open; try again shortly.'),
  THROTTLING_QUOTA_EXCEEDED: retriable(89, 'A quota is used up; wait for the throttle time that came with the answer.'),
  PRODUCER_FENCED: final(90, 'A newer producer with the same transactional id has taken over; close this one.'),
  RESOURCE_NOT_FOUND: final(91, 'What the request names does not exist.'),
  DUPLICATE_RESOURCE: final(92, 'The request names the same thing twice, or it exists already.'),
  UNACCEPTABLE_CREDENTIAL: final(93, 'The credential breaks the rules, such as the bounds on SCRAM iterations.'),
  INCONSISTENT_VOTER_SET: final(94, 'The nodes do not agree on who votes; check controller.quorum.voters on all.'),
  INVALID_UPDATE_VERSION: final(95, 'The version of the update is not the next one; read the state again first.'),
  FEATURE_UPDATE_FAILED: final(96, 'The feature level could not be changed; some node may not support it.'),
  PRINCIPAL_DESERIALIZATION_FAILURE: final(97, 'The principal in a forwarded request could not be read.'),
  SNAPSHOT_NOT_FOUND: final(98, 'The leader has no such snapshot (any more); fetch to learn the latest.'),
  POSITION_OUT_OF_RANGE: final(99, 'The position is outside the file; start from the beginning of the snapshot.'),
  UNKNOWN_TOPIC_ID: stale(100, 'This broker knows no topic of that id; it may have been deleted or created anew.'),
  DUPLICATE_BROKER_REGISTRATION: final(101, 'A broker with this node id is registered and alive; give each its own.'),
  BROKER_ID_NOT_REGISTERED: final(102, 'No broker of that id is registered.'),
  INCONSISTENT_TOPIC_ID: stale(
    103,
    'The topic id in the log is not the one of the request; the topic was created anew.',
  ),
  INCONSISTENT_CLUSTER_ID: final(104, 'The node belongs to another cluster; check its address and its data folder.'),
  TRANSACTIONAL_ID_NOT_FOUND: final(105, 'There is no such transactional id; it may have expired.'),
  FETCH_SESSION_TOPIC_ID_ERROR: retriable(106, 'The fetch session mixes topic names and topic ids; begin a new one.'),
  INELIGIBLE_REPLICA: final(107, 'The replica is fenced, shutting down or unknown, so it cannot be in sync.'),
  NEW_LEADER_ELECTED: final(108, 'The change of replicas took effect and another broker leads now.'),
  OFFSET_MOVED_TO_TIERED_STORAGE: final(109, 'The offset lies in remote storage only; followers start after it.'),
  FENCED_MEMBER_EPOCH: final(110, 'The group has fenced this member; give up all partitions and join again.'),
  UNRELEASED_INSTANCE_ID: final(111, 'Another living member holds this group.instance.id; wait until it has left.'),
  UNSUPPORTED_ASSIGNOR: final(112, 'The group coordinator has no such assignor; choose one that it supports.'),
  STALE_MEMBER_EPOCH: final(113, 'The member epoch is not current; take it from the next heartbeat and try again.'),
  MISMATCHED_ENDPOINT_TYPE: final(114, 'The address is that of a broker where a controller was meant, or vice versa.'),
  UNSUPPORTED_ENDPOINT_TYPE: final(115, 'This kind of endpoint is not supported yet.'),
  UNKNOWN_CONTROLLER_ID: final(116, 'No controller of that id is known.'),
  UNKNOWN_SUBSCRIPTION_ID: final(117, 'The telemetry subscription has changed; ask for it again.'),
  TELEMETRY_TOO_LARGE: final(118, 'The metrics are more than telemetry.max.bytes allows; send fewer.'),
  INVALID_REGISTRATION: final(119, 'The controller does not accept this registration; see its log.'),
  TRANSACTION_ABORTABLE: final(120, 'The transaction cannot be completed; abort it and begin anew.'),
  INVALID_RECORD_STATE: final(121, 'The record is not in a state that can be acknowledged; its lock may have expired.'),
  SHARE_SESSION_NOT_FOUND: retriable(122, 'The broker has dropped this share session; begin a new one.'),
  INVALID_SHARE_SESSION_EPOCH: retriable(123, 'The share session is at another epoch; begin a new one.'),
  FENCED_STATE_EPOCH: final(124, 'The share-partition has a newer leader than the one that asked.'),
  INVALID_VOTER_KEY: final(125, 'The voter is not the one the request describes; compare id and directory id.'),
  DUPLICATE_VOTER: final(126, 'That node votes already.'),
  VOTER_NOT_FOUND: final(127, 'That node is not among the voters.'),
  INVALID_REGULAR_EXPRESSION: final(128, 'The regular expression is not valid; RE2 syntax is expected.'),
  REBOOTSTRAP_REQUIRED: final(129, 'The client must forget its metadata and start from its bootstrap servers.'),
  STREAMS_INVALID_TOPOLOGY: final(130, 'The topology of the Streams application is not valid.'),
  STREAMS_INVALID_TOPOLOGY_EPOCH: final(131, 'The topology epoch of the Streams application is not valid.'),
  STREAMS_TOPOLOGY_FENCED: final(132, 'The Streams application runs an older topology than its group; update it.'),
  SHARE_SESSION_LIMIT_REACHED: retriable(133, 'The broker holds as many share sessions as it may; try again later.'),
} as const satisfies Record<string, ErrorRow>

export type ErrorName = keyof typeof errors

const names = Object.keys(errors) as ErrorName[]
const byCode: ReadonlyMap<number, ErrorName> = new Map(names.map((name) => [errors[name].code, name]))

/** The number on the wire: `errorCode.NONE` is 0. */
export const errorCode = Object.fromEntries(names.map((name) => [name, errors[name].code])) as Readonly<
  Record<ErrorName, number>
>

/** The name of a code from the wire. One that we do not know counts as UNKNOWN_SERVER_ERROR, as clients of Kafka do. */
export const errorOf = (code: number): ErrorName => byCode.get(code) ?? 'UNKNOWN_SERVER_ERROR'

/** It may quote what a stranger has sent, and a string on the wire has an end. */
const LONGEST_DETAIL = 2_000
const cut = (detail: string): string =>
  detail.length > LONGEST_DETAIL ? `${detail.slice(0, LONGEST_DETAIL - 1)}…` : detail

/**
 * An answer of Kafka's that is not NONE. `detail` replaces the general sentence where there is more to say. It has no stack, which
 * nobody reads of an answer, and which costs five times as much as the rest: a request may have very many items to be refused.
 */
export class KafkaError extends Error {
  override name = 'KafkaError'
  readonly error: ErrorName
  readonly code: number
  readonly retriable: boolean

  constructor(error: ErrorName, detail?: string) {
    const message = cut(detail ?? errors[error].text)
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super(message)
    Error.stackTraceLimit = stackTraceLimit
    this.error = error
    this.code = errors[error].code
    this.retriable = errors[error].retriable
  }
}

/** The code to answer with when `e` was thrown: a KafkaError's own, for anything else UNKNOWN_SERVER_ERROR. */
export const codeOf = (e: unknown): number => (e instanceof KafkaError ? e.code : errorCode.UNKNOWN_SERVER_ERROR)
