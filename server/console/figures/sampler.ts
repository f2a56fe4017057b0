/**
 * Looks at a cluster every second or so, through Kafka's protocol alone (ListOffsets, DescribeLogDirs, ListGroups,
 * OffsetFetch), feeds `Figures`, keeps the last minutes, and writes every ten seconds into the history. A look that fails is
 * left out; a slow cluster is looked at less often.
 */
import type { ListedGroup } from '../../client/admin/groups.ts'
import type { Env } from '../../env/env.ts'
import type { ClusterConnection, Snapshot } from '../cluster/connection.ts'
import { CLUSTER, groupTopic, type MetricName, type MetricSample } from '../shapes/metric.ts'
import type { History } from '../store/history.ts'
import { Figures, type PartitionKey, smoothed } from './figures.ts'
import { Recent, STORED_STEP_MS } from './recent.ts'

const TICK_MS = 1_000
/** Partitions and groups looked at in one tick, beside those that move. */
const PARTITIONS_PER_TICK = 2_000
const GROUPS_PER_TICK = 50
/** Start offsets move rarely. */
const STARTS_EVERY_TICKS = 5
const SIZES_EVERY_MS = 5_000
/** DescribeLogDirs of a large cluster takes long: it may take this share of the time. */
const SIZES_SHARE = 0.03
const MAINTAIN_EVERY_MS = 60_000
/** Of one broker: one that hangs must not keep the figures of all. */
const patience = { timeoutMs: 5_000, answerWithinMs: 5_000 }

export interface Tick {
  readonly atMs: number
  readonly samples: readonly MetricSample[]
}

export class Sampler {
  readonly figures = new Figures()
  readonly recent = new Recent()
  /** When the last look was complete, wall clock. */
  lookedAtMs: number | null = null
  /** Looks that were not complete, or had nobody to look at. */
  failedLooks = 0
  /** Of the groups that there are, as they were listed last. */
  listed: readonly ListedGroup[] = []
  readonly silentBrokers = new Set<number>()
  readonly startedAtMs: number
  /** Smoothed, for tables. */
  readonly topicRates = new Map<string, { recordsIn: number; bytesIn: number }>()

  private readonly watchers = new Map<string, number>()
  private readonly waiting: ((tick: Tick | undefined) => void)[] = []
  private ticks = 0
  private nextSizesAt = 0
  private nextMaintainAt = 0
  private drainedSlot = 0
  private cancelTimer: () => void = () => {}
  private closed = false
  private lastTickAt = 0
  /** What other measurements add to each tick: the probe. */
  readonly extra: (() => readonly MetricSample[])[] = []

  constructor(
    private readonly env: Env,
    private readonly connection: ClusterConnection,
    private readonly history: () => History | null,
    private readonly warn: (message: string) => void,
  ) {
    this.startedAtMs = env.clock.now()
    this.later(0)
  }

  close(): void {
    this.closed = true
    this.cancelTimer()
    for (const resolve of this.waiting.splice(0)) resolve(undefined)
  }

  /** Of a monotonic time; null for none. */
  readonly wallTimeOf = (monotonicMs: number): number | null =>
    Number.isFinite(monotonicMs) ? Math.round(this.env.clock.now() - (this.env.clock.monotonic() - monotonicMs)) : null

  /** Has a topic (`topic:name`) or a group (`group:id`) looked at every time until the function returned is called. */
  watch(what: `topic:${string}` | `group:${string}`): () => void {
    this.watchers.set(what, (this.watchers.get(what) ?? 0) + 1)
    return () => {
      const left = this.watchers.get(what)! - 1
      if (left === 0) this.watchers.delete(what)
      else this.watchers.set(what, left)
    }
  }

  /** Every tick from now on, until aborted. A reader that is slow misses ticks, and none are kept for it. */
  async *follow(signal: AbortSignal): AsyncGenerator<Tick> {
    while (!this.closed && !signal.aborted) {
      const tick = await new Promise<Tick | undefined>((resolve) => {
        const give = (t: Tick | undefined) => {
          signal.removeEventListener('abort', stop)
          resolve(t)
        }
        const stop = () => {
          this.waiting.splice(this.waiting.indexOf(give), 1)
          resolve(undefined)
        }
        this.waiting.push(give)
        signal.addEventListener('abort', stop, { once: true })
      })
      if (tick === undefined) return
      yield tick
    }
  }

  // --- looking ---

