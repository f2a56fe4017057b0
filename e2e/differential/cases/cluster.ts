/** What is asked of the controller beside topics: the quorum, features, brokers, leaders and moves. */

import { ApiVersions } from '../../../server/protocol/messages/18_api_versions.ts'
import { CreateTopics } from '../../../server/protocol/messages/19_create_topics.ts'
import { ElectLeaders } from '../../../server/protocol/messages/43_elect_leaders.ts'
import { AlterPartitionReassignments } from '../../../server/protocol/messages/45_alter_partition_reassignments.ts'
import { ListPartitionReassignments } from '../../../server/protocol/messages/46_list_partition_reassignments.ts'
import { DescribeQuorum } from '../../../server/protocol/messages/55_describe_quorum.ts'
import { UpdateFeatures } from '../../../server/protocol/messages/57_update_features.ts'
import { UnregisterBroker } from '../../../server/protocol/messages/64_unregister_broker.ts'
import { AddRaftVoter } from '../../../server/protocol/messages/80_add_raft_voter.ts'
import { RemoveRaftVoter } from '../../../server/protocol/messages/81_remove_raft_voter.ts'
import { type StepOptions, step } from '../step.ts'

const DIRECTORY = 'AAAAAAAAAAAAAAAAAAAABw'
const UNKNOWN = 'AAAAAAAAAAAAAAAAAAAACA'

const partitions = (...indexes: number[]) => indexes.map((partitionIndex) => ({ partitionIndex }))
const METADATA = '__cluster_metadata'

/** Positions in the metadata log and moments: each log has its own. */
const LOG = {
  highWatermark: 'each metadata log has its own length',
  logEndOffset: 'each metadata log has its own length',
  lastFetchTimestamp: 'a moment',
  lastCaughtUpTimestamp: 'a moment',
  leaderEpoch: 'counts the elections, which take Kafka more than one',
  nodes: 'the controller of Weir has no listener to be told',
}

export const quorum = [
  step(
    'the quorum',
    DescribeQuorum,
    { topics: [{ topicName: METADATA, partitions: partitions(0) }] },
    {
      versions: [0, 1, 2],
      except: LOG,
    },
  ),
  step(
    'another partition',
    DescribeQuorum,
    { topics: [{ topicName: METADATA, partitions: partitions(1) }] },
    { versions: [0, 2] },
  ),
  step('two partitions', DescribeQuorum, { topics: [{ topicName: METADATA, partitions: partitions(0, 1) }] }),
  step('another topic', DescribeQuorum, { topics: [{ topicName: 'other', partitions: partitions(0) }] }),
  step('two topics', DescribeQuorum, {
    topics: [
      { topicName: METADATA, partitions: partitions(0) },
      { topicName: 'other', partitions: partitions(0) },
    ],
  }),
  step('no topic', DescribeQuorum, { topics: [] }),
  step('no partition', DescribeQuorum, { topics: [{ topicName: METADATA, partitions: [] }] }),

  step(
    'a new voter',
    AddRaftVoter,
    (v) => ({
      clusterId: null,
      timeoutMs: 1_000,
      voterId: 2,
      voterDirectoryId: DIRECTORY,
      listeners: [{ name: 'CONTROLLER', host: 'localhost', port: 1 }],
      ...(v > 0 && { ackWhenCommitted: false }),
    }),
    { versions: [0, 1] },
  ),
  step('a new voter of another cluster', AddRaftVoter, {
    clusterId: 'other',
    timeoutMs: 1_000,
    voterId: 2,
    voterDirectoryId: DIRECTORY,
    listeners: [{ name: 'CONTROLLER', host: 'localhost', port: 1 }],
  }),
  step('a new voter without a listener', AddRaftVoter, {
    clusterId: null,
    timeoutMs: 1_000,
    voterId: 2,
    voterDirectoryId: DIRECTORY,
    listeners: [],
  }),
  step('a new voter with a negative id', AddRaftVoter, {
    clusterId: null,
    timeoutMs: 1_000,
    voterId: -1,
    voterDirectoryId: DIRECTORY,
    listeners: [],
  }),
  step('the voter there is', AddRaftVoter, {
    clusterId: null,
    timeoutMs: 1_000,
    voterId: 1,
    voterDirectoryId: DIRECTORY,
    listeners: [{ name: 'CONTROLLER', host: 'localhost', port: 1 }],
  }),
  step('a voter less', RemoveRaftVoter, { clusterId: null, voterId: 2, voterDirectoryId: DIRECTORY }),
  step('no voter left', RemoveRaftVoter, { clusterId: null, voterId: 1, voterDirectoryId: DIRECTORY }),
  step('a voter less of another cluster', RemoveRaftVoter, {
    clusterId: 'other',
    voterId: 1,
    voterDirectoryId: UNKNOWN,
  }),
  step('a voter less with a negative id', RemoveRaftVoter, { clusterId: null, voterId: -1, voterDirectoryId: UNKNOWN }),

  step('a broker that is not there', UnregisterBroker, { brokerId: 7 }),
  step('a broker with a negative id', UnregisterBroker, { brokerId: -1 }),
]

