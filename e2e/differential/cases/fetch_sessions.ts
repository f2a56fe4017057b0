/** Fetch sessions by name and by id: what an answer names, in which order, what it waits for, and when a session ends. */
import { Produce } from '../../../server/protocol/messages/00_produce.ts'
import { Fetch } from '../../../server/protocol/messages/01_fetch.ts'
import { CreateTopics } from '../../../server/protocol/messages/19_create_topics.ts'
import { DeleteTopics } from '../../../server/protocol/messages/20_delete_topics.ts'
import { DeleteRecords } from '../../../server/protocol/messages/21_delete_records.ts'
import { buildBatch } from '../../../server/records/build_batch.ts'
import { type Side, type Step, step } from '../step.ts'

const T = 1_735_689_600_000
const NOBODY = 'AAAAAAAAAAAAAAAAAAAAEQ'

/** `a/0@5` is partition 0 of topic a from offset 5; without an offset it is forgotten. */
const parse = (text: string) =>
  text
    .split(' ')
    .filter(Boolean)
    .map((word) => {
      const [, topic, partition, offset] = /^([\w-]+)\/(\d+)(?:@(\d+))?$/.exec(word)!
      return { topic: topic!, partition: Number(partition), offset: Number(offset ?? 0) }
    })

interface Ask {
  epoch: number
  wanted?: string
  forgotten?: string
  waitMs?: number
  minBytes?: number
  maxBytes?: number
  leaderEpoch?: number
  /** Instead of the one that was opened last. */
  sessionId?: number
}

function steps(version: number, prefix: string) {
  const named = (topic: string) => `${prefix}-${topic}`
  const key = async (topic: string, v: number, side: Side) =>
    v < 13 ? { topic: named(topic) } : { topicId: topic === 'nobody' ? NOBODY : await side.topicId(named(topic)) }
  const fetch = (title: string, o: Ask, v = version): Step =>
    step(
      title,
      Fetch,
      async (_, side) => {
        const topics = []
        // One after the other: each may ask the broker for an id.
        for (const { topic, partition, offset } of parse(o.wanted ?? '')) {
          const p = {
            partition,
            fetchOffset: offset,
            partitionMaxBytes: 1 << 20,
            currentLeaderEpoch: o.leaderEpoch ?? -1,
          }
          topics.push({ ...(await key(topic, v, side)), partitions: [p] })
        }
        const forgottenTopicsData = []
        for (const { topic, partition } of parse(o.forgotten ?? '')) {
          forgottenTopicsData.push({ ...(await key(topic, v, side)), partitions: [partition] })
        }
        return {
          maxWaitMs: o.waitMs ?? 0,
          minBytes: o.minBytes ?? 1,
          maxBytes: o.maxBytes ?? 1 << 24,
          sessionId: o.sessionId ?? side.sessionId,
          sessionEpoch: o.epoch,
          topics,
          forgottenTopicsData,
        }
      },
      { versions: [v], ordered: true },
    )
  const create = (topic: string, numPartitions: number): Step =>
    step(`${named(topic)} is made`, CreateTopics, {
      topics: [{ name: named(topic), numPartitions, replicationFactor: 1, assignments: [], configs: [] }],
      timeoutMs: 10_000,
      validateOnly: false,
    })
  const produce = (topic: string, index: number): Step => {
    const records = buildBatch([{ key: null, value: Buffer.from('value') }], { timestamp: T })
    const topicData = [{ name: named(topic), partitionData: [{ index, records }] }]
    return step(
      `a record for ${named(topic)}-${index}`,
      Produce,
      { acks: -1, timeoutMs: 10_000, topicData },
      // A topic just made may not be led yet.
      { versions: [7], until: (answer) => answer.responses[0].partitionResponses[0].errorCode === 0 },
    )
  }
  const deleteTopic = (topic: string): Step =>
    step(
      `${named(topic)} is deleted`,
      DeleteTopics,
      { topicNames: [named(topic)], timeoutMs: 10_000 },
      { versions: [5] },
    )
  return { fetch, create, produce, deleteTopic, named }
}

