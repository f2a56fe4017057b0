/** Groups of the consumer protocol (KIP-848): members come, share, leave, are fenced; classic members among them; offsets. */
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
import { DeleteTopics } from '../../../server/protocol/messages/20_delete_topics.ts'
import { CreatePartitions } from '../../../server/protocol/messages/37_create_partitions.ts'
import { DeleteGroups } from '../../../server/protocol/messages/42_delete_groups.ts'
import { IncrementalAlterConfigs } from '../../../server/protocol/messages/44_incremental_alter_configs.ts'
import { OffsetDelete } from '../../../server/protocol/messages/47_offset_delete.ts'
import { UpdateFeatures } from '../../../server/protocol/messages/57_update_features.ts'
import { ConsumerGroupHeartbeat } from '../../../server/protocol/messages/68_consumer_group_heartbeat.ts'
import { ConsumerGroupDescribe } from '../../../server/protocol/messages/69_consumer_group_describe.ts'
import { type Input, ZERO_UUID } from '../../../server/protocol/schema.ts'
import { type Side, type Step, type StepOptions, step } from '../step.ts'

const TOPIC = 'cg-t'
const OTHER = 'cg-u'

const create = (name: string, numPartitions: number) =>
  step(`a topic ${name}`, CreateTopics, {
    topics: [{ name, numPartitions, replicationFactor: 1, assignments: [], configs: [] }],
    timeoutMs: 10_000,
    validateOnly: false,
  })

/** Each change is answered with a new assignment at once, so that what comes of it does not hang on the clock. */
const begin = (group: string) => [
  step(
    `the coordinator of ${group}`,
    FindCoordinator,
    { keyType: 0, coordinatorKeys: [group] },
    { versions: [4], until: (a) => a.coordinators[0].errorCode === 0 },
  ),
  step(`no waiting between assignments of ${group}`, IncrementalAlterConfigs, {
    resources: [
      {
        resourceType: 32,
        resourceName: group,
        configs: [{ name: 'consumer.assignment.interval.ms', configOperation: 0, value: '0' }],
      },
    ],
    validateOnly: false,
  }),
]

/** By topic. */
type Owned = Record<string, number[]>
type Beat = Partial<Omit<Input<typeof ConsumerGroupHeartbeat.request>, 'topicPartitions'>> & { owned?: Owned | null }

const named = async (side: Side, owned: Owned) => {
  const topicPartitions = []
  for (const [topic, partitions] of Object.entries(owned)) {
    topicPartitions.push({ topicId: await side.topicId(topic), partitions })
  }
  return topicPartitions
}

/** `a` in epoch 3, say; what is not said is as in a heartbeat that has nothing to say. */
const beat = (
  title: string,
  groupId: string,
  memberId: string,
  memberEpoch: number,
  b: Beat = {},
  o: StepOptions = {},
) =>
  step(
    title,
    ConsumerGroupHeartbeat,
    async (_, side) => {
      const { owned = null, ...rest } = b
      return { groupId, memberId, memberEpoch, ...rest, topicPartitions: owned && (await named(side, owned)) }
    },
    { versions: [1], ...NOT_LOADED, ...o },
  )
const NOT_LOADED: StepOptions = { until: (a) => ![14, 15, 16].includes(a.errorCode) }

const join = (title: string, groupId: string, memberId: string, b: Beat = {}, o: StepOptions = {}) =>
  beat(title, groupId, memberId, 0, { rebalanceTimeoutMs: 60_000, subscribedTopicNames: [TOPIC], owned: {}, ...b }, o)

const describe = (groupId: string, o: StepOptions = {}) =>
  step(`what ${groupId} is now`, ConsumerGroupDescribe, { groupIds: [groupId], includeAuthorizedOperations: true }, o)

const list = (title: string, filters: { typesFilter?: string[]; statesFilter?: string[] }, only: string) =>
  step(
    title,
    ListGroups,
    { statesFilter: [], typesFilter: [], ...filters },
    {
      versions: [5],
      until: (a) => a.groups.some((g: any) => g.groupId === only),
      except: {},
    },
  )

