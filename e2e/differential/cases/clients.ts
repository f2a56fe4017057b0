/** What producers, consumers and members of classic groups ask, in ways that are refused. */
import { Produce } from '../../../server/protocol/messages/00_produce.ts'
import { Fetch } from '../../../server/protocol/messages/01_fetch.ts'
import { OffsetCommit } from '../../../server/protocol/messages/08_offset_commit.ts'
import { OffsetFetch } from '../../../server/protocol/messages/09_offset_fetch.ts'
import { FindCoordinator } from '../../../server/protocol/messages/10_find_coordinator.ts'
import { JoinGroup } from '../../../server/protocol/messages/11_join_group.ts'
import { Heartbeat } from '../../../server/protocol/messages/12_heartbeat.ts'
import { LeaveGroup } from '../../../server/protocol/messages/13_leave_group.ts'
import { SyncGroup } from '../../../server/protocol/messages/14_sync_group.ts'
import { DescribeGroups } from '../../../server/protocol/messages/15_describe_groups.ts'
import { ListGroups } from '../../../server/protocol/messages/16_list_groups.ts'
import { CreateTopics } from '../../../server/protocol/messages/19_create_topics.ts'
import { InitProducerId } from '../../../server/protocol/messages/22_init_producer_id.ts'
import { OffsetForLeaderEpoch } from '../../../server/protocol/messages/23_offset_for_leader_epoch.ts'
import { DeleteGroups } from '../../../server/protocol/messages/42_delete_groups.ts'
import { buildBatch } from '../../../server/records/build_batch.ts'
import { type StepOptions, step } from '../step.ts'

const T = 'clients'
const BASE = 1_700_000_000_000
const UNKNOWN_ID = 'AAAAAAAAAAAAAAAAAAAABw'

const batch = (o: { value?: string; producerId?: number; producerEpoch?: number; baseSequence?: number } = {}) =>
  buildBatch([{ key: null, value: Buffer.from(o.value ?? 'value') }], { timestamp: BASE, ...o })
const damaged = (at: number): Buffer => {
  const bytes = batch()
  bytes[at] = bytes[at]! ^ 0xff
  return bytes
}

const produce = (
  title: string,
  records: Buffer | null,
  o: StepOptions & { topic?: string; index?: number; acks?: number } = {},
) =>
  step(
    title,
    Produce,
    {
      acks: o.acks ?? -1,
      timeoutMs: 5_000,
      topicData: [{ name: o.topic ?? T, partitionData: [{ index: o.index ?? 0, records }] }],
    },
    { versions: [12], ...o },
  )

const fetch = (
  title: string,
  o: StepOptions & {
    topic?: string
    index?: number
    offset?: number
    epoch?: number
    maxBytes?: number
    partitionMaxBytes?: number
    session?: [id: number, epoch: number]
    isolation?: number
  } = {},
) =>
  step(
    title,
    Fetch,
    {
      replicaId: -1,
      maxWaitMs: 0,
      minBytes: 0,
      maxBytes: o.maxBytes ?? 1_000_000,
      isolationLevel: o.isolation ?? 0,
      sessionId: o.session?.[0] ?? 0,
      sessionEpoch: o.session?.[1] ?? -1,
      topics: [
        {
          topic: o.topic ?? T,
          partitions: [
            {
              partition: o.index ?? 0,
              currentLeaderEpoch: o.epoch ?? -1,
              fetchOffset: o.offset ?? 0,
              lastFetchedEpoch: -1,
              logStartOffset: -1,
              partitionMaxBytes: o.partitionMaxBytes ?? 1_000_000,
            },
          ],
        },
      ],
      forgottenTopicsData: [],
    },
    { versions: [12], except: { records: 'each log has its own batches, see the tests of the format' }, ...o },
  )

const epoch = (
  title: string,
  leaderEpoch: number,
  o: { currentLeaderEpoch?: number; topic?: string; partition?: number } = {},
) =>
  step(title, OffsetForLeaderEpoch, {
    replicaId: -1,
    topics: [
      {
        topic: o.topic ?? T,
        partitions: [{ partition: o.partition ?? 0, leaderEpoch, currentLeaderEpoch: o.currentLeaderEpoch ?? -1 }],
      },
    ],
  })

