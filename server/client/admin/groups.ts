/**
 * Consumer groups: list, describe (classic and KIP-848), their offsets, and deletion. Each group is asked of its
 * coordinator, many groups in one request. Members are only described: this client never joins a group.
 */
import { codec } from '../../protocol/codec.ts'
import { ConsumerProtocolAssignment } from '../../protocol/consumer_protocol/consumer_protocol_assignment.ts'
import { ConsumerProtocolSubscription } from '../../protocol/consumer_protocol/consumer_protocol_subscription.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { OffsetCommit } from '../../protocol/messages/08_offset_commit.ts'
import { OffsetFetch } from '../../protocol/messages/09_offset_fetch.ts'
import { DescribeGroups } from '../../protocol/messages/15_describe_groups.ts'
import { ListGroups } from '../../protocol/messages/16_list_groups.ts'
import { DeleteGroups } from '../../protocol/messages/42_delete_groups.ts'
import { ConsumerGroupDescribe } from '../../protocol/messages/69_consumer_group_describe.ts'
import type { Fields, Infer, Message } from '../../protocol/schema.ts'
import { Reader } from '../../protocol/wire.ts'
import type { Cluster } from '../cluster.ts'
import { asKafkaError, check, errorFrom } from '../errors.ts'
import {
  byTopic,
  inOrder,
  perCoordinator,
  type RoutingOptions,
  type TopicPartition,
  withoutRepeats,
} from '../routing.ts'

/** A coordinator may answer only when what it has written is replicated: with a replica that hangs, nothing else shall wait behind it. */
const LANE = 'groups'

export interface ListedGroup {
  groupId: string
  /** 'consumer' for consumer groups; '' for those that only hold offsets. */
  protocolType: string
  /** null from brokers before Kafka 2.6. */
  state: string | null
  /** classic, consumer, share, streams; null from brokers before Kafka 3.8. */
  type: string | null
  /** Node id. */
  coordinator: number
}

export interface TopicPartitions {
  topic: string
  partitions: number[]
}

export interface GroupMember {
  memberId: string
  instanceId: string | null
  clientId: string
  host: string
  rackId: string | null
  /** Member epoch of the new protocol; null in classic groups. */
  epoch: number | null
  /** Which protocol it speaks itself: in a consumer group some may still speak the classic one (KIP-1099). */
  protocol: 'classic' | 'consumer'
  subscribedTopics: string[]
  assignment: TopicPartitions[]
  /** Where the coordinator wants it to get to (KIP-848); null in classic groups. */
  targetAssignment: TopicPartitions[] | null
}

export interface DescribedGroup {
  groupId: string
  error: KafkaError | null
  type: 'classic' | 'consumer'
  /** Empty, PreparingRebalance, CompletingRebalance, Stable, Assigning, Reconciling, Dead. */
  state: string
  protocolType: string
  /** Name of the assignor. */
  assignor: string
  groupEpoch: number | null
  assignmentEpoch: number | null
  /** Node id, -1 where unknown. */
  coordinator: number
  members: GroupMember[]
}

export interface GroupOffset extends TopicPartition {
  /** null: nothing committed. */
  offset: number | null
  leaderEpoch: number | null
  metadata: string
  error: KafkaError | null
}

export interface GroupOffsets {
  groupId: string
  error: KafkaError | null
  offsets: GroupOffset[]
}

export interface OffsetToCommit extends TopicPartition {
  offset: number
  leaderEpoch?: number | null
  metadata?: string | null
}

export interface CommittedOffset extends TopicPartition {
  error: KafkaError | null
}

export interface GroupResult {
  groupId: string
  error: KafkaError | null
}

/** Topic ids take the place of names from version 10 on; we keep to names. */
const LAST_VERSION_WITH_NAMES = 9

/** A broker that has just joined is not left out for long. */
const BROKERS_MAX_AGE_MS = 5_000

