import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from '../../../e2e/lib/prometheus.ts'
import type { PartitionMetadata, TopicMetadata } from '../../client/metadata.ts'
import { METRICS_DETAILS, type MetricsDetail } from '../../config/metrics_detail.ts'
import { consoleMetrics } from '../../console_metrics.ts'
import { NetworkError } from '../../env/env.ts'
import { nodeEnv } from '../../env/node.ts'
import { expose, Families, type FamilyPart, labels } from '../../lib/exposition.ts'
import { createConsole } from '../console.ts'
import { Figures } from '../figures/figures.ts'
import { type ClusterLook, clusterTable } from './cluster_table.ts'

const read = (parts: Iterable<FamilyPart>) => {
  const families = new Families()
  for (const part of parts) families.add(part)
  parse([...families.text('openmetrics')].join(''), 'openmetrics')
  return parse([...families.text('text')].join(''), 'text')
}

const partition = (partition: number, more: Partial<PartitionMetadata> = {}): PartitionMetadata => ({
  partition,
  leader: 1,
  leaderEpoch: 0,
  replicas: [1, 2],
  isr: [1, 2],
  offlineReplicas: [],
  error: null,
  ...more,
})
const topic = (name: string, ...partitions: PartitionMetadata[]): TopicMetadata => ({
  name,
  topicId: `id of ${name}`,
  isInternal: false,
  partitions,
  error: null,
  at: 0,
})

/** Two topics: one of which everything is known and one that nobody has looked at. */
function seen(detail: MetricsDetail): ClusterLook {
  const topics = [
    topic('orders', partition(0), partition(1, { leader: 2, isr: [2] }), partition(2, { leader: -1, isr: [] })),
    topic('unseen', partition(0)),
  ]
  const figures = new Figures()
  figures.see(topics, 0)
  figures.seeGroups(['bi "nightly"', 'new'])
  for (const [i, end] of [100, 50, 7].entries()) {
    figures.observeEnd({ topic: 'orders', partition: i }, end, 1000)
    figures.observeStart({ topic: 'orders', partition: i }, i)
  }
  figures.observeCommits(
    'bi "nightly"',
    [
      { topic: 'orders', partition: 0, offset: 90 },
      { topic: 'orders', partition: 1, offset: 60 },
      { topic: 'gone', partition: 0, offset: 5 },
    ],
    1000,
  )
  const listed = [
    { groupId: 'bi "nightly"', protocolType: 'consumer', state: 'Stable', type: 'classic', coordinator: 1 },
    { groupId: 'new', protocolType: '', state: null, type: null, coordinator: 1 },
  ]
  return {
    detail,
    snapshot: {
      clusterId: 'c',
      controllerId: 1,
      brokers: [{ id: 1, host: 'h', port: 9092, rack: null }],
      topics,
      byName: new Map(topics.map((t) => [t.name, t])),
      atMs: 0,
    },
    figures,
    listed,
    looked: true,
    members: new Map([['bi "nightly"', 3]]),
    nowMs: 31_000,
  }
}

test('the names and values are those of kafka_exporter, each with the cluster', () => {
  const m = read(expose(clusterTable, seen('partition'), labels({ cluster: 'c' })))
  const value = (name: string, more: Record<string, string> = {}) => m.value(`kafka_${name}`, { cluster: 'c', ...more })
  expect(value('brokers')).toBe(1)
  expect(value('broker_info', { id: '1', address: 'h:9092' })).toBe(1)
  expect(value('topic_partitions', { topic: 'orders' })).toBe(3)
  const of = (name: string, p: string) => value(`topic_partition_${name}`, { topic: 'orders', partition: p })
  expect(['0', '1', '2'].map((p) => of('current_offset', p))).toEqual([100, 50, 7])
  expect(['0', '1', '2'].map((p) => of('oldest_offset', p))).toEqual([0, 1, 2])
  expect(['0', '1', '2'].map((p) => of('leader', p))).toEqual([1, 2, -1])
  expect(['0', '1', '2'].map((p) => of('leader_is_preferred', p))).toEqual([1, 0, 0])
  expect(['0', '1', '2'].map((p) => of('in_sync_replica', p))).toEqual([2, 1, 0])
  expect(['0', '1', '2'].map((p) => of('replicas', p))).toEqual([2, 2, 2])
  expect(['0', '1', '2'].map((p) => of('under_replicated_partition', p))).toEqual([0, 1, 1])
  const group = { consumergroup: 'bi "nightly"', topic: 'orders' }
  expect(['0', '1', '2'].map((partition) => value('consumergroup_lag', { ...group, partition }))).toEqual([
    10,
    0,
    undefined,
  ])
  expect(value('consumergroup_lag_sum', group)).toBe(10)
  expect(value('consumergroup_current_offset_sum', group)).toBe(150)
  expect(value('consumergroup_members', { consumergroup: 'bi "nightly"' })).toBe(3)
})