export const producersAndConsumers = [
  step('a topic', CreateTopics, {
    topics: [{ name: T, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
    timeoutMs: 10_000,
    validateOnly: false,
  }),
  produce('a record', batch(), { until: (a) => a.responses[0].partitionResponses[0].errorCode === 0 }),
  produce('a record, acks=1', batch(), { acks: 1 }),
  produce('acks that are none', batch(), { acks: 2 }),
  produce('negative acks', batch(), { acks: -2 }),
  produce('nothing', Buffer.alloc(0)),
  produce('a batch with a wrong checksum', damaged(17)),
  produce('a batch with damaged contents', damaged(batch().length - 1)),
  produce('a batch that is cut', batch().subarray(0, -3)),
  produce(
    'a batch that says it is shorter',
    (() => {
      const bytes = batch()
      bytes.writeInt32BE(20, 8)
      return bytes
    })(),
  ),
  produce(
    'a batch of an unknown format',
    (() => {
      const bytes = batch()
      bytes[16] = 9
      return bytes
    })(),
  ),
  produce('two batches at once', Buffer.concat([batch(), batch()])),
  produce('a topic that is not there', batch(), { topic: 'absent' }),
  produce('a name that cannot be', batch(), { topic: 'a b' }),
  produce('a partition that is not there', batch(), { index: 9 }),
  produce('an internal topic', batch(), { topic: '__consumer_offsets' }),
  produce('a producer', batch({ producerId: 5000, producerEpoch: 0, baseSequence: 0 })),
  produce('the same again', batch({ producerId: 5000, producerEpoch: 0, baseSequence: 0 }), {
    except: { logAppendTimeMs: 'Kafka tells the time of the record, which the producer knows' },
  }),
  produce('a gap in its sequence', batch({ producerId: 5000, producerEpoch: 0, baseSequence: 7 })),
  produce('its next epoch', batch({ producerId: 5000, producerEpoch: 1, baseSequence: 0 })),
  produce('its epoch before', batch({ producerId: 5000, producerEpoch: 0, baseSequence: 1 })),
  produce('a new epoch that does not begin at 0', batch({ producerId: 5000, producerEpoch: 2, baseSequence: 3 })),
  step('no topic', Produce, { acks: -1, timeoutMs: 0, topicData: [] }, { versions: [12] }),
  step('a topic by an id that nobody has', Produce, {
    acks: -1,
    timeoutMs: 5_000,
    topicData: [{ topicId: UNKNOWN_ID, partitionData: [{ index: 0, records: batch() }] }],
  }),

  fetch('from the start'),
  fetch('from the end', { offset: 6 }),
  fetch('from beyond the end', { offset: 99 }),
  fetch('from a negative offset', { offset: -1 }),
  fetch('a topic that is not there', { topic: 'absent' }),
  fetch('a partition that is not there', { index: 9 }),
  fetch('an epoch to come', { epoch: 9 }),
  fetch('an epoch that is over', { epoch: -2 }),
  fetch('of no bytes', { maxBytes: 0 }),
  fetch('of a negative number of bytes', {
    maxBytes: -1,
    partitionMaxBytes: -1,
    differs: 'Kafka stumbles over it (UNKNOWN_SERVER_ERROR); less than nothing is nothing',
  }),
  fetch('in a session that is not there', { session: [77, 1] }),
  fetch('in a session that cannot be', { session: [-5, 3] }),
  fetch('committed', { isolation: 1 }),
  step(
    'a fetch by an id that nobody has',
    Fetch,
    {
      replicaId: -1,
      maxWaitMs: 0,
      minBytes: 0,
      maxBytes: 1_000,
      isolationLevel: 0,
      sessionId: 0,
      sessionEpoch: -1,
      topics: [{ topicId: UNKNOWN_ID, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000 }] }],
      forgottenTopicsData: [],
    },
    { versions: [13, 17] },
  ),

  epoch('the end of the epoch there is', 0),
  epoch('the end of an epoch to come', 7),
  epoch('the end of an epoch before all', -1),
  epoch('the end of an epoch, knowing of another leader', 0, { currentLeaderEpoch: 5 }),
  epoch('the end of an epoch of a topic that is not there', 0, { topic: 'absent' }),
  epoch('the end of an epoch of a partition that is not there', 0, { partition: 9 }),

  step(
    'an id for a producer',
    InitProducerId,
    { transactionalId: null, transactionTimeoutMs: 1_000 },
    { versions: [0, 1, 2, 3, 4, 5], until: (a) => a.errorCode !== 14 },
  ),
  step('a next epoch for a producer', InitProducerId, {
    transactionalId: null,
    transactionTimeoutMs: 1_000,
    producerId: 9,
    producerEpoch: 3,
  }),
]

const find = (title: string, keyType: number, coordinatorKeys: string[], o: StepOptions = {}) =>
  step(title, FindCoordinator, { keyType, coordinatorKeys }, o)
