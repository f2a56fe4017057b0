/** Topics made, grown, described and deleted, rightly and wrongly. */
import { Metadata } from '../../../server/protocol/messages/03_metadata.ts'
import { CreateTopics } from '../../../server/protocol/messages/19_create_topics.ts'
import { DeleteTopics } from '../../../server/protocol/messages/20_delete_topics.ts'
import { DeleteRecords } from '../../../server/protocol/messages/21_delete_records.ts'
import { CreatePartitions } from '../../../server/protocol/messages/37_create_partitions.ts'
import { DescribeCluster } from '../../../server/protocol/messages/60_describe_cluster.ts'
import { type StepOptions, step } from '../step.ts'

const UNKNOWN_ID = 'AAAAAAAAAAAAAAAAAAAABw'
const ZERO_ID = 'AAAAAAAAAAAAAAAAAAAAAA'

interface Wanted {
  name: string
  numPartitions?: number
  replicationFactor?: number
  assignments?: { partitionIndex: number; brokerIds: number[] }[]
  configs?: { name: string; value: string | null }[]
}

const create = (
  title: string,
  topics: Wanted[],
  o: StepOptions & { validateOnly?: boolean; timeoutMs?: number } = {},
) =>
  step(
    title,
    CreateTopics,
    {
      topics: topics.map((t) => ({ numPartitions: 1, replicationFactor: 1, assignments: [], configs: [], ...t })),
      timeoutMs: o.timeoutMs ?? 10_000,
      validateOnly: o.validateOnly ?? false,
    },
    o,
  )
const byHand = (brokerIds: number[][], first = 0) =>
  brokerIds.map((ids, i) => ({ partitionIndex: first + i, brokerIds: ids }))
const HAND = { numPartitions: -1, replicationFactor: -1 }

const grow = (
  title: string,
  topics: { name: string; count: number; assignments?: { brokerIds: number[] }[] | null }[],
  o: StepOptions & { validateOnly?: boolean } = {},
) =>
  step(
    title,
    CreatePartitions,
    {
      topics: topics.map((t) => ({ assignments: null, ...t })),
      timeoutMs: 10_000,
      validateOnly: o.validateOnly ?? false,
    },
    o,
  )

const metadata = (
  title: string,
  topics: { name: string | null; topicId?: string }[] | null,
  o: StepOptions & { create?: boolean; operations?: boolean } = {},
) =>
  step(
    title,
    Metadata,
    {
      topics,
      allowAutoTopicCreation: o.create ?? false,
      includeTopicAuthorizedOperations: o.operations ?? false,
      includeClusterAuthorizedOperations: false,
    },
    o,
  )

const deleteByName = (title: string, names: string[], o: StepOptions = {}) =>
  step(
    title,
    DeleteTopics,
    (version) =>
      version < 6
        ? { topicNames: names, timeoutMs: 10_000 }
        : { topics: names.map((name) => ({ name, topicId: ZERO_ID })), topicNames: [], timeoutMs: 10_000 },
    o,
  )

const deleteRecords = (title: string, name: string, partitions: { partitionIndex: number; offset: number }[]) =>
  step(title, DeleteRecords, { topics: [{ name, partitions }], timeoutMs: 5_000 })

