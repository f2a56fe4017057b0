/**
 * What the sampler has seen of a cluster, and what follows from it: rates from two looks at an offset, lag from commits and
 * ends. Pure state: the sampler asks the cluster and feeds it; pages read it. Times are monotonic ms.
 *
 * Partitions and groups that move are looked at every time, the others in turn, so that a cluster with tens of thousands of
 * partitions costs no more than one with a thousand.
 */
import type { TopicMetadata } from '../../client/metadata.ts'
import type { Rates } from '../shapes/cluster.ts'
import { OffsetTimes } from './offset_times.ts'

/** What moved within this time is looked at every time. */
const HOT_MS = 60_000
/** Rates shown in tables are smoothed over about so long. */
const SMOOTH_MS = 5_000
/**
 * Groups tell of what they have read when they commit, most clients every 5 s: a rate over less than some commits would be a
 * comb of peaks and zeros.
 */
const COMMITS_MS = 10_000
/** Of so many partitions that groups read, when they had which end is kept: about a kilobyte each. */
const MAX_TIMED = 5_000

export interface PartitionFigures {
  start: number | null
  end: number | null
  /** When `end` was seen; -Infinity: never. */
  endAt: number
  movedAt: number
  recordsInPerSecond: number
  /** Of each replica, by broker. */
  sizes: Map<number, number>
  sizeAt: number
  bytesInPerSecond: number
  /** When it had which end, of partitions that groups read. */
  times: OffsetTimes | null
}

export interface TopicFigures {
  readonly topicId: string | null
  readonly partitions: PartitionFigures[]
  recordsOutPerSecond: number
  outAt: number
}

export interface GroupFigures {
  /** topic → partition → committed offset. */
  readonly commits: Map<string, Map<number, number>>
  at: number
  movedAt: number
}

export interface PartitionKey {
  readonly topic: string
  readonly partition: number
}

const newPartition = (): PartitionFigures => ({
  start: null,
  end: null,
  endAt: -Infinity,
  movedAt: -Infinity,
  recordsInPerSecond: 0,
  sizes: new Map(),
  sizeAt: -Infinity,
  bytesInPerSecond: 0,
  times: null,
})

export class Figures {
  readonly topics = new Map<string, TopicFigures>()
  readonly groups = new Map<string, GroupFigures>()
  /** All there have ever been: one that comes back after an incomplete answer is not new. */
  private readonly topicIds = new Set<string>()
  private lastTopics: readonly TopicMetadata[] | undefined
  private lastSeeAt = -Infinity
  private coldPartition = 0
  private coldGroup = 0

  // --- what there is ---

  /**
   * Takes in the list of topics: a topic that has gone, or was made anew under its name, starts from nothing. One that was
   * created since the last list began empty, so that what it holds at the first look has come in between.
   */
  see(topics: readonly TopicMetadata[], now: number): void {
    if (topics === this.lastTopics) return
    this.lastTopics = topics
    const names = new Set<string>()
    const first = this.lastSeeAt === -Infinity
    for (const t of topics) {
      names.add(t.name)
      let known = this.topics.get(t.name)
      if (!known || known.topicId !== t.topicId || known.partitions.length > t.partitions.length) {
        known = { topicId: t.topicId, partitions: [], recordsOutPerSecond: 0, outAt: -Infinity }
        this.topics.set(t.name, known)
      }
      const isNew = !first && t.topicId !== null && !this.topicIds.has(t.topicId)
      if (t.topicId !== null) this.topicIds.add(t.topicId)
      while (known.partitions.length < t.partitions.length) {
        known.partitions.push(
          isNew ? { ...newPartition(), end: 0, endAt: this.lastSeeAt, sizeAt: this.lastSeeAt } : newPartition(),
        )
      }
      // What was moved away no longer counts.
      for (const [i, { replicas }] of t.partitions.entries()) {
        const { sizes } = known.partitions[i]!
        for (const broker of sizes.keys()) if (!replicas.includes(broker)) sizes.delete(broker)
      }
    }
    for (const name of this.topics.keys()) if (!names.has(name)) this.topics.delete(name)
    this.timed = 0
    for (const t of this.topics.values()) for (const p of t.partitions) if (p.times) this.timed++
    this.lastSeeAt = now
  }