const commit = (title: string, groupId: string, memberId: string, epoch: number, partition: number, versions = [9]) =>
  step(
    title,
    OffsetCommit,
    async (version, side) => ({
      groupId,
      generationIdOrMemberEpoch: epoch,
      memberId,
      topics: [
        {
          name: version < 10 ? TOPIC : '',
          ...(version >= 10 && { topicId: await side.topicId(TOPIC) }),
          partitions: [{ partitionIndex: partition, committedOffset: 7, committedMetadata: '' }],
        },
      ],
    }),
    { versions },
  )

const fetch = (
  title: string,
  groupId: string,
  memberId: string | null,
  memberEpoch: number,
  versions = [9],
  o: StepOptions = {},
) =>
  step(
    title,
    OffsetFetch,
    async (version, side) => ({
      groups: [
        {
          groupId,
          memberId,
          memberEpoch,
          topics: [
            {
              name: version < 10 ? TOPIC : '',
              ...(version >= 10 && { topicId: await side.topicId(TOPIC) }),
              partitionIndexes: [0, 1],
            },
          ],
        },
      ],
      requireStable: false,
    }),
    { versions, ...o },
  )

const topicGrows = (name: string, count: number) =>
  step(`${name} grows`, CreatePartitions, {
    topics: [{ name, count, assignments: null }],
    timeoutMs: 10_000,
    validateOnly: false,
  })

/** A coordinator may hear of a new topic a moment later than others: asked until it knows. */
const known = (topics: string[]) => [
  join(
    `the coordinator knows ${topics}`,
    'cg-known',
    'x',
    { subscribedTopicNames: topics },
    {
      until: (a) => a.assignment?.topicPartitions.length === topics.length,
      except: { memberEpoch: 'how often that was asked' },
    },
  ),
]

const G = 'cg-share'
const wrong: Step[] = [
  join('a member without an id', 'cg-wrong', ''),
  join('a group without a name', '', 'a'),
  join('an instance without a name', 'cg-wrong', 'a', { instanceId: '' }),
  join('a rack without a name', 'cg-wrong', 'a', { rackId: '' }),
  join('no rebalance timeout', 'cg-wrong', 'a', { rebalanceTimeoutMs: -1 }),
  join('it owns what it cannot', 'cg-wrong', 'a', { owned: { [TOPIC]: [0] } }),
  join('it does not say what it owns', 'cg-wrong', 'a', { owned: null }),
  join('it does not say what it reads', 'cg-wrong', 'a', { subscribedTopicNames: null }),
  join('an assignor that is not there', 'cg-wrong', 'a', { serverAssignor: 'none' }),
  join('a regular expression that is none', 'cg-wrong', 'a', { subscribedTopicNames: null, subscribedTopicRegex: '[' }),
  join('a regular expression that only backtracking can match', 'cg-wrong', 'a', {
    subscribedTopicNames: null,
    subscribedTopicRegex: '(a)\\1',
  }),
  beat('an epoch that is none', 'cg-wrong', 'a', -3),
  beat('a leaver without an instance', 'cg-wrong', 'a', -2),
  beat('a group that is not there', 'cg-absent', 'a', 1),
  beat('leaving a group that is not there', 'cg-absent', 'a', -1),
  beat('a static one leaving a group that is not there', 'cg-absent', 'a', -2, { instanceId: 'i' }),
  describe('cg-absent'),
]

