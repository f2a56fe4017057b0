/**
 * The metrics of a cluster by name. Those that kafka_exporter has are called as there, so that dashboards made for it work; every
 * one has the label `cluster` besides, Kafka's own id of it. What kafka_exporter has no name for begins with `weir_`.
 */
import type { ListedGroup } from '../../client/admin/groups.ts'
import type { PartitionMetadata, TopicMetadata } from '../../client/metadata.ts'
import type { MetricsDetail } from '../../config/metrics_detail.ts'
import { labels, type Metric, type Sample } from '../../lib/exposition.ts'
import type { Snapshot } from '../cluster/connection.ts'
import type { Figures, PartitionFigures } from '../figures/figures.ts'
import { offline, underReplicated } from '../topics/list.ts'

export interface ClusterLook {
  readonly detail: MetricsDetail
  readonly snapshot: Snapshot
  readonly figures: Figures
  readonly listed: readonly ListedGroup[]
  /** The cluster has been looked at in whole at least once. */
  readonly looked: boolean
  /** By group. */
  readonly members: ReadonlyMap<string, number>
  /** Monotonic ms. */
  readonly nowMs: number
}

export interface Scraped {
  readonly up: boolean
  readonly name: string
  readonly bootstrap: readonly string[]
  readonly errors: number
  /** Wall clock; null: never. */
  readonly lookedAtMs: number | null
}

/** Told whether the cluster answers or not. */
export const scrapeTable: readonly Metric<Scraped>[] = [
  { name: 'weir_cluster_up', type: 'gauge', help: '1 while the cluster answers.', read: ({ up }) => Number(up) },
  {
    name: 'weir_cluster_info',
    type: 'info',
    help: 'Its name in the console, and the addresses first asked.',
    read: ({ name, bootstrap }) => [[labels({ name, bootstrap: bootstrap.join(',') }), 1]],
  },
  {
    name: 'weir_cluster_scrape_errors_total',
    type: 'counter',
    help: 'Looks at the cluster that failed; there is about one look a second.',
    read: ({ errors }) => errors,
  },
  {
    name: 'weir_cluster_last_success_timestamp_seconds',
    type: 'gauge',
    help: 'When a look was complete last, since the epoch: so old are the figures.',
    read: ({ lookedAtMs }) => (lookedAtMs === null ? undefined : lookedAtMs / 1000),
  },
]

export const clusterTable: readonly Metric<ClusterLook>[] = [
  { name: 'kafka_brokers', type: 'gauge', help: 'Brokers.', read: ({ snapshot }) => snapshot.brokers.length },
  {
    name: 'kafka_broker_info',
    type: 'info',
    help: 'A broker and its address.',
    read: ({ snapshot }) =>
      snapshot.brokers.map(({ id, host, port }): Sample => [labels({ id, address: `${host}:${port}` }), 1]),
  },
  {
    name: 'weir_cluster_topics',
    type: 'gauge',
    help: 'Topics, internal ones included.',
    read: ({ snapshot }) => snapshot.topics.length,
  },
  {
    name: 'weir_cluster_partitions',
    type: 'gauge',
    help: 'Partitions of all topics.',
    read: ({ snapshot }) => sum(snapshot.topics, (t) => t.partitions.length),
  },
  {
    name: 'weir_cluster_offline_partitions',
    type: 'gauge',
    help: 'Partitions without a leader.',
    read: ({ snapshot }) => sum(snapshot.topics, offline),
  },
  {
    name: 'weir_cluster_under_replicated_partitions',
    type: 'gauge',
    help: 'Partitions with replicas that are not in sync.',
    read: ({ snapshot }) => sum(snapshot.topics, underReplicated),
  },
  {
    name: 'weir_cluster_size_bytes',
    type: 'gauge',
    help: 'Bytes of all logs of all replicas.',
    read: ({ figures }) => figures.totals().sizeBytes ?? undefined,
  },
  {
    name: 'weir_cluster_consumergroup_lag',
    type: 'gauge',
    help: 'Records that groups have not committed, of all groups.',
    read: ({ figures, looked }) => (looked ? figures.totals().lag : undefined),
  },
  {
    name: 'weir_cluster_consumergroups',
    type: 'gauge',
    help: 'Groups by state.',
    read({ listed }) {
      const counts = new Map<string, number>()
      for (const { state } of listed) counts.set(state ?? 'Unknown', (counts.get(state ?? 'Unknown') ?? 0) + 1)
      return [...counts].map(([state, n]): Sample => [labels({ state }), n])
    },
  },

  // --- topics ---
  topicGauge('kafka_topic_partitions', 'Partitions of a topic.', (t) => t.partitions.length),
  topicGauge('weir_topic_under_replicated_partitions', 'Of a topic, partitions with replicas out of sync.', (t) =>
    underReplicated(t),
  ),
  topicGauge(
    'weir_topic_messages',
    'Records in a topic, by the offsets of its partitions.',
    (t, { figures }) => figures.topic(t.name)?.records,
  ),
  topicGauge(
    'weir_topic_size_bytes',
    'Bytes of the logs of all replicas of a topic.',
    (t, { figures }) => figures.topic(t.name)?.sizeBytes,
  ),
  topicGauge(
    'weir_topic_current_offset',
    'Sum of the offsets that the next records of its partitions get: its rate is that of records coming in.',
    (t, { figures }) => {
      const partitions = figures.topics.get(t.name)?.partitions
      return partitions?.every((p) => p.end !== null) ? sum(partitions, (p) => p.end!) : null
    },
  ),

  // --- partitions ---
  partitionGauge('current_offset', 'Offset that the next record gets.', (_p, seen) => seen?.end),
  partitionGauge('oldest_offset', 'First offset that there is.', (_p, seen) => seen?.start),
  partitionGauge('leader', 'Node id of the leader, -1 if there is none.', (p) => p.leader),
  partitionGauge('leader_is_preferred', '1 if the first of the replicas leads.', (p) =>
    Number(p.leader === p.replicas[0]),
  ),
  partitionGauge('replicas', 'Replicas.', (p) => p.replicas.length),
  partitionGauge('in_sync_replica', 'Replicas in sync.', (p) => p.isr.length),
  partitionGauge('under_replicated_partition', '1 if not all replicas are in sync.', (p) =>
    Number(p.isr.length < p.replicas.length),
  ),

  // --- groups ---
  {
    name: 'kafka_consumergroup_members',
    type: 'gauge',
    help: 'Members of a group.',
    *read({ members }) {
      for (const [consumergroup, n] of members) yield [labels({ consumergroup }), n]
    },
  },
  ...committed('current_offset', 'Offset that the group has committed', (offset) => offset),
  ...committed('lag', 'Records that the group has not committed', (offset, end) =>
    end === null ? null : Math.max(0, end - offset),
  ),
  {
    name: 'weir_consumergroup_lag_seconds',
    type: 'gauge',
    help: 'How long ago the oldest record came in that the group has not committed, of the partition where that is longest. At least so long, of records that came before the console looked.',
    *read({ detail, figures, nowMs }) {
      if (detail === 'cluster') return
      for (const [consumergroup, { commits }] of figures.groups) {
        for (const topic of commits.keys()) {
          const seconds = figures.lagSeconds(consumergroup, topic, nowMs)
          if (seconds !== null) yield [labels({ consumergroup, topic }), seconds]
        }
      }
    },
  },
]

