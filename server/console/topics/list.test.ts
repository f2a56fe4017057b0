import { expect, test } from 'vitest'
import type { TopicMetadata } from '../../client/metadata.ts'
import type { Snapshot } from '../cluster/connection.ts'
import { Figures } from '../figures/figures.ts'
import { type TopicListInput, topicListInput } from '../shapes/topic.ts'
import { listTopics } from './list.ts'

const topic = (name: string, more: { isr?: number[]; leader?: number; internal?: boolean } = {}): TopicMetadata => ({
  name,
  topicId: `id of ${name}`,
  isInternal: more.internal ?? false,
  partitions: [
    {
      partition: 0,
      leader: more.leader ?? 1,
      leaderEpoch: 0,
      replicas: [1, 2],
      isr: more.isr ?? [1, 2],
      offlineReplicas: [],
      error: null,
    },
  ],
  error: null,
  at: 0,
})

function list(topics: TopicMetadata[], input: Partial<TopicListInput>, observe: (f: Figures) => void = () => {}) {
  const sorted = [...topics].sort((a, b) => (a.name < b.name ? -1 : 1))
  const snapshot: Snapshot = {
    clusterId: null,
    controllerId: null,
    brokers: [],
    topics: sorted,
    byName: new Map(sorted.map((t) => [t.name, t])),
    atMs: 7,
  }
  const figures = new Figures()
  figures.see(sorted, 0)
  observe(figures)
  const known = { figures, topicRates: new Map(), wallTimeOf: (at: number) => (Number.isFinite(at) ? at : null) }
  const page = listTopics(snapshot, known, topicListInput.parse({ cluster: 'default', ...input }))
  return { ...page, names: page.rows.map((r) => r.name) }
}

test('internal topics are left out until they are asked for', () => {
  const topics = [topic('a'), topic('__consumer_offsets', { internal: true }), topic('__custom')]
  expect(list(topics, {}).names).toEqual(['a'])
  expect(list(topics, { internal: true })).toMatchObject({
    total: 3,
    topics: 3,
    names: ['__consumer_offsets', '__custom', 'a'],
  })
})

test('the search ignores case, the filter keeps what is unhealthy', () => {
  const topics = [topic('Orders'), topic('orders-dlq', { isr: [1] }), topic('payments', { leader: -1, isr: [] })]
  expect(list(topics, { search: ' ORD ' }).names).toEqual(['Orders', 'orders-dlq'])
  expect(list(topics, { unhealthy: true }).names).toEqual(['orders-dlq', 'payments'])
  expect(list(topics, { unhealthy: true }).rows[1]).toMatchObject({
    underReplicatedPartitions: 0,
    offlinePartitions: 1,
  })
})

test('unknown figures stand last in both directions, equal ones by name, and pages do not overlap', () => {
  const topics = ['a', 'b', 'c', 'd'].map((n) => topic(n))
  const see = (f: Figures) => {
    for (const [name, end] of [
      ['b', 5],
      ['c', 9],
      ['d', 5],
    ] as const) {
      f.observeStart({ topic: name, partition: 0 }, 0)
      f.observeEnd({ topic: name, partition: 0 }, end, 100)
    }
  }
  expect(list(topics, { sortBy: 'records' }, see).names).toEqual(['b', 'd', 'c', 'a'])
  expect(list(topics, { sortBy: 'records', descending: true }, see).names).toEqual(['c', 'b', 'd', 'a'])
  expect(list(topics, { sortBy: 'records', perPage: 2, page: 2 }, see)).toMatchObject({
    names: ['c', 'a'],
    total: 4,
    figuresAtMs: null,
  })
  expect(list(topics, { sortBy: 'records', perPage: 3 }, see).figuresAtMs).toBe(100)
})

test('a page beyond the last is empty and still knows the total', () => {
  expect(list([topic('a')], { page: 9 })).toMatchObject({ names: [], total: 1, figuresAtMs: null })
})