/** Groups of all brokers; a broker that cannot say is in `errors`, and the list is then not complete. */
export async function listGroups(
  cluster: Cluster,
  options: { states?: readonly string[]; types?: readonly string[]; answerWithinMs?: number } = {},
): Promise<{ groups: ListedGroup[]; errors: { broker: number; error: KafkaError }[] }> {
  const groups: ListedGroup[] = []
  const errors: { broker: number; error: KafkaError }[] = []
  const ask = async (broker: number) => {
    const minVersion = options.types?.length ? 5 : options.states?.length ? 4 : 0
    const body = { statesFilter: [...(options.states ?? [])], typesFilter: [...(options.types ?? [])] }
    const r = await cluster.request({ node: broker }, ListGroups, body, {
      minVersion,
      lane: LANE,
      verify: (r) => check(r.errorCode),
    })
    for (const g of r.groups) {
      groups.push({
        groupId: g.groupId,
        protocolType: g.protocolType,
        state: g.groupState || null,
        type: g.groupType || null,
        coordinator: broker,
      })
    }
  }
  const brokers = [...(await cluster.brokers({ maxAgeMs: BROKERS_MAX_AGE_MS })).keys()]
  await Promise.all(
    brokers.map((broker) =>
      cluster
        .within(options.answerWithinMs, broker, ask(broker))
        .catch((e) => errors.push({ broker, error: asKafkaError(e) })),
    ),
  )
  return { groups: groups.sort((a, b) => (a.groupId < b.groupId ? -1 : 1)), errors }
}

/** GROUP_ID_NOT_FOUND for groups that do not exist. */
export function describeGroups(
  cluster: Cluster,
  groupIds: readonly string[],
  options: RoutingOptions = {},
): Promise<DescribedGroup[]> {
  return perCoordinator(
    cluster,
    groupIds.map((groupId) => ({ groupId })),
    async (node, items) => {
      const ids = items.map((i) => i.groupId)
      const found = new Map<string, DescribedGroup>()
      const connection = await cluster.node(node, LANE)
      if (connection.supports(ConsumerGroupDescribe)) {
        const r = await connection.send(ConsumerGroupDescribe, { groupIds: ids, includeAuthorizedOperations: false })
        for (const g of r.groups) if (!isOtherKind(g.errorCode)) found.set(g.groupId, consumerGroup(g, node))
      }
      const rest = ids.filter((id) => !found.has(id))
      if (rest.length > 0) {
        const r = await connection.send(DescribeGroups, { groups: rest })
        for (const g of r.groups) found.set(g.groupId, classicGroup(g, node))
      }
      return ids.map((id) => found.get(id) ?? noGroup(id, new KafkaError('GROUP_ID_NOT_FOUND')))
    },
    (item, error) => noGroup(item.groupId, error),
    options,
  )
}

/** In the answer of the new API; before its version 1 it does not say. */
const CLASSIC_MEMBER = 0

/** The new API's way of saying that a group is not of the new kind, or not there: the old API knows. */
const isOtherKind = (code: number): boolean => {
  const error = errorFrom(code)?.error
  return error === 'GROUP_ID_NOT_FOUND' || error === 'UNSUPPORTED_VERSION'
}

const noGroup = (groupId: string, error: KafkaError): DescribedGroup => ({
  groupId,
  error,
  type: 'classic',
  state: '',
  protocolType: '',
  assignor: '',
  groupEpoch: null,
  assignmentEpoch: null,
  coordinator: -1,
  members: [],
})

type Classic = Infer<typeof DescribeGroups.response>['groups'][number]
type New = Infer<typeof ConsumerGroupDescribe.response>['groups'][number]

