/** ConsumerGroupDescribe (KIP-848): epochs, members, what they own and what they are to own. */
import { errorCode, KafkaError } from '../../../../protocol/errors.ts'
import type { ConsumerGroupDescribe } from '../../../../protocol/messages/69_consumer_group_describe.ts'
import type { Infer } from '../../../../protocol/schema.ts'
import type { GroupCommand, LiveGroups } from '../../live_groups.ts'
import { preferredAssignor } from '../assign.ts'
import type { ConsumerGroup } from '../consumer_group.ts'
import { type ConsumerMember, isClassic } from '../member.ts'
import { listed, type OwnedPartitions, type Partitions } from '../partitions.ts'
import { targetOf } from '../reconcile.ts'

export type DescribedConsumerGroup = Infer<typeof ConsumerGroupDescribe.response>['groups'][number]
type DescribedMember = DescribedConsumerGroup['members'][number]

/** "Not asked for." */
const NO_AUTHORIZED_OPERATIONS = -2147483648
/** Of members, in version 1 (KIP-1099). */
const memberType = { classic: 0, consumer: 1 }

/** Throws GROUP_ID_NOT_FOUND, for a group of another type too. What the principal may do is the handler's to add. */
export const describeConsumerGroup =
  (live: LiveGroups, groupId: string): GroupCommand<DescribedConsumerGroup> =>
  (state) => {
    const group = state.consumers.get(groupId)
    if (group === undefined) {
      const what =
        live.find(groupId) === undefined ? `Group ${groupId} not found.` : `Group ${groupId} is not a consumer group.`
      throw new KafkaError('GROUP_ID_NOT_FOUND', what)
    }
    return {
      reply: {
        errorCode: errorCode.NONE,
        errorMessage: null,
        groupId,
        groupState: group.state,
        groupEpoch: group.epoch,
        assignmentEpoch: group.assignmentEpoch,
        assignorName: preferredAssignor(group, live.config.consumer.assignors[0]!),
        members: [...group.members.values()].map((m) => describeMember(live, group, m)),
        authorizedOperations: NO_AUTHORIZED_OPERATIONS,
      },
    }
  }

function describeMember(live: LiveGroups, group: ConsumerGroup, member: ConsumerMember): DescribedMember {
  const { metadata } = member
  // What it has been told to give up is its own until it says that it has.
  const owned = union(member.assigned, member.revoking)
  const named = (assignment: Partitions | OwnedPartitions) => ({
    topicPartitions: listed(assignment).flatMap(({ topicId, partitions }) => {
      const topicName = live.topics.nameOf(topicId)
      return topicName === undefined ? [] : [{ topicId, topicName, partitions }]
    }),
  })
  return {
    memberId: member.memberId,
    instanceId: metadata.instanceId,
    rackId: metadata.rackId,
    memberEpoch: member.memberEpoch,
    clientId: metadata.clientId,
    clientHost: metadata.clientHost,
    subscribedTopicNames: [...metadata.subscribedTopicNames],
    subscribedTopicRegex: metadata.subscribedTopicRegex,
    assignment: named(owned),
    targetAssignment: named(targetOf(group.targets, member.memberId)),
    memberType: isClassic(member) ? memberType.classic : memberType.consumer,
  }
}

function union(a: OwnedPartitions, b: OwnedPartitions): OwnedPartitions {
  const topicIds = new Set([...a.keys(), ...b.keys()])
  return new Map([...topicIds].map((id) => [id, new Map([...(a.get(id) ?? []), ...(b.get(id) ?? [])])]))
}
