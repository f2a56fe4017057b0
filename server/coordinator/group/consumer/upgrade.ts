/**
 * A classic group becomes a consumer group when the first member of the consumer protocol comes (KIP-848): its generation is the
 * epoch, its members stay as classic ones with what they were assigned. Only groups of consumers can, with Kafka's own assignors.
 */
import { KafkaError } from '../../../protocol/errors.ts'
import { MalformedError } from '../../../protocol/wire.ts'
import { answerJoin, answerSync, joinRefused, syncRefused } from '../answers.ts'
import type { ClassicGroup, Member } from '../classic_group.ts'
import type { LiveGroups } from '../live_groups.ts'
import { PROTOCOL_TYPE, readAssignment, readSubscription } from './consumer_protocol.ts'
import type { Draft } from './draft.ts'
import { type ConsumerMember, newMember } from './member.ts'
import { metadataHash } from './topics.ts'

/** Throws GROUP_ID_NOT_FOUND, as Kafka does, if the group has to stay what it is. Returns what is to happen once that is stored. */
export function toConsumerGroup(live: LiveGroups, draft: Draft, classic: ClassicGroup): () => void {
  const { groupId } = classic
  check(live, classic)
  draft.write({ type: 'GroupMetadata', groupId, value: null })
  const taken = new Set<string>()
  const members = [...classic.members.values()].map((m) => converted(live, classic, m, taken))
  const names = new Set(members.flatMap((m) => m.metadata.subscribedTopicNames))
  for (const m of members) draft.putMember(m)
  draft.putEpoch(classic.generationId, metadataHash(names, live.topics))
  for (const m of members) {
    draft.putTarget(m.memberId, new Map([...m.assigned].map(([topicId, p]) => [topicId, new Set(p.keys())])))
  }
  draft.putAssignmentEpoch(classic.generationId, 0)
  for (const m of members) draft.putCurrent(m)
  return () => {
    for (const m of classic.members.values()) {
      answerJoin(m, joinRefused('REBALANCE_IN_PROGRESS', m.memberId))
      answerSync(m, syncRefused('REBALANCE_IN_PROGRESS'))
    }
    live.drop(classic)
    for (const m of members) live.consumers.touch(groupId, m)
    live.log(`Group ${groupId} is a consumer group now, in epoch ${classic.generationId}`)
  }
}

function check(live: LiveGroups, classic: ClassicGroup): void {
  const { migrationPolicy, maxSize } = live.config.consumer
  if (migrationPolicy !== 'upgrade' && migrationPolicy !== 'bidirectional') {
    throw cannot(classic, 'online upgrade is disabled (group.consumer.migration.policy)')
  }
  if (classic.protocolType !== PROTOCOL_TYPE)
    throw cannot(classic, 'its members do not speak the protocol of consumers')
  if (classic.members.size > maxSize)
    throw cannot(classic, `it has more than ${maxSize} members (group.consumer.max.size)`)
}

function converted(live: LiveGroups, classic: ClassicGroup, m: Member, taken: Set<string>): ConsumerMember {
  const protocol = m.protocols.find((p) => p.name === classic.protocolName) ?? m.protocols[0]
  if (protocol === undefined) throw cannot(classic, 'a member names no protocol')
  try {
    const { topics, rackId } = readSubscription(protocol.metadata)
    const { partitions, userData } = readAssignment(m.assignment, live.topics)
    if ((userData?.length ?? 0) > 0) throw cannot(classic, 'it uses an assignor of its own, whose data would be lost')
    const epoch = classic.generationId
    return {
      ...newMember(m.memberId),
      metadata: {
        instanceId: m.groupInstanceId,
        rackId,
        clientId: m.clientId,
        clientHost: m.clientHost,
        subscribedTopicNames: [...new Set(topics)].sort(),
        subscribedTopicRegex: '',
        rebalanceTimeoutMs: m.rebalanceTimeoutMs,
        serverAssignor: null,
        classicMemberMetadata: { sessionTimeoutMs: m.sessionTimeoutMs, supportedProtocols: [...m.protocols] },
      },
      memberEpoch: epoch,
      previousMemberEpoch: epoch,
      assigned: new Map(
        partitions.flatMap(({ topicId, partitions }) => {
          // An assignor of the members' own may have given a partition to two; here it has one owner.
          const own = partitions.filter((p) => !taken.has(`${topicId} ${p}`))
          for (const p of own) taken.add(`${topicId} ${p}`)
          return own.length === 0 ? [] : [[topicId, new Map(own.map((p) => [p, epoch]))] as const]
        }),
      ),
    }
  } catch (error) {
    if (error instanceof MalformedError)
      throw cannot(classic, 'its members do not speak the protocol of consumers as it is written')
    throw error
  }
}

const cannot = ({ groupId }: ClassicGroup, why: string): KafkaError =>
  new KafkaError('GROUP_ID_NOT_FOUND', `Group ${groupId} cannot become a consumer group: ${why}.`)