const commit = (
  title: string,
  groupId: string,
  o: StepOptions & {
    topic?: string
    index?: number
    generation?: number
    memberId?: string
    metadata?: string | null
    offset?: number
  } = {},
) =>
  step(
    title,
    OffsetCommit,
    {
      groupId,
      generationIdOrMemberEpoch: o.generation ?? -1,
      memberId: o.memberId ?? '',
      topics: [
        {
          name: o.topic ?? T,
          partitions: [
            {
              partitionIndex: o.index ?? 0,
              committedOffset: o.offset ?? 3,
              committedMetadata: o.metadata === undefined ? 'm' : o.metadata,
            },
          ],
        },
      ],
    },
    { versions: [9], ...o },
  )
const join = (
  title: string,
  groupId: string,
  o: StepOptions & {
    sessionMs?: number
    memberId?: string
    type?: string
    protocols?: string[]
    instance?: string
  } = {},
) =>
  step(
    title,
    JoinGroup,
    {
      groupId,
      sessionTimeoutMs: o.sessionMs ?? 30_000,
      rebalanceTimeoutMs: 30_000,
      memberId: o.memberId ?? '',
      groupInstanceId: o.instance ?? null,
      protocolType: o.type ?? 'consumer',
      protocols: (o.protocols ?? ['range']).map((name) => ({ name, metadata: Buffer.alloc(4) })),
      reason: null,
    },
    { except: { memberId: 'a name that the broker makes', leader: 'a name that the broker makes' }, ...o },
  )