function classicGroup(g: Classic, coordinator: number): DescribedGroup {
  const error = errorFrom(g.errorCode, g.errorMessage)
  if (error) return noGroup(g.groupId, error)
  // Before that a group that does not exist was described as a dead one.
  if (g.groupState === 'Dead') return noGroup(g.groupId, new KafkaError('GROUP_ID_NOT_FOUND'))
  const isConsumer = g.protocolType === 'consumer'
  return {
    groupId: g.groupId,
    error: null,
    type: 'classic',
    state: g.groupState,
    protocolType: g.protocolType,
    assignor: g.protocolData,
    groupEpoch: null,
    assignmentEpoch: null,
    coordinator,
    members: g.members.map((m) => ({
      memberId: m.memberId,
      instanceId: m.groupInstanceId,
      clientId: m.clientId,
      host: m.clientHost.replace(/^\//, ''),
      rackId: null,
      epoch: null,
      protocol: 'classic',
      subscribedTopics: isConsumer ? (embedded(ConsumerProtocolSubscription, m.memberMetadata)?.topics ?? []) : [],
      assignment: isConsumer
        ? (embedded(ConsumerProtocolAssignment, m.memberAssignment)?.assignedPartitions ?? [])
        : [],
      targetAssignment: null,
    })),
  }
}

function consumerGroup(g: New, coordinator: number): DescribedGroup {
  const error = errorFrom(g.errorCode, g.errorMessage)
  if (error) return { ...noGroup(g.groupId, error), type: 'consumer' }
  const partitions = (a: New['members'][number]['assignment']) =>
    a.topicPartitions.map((t) => ({ topic: t.topicName, partitions: t.partitions }))
  return {
    groupId: g.groupId,
    error: null,
    type: 'consumer',
    state: g.groupState,
    protocolType: 'consumer',
    assignor: g.assignorName,
    groupEpoch: g.groupEpoch,
    assignmentEpoch: g.assignmentEpoch,
    coordinator,
    members: g.members.map((m) => ({
      memberId: m.memberId,
      instanceId: m.instanceId,
      clientId: m.clientId,
      host: m.clientHost.replace(/^\//, ''),
      rackId: m.rackId,
      epoch: m.memberEpoch,
      protocol: m.memberType === CLASSIC_MEMBER ? 'classic' : 'consumer',
      subscribedTopics: m.subscribedTopicNames,
      assignment: partitions(m.assignment),
      targetAssignment: partitions(m.targetAssignment),
    })),
  }
}

/**
 * A message of the consumers' own protocol, which the broker only hands on: an int16 version, then the message.
 * Anyone may have written it, in any later version too, so what cannot be read is undefined and what is left over is left.
 */
function embedded<F extends Fields>(m: Message<F>, bytes: Buffer): Infer<Message<F>> | undefined {
  if (bytes.length < 2) return undefined
  try {
    const version = Math.max(0, Math.min(3, bytes.readInt16BE(0)))
    return codec(m, version).decode(new Reader(bytes, 2))
  } catch {
    return undefined
  }
}

interface WantedOffsets {
  groupId: string
  /** Absent: all that the group has. */
  partitions?: readonly TopicPartition[]
}

/** Committed offsets, in the order of `groups`. */
export async function offsetFetch(
  cluster: Cluster,
  groups: readonly WantedOffsets[],
  options: RoutingOptions = {},
): Promise<GroupOffsets[]> {
  const answers = new Map<WantedOffsets, GroupOffsets>()
  await Promise.all(
    withoutRepeats(groups, (g) => g.groupId).map(async (round) => {
      const fetched = await fetchOnce(cluster, round, options)
      for (const [i, g] of round.entries()) answers.set(g, fetched[i]!)
    }),
  )
  return groups.map((g) => answers.get(g)!)
}

function fetchOnce(
  cluster: Cluster,
  groups: readonly WantedOffsets[],
  options: RoutingOptions,
): Promise<GroupOffsets[]> {
  return perCoordinator(
    cluster,
    groups,
    async (node, items) => {
      const connection = await cluster.node(node, LANE)
      const topicsOf = (i: (typeof items)[number]) =>
        i.partitions
          ? byTopic(i.partitions).map(({ topic, items }) => ({
              name: topic,
              partitionIndexes: items.map((p) => p.partition),
            }))
          : null
      if (connection.supports(OffsetFetch, 8)) {
        const body = { groups: items.map((i) => ({ groupId: i.groupId, topics: topicsOf(i) })) }
        const r = await connection.send(OffsetFetch, body, { maxVersion: LAST_VERSION_WITH_NAMES })
        const found = new Map(r.groups.map((g) => [g.groupId, g]))
        return items.map((i) => groupOffsets(i.groupId, found.get(i.groupId)))
      }
      const one = (i: (typeof items)[number]) =>
        connection.send(OffsetFetch, { groupId: i.groupId, topics: topicsOf(i) }, { minVersion: i.partitions ? 1 : 2 })
      return Promise.all(items.map(async (i) => groupOffsets(i.groupId, await one(i))))
    },
    (item, error) => ({ groupId: item.groupId, error, offsets: [] }),
    options,
  )
}

function groupOffsets(
  groupId: string,
  answer:
    | Pick<Infer<typeof OffsetFetch.response>['groups'][number], 'errorCode' | 'topics'>
    | Infer<typeof OffsetFetch.response>
    | undefined,
): GroupOffsets {
  if (!answer)
    return { groupId, error: new KafkaError('UNKNOWN_SERVER_ERROR', 'the broker left this group out'), offsets: [] }
  const offsets = answer.topics.flatMap((t) =>
    t.partitions.map((p) => ({
      topic: t.name,
      partition: p.partitionIndex,
      offset: p.committedOffset < 0 ? null : p.committedOffset,
      leaderEpoch: p.committedLeaderEpoch < 0 ? null : p.committedLeaderEpoch,
      metadata: p.metadata ?? '',
      error: errorFrom(p.errorCode),
    })),
  )
  return { groupId, error: errorFrom(answer.errorCode), offsets }
}

/**
 * Sets offsets of a group that has no members (a reset). With members the coordinator refuses: UNKNOWN_MEMBER_ID.
 */
export async function offsetCommit(
  cluster: Cluster,
  groupId: string,
  offsets: readonly OffsetToCommit[],
): Promise<CommittedOffset[]> {
  const failed = ({ topic, partition }: TopicPartition, error: KafkaError) => ({ topic, partition, error })
  const [answer] = await perCoordinator(
    cluster,
    [{ groupId }],
    async (node) => {
      const connection = await cluster.node(node, LANE)
      const topics = byTopic(offsets).map(({ topic, items }) => ({
        name: topic,
        partitions: items.map((o) => ({
          partitionIndex: o.partition,
          committedOffset: o.offset,
          committedLeaderEpoch: o.leaderEpoch ?? -1,
          committedMetadata: o.metadata ?? '',
        })),
      }))
      const r = await connection.send(OffsetCommit, { groupId, topics }, { maxVersion: LAST_VERSION_WITH_NAMES })
      const results = inOrder(offsets, r.topics, (o, p) => failedOrNot(o, errorFrom(p.errorCode)), failedOrNot)
      // Nothing was done if the coordinator has moved: then the whole commit is sent again.
      const moved = results.find((x) => x.error?.retriable)
      return [{ error: moved?.error ?? null, results }]
    },
    (_, error) => ({ error, results: offsets.map((o) => failed(o, error)) }),
  )
  return answer!.results
}

const failedOrNot = ({ topic, partition }: TopicPartition, error: KafkaError | null): CommittedOffset => ({
  topic,
  partition,
  error,
})

/** Only groups without members can be deleted: NON_EMPTY_GROUP otherwise. */
export function deleteGroups(cluster: Cluster, groupIds: readonly string[]): Promise<GroupResult[]> {
  return perCoordinator(
    cluster,
    groupIds.map((groupId) => ({ groupId })),
    async (node, items) => {
      const connection = await cluster.node(node, LANE)
      const r = await connection.send(DeleteGroups, { groupsNames: items.map((i) => i.groupId) })
      const found = new Map(r.results.map((g) => [g.groupId, g.errorCode]))
      return items.map(({ groupId }): GroupResult => ({ groupId, error: errorFrom(found.get(groupId) ?? -1) }))
    },
    ({ groupId }, error) => ({ groupId, error }),
  )
}