  seeGroups(groupIds: readonly string[]): void {
    const ids = new Set(groupIds)
    for (const id of ids) {
      if (!this.groups.has(id)) this.groups.set(id, { commits: new Map(), at: -Infinity, movedAt: -Infinity })
    }
    for (const kept of [this.groups, this.progress, this.out]) {
      for (const id of kept.keys()) if (!ids.has(id)) kept.delete(id)
    }
  }

  // --- whom to ask ---

  /** Those that move or are watched, and of the others as many as the budget leaves, in turn. */
  choosePartitions(now: number, budget: number, watched: ReadonlySet<string>): PartitionKey[] {
    const hot: PartitionKey[] = []
    const cold: PartitionKey[] = []
    for (const [topic, { partitions }] of this.topics) {
      for (const [partition, p] of partitions.entries()) {
        const isHot = watched.has(topic) || now - p.movedAt < HOT_MS
        ;(isHot ? hot : cold).push({ topic, partition })
      }
    }
    const turn = takeTurn(cold, this.coldPartition, Math.max(Math.ceil(budget / 10), budget - hot.length))
    this.coldPartition = turn.next
    return [...hot, ...turn.taken]
  }

  chooseGroups(now: number, budget: number, watched: ReadonlySet<string>): string[] {
    const hot: string[] = []
    const cold: string[] = []
    for (const [id, g] of this.groups) (watched.has(id) || now - g.movedAt < HOT_MS ? hot : cold).push(id)
    const turn = takeTurn(cold, this.coldGroup, Math.max(Math.ceil(budget / 10), budget - hot.length))
    this.coldGroup = turn.next
    return [...hot, ...turn.taken]
  }

  // --- what was seen ---

  observeEnd({ topic, partition }: PartitionKey, end: number, now: number): void {
    const p = this.topics.get(topic)?.partitions[partition]
    if (!p) return
    const seconds = (now - p.endAt) / 1000
    if (p.end !== null && end >= p.end) {
      if (seconds > 0) p.recordsInPerSecond = (end - p.end) / seconds
      if (end > p.end) p.movedAt = now
    } else p.recordsInPerSecond = 0
    p.end = end
    p.endAt = now
    p.times?.add(end, now)
  }

  observeStart({ topic, partition }: PartitionKey, start: number): void {
    const p = this.topics.get(topic)?.partitions[partition]
    if (p) p.start = start
  }

  /** `leaders`: of partition → node id. Growth is counted on the leader; what retention deletes is not negative growth. */
  observeSizes(
    sizes: readonly (PartitionKey & { broker: number; sizeBytes: number })[],
    leader: (k: PartitionKey) => number,
    now: number,
  ): void {
    for (const { topic, partition, broker, sizeBytes } of sizes) {
      const p = this.topics.get(topic)?.partitions[partition]
      if (!p) continue
      const before = p.sizes.get(broker)
      p.sizes.set(broker, sizeBytes)
      if (broker !== leader({ topic, partition })) continue
      const seconds = (now - p.sizeAt) / 1000
      const growth = sizeBytes - (before ?? (p.sizeAt === -Infinity ? sizeBytes : 0))
      p.bytesInPerSecond = seconds > 0 ? Math.max(0, growth) / seconds : 0
      p.sizeAt = now
    }
  }

  /** All that the group has committed, as of now. */
  observeCommits(groupId: string, commits: readonly (PartitionKey & { offset: number })[], now: number): void {
    const g = this.groups.get(groupId)
    if (!g) return
    const seconds = (now - g.at) / 1000
    const advanced = new Map<string, number>()
    const before = new Map(g.commits)
    g.commits.clear()
    for (const { topic, partition, offset } of commits) {
      let byPartition = g.commits.get(topic)
      if (!byPartition) g.commits.set(topic, (byPartition = new Map()))
      byPartition.set(partition, offset)
      this.keepTimes(topic, partition)
      const last = before.get(topic)?.get(partition)
      if (last !== offset) g.movedAt = now
      if (last !== undefined && offset > last) advanced.set(topic, (advanced.get(topic) ?? 0) + offset - last)
    }
    if (seconds > 0 && Number.isFinite(seconds)) this.observeProgress(groupId, advanced, { sinceMs: g.at, now })
    g.at = now
  }

