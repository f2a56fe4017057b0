/**
 * JoinGroup to a consumer group: a member that speaks the classic protocol comes or goes on. It is answered at once, for the group
 * waits for nobody: the generation is its member epoch, and SyncGroup tells it what it owns by now. There is no leader.
 */
import { errorCode, KafkaError } from '../../../../protocol/errors.ts'
import { MalformedError } from '../../../../protocol/wire.ts'
import type { Decision } from '../../../../state/runtime.ts'
import { joinRefused, NO_MEMBER_ID } from '../../answers.ts'
import type { JoinGroupResponse } from '../../classic_group.ts'
import { type JoinGroupRequest, MEMBER_ID_REQUIRED_VERSION, rebalanceTimeoutOf } from '../../commands/join_group.ts'
import type { GroupContext } from '../../context.ts'
import type { LiveGroups } from '../../live_groups.ts'
import type { GroupRecord } from '../../records.ts'
import { advance, assignIfDue, subscribe } from '../advance.ts'
import type { ConsumerGroup } from '../consumer_group.ts'
import { byId, PROTOCOL_TYPE, readSubscription, type Subscription } from '../consumer_protocol.ts'
import { mayDowngrade, protocolsOf, toClassicGroup } from '../downgrade.ts'
import { Draft } from '../draft.ts'
import { checkRoom, enter } from '../enter.ts'
import { type ConsumerMember, isClassic } from '../member.ts'
import type { MemberMetadata } from '../records.ts'

type Answer = Decision<GroupRecord, JoinGroupResponse>

/** Throws the KafkaError to refuse it with. */
export function joinConsumerGroup(
  live: LiveGroups,
  context: GroupContext,
  request: JoinGroupRequest,
  group: ConsumerGroup,
  nowMs: number,
): Answer {
  const { groupId, groupInstanceId: instanceId } = request
  if (live.config.consumer.migrationPolicy === 'disabled') {
    throw new KafkaError('INCONSISTENT_GROUP_PROTOCOL', `Group ${groupId} takes members of the consumer protocol only.`)
  }
  const isUnknown = request.memberId === NO_MEMBER_ID
  const memberId = isUnknown ? live.newUuid() : request.memberId
  const draft = new Draft(groupId, group)
  checkRoom(live, draft, memberId)
  if (!supports(group, request)) {
    throw new KafkaError('INCONSISTENT_GROUP_PROTOCOL', `Member ${memberId}'s protocols are not supported.`)
  }
  if (isUnknown && instanceId === null && context.version >= MEMBER_ID_REQUIRED_VERSION) {
    return { reply: joinRefused('MEMBER_ID_REQUIRED', memberId) }
  }
  const subscription = subscriptionOf(request)
  const joins = instanceId === null || isUnknown
  const member = enter(draft, { memberId, instanceId, joins, speaksClassic: true })
  const wasClassic = [...group.members.values()].every(isClassic)
  const subscriptionChanged = subscribe(live, draft, member, metadataIn(request, context, subscription, member), nowMs)
  const owned = byId(subscription.ownedPartitions, live.topics)
  // The last member of the consumer protocol has been replaced by this one.
  const downgrades = !wasClassic && mayDowngrade(live, draft.group)
  if (!downgrades) assignIfDue(live, draft, nowMs)
  const next = advance(live, draft, memberId, { owned, subscriptionChanged })
  const reply = joined(next)
  if (downgrades) return { ...toClassicGroup(live, group, draft.group, nowMs, subscriptionChanged), reply }
  return {
    records: draft.records,
    reply,
    change: () => {
      live.consumers.of(groupId).checkedVersion = live.topics.version
      const timers = live.consumers.timersOf(groupId, memberId)
      timers.rebalance.cancel()
      timers.join.cancel()
      timers.sync.set(next.metadata.rebalanceTimeoutMs)
      live.consumers.touch(groupId, next)
    },
  }
}

/** One of its protocols must be known to all classic members that there are. */
function supports(group: ConsumerGroup, { protocolType, protocols }: JoinGroupRequest): boolean {
  if (protocolType !== PROTOCOL_TYPE) return false
  const classic = [...group.members.values()].filter(isClassic)
  return protocols.some(({ name }) => classic.every((m) => protocolsOf(m).some((p) => p.name === name)))
}

/** All its protocols carry the same subscription, so the first will do. */
function subscriptionOf(request: JoinGroupRequest): Subscription {
  try {
    return readSubscription(request.protocols[0]!.metadata)
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
    throw new KafkaError('INCONSISTENT_GROUP_PROTOCOL', 'The metadata is no subscription of the consumer protocol.')
  }
}

const metadataIn = (
  request: JoinGroupRequest,
  context: GroupContext,
  { topics, rackId }: Subscription,
  before: ConsumerMember,
): MemberMetadata => ({
  instanceId: request.groupInstanceId,
  rackId: rackId ?? before.metadata.rackId,
  clientId: context.clientId,
  clientHost: context.clientHost,
  subscribedTopicNames: [...new Set(topics)].sort(),
  subscribedTopicRegex: '',
  rebalanceTimeoutMs: rebalanceTimeoutOf(request),
  serverAssignor: before.metadata.serverAssignor,
  classicMemberMetadata: {
    sessionTimeoutMs: request.sessionTimeoutMs,
    // Copies: they outlive the frame that the bytes are a view of.
    supportedProtocols: request.protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata) })),
  },
})

const joined = (member: ConsumerMember): JoinGroupResponse => ({
  throttleTimeMs: 0,
  errorCode: errorCode.NONE,
  generationId: member.memberEpoch,
  protocolType: PROTOCOL_TYPE,
  protocolName: protocolsOf(member)[0]!.name,
  leader: '',
  skipAssignment: false,
  memberId: member.memberId,
  members: [],
})