  private later(ms: number): void {
    if (!this.closed) this.cancelTimer = this.env.clock.after(ms, () => void this.run())
  }

  private async run(): Promise<void> {
    const started = this.env.clock.monotonic()
    try {
      await this.look()
    } catch (error) {
      this.failedLooks++
      // The connection itself says on every page that it is down; what is not an answer is our bug.
      const isAnswer = ['KafkaError', 'ConsoleError'].includes((error as Error).name)
      if (!this.closed && !isAnswer) this.warn(`Sampling failed: ${(error as Error).stack}`)
    }
    const took = this.env.clock.monotonic() - started
    this.later(Math.max(TICK_MS - took, took / 4, 50))
  }

  private async look(): Promise<void> {
    if (this.connection.state === 'unreachable') {
      this.failedLooks++
      return this.announce([])
    }
    const snapshot = await this.connection.metadata()
    const now = this.env.clock.monotonic()
    this.figures.see(snapshot.topics, now)
    const keys = this.figures.choosePartitions(now, PARTITIONS_PER_TICK, this.watched('topic:'))
    await Promise.all([this.offsets(keys), this.groups(now), this.sizes(snapshot, now)])
    if (this.closed) return
    this.ticks++
    this.publish()
    await this.keep()
  }

  private watched(kind: 'topic:' | 'group:'): Set<string> {
    return new Set([...this.watchers.keys()].filter((k) => k.startsWith(kind)).map((k) => k.slice(kind.length)))
  }

  private async offsets(keys: readonly PartitionKey[]): Promise<void> {
    if (keys.length === 0) return
    const { admin } = this.connection.client
    const { figures } = this
    const list = (some: readonly PartitionKey[], at: 'earliest' | 'latest') =>
      admin.listOffsets(
        some.map((k) => ({ ...k, at })),
        patience,
      )
    const unseen = (k: PartitionKey) => figures.topics.get(k.topic)?.partitions[k.partition]?.start === null
    const startsOf = this.ticks % STARTS_EVERY_TICKS === 0 ? keys : keys.filter(unseen)
    const [ends, starts] = await Promise.all([
      list(keys, 'latest'),
      startsOf.length > 0 ? list(startsOf, 'earliest') : [],
    ])
    const now = this.env.clock.monotonic()
    for (const e of ends) if (e.offset !== null) figures.observeEnd(e, e.offset, now)
    for (const s of starts) if (s.offset !== null) figures.observeStart(s, s.offset)
  }

  private async groups(now: number): Promise<void> {
    const { admin } = this.connection.client
    const { groups, errors } = await admin.listGroups(patience)
    this.silentBrokers.clear()
    for (const e of errors) this.silentBrokers.add(e.broker)
    this.listed = groups
    // With a broker silent, its groups are not gone.
    const ids = groups.filter((g) => g.protocolType === 'consumer' || g.protocolType === '').map((g) => g.groupId)
    this.figures.seeGroups(errors.length > 0 ? [...ids, ...this.figures.groups.keys()] : ids)
    const chosen = this.figures.chooseGroups(now, GROUPS_PER_TICK, this.watched('group:'))
    if (chosen.length === 0) return
    const answers = await admin.offsetFetch(
      chosen.map((groupId) => ({ groupId })),
      patience,
    )
    const at = this.env.clock.monotonic()
    for (const { groupId, error, offsets } of answers) {
      if (error) continue
      const commits = offsets.flatMap(({ topic, partition, offset }) =>
        offset === null ? [] : [{ topic, partition, offset }],
      )
      this.figures.observeCommits(groupId, commits, at)
    }
  }

  private async sizes(snapshot: Snapshot, now: number): Promise<void> {
    if (now < this.nextSizesAt) return
    const answers = await this.connection.client.admin.describeLogDirs(patience)
    const at = this.env.clock.monotonic()
    this.nextSizesAt = at + Math.max(SIZES_EVERY_MS, (at - now) / SIZES_SHARE)
    const leader = ({ topic, partition }: PartitionKey) =>
      snapshot.byName.get(topic)?.partitions[partition]?.leader ?? -1
    for (const { broker, logDirs } of answers) {
      const sizes = logDirs.flatMap((d) => d.partitions.filter((p) => !p.isFuture).map((p) => ({ ...p, broker })))
      this.figures.observeSizes(sizes, leader, at)
    }
  }

  // --- what comes of it ---