  private keepTimes(topic: string, partition: number): void {
    const p = this.topics.get(topic)?.partitions[partition]
    if (!p || p.times || p.end === null || this.timed >= MAX_TIMED) return
    p.times = new OffsetTimes()
    p.times.add(p.end, p.endAt)
    this.timed++
  }
  private timed = 0

  private observeProgress(groupId: string, advanced: Map<string, number>, t: { sinceMs: number; now: number }): void {
    const before = (this.progress.get(groupId) ?? []).filter((s) => t.now - s.sinceMs <= COMMITS_MS)
    // However long ago the last look was, as when the cluster was away: this step counts.
    const steps = [...before, { ...t, advanced }]
    this.progress.set(groupId, steps)
    const seconds = (t.now - steps[0]!.sinceMs) / 1000
    const sums = new Map<string, number>()
    for (const step of steps) for (const [topic, n] of step.advanced) sums.set(topic, (sums.get(topic) ?? 0) + n)
    this.out.set(groupId, new Map([...sums].map(([topic, n]) => [topic, n / seconds])))
  }

  /** group → what it moved on by between two looks, within the last `COMMITS_MS`. */
  private readonly progress = new Map<string, { sinceMs: number; now: number; advanced: Map<string, number> }[]>()
  /** group → topic → records a second that it moved on by. */
  private readonly out = new Map<string, Map<string, number>>()

  // --- what follows ---

  topic(name: string): TopicSummary | undefined {
    const t = this.topics.get(name)
    return t && summary(t)
  }

  /** Sum over partitions with a commit. Null: the group has not been looked at, or has committed nothing. */
  lag(groupId: string, onlyTopic?: string): number | null {
    const g = this.groups.get(groupId)
    if (!g || g.commits.size === 0) return null
    let lag: number | null = null
    for (const [topic, byPartition] of g.commits) {
      if (onlyTopic !== undefined && topic !== onlyTopic) continue
      const partitions = this.topics.get(topic)?.partitions
      for (const [partition, committed] of byPartition) {
        const end = partitions?.[partition]?.end
        if (end === null || end === undefined) continue
        lag = (lag ?? 0) + Math.max(0, end - committed)
      }
    }
    return lag
  }

  /**
   * How long ago the next record that the group has not committed came in, seconds, of the partition where that is longest; 0
   * where it has committed all. What came before the console looked is at least so old. Null: not known.
   */
  lagSeconds(groupId: string, topic: string, now: number): number | null {
    let longest: number | null = null
    const partitions = this.topics.get(topic)?.partitions
    for (const [partition, committed] of this.groups.get(groupId)?.commits.get(topic) ?? []) {
      const p = partitions?.[partition]
      if (!p || p.end === null) continue
      const since = committed >= p.end ? now : p.times?.timeOf(committed)
      if (since !== undefined) longest = Math.max(longest ?? 0, (now - since) / 1000)
    }
    return longest
  }

  /** topic → groups with commits on it, and the sum of their lags. */
  lagByTopic(): Map<string, { groups: number; lag: number }> {
    const found = new Map<string, { groups: number; lag: number }>()
    for (const [id, g] of this.groups) {
      for (const topic of g.commits.keys()) {
        const entry = found.get(topic) ?? { groups: 0, lag: 0 }
        entry.groups++
        entry.lag += this.lag(id, topic) ?? 0
        found.set(topic, entry)
      }
    }
    return found
  }

