/** Groups of every kind, their members and what they have committed. */
import { OffsetFetch } from '../../server/protocol/messages/09_offset_fetch.ts'
import { DescribeGroups } from '../../server/protocol/messages/15_describe_groups.ts'
import { ListGroups } from '../../server/protocol/messages/16_list_groups.ts'
import { DescribeTransactions } from '../../server/protocol/messages/65_describe_transactions.ts'
import { ListTransactions } from '../../server/protocol/messages/66_list_transactions.ts'
import { ConsumerGroupDescribe } from '../../server/protocol/messages/69_consumer_group_describe.ts'
import { ShareGroupDescribe } from '../../server/protocol/messages/77_share_group_describe.ts'
import { DescribeShareGroupOffsets } from '../../server/protocol/messages/90_describe_share_group_offsets.ts'
import { check } from './broker.ts'
import type { Ask } from './inventory.ts'

/** The API that describes groups of a type, and so whether the broker lists them. */
const describers = { consumer: ConsumerGroupDescribe, share: ShareGroupDescribe }

export async function groups(ask: Ask): Promise<void> {
  const { broker, facts, silentOn } = ask
  for (const [type, api] of Object.entries(describers)) if (!broker.offers(api)) silentOn.add(`${type}-group`)
  const listed = await broker.ask(ListGroups, 5, { statesFilter: [], typesFilter: [] })
  check(listed.errorCode, 'ListGroups')
  for (const { groupId, groupState, groupType, protocolType } of listed.groups) {
    const type = groupType.toLowerCase()
    if (silentOn.has(`${type}-group`)) continue
    facts.set(`${type}-group ${groupId}`, `${groupState} ${protocolType}`)
    if (type === 'classic') await classicMembers(ask, groupId)
    if (type === 'consumer') await consumerMembers(ask, groupId)
    if (type === 'share') await sharePartitions(ask, groupId)
    else await offsets(ask, groupId, type)
  }
  await transactions(ask)
}

async function offsets({ broker, facts }: Ask, groupId: string, type: string): Promise<void> {
  const answer = await broker.ask(OffsetFetch, 8, { groups: [{ groupId, topics: null }], requireStable: false })
  const group = answer.groups[0]!
  check(group.errorCode, `OffsetFetch of ${groupId}`)
  for (const t of group.topics) {
    for (const p of t.partitions) {
      // The word in front lets a broker that does not know this type of group be silent on its offsets too.
      facts.set(
        `${type}-group offset ${groupId} ${t.name}-${p.partitionIndex}`,
        `${p.committedOffset} epoch ${p.committedLeaderEpoch} "${p.metadata}"`,
      )
    }
  }
}

async function classicMembers({ broker, facts }: Ask, groupId: string): Promise<void> {
  const answer = await broker.ask(DescribeGroups, 5, { groups: [groupId], includeAuthorizedOperations: false })
  const group = answer.groups[0]!
  check(group.errorCode, `DescribeGroups of ${groupId}`)
  for (const m of group.members) {
    const shown = [group.protocolData, m.groupInstanceId, m.clientId, m.memberMetadata.toString('hex')]
    facts.set(`classic-group member ${groupId} ${m.memberId}`, [...shown, m.memberAssignment.toString('hex')].join(' '))
  }
}

async function consumerMembers({ broker, facts }: Ask, groupId: string): Promise<void> {
  const answer = await broker.ask(ConsumerGroupDescribe, 0, { groupIds: [groupId], includeAuthorizedOperations: false })
  const { errorCode, members, groupEpoch, assignmentEpoch, assignorName } = answer.groups[0]!
  check(errorCode, `ConsumerGroupDescribe of ${groupId}`)
  facts.set(`consumer-group epochs ${groupId}`, `${groupEpoch} ${assignmentEpoch} ${assignorName}`)
  for (const { memberId, ...member } of members) {
    for (const { topicPartitions } of [member.assignment, member.targetAssignment]) {
      topicPartitions.sort((a, b) => (a.topicName < b.topicName ? -1 : 1))
    }
    facts.set(`consumer-group member ${groupId} ${memberId}`, JSON.stringify(member))
  }
}

async function sharePartitions({ broker, facts }: Ask, groupId: string): Promise<void> {
  const answer = await broker.ask(DescribeShareGroupOffsets, 0, { groups: [{ groupId, topics: null }] })
  const group = answer.groups[0]!
  check(group.errorCode, `DescribeShareGroupOffsets of ${groupId}`)
  for (const t of group.topics) {
    for (const p of t.partitions)
      facts.set(`share-group start ${groupId} ${t.topicName}-${p.partitionIndex}`, String(p.startOffset))
  }
}

async function transactions({ broker, facts, silentOn }: Ask): Promise<void> {
  if (!broker.offers(ListTransactions)) return void silentOn.add('transactional-id')
  const { transactionStates } = await broker.ask(ListTransactions, 0, { stateFilters: [], producerIdFilters: [] })
  const transactionalIds = transactionStates.map((t) => t.transactionalId)
  const described = await broker.ask(DescribeTransactions, 0, { transactionalIds })
  for (const { transactionalId, errorCode: _, ...state } of described.transactionStates) {
    facts.set(`transactional-id ${transactionalId}`, JSON.stringify(state))
  }
}
