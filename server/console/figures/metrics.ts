/** Series for charts, from memory where it reaches and from the store beyond, and the same live. */
import type { Env } from '../../env/env.ts'
import type { MetricsService } from '../service.ts'
import {
  CLUSTER,
  type LiveInput,
  type LiveTick,
  type MetricName,
  metrics,
  type OffsetsTick,
  type Series,
  type SeriesInput,
} from '../shapes/metric.ts'
import { type History, type Point, thin } from '../store/history.ts'
import { RECENT_MS, RECENT_STEP_MS, STORED_STEP_MS } from './recent.ts'
import type { Sampler } from './sampler.ts'

/** Of these, no sample means nothing moved, if the cluster was looked at in that step at all. */
const ZERO_WHEN_QUIET: ReadonlySet<MetricName> = new Set(['topicRecordsIn', 'topicBytesIn'])
/** Of these likewise, but nothing is known before the first sample: the group may not have been there. */
const ZERO_SINCE_FIRST: ReadonlySet<MetricName> = new Set(['groupLag', 'groupTopicLag'])

export class Metrics implements MetricsService {
  constructor(
    private readonly env: Env,
    private readonly sampler: Sampler,
    private readonly history: () => History | null,
  ) {}

  readonly series = (input: Omit<SeriesInput, 'cluster'>): Promise<readonly Series[]> =>
    Promise.all(input.names.map((name) => this.one(name, input)))

  async one(name: MetricName, { subject, ...range }: Omit<SeriesInput, 'cluster' | 'names'>): Promise<Series> {
    const own = await this.points(name, subject, range)
    const looks = async () => (await this.points('recordsIn', CLUSTER, range)).points
    const points = ZERO_WHEN_QUIET.has(name)
      ? filled(own.points, await looks())
      : ZERO_SINCE_FIRST.has(name)
        ? filledSinceFirst(own.points, await looks(), this.caughtUp(name, subject))
        : own.points
    const thinned = thin(points, { ...range, stepMs: own.stepMs })
    return { name, subject, unit: metrics[name].unit, stepMs: thinned.stepMs, points: thinned.points }
  }

  /** Is the lag known, and zero? A group that never was behind has no samples at all. */
  private caughtUp(name: MetricName, subject: string): boolean {
    const [groupId, topic] = subject.split('\u0000')
    return this.sampler.figures.lag(groupId!, name === 'groupTopicLag' ? topic : undefined) === 0
  }

  private async points(
    name: MetricName,
    subject: string,
    range: { fromMs: number; toMs: number; maxPoints: number },
  ): Promise<{ stepMs: number; points: readonly Point[] }> {
    const nowMs = this.env.clock.now()
    const recent = this.sampler.recent.read(name, subject, range.fromMs, range.toMs, nowMs)
    const history = this.history()
    if (history === null) return { stepMs: RECENT_STEP_MS, points: recent }
    const short = nowMs - range.fromMs <= RECENT_MS
    if (short && this.sampler.startedAtMs <= range.fromMs + STORED_STEP_MS)
      return { stepMs: RECENT_STEP_MS, points: recent }
    const stored = await history.read({ name, subject, ...range }, nowMs)
    return short ? beforeAndSince(stored.points, recent) : upToNow(stored, recent)
  }

  readonly live = async function* (this: Metrics, input: LiveInput, signal: AbortSignal): AsyncGenerator<LiveTick> {
    const names = new Set<string>(input.names)
    const subjects = new Set(input.subjects)
    const release = [...subjects].flatMap((s) =>
      s === CLUSTER ? [] : [this.sampler.watch(`topic:${s}`), this.sampler.watch(`group:${s}`)],
    )
    try {
      for await (const { atMs, samples } of this.sampler.follow(signal)) {
        yield { atMs, samples: samples.filter((s) => names.has(s.name) && subjects.has(s.subject)) }
      }
    } finally {
      for (const undo of release) undo()
    }
  }.bind(this)

  readonly offsetsLive = async function* (
    this: Metrics,
    topic: string,
    signal: AbortSignal,
  ): AsyncGenerator<OffsetsTick> {
    const release = this.sampler.watch(`topic:${topic}`)
    try {
      const sent = new Map<number, string>()
      for await (const { atMs } of this.sampler.follow(signal)) {
        const partitions = (this.sampler.figures.topics.get(topic)?.partitions ?? []).flatMap((p, partition) =>
          p.start === null || p.end === null ? [] : [{ partition, startOffset: p.start, endOffset: p.end }],
        )
        const moved = partitions.filter((p) => sent.get(p.partition) !== `${p.startOffset} ${p.endOffset}`)
        if (moved.length === 0) continue
        for (const p of moved) sent.set(p.partition, `${p.startOffset} ${p.endOffset}`)
        yield { atMs, partitions: moved }
      }
    } finally {
      release()
    }
  }.bind(this)
}

/** What an earlier run has stored, in its coarser steps, then what is in memory. */
export function beforeAndSince(
  stored: readonly Point[],
  recent: readonly Point[],
): { stepMs: number; points: Point[] } {
  const first = recent[0]?.[0] ?? Infinity
  return { stepMs: RECENT_STEP_MS, points: [...stored.filter((p) => p[0] < first), ...recent] }
}

/** The store is a step or more behind: what is in memory fills in, in the same steps. */
export function upToNow(
  stored: { stepMs: number; points: readonly Point[] },
  recent: readonly Point[],
): { stepMs: number; points: Point[] } {
  const { stepMs, points } = stored
  const last = points.at(-1)
  const since = last ? last[0] + stepMs : -Infinity
  const rest = recent.filter((p) => p[0] >= since)
  const range = { fromMs: 0, toMs: stepMs, stepMs: RECENT_STEP_MS, maxPoints: 1 }
  return { stepMs, points: [...points, ...thin(rest, range).points] }
}

/** Zero where `mask` has a point and `points` has none. Both ascend by time and have the same steps. */
export function filled(points: readonly Point[], mask: readonly Point[]): Point[] {
  const known = new Map(points.map((p) => [p[0], p]))
  const times = new Set([...mask.map((p) => p[0]), ...known.keys()])
  return [...times].sort((a, b) => a - b).map((t) => known.get(t) ?? [t, 0, 0])
}

/** The same between the first and the last point; before and after only what is known: `zeroNow`, that it has stayed zero since. */
export function filledSinceFirst(points: readonly Point[], mask: readonly Point[], zeroNow: boolean): Point[] {
  const first = points[0]?.[0] ?? -Infinity
  const last = zeroNow ? Infinity : (points.at(-1)?.[0] ?? -Infinity)
  return filled(
    points,
    mask.filter((p) => p[0] > first && p[0] < last),
  )
}