const sum = <T>(items: readonly T[], of: (item: T) => number): number => items.reduce((n, item) => n + of(item), 0)

function topicGauge(
  name: string,
  help: string,
  value: (topic: TopicMetadata, look: ClusterLook) => number | null | undefined,
): Metric<ClusterLook> {
  return {
    name,
    type: 'gauge',
    help,
    *read(look) {
      if (look.detail === 'cluster') return
      for (const topic of look.snapshot.topics) {
        const n = value(topic, look)
        if (n !== null && n !== undefined) yield [labels({ topic: topic.name }), n]
      }
    },
  }
}

function partitionGauge(
  name: string,
  help: string,
  value: (partition: PartitionMetadata, seen: PartitionFigures | undefined) => number | null | undefined,
): Metric<ClusterLook> {
  return {
    name: `kafka_topic_partition_${name}`,
    type: 'gauge',
    help: `Of a partition: ${help[0]!.toLowerCase()}${help.slice(1)}`,
    *read({ detail, snapshot, figures }) {
      if (detail !== 'partition') return
      for (const { name: topic, partitions } of snapshot.topics) {
        const own = labels({ topic })
        const seen = figures.topics.get(topic)?.partitions
        for (const p of partitions) {
          const n = value(p, seen?.[p.partition])
          if (n !== null && n !== undefined) yield [`${own},partition="${p.partition}"`, n]
        }
      }
    },
  }
}

/** Of a group's commits: each, and their sums by topic. */
function committed(
  name: string,
  help: string,
  value: (offset: number, end: number | null) => number | null,
): Metric<ClusterLook>[] {
  function* topics({ figures }: ClusterLook) {
    for (const [consumergroup, { commits }] of figures.groups) {
      for (const [topic, byPartition] of commits) {
        const ends = figures.topics.get(topic)?.partitions
        const values: [partition: number, value: number][] = []
        for (const [partition, offset] of byPartition) {
          const n = value(offset, ends?.[partition]?.end ?? null)
          if (n !== null) values.push([partition, n])
        }
        if (values.length > 0) yield { own: labels({ consumergroup, topic }), values }
      }
    }
  }
  return [
    {
      name: `kafka_consumergroup_${name}`,
      type: 'gauge',
      help: `${help}, by partition.`,
      *read(look) {
        if (look.detail !== 'partition') return
        for (const { own, values } of topics(look))
          for (const [partition, n] of values) yield [`${own},partition="${partition}"`, n]
      },
    },
    {
      name: `kafka_consumergroup_${name}_sum`,
      type: 'gauge',
      help: `${help}, by topic.`,
      *read(look) {
        if (look.detail === 'cluster') return
        for (const { own, values } of topics(look)) yield [own, sum(values, ([, n]) => n)]
      },
    },
  ]
}