const sharing: Step[] = [
  join('the first member', G, 'a'),
  describe(G),
  beat('it has nothing to say', G, 'a', 2),
  beat('it says what it owns', G, 'a', 2, { owned: { [TOPIC]: [0, 1, 2, 3] } }),
  beat('it says all', G, 'a', 2, {
    rebalanceTimeoutMs: 60_000,
    subscribedTopicNames: [TOPIC],
    owned: { [TOPIC]: [0, 1, 2, 3] },
  }),
  join('a second member', G, 'b'),
  describe(G),
  beat('the second waits', G, 'b', 3),
  beat('the first hears', G, 'a', 2),
  describe(G),
  beat('the first still owns all', G, 'a', 2, { owned: { [TOPIC]: [0, 1, 2, 3] } }),
  beat('the first has given up', G, 'a', 2, { owned: { [TOPIC]: [0, 1] } }),
  describe(G),
  beat('the second gets its share', G, 'b', 3),
  describe(G),
  beat('the answer was lost: the epoch before, owning what it may', G, 'a', 2, { owned: { [TOPIC]: [0] } }),
  beat('the epoch before, owning what it may not', G, 'a', 2, { owned: { [TOPIC]: [0, 3] } }),
  beat('the epoch before, not saying what it owns', G, 'a', 2),
  beat('an epoch that is to come', G, 'a', 10),
  beat('a member that is not there', G, 'x', 3),
  commit('a commit', G, 'a', 3, 0, [9, 10]),
  commit('a commit in a version that knows no member epochs', G, 'a', 3, 0, [8]),
  commit('a commit of the epoch before, of what it has had since', G, 'a', 2, 0),
  commit('a commit of an epoch in which it was not its own', G, 'b', 2, 3),
  commit('a commit of the epoch before, of what is not its own', G, 'a', 2, 3),
  commit('a commit of an epoch to come', G, 'a', 4, 0),
  commit('a commit of nobody', G, '', -1, 0),
  commit('a commit of a member that is not there', G, 'x', 3, 0),
  fetch('what was committed', G, 'a', 3, [9, 10]),
  fetch('what was committed, as an administrator', G, null, -1),
  fetch('what was committed, in an old epoch', G, 'a', 2),
  fetch('what was committed, for a member that is not there', G, 'x', 2),
  fetch('what was committed, without a member but with an epoch', G, null, 2, [9], {
    differs: 'Kafka fails over the missing id and calls it its own fault',
  }),
  step('offsets of what it reads taken away', OffsetDelete, {
    groupId: G,
    topics: [{ name: TOPIC, partitions: [{ partitionIndex: 0 }] }],
  }),
  step('described as a classic group', DescribeGroups, { groups: [G] }, { versions: [5, 6] }),
  step('deleted while it lives', DeleteGroups, { groupsNames: [G] }),
  beat('the first reads something else', G, 'a', 3, { subscribedTopicNames: [OTHER], owned: { [TOPIC]: [0, 1] } }),
  describe(G),
  beat('the first has given up all', G, 'a', 3, { owned: {} }),
  beat('the second gets what the first had', G, 'b', 3, { owned: { [TOPIC]: [2, 3] } }),
  describe(G),
  topicGrows(TOPIC, 6),
  beat('the second hears of new partitions', G, 'b', 4, {}, { until: (a) => a.assignment !== null }),
  describe(G),
  beat('the first leaves', G, 'a', -1),
  beat('the first leaves again', G, 'a', -1),
  describe(G),
  beat('the second joins again', G, 'b', 0, { rebalanceTimeoutMs: 60_000, subscribedTopicNames: [TOPIC], owned: {} }),
  step(
    'the second leaves as a classic one does',
    LeaveGroup,
    { groupId: G, members: [{ memberId: 'b' }] },
    { versions: [5] },
  ),
  describe(G),
  beat('a heartbeat to nobody', G, 'b', 6),
  commit('an administrator commits', G, '', -1, 0),
  list('groups that are empty', { statesFilter: ['Empty'], typesFilter: ['consumer'] }, G),
  step('deleted', DeleteGroups, { groupsNames: [G] }),
  describe(G),
]

const S = 'cg-static'
const one = { instanceId: 'one' }
const statics: Step[] = [
  join('a static member', S, 'a', one),
  join('another of the same instance', S, 'b', one),
  beat('it leaves for a while', S, 'a', -2, one),
  describe(S),
  join('its successor', S, 'b', one),
  describe(S),
  beat('who was before', S, 'a', 2, one),
  beat('who was before, leaving', S, 'a', -1, one),
  beat('an instance that is not there', S, 'a', 2, { instanceId: 'two' }),
  join('another instance', S, 'c', { instanceId: 'two' }),
  beat('the first gives up', S, 'b', 2, { ...one, owned: { [TOPIC]: [0, 1, 2, 3, 4, 5] } }),
  beat('the first leaves for a while, with something to give up', S, 'b', -2, one),
  describe(S),
  beat('the other gets what is free', S, 'c', 3, { instanceId: 'two' }),
  describe(S),
  beat('the other leaves for good', S, 'c', -1, { instanceId: 'two' }),
  step(
    'an administrator takes the first out',
    LeaveGroup,
    {
      groupId: S,
      members: [
        { memberId: '', groupInstanceId: 'one' },
        { memberId: '', groupInstanceId: 'x' },
      ],
    },
    { versions: [5] },
  ),
  describe(S),
]