  /** Of the users' topics: what the cluster and the console write for themselves is not in it. */
  rates(): Rates {
    let recordsIn = 0
    let bytesIn = 0
    let seen = false
    for (const [name, t] of this.topics) {
      const counts = !isInternalName(name)
      for (const p of t.partitions) {
        seen ||= p.end !== null
        if (!counts) continue
        recordsIn += p.recordsInPerSecond
        bytesIn += p.bytesInPerSecond
      }
    }
    let recordsOut = 0
    let bytesOut = 0
    for (const [groupId, byTopic] of this.out) {
      if (!this.groups.has(groupId)) continue
      for (const [topic, rate] of byTopic) {
        if (isInternalName(topic)) continue
        recordsOut += rate
        bytesOut += rate * (this.topic(topic)?.meanRecordBytes ?? 0)
      }
    }
    if (!seen)
      return { recordsInPerSecond: null, bytesInPerSecond: null, recordsOutPerSecond: null, bytesOutPerSecond: null }
    return {
      recordsInPerSecond: recordsIn,
      bytesInPerSecond: bytesIn,
      recordsOutPerSecond: recordsOut,
      bytesOutPerSecond: bytesOut,
    }
  }

  /** Records a second that groups moved on by on a topic. */
  recordsOut(topic: string): number {
    let sum = 0
    for (const [groupId, byTopic] of this.out) if (this.groups.has(groupId)) sum += byTopic.get(topic) ?? 0
    return sum
  }

  totals(): { sizeBytes: number | null; lag: number } {
    let sizeBytes: number | null = null
    for (const t of this.topics.values()) {
      for (const p of t.partitions) for (const size of p.sizes.values()) sizeBytes = (sizeBytes ?? 0) + size
    }
    let lag = 0
    for (const id of this.groups.keys()) lag += this.lag(id) ?? 0
    return { sizeBytes, lag }
  }

  topLag(count: number): { groupId: string; lag: number }[] {
    return [...this.groups.keys()]
      .map((groupId) => ({ groupId, lag: this.lag(groupId) ?? 0 }))
      .filter((g) => g.lag > 0)
      .sort((a, b) => b.lag - a.lag || (a.groupId < b.groupId ? -1 : 1))
      .slice(0, count)
  }
}

/** By custom: Kafka's own topics begin so, and the probe's. */
const isInternalName = (topic: string): boolean => topic.startsWith('__')

export interface TopicSummary {
  /** Null until every partition has been looked at. */
  readonly records: number | null
  readonly sizeBytes: number | null
  /** Of the leaders' replicas alone: all replicas over how many there are of each. */
  readonly recordsInPerSecond: number | null
  readonly bytesInPerSecond: number | null
  /** Stored bytes of one replica over its records; null without records. */
  readonly meanRecordBytes: number | null
  /** When the partition that was seen longest ago was seen; -Infinity: some never. */
  readonly seenAt: number
}

function summary(t: TopicFigures): TopicSummary {
  let records: number | null = 0
  let sizeBytes: number | null = null
  let oneReplica = 0
  let recordsIn = 0
  let bytesIn = 0
  let seenAt = Infinity
  for (const p of t.partitions) {
    if (p.end === null || p.start === null) records = null
    else if (records !== null) records += Math.max(0, p.end - p.start)
    let largest = 0
    for (const size of p.sizes.values()) {
      sizeBytes = (sizeBytes ?? 0) + size
      largest = Math.max(largest, size)
    }
    oneReplica += largest
    recordsIn += p.recordsInPerSecond
    bytesIn += p.bytesInPerSecond
    seenAt = Math.min(seenAt, p.endAt)
  }
  const seen = Number.isFinite(seenAt)
  return {
    records,
    sizeBytes,
    recordsInPerSecond: seen ? recordsIn : null,
    bytesInPerSecond: sizeBytes === null ? null : bytesIn,
    meanRecordBytes: records ? oneReplica / records : null,
    seenAt: seen ? seenAt : -Infinity,
  }
}

function takeTurn<T>(list: readonly T[], from: number, count: number): { taken: T[]; next: number } {
  if (list.length <= count) return { taken: [...list], next: 0 }
  const start = from % list.length
  const taken = list.slice(start, start + count)
  if (taken.length < count) taken.push(...list.slice(0, count - taken.length))
  return { taken, next: (start + count) % list.length }
}

/** Exponential mean over about `SMOOTH_MS`. */
export const smoothed = (before: number | undefined, now: number, elapsedMs: number): number => {
  if (before === undefined) return now
  const weight = 1 - Math.exp(-elapsedMs / SMOOTH_MS)
  return before + (now - before) * weight
}