function inOrder(version: number, other: number, prefix: string): Step[] {
  const { fetch, create, produce, named } = steps(version, prefix)
  return [
    create('a', 4),
    create('b', 2),
    // Each once: then all are led.
    ...[0, 1, 2, 3].map((i) => produce('a', i)),
    ...[0, 1].map((i) => produce('b', i)),
    fetch('without a session', { epoch: -1, wanted: 'a/0@0' }),
    fetch('a full request opens one', { epoch: 0, wanted: 'a/0@0 a/1@1 b/0@1 a/2@0 a/0@0' }),
    fetch('what was not read on comes again', { epoch: 1 }),
    fetch('nothing new', { epoch: 2, wanted: 'a/0@1 a/2@1', waitMs: 300 }),
    produce('a', 1),
    produce('b', 0),
    produce('a', 0),
    fetch('three have grown, the least recently served first', { epoch: 3, waitMs: 300 }),
    fetch('an epoch that is past', { epoch: 3 }),
    fetch('an id that nobody has', { epoch: 3, sessionId: 12345 }),
    fetch('names where there were ids, or the reverse', { epoch: 4, wanted: 'a/0@2' }, other),
    fetch('the session is as it was', { epoch: 4, wanted: 'a/0@2' }),
    ...[5, 6, 7, 8].map((epoch) => fetch('each in its turn where there is room for one', { epoch, maxBytes: 1 })),
    fetch('some are forgotten', { epoch: 9, forgotten: 'a/1 a/2 b/1 b/7' }),
    fetch('one is added, and one beyond the end', { epoch: 10, wanted: 'a/3@1 a/1@99', waitMs: 300 }),
    fetch('the error lasts', { epoch: 11, waitMs: 300 }),
    fetch('the error is over', { epoch: 12, wanted: 'a/1@1', forgotten: 'b/0' }),
    fetch('a partition that is missing waits', { epoch: 13, wanted: 'a/77@0 a/1@2', waitMs: 300 }),
    fetch('and is told again', { epoch: 14, waitMs: 300 }),
    produce('a', 3),
    fetch('beside one that has grown', { epoch: 15, waitMs: 300 }),
    fetch('an epoch of the leader that is not yet', { epoch: 16, wanted: 'a/3@2', leaderEpoch: 7, waitMs: 300 }),
    fetch('all is told once the error is over', { epoch: 17, wanted: 'a/3@2', forgotten: 'a/77', waitMs: 300 }),
    fetch('more bytes than there are', { epoch: 18, minBytes: 5000, waitMs: 300 }),
    step(
      'the start of a log moves',
      DeleteRecords,
      { topics: [{ name: named('a'), partitions: [{ partitionIndex: 1, offset: -1 }] }], timeoutMs: 10_000 },
      { versions: [2] },
    ),
    fetch('and is told', { epoch: 19, waitMs: 300 }),
    fetch('once', { epoch: 20, waitMs: 300 }),
    fetch('all are forgotten', { epoch: 21, forgotten: 'a/0 a/1 a/2 a/3', waitMs: 300 }),
    fetch('which ended it', { epoch: 22 }),
    fetch('a full request opens another', { epoch: 0, wanted: 'a/0@2 b/1@1' }),
    fetch('in place of the one it names', { epoch: 0, wanted: 'a/0@2' }),
    fetch('the last epoch closes it', { epoch: -1, wanted: 'a/0@2' }),
    fetch('for good', { epoch: 1 }),
    fetch('a session of nothing', { epoch: 0, sessionId: 0 }),
    fetch('ends when it is asked', { epoch: 1, waitMs: 300 }),
    fetch('no such epoch', { epoch: -5, sessionId: 0, wanted: 'a/0@0' }),
  ]
}

function comingAndGoing(): Step[] {
  const { fetch, create, produce, deleteTopic } = steps(16, 'sessions-ids')
  return [
    create('b', 2),
    produce('b', 1),
    fetch('an unknown id alone', { epoch: 0, wanted: 'nobody/0@0', waitMs: 300 }),
    fetch('is told at once again', { epoch: 1, waitMs: 300 }),
    fetch('beside a known one it waits', { epoch: 0, sessionId: 0, wanted: 'nobody/0@0 b/1@1', waitMs: 300 }),
    create('v', 1),
    produce('v', 0),
    fetch('one more', { epoch: 1, wanted: 'v/0@1', waitMs: 300 }),
    deleteTopic('v'),
    fetch('it is deleted', { epoch: 2, waitMs: 300 }),
    create('v', 1),
    produce('v', 0),
    fetch('another of its name is not it', { epoch: 3, waitMs: 300 }),
  ]
}

export const fetchSessions: readonly Step[] = [
  ...inOrder(12, 16, 'sessions-named'),
  ...inOrder(16, 12, 'sessions-by-id'),
  ...comingAndGoing(),
]