const subscription = Buffer.concat([
  Buffer.from([0, 1, 0, 0, 0, 1, 0, TOPIC.length]),
  Buffer.from(TOPIC),
  Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
])
const C = 'cg-moves'
const classicJoin = (title: string, instance: string | null, o: StepOptions = {}, memberId = '') =>
  step(
    title,
    JoinGroup,
    {
      groupId: C,
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 60_000,
      memberId,
      groupInstanceId: instance,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: subscription }],
    },
    {
      versions: [9],
      except: { memberId: 'a name that the broker makes', leader: 'a name that the broker makes' },
      ...o,
    },
  )
const moving: Step[] = [
  join('a member of the consumer protocol', C, 'a'),
  classicJoin('a classic one asks for an id', null),
  classicJoin('a classic one with an id', null, {}, 'classic'),
  describe(C, { versions: [0, 1] }),
  step(
    'what it owns',
    SyncGroup,
    {
      groupId: C,
      generationId: 3,
      memberId: 'classic',
      protocolType: 'consumer',
      protocolName: 'range',
      assignments: [],
    },
    { versions: [5] },
  ),
  step(
    'what it owns, with another protocol',
    SyncGroup,
    {
      groupId: C,
      generationId: 3,
      memberId: 'classic',
      protocolType: 'consumer',
      protocolName: 'sticky',
      assignments: [],
    },
    { versions: [5] },
  ),
  step('its heartbeat', Heartbeat, { groupId: C, generationId: 3, memberId: 'classic' }),
  step('its heartbeat in another generation', Heartbeat, { groupId: C, generationId: 2, memberId: 'classic' }),
  step('the heartbeat of one who speaks the other protocol', Heartbeat, { groupId: C, generationId: 2, memberId: 'a' }),
  beat('the first gives up', C, 'a', 2, { owned: { [TOPIC]: [0, 1, 2, 3, 4, 5] } }),
  beat('the first has given up', C, 'a', 2, { owned: { [TOPIC]: [0, 1, 2] } }),
  step('the classic one is told to join again', Heartbeat, { groupId: C, generationId: 3, memberId: 'classic' }),
  classicJoin('the classic one joins again', null, {}, 'classic'),
  step(
    'what it owns now',
    SyncGroup,
    {
      groupId: C,
      generationId: 3,
      memberId: 'classic',
      protocolType: 'consumer',
      protocolName: 'range',
      assignments: [],
    },
    { versions: [5] },
  ),
  describe(C),
  commit('the classic one commits', C, 'classic', 3, 3, [8, 9]),
  commit('the classic one commits in another generation', C, 'classic', 4, 3),
  step(
    'a classic one of another kind',
    JoinGroup,
    {
      groupId: C,
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 60_000,
      memberId: 'other',
      protocolType: 'connect',
      protocols: [{ name: 'range', metadata: subscription }],
    },
    { versions: [9] },
  ),
  step(
    'a classic one without a protocol in common',
    JoinGroup,
    {
      groupId: C,
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 60_000,
      memberId: 'other',
      protocolType: 'consumer',
      protocols: [{ name: 'sticky', metadata: subscription }],
    },
    { versions: [9] },
  ),
  beat('the last member of the consumer protocol leaves', C, 'a', -1),
  step(
    'the group is a classic one',
    DescribeGroups,
    { groups: [C] },
    {
      except: { clientHost: 'the same machine' },
    },
  ),
  describe(C),
  step('its heartbeat in the classic group', Heartbeat, { groupId: C, generationId: 4, memberId: 'classic' }),
  classicJoin('it joins the classic group', null, {}, 'classic'),
  step(
    'it assigns',
    SyncGroup,
    {
      groupId: C,
      generationId: 5,
      memberId: 'classic',
      protocolType: 'consumer',
      protocolName: 'range',
      assignments: [
        {
          memberId: 'classic',
          assignment: Buffer.concat([
            Buffer.from([0, 1, 0, 0, 0, 1, 0, TOPIC.length]),
            Buffer.from(TOPIC),
            Buffer.from([0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff]),
          ]),
        },
      ],
    },
    { versions: [5] },
  ),
  join('a member of the consumer protocol comes again', C, 'b'),
  describe(C),
  step('the classic one is told to join', Heartbeat, { groupId: C, generationId: 5, memberId: 'classic' }),
  step('the classic one leaves', LeaveGroup, { groupId: C, members: [{ memberId: 'classic' }] }, { versions: [5] }),
  beat('the other leaves', C, 'b', -1),
  classicJoin('a classic one joins the empty group', 'static'),
  step(
    'the group is a classic one again',
    DescribeGroups,
    { groups: [C] },
    {
      except: { memberId: 'a name that the broker makes' },
    },
  ),
  join(
    'a member of the consumer protocol, while the classic ones rebalance',
    C,
    'c',
    {},
    { except: { partitions: 'of equals, Kafka serves them in the order of a hash table' } },
  ),
]

