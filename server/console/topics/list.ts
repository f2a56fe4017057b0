/** The table of topics: filtered, sorted and cut on the server, from what is known already. Pure. */
import type { TopicMetadata } from '../../client/metadata.ts'
import type { Snapshot } from '../cluster/connection.ts'
import type { Sampler } from '../figures/sampler.ts'
import type { TopicListInput, TopicPage, TopicRow } from '../shapes/topic.ts'

type Known = Pick<Sampler, 'figures' | 'topicRates' | 'wallTimeOf'>

export function listTopics(snapshot: Snapshot, known: Known, input: Omit<TopicListInput, 'cluster'>): TopicPage {
  const search = input.search.trim().toLowerCase()
  const matching = snapshot.topics.filter(
    (t) =>
      (input.internal || !isInternal(t)) &&
      (search === '' || t.name.toLowerCase().includes(search)) &&
      (!input.unhealthy || underReplicated(t) + offline(t) > 0),
  )
  const lags = known.figures.lagByTopic()
  const row = (t: TopicMetadata) => rowOf(t, known, lags.get(t.name))
  const first = (input.page - 1) * input.perPage
  // The name is the order that the snapshot has: only then need no row be made that is not shown.
  const rows =
    input.sortBy === 'name'
      ? (input.descending ? matching.toReversed() : matching).slice(first, first + input.perPage).map(row)
      : matching
          .map(row)
          .sort(by(input.sortBy, input.descending))
          .slice(first, first + input.perPage)
  return {
    rows,
    total: matching.length,
    topics: snapshot.topics.length,
    metadataAtMs: snapshot.atMs,
    figuresAtMs: known.wallTimeOf(Math.min(...rows.map((r) => known.figures.topic(r.name)?.seenAt ?? -Infinity))),
  }
}

/** Kafka marks its two; names that begin with two underscores are internal by custom. */
export const isInternal = (t: { isInternal: boolean; name: string }): boolean => t.isInternal || t.name.startsWith('__')

export const underReplicated = (t: TopicMetadata): number =>
  t.partitions.filter((p) => p.leader >= 0 && p.isr.length < p.replicas.length).length
export const offline = (t: TopicMetadata): number => t.partitions.filter((p) => p.leader < 0).length

function rowOf(t: TopicMetadata, known: Known, lag: { groups: number; lag: number } | undefined): TopicRow {
  const figures = known.figures.topic(t.name)
  const rates = known.topicRates.get(t.name)
  const seen = figures !== undefined && figures.recordsInPerSecond !== null
  return {
    name: t.name,
    internal: isInternal(t),
    partitions: t.partitions.length,
    replicationFactor: t.partitions[0]?.replicas.length ?? 0,
    underReplicatedPartitions: underReplicated(t),
    offlinePartitions: offline(t),
    records: figures?.records ?? null,
    sizeBytes: figures?.sizeBytes ?? null,
    recordsInPerSecond: seen ? (rates?.recordsIn ?? 0) : null,
    bytesInPerSecond: seen && figures.sizeBytes !== null ? (rates?.bytesIn ?? 0) : null,
    groups: lag?.groups ?? (seen ? 0 : null),
    lag: lag?.lag ?? null,
  }
}

/** What is unknown stands last in both directions; equal ones by name. */
function by(key: Exclude<TopicListInput['sortBy'], 'name'>, descending: boolean): (a: TopicRow, b: TopicRow) => number {
  return (a, b) => {
    const x = a[key]
    const y = b[key]
    if (x !== y) {
      if (x === null) return 1
      if (y === null) return -1
      return descending ? y - x : x - y
    }
    return a.name < b.name ? -1 : 1
  }
}
