/** Offsets by time, producers, pages of partitions, and offsets of groups taken away. */

import { Produce } from '../../../server/protocol/messages/00_produce.ts'
import { ListOffsets } from '../../../server/protocol/messages/02_list_offsets.ts'
import { OffsetCommit } from '../../../server/protocol/messages/08_offset_commit.ts'
import { OffsetFetch } from '../../../server/protocol/messages/09_offset_fetch.ts'
import { FindCoordinator } from '../../../server/protocol/messages/10_find_coordinator.ts'
import { JoinGroup } from '../../../server/protocol/messages/11_join_group.ts'
import { SyncGroup } from '../../../server/protocol/messages/14_sync_group.ts'
import { CreateTopics } from '../../../server/protocol/messages/19_create_topics.ts'
import { OffsetDelete } from '../../../server/protocol/messages/47_offset_delete.ts'
import { DescribeProducers } from '../../../server/protocol/messages/61_describe_producers.ts'
import { DescribeTopicPartitions } from '../../../server/protocol/messages/75_describe_topic_partitions.ts'
import { buildBatch } from '../../../server/records/build_batch.ts'
import { type StepOptions, step } from '../step.ts'

const create = (title: string, name: string, numPartitions: number, configs: Record<string, string> = {}) =>
  step(title, CreateTopics, {
    topics: [
      {
        name,
        numPartitions,
        replicationFactor: 1,
        assignments: [],
        configs: Object.entries(configs).map(([name, value]) => ({ name, value })),
      },
    ],
    timeoutMs: 10_000,
    validateOnly: false,
  })

const record = (timestamp: number) => ({ key: null, value: Buffer.from('value'), timestamp })

const produce = (
  title: string,
  name: string,
  timestamps: number[],
  o: { producerId?: number; baseSequence?: number; index?: number } = {},
) =>
  step(
    title,
    Produce,
    {
      acks: -1,
      timeoutMs: 10_000,
      topicData: [
        {
          name,
          partitionData: [
            {
              index: o.index ?? 0,
              records: buildBatch(timestamps.map(record), {
                timestamp: timestamps[0] ?? 0,
                ...(o.producerId !== undefined && {
                  producerId: o.producerId,
                  producerEpoch: 0,
                  baseSequence: o.baseSequence ?? 0,
                }),
              }),
            },
          ],
        },
      ],
    },
    { versions: [12] },
  )

const offsets = (
  title: string,
  timestamp: number,
  o: StepOptions & { topic?: string; partition?: number; epoch?: number; replicaId?: number; isolation?: number } = {},
) =>
  step(
    title,
    ListOffsets,
    {
      replicaId: o.replicaId ?? -1,
      isolationLevel: o.isolation ?? 0,
      topics: [
        {
          name: o.topic ?? 'timed',
          partitions: [
            {
              partitionIndex: o.partition ?? 0,
              timestamp,
              ...(o.epoch !== undefined && { currentLeaderEpoch: o.epoch }),
            },
          ],
        },
      ],
      timeoutMs: 5_000,
    },
    o,
  )

const ALL = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
const BASE = 1_700_000_000_000

export const offsetsByTime = [
  create('a topic', 'timed', 2),
  produce('three records', 'timed', [BASE, BASE + 50, BASE + 20]),
  produce('two records', 'timed', [BASE + 50, BASE + 10]),
  produce('one that is older', 'timed', [BASE - 5]),
  offsets('the end', -1, { versions: ALL }),
  offsets('the start', -2, { versions: ALL }),
  offsets('the largest timestamp', -3, { versions: ALL }),
  offsets('the local start', -4, { versions: ALL }),
  offsets('the end of remote storage', -5, { versions: ALL }),
  offsets('what is to be copied to remote storage', -6, { versions: ALL }),
  offsets('a time that means nothing', -7, { versions: [1, 11] }),
  offsets('the first time', 0),
  offsets('the time of the first record', BASE, { versions: ALL }),
  offsets('a time between', BASE + 1),
  offsets('the latest time', BASE + 50),
  offsets('a time after all', BASE + 51),
  offsets('the end, committed', -1, { isolation: 1 }),
  offsets('an isolation level that is none', -1, {
    isolation: 7,
    differs: 'Kafka stumbles over it (UNKNOWN_SERVER_ERROR); the request is at fault, and INVALID_REQUEST says so',
  }),
  offsets('the largest timestamp of an empty partition', -3, { partition: 1 }),
  offsets('a time in an empty partition', BASE, { partition: 1 }),
  offsets('the end of an empty partition', -1, { partition: 1 }),
  offsets('a partition that is not there', -1, { partition: 9 }),
  offsets('a negative partition', -1, { partition: -1 }),
  offsets('a topic that is not there', -1, { topic: 'absent' }),
  offsets('a name that cannot be', -1, { topic: 'a b' }),
  offsets('an epoch that is over', -1, { epoch: -2 }),
  offsets('the epoch that there is', -1, { epoch: 0 }),
  offsets('an epoch to come', -1, { epoch: 5 }),
  offsets('as the debugging consumer', -1, { replicaId: -2 }),
  offsets('as a replica', -1, { replicaId: 1 }),
  step('a partition twice', ListOffsets, {
    replicaId: -1,
    isolationLevel: 0,
    topics: [
      {
        name: 'timed',
        partitions: [
          { partitionIndex: 0, timestamp: -1 },
          { partitionIndex: 0, timestamp: -2 },
        ],
      },
    ],
    timeoutMs: 5_000,
  }),
  step('nothing', ListOffsets, { replicaId: -1, isolationLevel: 0, topics: [], timeoutMs: 0 }),
  create('a topic that takes its own time', 'append-time', 1, { 'message.timestamp.type': 'LogAppendTime' }),
]