const R = 'cg-regex'
const resolved: StepOptions = { until: (a) => a.assignment !== null && a.assignment.topicPartitions.length > 0 }
const regexes: Step[] = [
  create('cg-regex-a', 2),
  create('cg-regex-b', 2),
  ...known(['cg-regex-a', 'cg-regex-b']),
  join(
    'a member that reads by a regular expression',
    R,
    'a',
    {
      subscribedTopicNames: null,
      subscribedTopicRegex: 'cg-regex-.*',
    },
    {
      except: { memberEpoch: 'Kafka matches it after the answer, we before', assignment: 'the same' },
    },
  ),
  join(
    'the same again',
    R,
    'a',
    { subscribedTopicNames: null, subscribedTopicRegex: 'cg-regex-.*' },
    {
      ...resolved,
      except: { memberEpoch: 'Kafka matches it after the answer, we before' },
    },
  ),
  join(
    'it reads topics by name as well',
    R,
    'a',
    { subscribedTopicNames: [OTHER], subscribedTopicRegex: 'cg-regex-b' },
    {
      until: (a) => a.assignment?.topicPartitions.length === 2,
      except: { memberEpoch: 'Kafka matches it after the answer, we before' },
    },
  ),
]

const UNORDERED: StepOptions = { except: { subscribedTopicNames: 'Kafka keeps them in a hash table' } }
const ranges: Step[] = [
  create('cg-range-a', 3),
  create('cg-range-b', 3),
  ...known(['cg-range-a', 'cg-range-b']),
  ...['a', 'b'].flatMap((id) => [
    join(`${id} comes, with the assignor range`, 'cg-range', id, {
      subscribedTopicNames: ['cg-range-a', 'cg-range-b'],
      serverAssignor: 'range',
    }),
  ]),
  beat('the first gives up', 'cg-range', 'a', 2, {
    owned: { 'cg-range-a': [0, 1], 'cg-range-b': [0, 1] },
  }),
  beat('the second has what it gave up', 'cg-range', 'b', 3),
  describe('cg-range', UNORDERED),
  join('a third that reads one of them', 'cg-range', 'c', { subscribedTopicNames: ['cg-range-b'] }),
  describe('cg-range', UNORDERED),
  step('a topic goes', DeleteTopics, { topics: [{ name: 'cg-range-a', topicId: ZERO_UUID }], timeoutMs: 10_000 }),
  beat('the third hears', 'cg-range', 'c', 4, {}, { until: (a) => a.memberEpoch === 5 }),
  describe('cg-range', UNORDERED),
]

const switchedTo = (maxVersionLevel: number, title: string) =>
  step(title, UpdateFeatures, {
    featureUpdates: [{ feature: 'group.version', maxVersionLevel, upgradeType: maxVersionLevel === 0 ? 2 : 1 }],
    timeoutMs: 10_000,
    validateOnly: false,
  })
const off: Step[] = [
  switchedTo(0, 'the protocol is switched off'),
  join('a member comes', 'cg-off', 'a', {}, { until: (a) => a.errorCode === 35 }),
  describe('cg-off'),
  switchedTo(1, 'the protocol is switched on'),
  join('a member comes again', 'cg-off', 'a', {}, { until: (a) => a.errorCode === 0 }),
]

export const consumerGroups: Step[] = [
  create(TOPIC, 4),
  create(OTHER, 1),
  ...begin('cg-known'),
  ...known([TOPIC, OTHER]),
  ...[G, S, C, R, 'cg-range'].flatMap(begin),
  ...wrong,
  ...sharing,
  ...statics,
  ...moving,
  ...regexes,
  ...ranges,
  ...off,
]
