/** What a page knows of a cluster as a whole. */
import { z } from 'zod'
import type { Problem } from '../problems.ts'
import type { AuditRow } from './audit.ts'
import type { MetricSample } from './metric.ts'

/** First in every input: the cluster's id as it stands in the URL. */
export const onCluster = z.object({ cluster: z.string().min(1).max(100) })

export interface ClusterSummary {
  readonly id: string
  readonly name: string
  /** Kafka's own id of it; null before the first answer. */
  readonly clusterId: string | null
  /** True if this program started its brokers. */
  readonly embedded: boolean
  /** host:port of the brokers first asked. */
  readonly bootstrap: readonly string[]
  readonly state: 'connecting' | 'connected' | 'unreachable'
  /** Why it is not connected. */
  readonly problem: Problem | null
  /** Brokers known at the last answer; null before the first. */
  readonly brokers: number | null
}

export interface ClusterDetail extends ClusterSummary {
  readonly controllerId: number | null
  /** APIs that every broker offers, with the versions all of them have in common. */
  readonly apis: readonly { readonly key: number; readonly name: string; readonly min: number; readonly max: number }[]
  /** By procedure path (`topics.planCreate`): whether the cluster has the APIs it needs. */
  readonly capabilities: Readonly<Record<string, Capability>>
  /** When the metadata shown was fetched, ms since the epoch. */
  readonly metadataAtMs: number | null
  /** Whether the history of figures, the audit log and saved views are kept. */
  readonly store: { readonly state: 'ready' | 'unavailable'; readonly problem: Problem | null }
}

export interface Capability {
  readonly supported: boolean
  /** Names of the APIs (with the version needed) that the cluster lacks. */
  readonly missing: readonly string[]
}

/** What there is, and what of it is not as it should be. */
export interface ClusterCounts {
  readonly brokers: number
  readonly brokersOffline: number
  readonly topics: number
  readonly internalTopics: number
  readonly partitions: number
  readonly underReplicatedPartitions: number
  readonly offlinePartitions: number
}

export interface Overview extends ClusterCounts {
  readonly cluster: ClusterSummary
  readonly groups: number | null
  /** Bytes over all replicas; null where the cluster does not tell. */
  readonly sizeBytes: number | null
  readonly rates: Rates
  readonly topLag: readonly GroupLag[]
  readonly recentChanges: readonly AuditRow[]
  readonly atMs: number
}

/** Of all topics but the internal ones, over the last second. Null until the cluster has been looked at. */
export interface Rates {
  readonly recordsInPerSecond: number | null
  /** Growth of the leaders' logs, as stored (compressed). */
  readonly bytesInPerSecond: number | null
  /** Advance of what consumer groups have committed: readers without commits are not in it. */
  readonly recordsOutPerSecond: number | null
  /** recordsOut times the mean stored size of the topic's records: an estimate. */
  readonly bytesOutPerSecond: number | null
}

export interface GroupLag {
  readonly groupId: string
  readonly lag: number
}

/** What the overview's subscription sends, once a second. */
export interface OverviewTick {
  readonly atMs: number
  readonly rates: Rates
  readonly topLag: readonly GroupLag[]
  readonly counts: ClusterCounts
  readonly state: ClusterSummary['state']
  readonly samples: readonly MetricSample[]
}

export interface SearchHit {
  readonly type: 'topic' | 'group'
  readonly name: string
}
export const searchInput = onCluster.extend({
  text: z.string().max(300),
  limit: z.number().int().min(1).max(50).default(20),
})