const producers = (title: string, topics: { name: string; partitionIndexes: number[] }[], o: StepOptions = {}) =>
  step(title, DescribeProducers, { topics }, o)

export const producersOf = [
  create('a topic', 'produced', 2),
  producers('of a partition without', [{ name: 'produced', partitionIndexes: [0] }], {
    until: (a) => a.topics[0].partitions[0].errorCode === 0,
  }),
  produce('records of a producer', 'produced', [BASE, BASE + 1], { producerId: 4000 }),
  produce('more records of that producer', 'produced', [BASE + 5], { producerId: 4000, baseSequence: 2 }),
  produce('records of nobody', 'produced', [BASE + 7]),
  producers('of a partition with one', [{ name: 'produced', partitionIndexes: [0, 1] }]),
  producers('of partitions that are not there', [{ name: 'produced', partitionIndexes: [9, -1] }]),
  producers('of a topic that is not there', [{ name: 'absent', partitionIndexes: [0] }]),
  producers('of a name that cannot be', [{ name: 'a b', partitionIndexes: [0] }]),
  producers('of nothing', []),
  producers('of a topic without partitions', [{ name: 'produced', partitionIndexes: [] }]),
]

const describe = (
  title: string,
  topics: string[],
  o: StepOptions & { limit?: number; cursor?: { topicName: string; partitionIndex: number } | null } = {},
) =>
  step(
    title,
    DescribeTopicPartitions,
    {
      topics: topics.map((name) => ({ name })),
      responsePartitionLimit: o.limit ?? 2000,
      cursor: o.cursor ?? null,
    },
    { ordered: true, ...o },
  )

export const pages = [
  create('a topic', 'page-a', 5),
  create('another topic', 'page-b', 3),
  describe('both', ['page-a', 'page-b'], { until: (a) => a.topics.every((t: any) => t.errorCode === 0) }),
  describe('one topic', ['page-a']),
  describe('two topics, not in order', ['page-b', 'page-a']),
  describe('a topic twice', ['page-a', 'page-a']),
  describe('a topic that is not there', ['page-x']),
  describe('one that is and one that is not', ['page-a', 'page-x', 'page-b']),
  describe('a name that cannot be', ['a b']),
  describe('an empty name', [''], {
    differs: 'Kafka stumbles over it (UNKNOWN_SERVER_ERROR); INVALID_TOPIC_EXCEPTION is what any other such name gets',
  }),
  describe('a page of 2', ['page-a', 'page-b'], { limit: 2 }),
  describe('a page of 5', ['page-a', 'page-b'], { limit: 5 }),
  describe('a page of 0', ['page-a'], { limit: 0 }),
  describe('a negative page', ['page-a'], { limit: -1 }),
  describe('a page that is too large', ['page-a'], { limit: 100_000 }),
  describe('from the middle', ['page-a', 'page-b'], { cursor: { topicName: 'page-a', partitionIndex: 3 } }),
  describe('from the middle, a page of 3', ['page-a', 'page-b'], {
    limit: 3,
    cursor: { topicName: 'page-a', partitionIndex: 3 },
  }),
  describe('from the second topic', ['page-a', 'page-b'], { cursor: { topicName: 'page-b', partitionIndex: 0 } }),
  describe('from beyond the last partition', ['page-a', 'page-b'], {
    cursor: { topicName: 'page-a', partitionIndex: 50 },
  }),
  describe('from a negative partition', ['page-a', 'page-b'], { cursor: { topicName: 'page-a', partitionIndex: -1 } }),
  describe('from a topic that was not asked for', ['page-a', 'page-b'], {
    cursor: { topicName: 'page-aa', partitionIndex: 0 },
  }),
  describe('from a topic that is not there', ['page-x'], { cursor: { topicName: 'page-x', partitionIndex: 1 } }),
  describe('from after all', ['page-a'], { cursor: { topicName: 'zzz', partitionIndex: 0 } }),
  describe('all, from the middle', [], { cursor: { topicName: 'page-b', partitionIndex: 1 }, limit: 2 }),
]