test('what is not known is left out: no lag of topics that are gone, no offsets that nobody has asked for', () => {
  const m = read(expose(clusterTable, seen('partition')))
  expect(m.find('kafka_consumergroup_lag_sum', { topic: 'gone' })).toEqual([])
  expect(m.find('kafka_topic_partition_current_offset', { topic: 'unseen' })).toEqual([])
  expect(m.find('weir_topic_messages', { topic: 'unseen' })).toEqual([])
  expect(m.find('weir_cluster_size_bytes')).toEqual([])
  expect(m.find('kafka_consumergroup_members', { consumergroup: 'new' })).toEqual([])
})

test('sums of the cluster, the time that a group lags behind, and groups by state', () => {
  const m = read(expose(clusterTable, seen('partition')))
  expect(m.value('weir_cluster_partitions')).toBe(4)
  expect(m.value('weir_cluster_offline_partitions')).toBe(1)
  expect(m.value('weir_cluster_consumergroup_lag')).toBe(10)
  expect(m.value('weir_consumergroup_lag_seconds', { topic: 'orders' })).toBe(30)
  expect(m.value('weir_topic_current_offset', { topic: 'orders' })).toBe(157)
  expect(m.find('weir_cluster_consumergroups').map((s) => [s.labels.state, s.value])).toEqual([
    ['Stable', 1],
    ['Unknown', 1],
  ])
})

test('less detail is fewer series of the same values', () => {
  const samples = (detail: MetricsDetail) => read(expose(clusterTable, seen(detail))).samples
  const [cluster, topics, partitions] = METRICS_DETAILS.map(samples)
  expect(cluster!.filter((s) => s.labels.topic !== undefined)).toEqual([])
  expect(topics!.filter((s) => s.labels.partition !== undefined)).toEqual([])
  expect(partitions).toEqual(expect.arrayContaining(topics!))
  expect(topics).toEqual(expect.arrayContaining(cluster!.filter((s) => s.name !== 'kafka_consumergroup_members')))
})

test('a cluster out of reach and a broker that does not answer are told to be down, without delay or old figures', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-exposition-'))
  const env = nodeEnv()
  const connect = () => Promise.reject(new NetworkError('ECONNREFUSED', 'nobody listens there'))
  const service = await createConsole({
    bootstrap: ['127.0.0.1:1'],
    dataDir: folder,
    embedded: true,
    env: { ...env, network: { ...env.network, connect } },
    warn: () => {},
  })
  const parts = consoleMetrics(service, { brokers: ['1'], controllers: [], nowMs: () => 5000, timeoutMs: 10 })
  const all: FamilyPart[] = []
  for await (const part of parts('partition')) all.push(part)
  const m = read(all)
  expect(m.value('weir_cluster_up')).toBe(0)
  expect(m.value('weir_broker_up', { broker: '1' })).toBe(0)
  expect(m.value('weir_broker_scrape_errors_total', { broker: '1' })).toBe(1)
  expect(m.find('weir_broker_last_success_timestamp_seconds')).toEqual([])
  expect(m.find('kafka_brokers')).toEqual([])
  expect(m.value('process_resident_memory_bytes', { role: 'console' })).toBeGreaterThan(0)
  await service.close()
  rmSync(folder, { recursive: true, force: true })
})