export const classicGroups = [
  find('the coordinator of a group', 0, ['g1'], { until: (a) => a.coordinators[0].errorCode === 0 }),
  find('the coordinators of two groups', 0, ['g1', 'g2']),
  find('the coordinator of a group without a name', 0, ['']),
  find('the coordinator of what is neither', 9, ['g1']),
  find('the coordinator of nothing', 0, []),
  step('the coordinator, older', FindCoordinator, { key: 'g1', keyType: 0 }, { versions: [0, 1, 2, 3] }),

  commit('a commit', 'g1', { until: (a) => a.topics[0].partitions[0].errorCode === 0, versions: [2, 5, 6, 7, 8, 9] }),
  commit('a commit of a group without a name', '', {
    until: (a) => ![14, 15, 16].includes(a.topics[0].partitions[0].errorCode),
  }),
  commit('a commit without metadata', 'g1', { metadata: null }),
  commit('a commit with too much metadata', 'g1', { metadata: 'x'.repeat(5_000) }),
  commit('a commit for a topic that is not there', 'g1', { topic: 'absent' }),
  commit('a commit for a partition that is not there', 'g1', { index: 9 }),
  commit('a commit of a generation where there is none', 'g1', { generation: 5 }),
  commit('a commit of a member where there is none', 'g1', { memberId: 'nobody' }),
  commit('a commit of a member and a generation where there is no group', 'g-new', {
    memberId: 'nobody',
    generation: 1,
  }),
  commit('a negative offset', 'g1', { offset: -7 }),
  step('a commit for nothing', OffsetCommit, { groupId: 'g1', topics: [] }, { versions: [9] }),
  step('the offsets of a group', OffsetFetch, { groupId: 'g1', topics: null }, { versions: [2, 5, 7] }),
  step(
    'the offsets of groups',
    OffsetFetch,
    {
      groups: [
        { groupId: 'g1', memberId: null, memberEpoch: -1, topics: null },
        { groupId: 'g-absent', memberId: null, memberEpoch: -1, topics: null },
        { groupId: '', memberId: null, memberEpoch: -1, topics: null },
      ],
      requireStable: true,
    },
    { versions: [8, 9] },
  ),
  step(
    'some offsets of a group',
    OffsetFetch,
    {
      groups: [
        {
          groupId: 'g1',
          memberId: null,
          memberEpoch: -1,
          topics: [
            { name: T, partitionIndexes: [0, 9] },
            { name: 'absent', partitionIndexes: [0] },
          ],
        },
      ],
    },
    { versions: [8, 9] },
  ),
  step('offsets of no group', OffsetFetch, { groups: [] }, { versions: [9] }),
  step(
    'offsets as a member that is not there',
    OffsetFetch,
    {
      groups: [{ groupId: 'g1', memberId: 'nobody', memberEpoch: 3, topics: null }],
    },
    { versions: [9] },
  ),

  join('a member of a group without a name', ''),
  join('a member with too short a session', 'g2', { sessionMs: 1 }),
  join('a member with too long a session', 'g2', { sessionMs: 2_000_000_000 }),
  join('a member that nobody knows', 'g2', { memberId: 'nobody' }),
  join('a member without protocols', 'g2', { protocols: [] }),
  join('a member without a type', 'g2', { type: '' }),
  join('a member that must come again with its id', 'g2'),
  join('a static member', 'g3', { instance: 'i', versions: [9] }),
  join('a static member of another type', 'g3', { instance: 'j', type: 'other' }),
  join('a static member with other protocols', 'g3', { instance: 'j', protocols: ['other'] }),
  join('a static member with an id that is not its own', 'g3', { instance: 'i', memberId: 'nobody' }),
  step('an assignment for a member that is not there', SyncGroup, {
    groupId: 'g3',
    generationId: 1,
    memberId: 'nobody',
    groupInstanceId: null,
    protocolType: 'consumer',
    protocolName: 'range',
    assignments: [],
  }),
  step('an assignment for a static member that it is not', SyncGroup, {
    groupId: 'g3',
    generationId: 1,
    memberId: 'nobody',
    groupInstanceId: 'i',
    protocolType: 'consumer',
    protocolName: 'range',
    assignments: [],
  }),
  step('an assignment in a group that is not there', SyncGroup, {
    groupId: 'g-absent',
    generationId: 1,
    memberId: 'x',
    groupInstanceId: null,
    assignments: [],
  }),
  step('an assignment in a group without a name', SyncGroup, {
    groupId: '',
    generationId: 1,
    memberId: 'x',
    groupInstanceId: null,
    assignments: [],
  }),
  step(
    'a heartbeat of a member that is not there',
    Heartbeat,
    { groupId: 'g3', generationId: 1, memberId: 'nobody', groupInstanceId: null },
    { versions: [0, 4] },
  ),
  step('a heartbeat of a static member that it is not', Heartbeat, {
    groupId: 'g3',
    generationId: 1,
    memberId: 'nobody',
    groupInstanceId: 'i',
  }),
  step('a heartbeat in a group that is not there', Heartbeat, {
    groupId: 'g-absent',
    generationId: 1,
    memberId: 'x',
    groupInstanceId: null,
  }),
  step('a heartbeat in a group without a name', Heartbeat, {
    groupId: '',
    generationId: 1,
    memberId: 'x',
    groupInstanceId: null,
  }),
  step('a leave of members that are not there', LeaveGroup, {
    groupId: 'g3',
    members: [
      { memberId: 'nobody', groupInstanceId: null, reason: null },
      { memberId: '', groupInstanceId: 'k', reason: null },
      { memberId: 'nobody', groupInstanceId: 'i', reason: null },
    ],
  }),
  step('a leave of nobody', LeaveGroup, { groupId: 'g3', members: [] }),
  step(
    'a leave of a group that is not there',
    LeaveGroup,
    { groupId: 'g-absent', members: [{ memberId: 'x', groupInstanceId: null, reason: null }] },
    { versions: [5] },
  ),
  step('a leave of a group without a name', LeaveGroup, {
    groupId: '',
    members: [{ memberId: 'x', groupInstanceId: null, reason: null }],
  }),
  step('a leave, older', LeaveGroup, { groupId: 'g3', memberId: 'nobody' }, { versions: [0, 2] }),
  step(
    'groups described',
    DescribeGroups,
    { groups: ['g1', 'g-absent', ''], includeAuthorizedOperations: true },
    { versions: [0, 3, 5, 6] },
  ),
  step(
    'a group described twice',
    DescribeGroups,
    { groups: ['g1', 'g1'] },
    {
      differs: 'what is asked for twice is described once: an answer may be a thousand times as long as the question',
    },
  ),
  step(
    'a group with a member',
    DescribeGroups,
    { groups: ['g3'] },
    { except: { memberId: 'a name that the broker makes', clientHost: 'where from' } },
  ),
  step('no group described', DescribeGroups, { groups: [] }),
  step(
    'groups of a state',
    ListGroups,
    { statesFilter: ['empty'], typesFilter: ['classic'] },
    { except: { groups: 'other tables have groups too' } },
  ),
  step('groups of a state that is none', ListGroups, { statesFilter: ['Nowhere'], typesFilter: [] }),
  step('groups of a type that is none', ListGroups, { statesFilter: [], typesFilter: ['nothing'] }),
  step('groups deleted', DeleteGroups, { groupsNames: ['g1', 'g3', 'g-absent', ''] }, { versions: [2] }),
  step('a group deleted twice', DeleteGroups, { groupsNames: ['g2', 'g2'] }),
  step('no group deleted', DeleteGroups, { groupsNames: [] }),
]