  private publish(): void {
    const atMs = this.env.clock.now()
    const elapsedMs = this.lastTickAt === 0 ? TICK_MS : atMs - this.lastTickAt
    this.lastTickAt = atMs
    const samples = [...this.clusterSamples(), ...this.topicSamples(elapsedMs), ...this.groupSamples()]
    for (const give of this.extra) samples.push(...give())
    for (const s of samples) this.recent.add(s.name, s.subject, atMs, s.value)
    this.lookedAtMs = atMs
    this.announce(samples)
  }

  /** Also while the cluster is silent: whoever follows sees its state. */
  private announce(samples: readonly MetricSample[]): void {
    const atMs = this.env.clock.now()
    for (const resolve of this.waiting.splice(0)) resolve({ atMs, samples })
  }

  private clusterSamples(): MetricSample[] {
    const rates = this.figures.rates()
    const { sizeBytes, lag } = this.figures.totals()
    const values: [MetricName, number | null][] = [
      ['recordsIn', rates.recordsInPerSecond],
      ['bytesIn', rates.bytesInPerSecond],
      ['recordsOut', rates.recordsOutPerSecond],
      ['bytesOut', rates.bytesOutPerSecond],
      ['sizeBytes', sizeBytes],
      ['lag', lag],
    ]
    return values.flatMap(([name, value]) => (value === null ? [] : [{ name, subject: CLUSTER, value }]))
  }

  /** Quiet topics and groups have no samples: a chart fills them with zeros where the cluster's own series has values. */
  private topicSamples(elapsedMs: number): MetricSample[] {
    const samples: MetricSample[] = []
    for (const name of this.figures.topics.keys()) {
      const t = this.figures.topic(name)!
      const recordsIn = t.recordsInPerSecond ?? 0
      const bytesIn = t.bytesInPerSecond ?? 0
      const shown = this.topicRates.get(name)
      const quiet = recordsIn === 0 && bytesIn === 0
      if (!quiet || shown) {
        const next = {
          recordsIn: smoothed(shown?.recordsIn, recordsIn, elapsedMs),
          bytesIn: smoothed(shown?.bytesIn, bytesIn, elapsedMs),
        }
        if (quiet && next.recordsIn < 0.01 && next.bytesIn < 0.01) this.topicRates.delete(name)
        else this.topicRates.set(name, next)
      }
      if (quiet && !this.recent.last('topicRecordsIn', name) && !this.watchers.has(`topic:${name}`)) continue
      samples.push(
        { name: 'topicRecordsIn', subject: name, value: recordsIn },
        { name: 'topicBytesIn', subject: name, value: bytesIn },
      )
      if (t.sizeBytes !== null) samples.push({ name: 'topicSizeBytes', subject: name, value: t.sizeBytes })
    }
    for (const name of this.topicRates.keys()) if (!this.figures.topics.has(name)) this.topicRates.delete(name)
    return samples
  }

  private groupSamples(): MetricSample[] {
    const samples: MetricSample[] = []
    for (const [groupId, g] of this.figures.groups) {
      const lag = this.figures.lag(groupId)
      if (lag === null) continue
      if (lag === 0 && !this.recent.last('groupLag', groupId) && !this.watchers.has(`group:${groupId}`)) continue
      samples.push({ name: 'groupLag', subject: groupId, value: lag })
      for (const topic of g.commits.keys()) {
        const ofTopic = this.figures.lag(groupId, topic)
        if (ofTopic !== null)
          samples.push({ name: 'groupTopicLag', subject: groupTopic(groupId, topic), value: ofTopic })
      }
    }
    return samples
  }

  /** Every ten seconds into the store, every minute its upkeep. */
  private async keep(): Promise<void> {
    const nowMs = this.env.clock.now()
    const slot = Math.floor(nowMs / STORED_STEP_MS)
    if (slot === this.drainedSlot) return
    const steps = this.recent.drain()
    const first = this.drainedSlot === 0
    this.drainedSlot = slot
    const history = this.history()
    // The first slot is a part of one: it would stand for the whole.
    if (!history || first) return
    try {
      await history.write((slot - 1) * STORED_STEP_MS, steps)
      if (nowMs >= this.nextMaintainAt) {
        this.nextMaintainAt = nowMs + MAINTAIN_EVERY_MS
        await history.maintain(nowMs)
        this.recent.sweep(nowMs)
      }
    } catch (error) {
      this.warn(`The history of figures could not be written: ${(error as Error).message}`)
    }
  }
}