const commit = (group: string, topic: string, partitionIndex: number, committedOffset: number) =>
  step(
    `a commit of ${group}`,
    OffsetCommit,
    {
      groupId: group,
      topics: [{ name: topic, partitions: [{ partitionIndex, committedOffset, committedMetadata: '' }] }],
    },
    { versions: [8], until: (a) => ![14, 15, 16].includes(a.topics[0].partitions[0].errorCode) },
  )
const remove = (title: string, groupId: string, topics: { name: string; partitions: number[] }[]) =>
  step(title, OffsetDelete, {
    groupId,
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((partitionIndex) => ({ partitionIndex })),
    })),
  })
const fetched = (groupId: string) =>
  step(
    `offsets of ${groupId}`,
    OffsetFetch,
    { groups: [{ groupId, memberId: null, memberEpoch: -1, topics: null }], requireStable: false },
    { versions: [9] },
  )

const subscription = (topics: string[]) => {
  const parts: Buffer[] = [Buffer.from([0, 0])]
  const int32 = (n: number) => {
    const b = Buffer.alloc(4)
    b.writeInt32BE(n)
    return b
  }
  const string = (s: string) => {
    const b = Buffer.alloc(2)
    b.writeInt16BE(s.length)
    return Buffer.concat([b, Buffer.from(s)])
  }
  parts.push(int32(topics.length), ...topics.map(string), int32(-1))
  return Buffer.concat(parts)
}

/** A static member keeps its place without a heartbeat for as long as this table runs. */
const join = (groupId: string, topics: string[], until?: StepOptions['until']) =>
  step(
    `a member of ${groupId}`,
    JoinGroup,
    {
      groupId,
      sessionTimeoutMs: 60_000,
      rebalanceTimeoutMs: 60_000,
      memberId: '',
      groupInstanceId: 'static',
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: subscription(topics) }],
      reason: null,
    },
    {
      versions: [8],
      except: { leader: 'a name that the broker makes', memberId: 'a name that the broker makes' },
      ...(until && { until }),
    },
  )

export const offsetDelete = [
  create('a topic', 'od-a', 3),
  create('another topic', 'od-b', 1),
  step(
    'the coordinator',
    FindCoordinator,
    { keyType: 0, coordinatorKeys: ['od'] },
    {
      versions: [4],
      until: (a) => a.coordinators[0].errorCode === 0,
    },
  ),
  commit('od', 'od-a', 0, 5),
  commit('od', 'od-a', 1, 6),
  commit('od', 'od-b', 0, 7),
  remove('of a group that is not there', 'absent', [{ name: 'od-a', partitions: [0] }]),
  remove('of a group without a name', '', [{ name: 'od-a', partitions: [0] }]),
  remove('of nothing', 'od', []),
  remove('of nothing, of a group that is not there', 'absent', []),
  remove('of a topic that is not there, of a group that is not there', 'absent', [{ name: 'absent', partitions: [0] }]),
  remove('of a topic without partitions', 'od', [{ name: 'od-a', partitions: [] }]),
  remove('one', 'od', [{ name: 'od-a', partitions: [0] }]),
  remove('the same once more', 'od', [{ name: 'od-a', partitions: [0] }]),
  remove('what was never committed', 'od', [{ name: 'od-a', partitions: [2] }]),
  remove('of a partition that is not there', 'od', [{ name: 'od-a', partitions: [7] }]),
  remove('of a topic that is not there', 'od', [{ name: 'absent', partitions: [0] }]),
  remove('some right and some wrong', 'od', [
    { name: 'absent', partitions: [0] },
    { name: 'od-a', partitions: [1, 7] },
  ]),
  fetched('od'),
  commit('od-members', 'od-a', 0, 5),
  commit('od-members', 'od-b', 0, 5),
  join('od-members', ['od-a']),
  remove('while it joins', 'od-members', [{ name: 'od-a', partitions: [0] }]),
  step(
    'its assignment',
    SyncGroup,
    {
      groupId: 'od-members',
      generationId: 1,
      memberId: '',
      groupInstanceId: 'static',
      protocolType: 'consumer',
      protocolName: 'range',
      assignments: [],
    },
    { versions: [5] },
  ),
  remove('of what it has subscribed to and of what it has not', 'od-members', [
    { name: 'od-a', partitions: [0] },
    { name: 'od-b', partitions: [0] },
  ]),
  fetched('od-members'),
]