export const topics = [
  create('an empty request', []),
  create('no name', [{ name: '' }]),
  create('a dot', [{ name: '.' }]),
  create('two dots', [{ name: '..' }]),
  create('a name with a space', [{ name: 'a b' }]),
  create('a name in Chinese', [{ name: '主题' }]),
  create('a name of 249 characters', [{ name: 'a'.repeat(249) }]),
  create('a name of 250 characters', [{ name: 'a'.repeat(250) }]),
  create('in order', [{ name: 'one', numPartitions: 2 }], { versions: [7] }),
  create('the same once more', [{ name: 'one' }], { versions: [2, 3, 4, 5, 6, 7] }),
  create('one that would collide', [{ name: 'col.li_sion' }]),
  create('one that collides', [{ name: 'col_li.sion' }]),
  create('two that collide with each other', [{ name: 'x.y' }, { name: 'x_y' }], {
    differs: 'Kafka makes both, and each is then one that collides',
  }),
  create('one name twice', [{ name: 'twice' }, { name: 'twice' }, { name: 'once' }]),
  create('one name twice, one of which exists', [{ name: 'one' }, { name: 'one' }]),
  create('the defaults', [{ name: 'default', ...HAND }]),
  create('no partition', [{ name: 'p0', numPartitions: 0 }]),
  create('-2 partitions', [{ name: 'p-2', numPartitions: -2 }]),
  create('10,001 partitions', [{ name: 'p10001', numPartitions: 10_001 }]),
  create('no replica', [{ name: 'r0', replicationFactor: 0 }]),
  create('-2 replicas', [{ name: 'r-2', replicationFactor: -2 }]),
  create('two replicas', [{ name: 'r2', replicationFactor: 2 }]),
  create('by hand', [{ name: 'hand', ...HAND, assignments: byHand([[1], [1], [1]]) }]),
  create('by hand, with a number of partitions', [
    { name: 'hand-n', numPartitions: 1, replicationFactor: -1, assignments: byHand([[1]]) },
  ]),
  create('by hand, with a replication factor', [
    { name: 'hand-r', numPartitions: -1, replicationFactor: 1, assignments: byHand([[1]]) },
  ]),
  create('by hand, a broker that is not there', [{ name: 'hand-9', ...HAND, assignments: byHand([[9]]) }]),
  create('by hand, a broker twice', [{ name: 'hand-11', ...HAND, assignments: byHand([[1, 1]]) }]),
  create('by hand, no broker', [{ name: 'hand-0', ...HAND, assignments: byHand([[]]) }]),
  create('by hand, not from 0', [{ name: 'hand-1', ...HAND, assignments: byHand([[1]], 1) }]),
  create('by hand, a partition twice', [
    { name: 'hand-00', ...HAND, assignments: [...byHand([[1]]), ...byHand([[1]])] },
  ]),
  create('by hand, a negative broker', [{ name: 'hand--1', ...HAND, assignments: byHand([[-1]]) }]),
  create('with configs', [
    {
      name: 'configured',
      configs: [
        { name: 'retention.ms', value: '1000' },
        { name: 'cleanup.policy', value: 'compact' },
      ],
    },
  ]),
  create('with an unknown config', [{ name: 'c-unknown', configs: [{ name: 'retention', value: '1' }] }]),
  create('with a config that cannot be', [{ name: 'c-wrong', configs: [{ name: 'retention.ms', value: 'soon' }] }]),
  create('with a config of null', [{ name: 'c-null', configs: [{ name: 'retention.ms', value: null }] }]),
  create('with a config twice', [
    {
      name: 'c-twice',
      configs: [
        { name: 'retention.ms', value: '1' },
        { name: 'retention.ms', value: '2' },
      ],
    },
  ]),
  create('validate only', [{ name: 'validated', numPartitions: 3 }, { name: 'one' }], { validateOnly: true }),
  metadata('what was validated only', [{ name: 'validated' }]),
  create('a timeout of 0', [{ name: 'in-no-time' }], {
    timeoutMs: 0,
    differs: 'Kafka refuses with REQUEST_TIMED_OUT, or not, as it happens; ours makes the topic',
  }),
  deleteByName('what is there of those', ['x_y', 'in-no-time'], { differs: 'see those' }),
  create('the metadata topic', [{ name: '__cluster_metadata' }]),
  create('an internal topic', [{ name: '__transaction_state' }]),

  grow('one more', [{ name: 'one', count: 3 }], { versions: [0, 1, 2, 3].slice(0, 1) }),
  grow('as many as there are', [{ name: 'one', count: 3 }], { versions: [0, 1, 2, 3] }),
  grow('fewer', [{ name: 'one', count: 1 }]),
  grow('none', [{ name: 'one', count: 0 }]),
  grow('a negative number', [{ name: 'one', count: -1 }]),
  grow('of a topic that is not there', [{ name: 'absent', count: 3 }]),
  grow('of a name that cannot be', [{ name: 'a b', count: 3 }]),
  grow('a topic twice', [
    { name: 'one', count: 5 },
    { name: 'one', count: 6 },
  ]),
  grow('validate only', [{ name: 'one', count: 7 }], { validateOnly: true }),
  grow('by hand', [{ name: 'one', count: 4, assignments: [{ brokerIds: [1] }] }]),
  grow('by hand, too few', [{ name: 'one', count: 6, assignments: [{ brokerIds: [1] }] }]),
  grow('by hand, an empty list', [{ name: 'one', count: 6, assignments: [] }]),
  grow('by hand, a broker that is not there', [{ name: 'one', count: 5, assignments: [{ brokerIds: [9] }] }]),
  grow('by hand, two replicas', [{ name: 'one', count: 5, assignments: [{ brokerIds: [1, 2] }] }]),
  grow('by hand, no replicas', [{ name: 'one', count: 5, assignments: [{ brokerIds: [] }] }]),
  grow('by hand, a broker twice', [{ name: 'one', count: 5, assignments: [{ brokerIds: [1, 1] }] }]),
  grow('nothing', []),

  metadata('no topics', [], { versions: [1, 5, 9, 10, 11, 12, 13] }),
  metadata('all topics', null, { versions: [1, 2, 4, 5, 7, 8, 9, 10, 11, 12, 13] }),
  metadata('an empty list in version 0', [], { versions: [0] }),
  metadata('operations', [{ name: 'one' }], { operations: true, versions: [8, 13] }),
  metadata('a topic that is not there', [{ name: 'absent' }], { versions: [0, 4, 9, 12, 13].slice(1) }),
  metadata('a name that cannot be', [{ name: 'a b' }], { versions: [4, 12, 13] }),
  metadata('an empty name', [{ name: '' }], { versions: [4, 12, 13] }),
  metadata('a topic twice', [{ name: 'one' }, { name: 'one' }]),
  metadata('an unknown id', [{ name: null, topicId: UNKNOWN_ID }], { versions: [10, 11, 12, 13] }),
  metadata('an id and a name', [{ name: 'one', topicId: UNKNOWN_ID }], { versions: [10, 12, 13] }),
  metadata('neither name nor id', [{ name: null, topicId: ZERO_ID }], { versions: [10] }),
  metadata('neither name nor id, where ids are known', [{ name: null, topicId: ZERO_ID }], {
    versions: [12, 13],
    differs: 'Kafka stumbles over it (UNKNOWN_SERVER_ERROR for all); it is a topic that nobody knows',
  }),
  metadata('by id and by name', [{ name: null, topicId: UNKNOWN_ID }, { name: 'one' }], {
    differs: 'Kafka leaves out what is asked for by name as soon as anything is by id',
  }),
  step('by id', Metadata, async (_v, side) => ({
    topics: [{ name: null, topicId: await side.topicId('one') }],
    allowAutoTopicCreation: false,
    includeTopicAuthorizedOperations: true,
  })),
  metadata('made by asking', [{ name: 'auto' }], { create: true, until: (a) => a.topics[0].errorCode === 0 }),
  metadata('made by asking, a name that cannot be', [{ name: 'a b' }], { create: true }),
  metadata('made by asking, a name that collides', [{ name: 'col_li.sion' }], { create: true }),
  metadata('made by asking, an internal topic', [{ name: '__consumer_offsets' }], {
    create: true,
    until: (a) => a.topics[0].errorCode === 0,
  }),

  step('the cluster', DescribeCluster, { includeClusterAuthorizedOperations: true }, { versions: [0, 1, 2] }),
  step('its controllers', DescribeCluster, { includeClusterAuthorizedOperations: false, endpointType: 2 }),
  step('neither brokers nor controllers', DescribeCluster, {
    includeClusterAuthorizedOperations: false,
    endpointType: 3,
  }),
  step('fenced brokers too', DescribeCluster, {
    includeClusterAuthorizedOperations: false,
    includeFencedBrokers: true,
  }),

  deleteRecords('records of an empty topic', 'one', [{ partitionIndex: 0, offset: 0 }]),
  deleteRecords('records up to the end', 'one', [{ partitionIndex: 0, offset: -1 }]),
  deleteRecords('records that are not there', 'one', [{ partitionIndex: 0, offset: 5 }]),
  deleteRecords('records before an offset that cannot be', 'one', [{ partitionIndex: 0, offset: -2 }]),
  deleteRecords('records of a partition that is not there', 'one', [{ partitionIndex: 77, offset: 0 }]),
  deleteRecords('records of a topic that is not there', 'absent', [{ partitionIndex: 0, offset: 0 }]),
  deleteRecords('records of a compacted topic', 'configured', [{ partitionIndex: 0, offset: 0 }]),
  deleteRecords('records of an internal topic', '__consumer_offsets', [{ partitionIndex: 0, offset: 0 }]),
  step('records of nothing', DeleteRecords, { topics: [], timeoutMs: 0 }),

  deleteByName('a topic that is not there', ['absent'], { versions: [1, 2, 3, 4, 5, 6] }),
  deleteByName('a name that cannot be', ['a b'], { versions: [1, 5, 6] }),
  deleteByName('one topic twice', ['one', 'one']),
  deleteByName('the metadata topic', ['__cluster_metadata']),
  deleteByName('nothing', []),
  step('an unknown id', DeleteTopics, {
    topics: [{ name: null, topicId: UNKNOWN_ID }],
    topicNames: [],
    timeoutMs: 5_000,
  }),
  step('neither name nor id', DeleteTopics, {
    topics: [{ name: null, topicId: ZERO_ID }],
    topicNames: [],
    timeoutMs: 1,
  }),
  step('a name and an id', DeleteTopics, async (_v, side) => ({
    topics: [{ name: 'one', topicId: await side.topicId('one') }],
    topicNames: [],
    timeoutMs: 5_000,
  })),
  step('by name and by id at once', DeleteTopics, async (_v, side) => ({
    topics: [
      { name: 'one', topicId: ZERO_ID },
      { name: null, topicId: await side.topicId('one') },
    ],
    topicNames: [],
    timeoutMs: 5_000,
  })),
  step('by id', DeleteTopics, async (_v, side) => ({
    topics: [{ name: null, topicId: await side.topicId('hand') }],
    topicNames: [],
    timeoutMs: 5_000,
  })),
  deleteByName('by name', ['one'], { versions: [1] }),
  metadata('what is left', null),
]
