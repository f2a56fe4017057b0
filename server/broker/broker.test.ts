/** What several parts of a broker do together, as a client sees it. */
import { describe, expect, test } from 'vitest'
import { errorCode } from '../protocol/errors.ts'
import { Metadata } from '../protocol/messages/03_metadata.ts'
import { OffsetCommit } from '../protocol/messages/08_offset_commit.ts'
import { OffsetFetch } from '../protocol/messages/09_offset_fetch.ts'
import { FindCoordinator } from '../protocol/messages/10_find_coordinator.ts'
import { DeleteTopics } from '../protocol/messages/20_delete_topics.ts'
import { DescribeConfigs } from '../protocol/messages/32_describe_configs.ts'
import { stage } from './testing.ts'

type Stage = ReturnType<typeof stage>
const OFFSETS = '__consumer_offsets'
const TOPIC = 2

const commit = async (s: Stage, groupId: string, offset: number) => {
  await s.ask(FindCoordinator, 2, { key: groupId, keyType: 0 })
  const partitions = [{ partitionIndex: 0, committedOffset: offset, committedMetadata: '' }]
  const answer = await s.ask(OffsetCommit, 7, { groupId, topics: [{ name: 't', partitions }] })
  return answer.topics[0]!.partitions[0]!.errorCode
}
const committed = async (s: Stage, groupId: string) => {
  const answer = await s.ask(OffsetFetch, 5, { groupId, topics: [{ name: 't', partitionIndexes: [0] }] })
  return answer.errorCode || answer.topics[0]!.partitions[0]!.committedOffset
}
const make = (s: Stage, ...names: string[]) => s.ask(Metadata, 4, { topics: names.map((name) => ({ name })) })

describe('the topic of group offsets', () => {
  test('is found again with its own number of partitions, whatever offsets.topic.num.partitions says by then', async () => {
    const s = stage()
    await s.start({ 'offsets.topic.num.partitions': '7' })
    await make(s, 't')
    expect(await commit(s, 'my-group', 42)).toBe(errorCode.NONE)
    await s.stop()
    await s.start({ 'offsets.topic.num.partitions': '50' })
    expect(await committed(s, 'my-group')).toBe(42)
    expect(await commit(s, 'my-group', 43)).toBe(errorCode.NONE)
  })

  test('serves groups again when it has been deleted and made anew', async () => {
    const s = stage()
    await s.start({ 'offsets.topic.num.partitions': '3' })
    await make(s, 't')
    expect(await commit(s, 'my-group', 42)).toBe(errorCode.NONE)
    await s.ask(DeleteTopics, 3, { topicNames: [OFFSETS], timeoutMs: 1000 })
    expect(await committed(s, 'my-group')).toBe(errorCode.NOT_COORDINATOR)
    expect(await commit(s, 'my-group', 1)).toBe(errorCode.NONE)
    expect(await committed(s, 'my-group')).toBe(1)
    expect(s.lines).toEqual([])
  })

  test('has its own form also when whoever asks for metadata makes it', async () => {
    const s = stage()
    await s.start({ 'offsets.topic.num.partitions': '7' })
    const { topics } = await make(s, OFFSETS, 't')
    expect(topics.map((t) => [t.name, t.isInternal, t.partitions.length])).toEqual([
      [OFFSETS, true, 7],
      ['t', false, 1],
    ])
    const { results } = await s.ask(DescribeConfigs, 1, {
      resources: [{ resourceType: TOPIC, resourceName: OFFSETS, configurationKeys: ['cleanup.policy'] }],
    })
    expect(results[0]!.configs.map((c) => c.value)).toEqual(['compact'])
    expect(await commit(s, 'my-group', 42)).toBe(errorCode.NONE)
  })

  test('is the only one of Kafka’s own that comes into being by being asked for', async () => {
    const s = stage()
    await s.start()
    const names = ['__transaction_state', '__share_group_state', '__cluster_metadata']
    const { topics } = await make(s, ...names)
    expect(topics.map((t) => t.errorCode)).toEqual(names.map(() => errorCode.UNKNOWN_TOPIC_OR_PARTITION))
  })
})

describe('metadata', () => {
  test('tells of each topic once, however often a request names it', async () => {
    const s = stage()
    await s.start()
    const topics = (await make(s, 't', 'u', 't', 't')).topics
    expect(topics.map((t) => [t.name, t.errorCode])).toEqual([
      ['t', errorCode.NONE],
      ['u', errorCode.NONE],
    ])
    const byId = { name: null, topicId: topics[0]!.topicId }
    expect((await s.ask(Metadata, 12, { topics: [byId, byId] })).topics.map((t) => t.errorCode)).toEqual([
      errorCode.UNKNOWN_TOPIC_ID,
    ])
  })

  test('refuses ids before version 12 in an answer, as Kafka does', async () => {
    const s = stage()
    await s.start()
    const { topics } = await s.ask(Metadata, 11, { topics: [{ name: null, topicId: 'BBBBBBBBBBBBBBBBBBBBBB' }] })
    expect(topics.map((t) => [t.name, t.errorCode])).toEqual([['', errorCode.INVALID_REQUEST]])
  })
})