const elect = (
  title: string,
  topicPartitions: { topic: string; partitions: number[] }[] | null,
  o: StepOptions & { type?: number } = {},
) => step(title, ElectLeaders, { topicPartitions, timeoutMs: 5_000, electionType: o.type ?? 0 }, o)

const move = (
  title: string,
  topics: { name: string; partitions: { partitionIndex: number; replicas: number[] | null }[] }[],
  o: StepOptions & { grow?: boolean } = {},
) =>
  step(
    title,
    AlterPartitionReassignments,
    { topics, timeoutMs: 5_000, ...(o.grow === undefined ? {} : { allowReplicationFactorChange: o.grow }) },
    o,
  )

export const leaders = [
  step('a topic to work on', CreateTopics, {
    topics: [{ name: 'led', numPartitions: 3, replicationFactor: 1, assignments: [], configs: [] }],
    timeoutMs: 10_000,
    validateOnly: false,
  }),
  elect('the preferred leader', [{ topic: 'led', partitions: [0] }], { versions: [1, 2] }),
  step(
    'the preferred leader, first version',
    ElectLeaders,
    { topicPartitions: [{ topic: 'led', partitions: [0, 1] }], timeoutMs: 5_000 },
    { versions: [0] },
  ),
  elect('any leader', [{ topic: 'led', partitions: [0, 2] }], { type: 1 }),
  elect('a leader of a kind that is none', [{ topic: 'led', partitions: [0] }], { type: 2 }),
  elect('preferred leaders of all', null, { versions: [1, 2] }),
  elect('any leaders of all', null, { type: 1 }),
  elect('of nothing', []),
  elect('of a topic without partitions', [{ topic: 'led', partitions: [] }]),
  elect('of a partition that is not there', [{ topic: 'led', partitions: [9, -1] }]),
  elect('of a topic that is not there', [{ topic: 'absent', partitions: [0] }]),
  elect('of a partition twice', [{ topic: 'led', partitions: [1, 1] }]),
  elect('of a topic twice', [
    { topic: 'led', partitions: [0] },
    { topic: 'led', partitions: [0] },
  ]),

  move('to where it is', [{ name: 'led', partitions: [{ partitionIndex: 0, replicas: [1] }] }], { versions: [0, 1] }),
  move('to a broker that is not there', [{ name: 'led', partitions: [{ partitionIndex: 0, replicas: [9] }] }]),
  move('to a second broker that is not there', [
    { name: 'led', partitions: [{ partitionIndex: 0, replicas: [1, 9] }] },
  ]),
  move('to one broker twice', [{ name: 'led', partitions: [{ partitionIndex: 0, replicas: [1, 1] }] }]),
  move('to a negative broker', [{ name: 'led', partitions: [{ partitionIndex: 0, replicas: [-1] }] }]),
  move('to nowhere', [{ name: 'led', partitions: [{ partitionIndex: 0, replicas: [] }] }]),
  move('without another number of replicas', [{ name: 'led', partitions: [{ partitionIndex: 0, replicas: [1, 9] }] }], {
    grow: false,
  }),
  move(
    'where it is without another number of replicas',
    [{ name: 'led', partitions: [{ partitionIndex: 0, replicas: [1] }] }],
    { grow: false },
  ),
  move('to be given up where none is', [{ name: 'led', partitions: [{ partitionIndex: 0, replicas: null }] }]),
  move('of a partition that is not there', [{ name: 'led', partitions: [{ partitionIndex: 9, replicas: [1] }] }]),
  move('of a topic that is not there', [{ name: 'absent', partitions: [{ partitionIndex: 0, replicas: [1] }] }]),
  move('to be given up of a topic that is not there', [
    { name: 'absent', partitions: [{ partitionIndex: 0, replicas: null }] },
  ]),
  move('of a partition twice', [
    {
      name: 'led',
      partitions: [
        { partitionIndex: 0, replicas: [1] },
        { partitionIndex: 0, replicas: [1] },
      ],
    },
  ]),
  move('of nothing', []),
  step('the moves', ListPartitionReassignments, { topics: null, timeoutMs: 5_000 }),
  step('the moves of a topic', ListPartitionReassignments, {
    topics: [{ name: 'led', partitionIndexes: [0, 1, 9] }],
    timeoutMs: 5_000,
  }),
  step('the moves of a topic that is not there', ListPartitionReassignments, {
    topics: [{ name: 'absent', partitionIndexes: [0] }],
    timeoutMs: 5_000,
  }),
  step('the moves of nothing', ListPartitionReassignments, { topics: [], timeoutMs: 5_000 }),
]

interface Update {
  feature: string
  maxVersionLevel: number
  /** 1 up, 2 safe down, 3 unsafe down. */
  upgradeType?: number
  allowDowngrade?: boolean
}
const update = (title: string, featureUpdates: Update[], o: StepOptions & { validateOnly?: boolean } = {}) =>
  step(title, UpdateFeatures, { featureUpdates, timeoutMs: 10_000, validateOnly: o.validateOnly ?? false }, o)

const finalized = (title: string) =>
  step(
    title,
    ApiVersions,
    { clientSoftwareName: 'a', clientSoftwareVersion: '1' },
    { except: { apiKeys: 'another table' } },
  )

const UP = 1
const SAFE = 2
const UNSAFE = 3

export const features = [
  update('nothing', [], { versions: [0, 1, 2] }),
  update('what is there already', [{ feature: 'group.version', maxVersionLevel: 1 }], { versions: [0, 1, 2] }),
  update('a feature that nobody knows', [{ feature: 'no.such.version', maxVersionLevel: 1 }], { versions: [0, 1, 2] }),
  update('a level that nobody knows', [{ feature: 'group.version', maxVersionLevel: 9 }]),
  update('a negative level', [{ feature: 'group.version', maxVersionLevel: -1, upgradeType: SAFE }]),
  update('a way that is none', [{ feature: 'group.version', maxVersionLevel: 0, upgradeType: 9 }]),
  update('a way of 0', [{ feature: 'group.version', maxVersionLevel: 0, upgradeType: 0 }]),
  update('down as if up', [{ feature: 'group.version', maxVersionLevel: 0, upgradeType: UP }]),
  update('a feature twice', [
    { feature: 'group.version', maxVersionLevel: 1 },
    { feature: 'group.version', maxVersionLevel: 0, upgradeType: SAFE },
  ]),
  update('down, only to see', [{ feature: 'group.version', maxVersionLevel: 0, upgradeType: SAFE }], {
    validateOnly: true,
  }),
  finalized('nothing has changed'),
  update('share.version down', [{ feature: 'share.version', maxVersionLevel: 0, upgradeType: SAFE }]),
  finalized('share.version is 0'),
  update('share.version up', [{ feature: 'share.version', maxVersionLevel: 1, upgradeType: UP }]),
  update('eligible.leader.replicas.version down', [
    { feature: 'eligible.leader.replicas.version', maxVersionLevel: 0, upgradeType: SAFE },
  ]),
  update('eligible.leader.replicas.version up', [{ feature: 'eligible.leader.replicas.version', maxVersionLevel: 1 }]),
  update('transaction.version down by one', [
    { feature: 'transaction.version', maxVersionLevel: 1, upgradeType: SAFE },
  ]),
  update(
    'transaction.version down to none, first version',
    [{ feature: 'transaction.version', maxVersionLevel: 0, allowDowngrade: true }],
    { versions: [0] },
  ),
  update('transaction.version up', [{ feature: 'transaction.version', maxVersionLevel: 2 }]),
  update(
    'one right and one wrong',
    [
      { feature: 'share.version', maxVersionLevel: 0, upgradeType: SAFE },
      { feature: 'no.such.version', maxVersionLevel: 1 },
    ],
    { versions: [1, 2] },
  ),
  finalized('neither was done'),
  update('kraft.version up', [{ feature: 'kraft.version', maxVersionLevel: 1 }], {
    validateOnly: true,
    differs: 'Weir does not turn its fixed list of voters into one that can change',
  }),
  update('kraft.version as it is', [{ feature: 'kraft.version', maxVersionLevel: 0 }]),
  update('kraft.version that nobody knows', [{ feature: 'kraft.version', maxVersionLevel: 9 }]),
  update('metadata.version too new', [{ feature: 'metadata.version', maxVersionLevel: 99 }]),
  update('metadata.version too old', [{ feature: 'metadata.version', maxVersionLevel: 1, upgradeType: UNSAFE }]),
  update('metadata.version down as if up', [{ feature: 'metadata.version', maxVersionLevel: 25, upgradeType: UP }]),
  update('metadata.version down safely to where nothing is lost', [
    { feature: 'metadata.version', maxVersionLevel: 29, upgradeType: SAFE },
  ]),
  finalized('after that'),
  update('metadata.version down safely', [{ feature: 'metadata.version', maxVersionLevel: 20, upgradeType: SAFE }]),
  update('metadata.version down unsafely', [{ feature: 'metadata.version', maxVersionLevel: 20, upgradeType: UNSAFE }]),
  update('metadata.version down to 0', [{ feature: 'metadata.version', maxVersionLevel: 0, upgradeType: UNSAFE }]),
  finalized('after an unsafe one'),
  update('group.version, first version', [{ feature: 'group.version', maxVersionLevel: 0, allowDowngrade: true }], {
    versions: [0],
  }),
  finalized('group.version is 0'),
  update('metadata.version up again', [{ feature: 'metadata.version', maxVersionLevel: 30 }]),
  update('group.version up again', [{ feature: 'group.version', maxVersionLevel: 1 }]),
  update('all up', [
    { feature: 'share.version', maxVersionLevel: 1 },
    { feature: 'transaction.version', maxVersionLevel: 2 },
    { feature: 'streams.version', maxVersionLevel: 1 },
  ]),
  finalized('as in the beginning'),
]
