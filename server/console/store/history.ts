/**
 * The history of figures: steps of 10 s for 6 hours, of a minute for 7 days, of 10 minutes for 90 days. Coarser steps are
 * made from the finer ones once those are complete. The last minutes in steps of one second are the sampler's, in memory.
 */
import type { MetricName } from '../shapes/metric.ts'
import { Prisma, type PrismaClient } from './generated/client.ts'

export interface Resolution {
  readonly stepMs: number
  readonly keepMs: number
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** From fine to coarse. The first is written, each of the others made from the one before it. */
export const resolutions: readonly Resolution[] = [
  { stepMs: 10_000, keepMs: 6 * HOUR_MS },
  { stepMs: MINUTE_MS, keepMs: 7 * DAY_MS },
  { stepMs: 10 * MINUTE_MS, keepMs: 90 * DAY_MS },
]

export interface Step {
  readonly name: MetricName
  readonly subject: string
  readonly mean: number
  readonly highest: number
  readonly samples: number
}
/** [time, mean, highest] */
export type Point = readonly [number, number, number]

/** Rows of one INSERT: SQLite takes at most 32,766 values. */
const ROWS_PER_INSERT = 1000

export class History {
  private readonly ids = new Map<string, number>()

  constructor(
    private readonly db: PrismaClient,
    private readonly cluster: string,
  ) {}

  /** Writes one step of the finest resolution. A step written twice counts once: the later replaces the earlier. */
  async write(atMs: number, steps: readonly Step[]): Promise<void> {
    const { stepMs } = resolutions[0]!
    const rows: Prisma.Sql[] = []
    for (const s of steps) {
      const id = await this.seriesId(s.name, s.subject)
      rows.push(Prisma.sql`(${id}, ${stepMs}, ${BigInt(atMs)}, ${s.mean}, ${s.highest}, ${s.samples})`)
    }
    for (let i = 0; i < rows.length; i += ROWS_PER_INSERT) {
      await this.db.$executeRaw`
        INSERT INTO MetricPoint (seriesId, stepMs, atMs, mean, highest, samples)
        VALUES ${Prisma.join(rows.slice(i, i + ROWS_PER_INSERT))}
        ON CONFLICT DO UPDATE SET mean = excluded.mean, highest = excluded.highest, samples = excluded.samples`
    }
  }

  /** Makes the coarser steps that have become complete, and deletes what is older than it is kept. */
  async maintain(nowMs: number): Promise<void> {
    for (let i = 1; i < resolutions.length; i++) {
      await this.rollUp(resolutions[i - 1]!.stepMs, resolutions[i]!.stepMs, nowMs)
    }
    for (const { stepMs, keepMs } of resolutions) {
      await this.db.metricPoint.deleteMany({ where: { stepMs, atMs: { lt: BigInt(nowMs - keepMs) } } })
    }
  }

  private async rollUp(fineMs: number, coarseMs: number, nowMs: number): Promise<void> {
    const last = await this.db.metricPoint.findFirst({ where: { stepMs: coarseMs }, orderBy: { atMs: 'desc' } })
    const from = last === null ? 0n : last.atMs + BigInt(coarseMs)
    const to = BigInt(Math.floor(nowMs / coarseMs) * coarseMs)
    if (from >= to) return
    const coarse = BigInt(coarseMs)
    await this.db.$executeRaw`
      INSERT INTO MetricPoint (seriesId, stepMs, atMs, mean, highest, samples)
      SELECT seriesId, ${coarseMs}, atMs / ${coarse} * ${coarse}, SUM(mean * samples) / SUM(samples), MAX(highest), SUM(samples)
      FROM MetricPoint WHERE stepMs = ${fineMs} AND atMs >= ${from} AND atMs < ${to}
      GROUP BY seriesId, atMs / ${coarse}
      ON CONFLICT DO NOTHING`
  }

  /** The finest points that reach back to `fromMs`; the end is exclusive. */
  async read(
    ask: { name: MetricName; subject: string; fromMs: number; toMs: number; maxPoints: number },
    nowMs: number,
  ): Promise<{ stepMs: number; points: Point[] }> {
    const { stepMs } = resolutionFor(ask, nowMs)
    const id = await this.knownId(ask.name, ask.subject)
    if (id === null) return { stepMs, points: [] }
    const rows = await this.db.metricPoint.findMany({
      where: { seriesId: id, stepMs, atMs: { gte: BigInt(ask.fromMs), lt: BigInt(ask.toMs) } },
      orderBy: { atMs: 'asc' },
      select: { atMs: true, mean: true, highest: true },
    })
    return { stepMs, points: rows.map((r) => [Number(r.atMs), r.mean, r.highest]) }
  }

  private async seriesId(name: string, subject: string): Promise<number> {
    const known = await this.knownId(name, subject)
    if (known !== null) return known
    const { id } = await this.db.metricSeries.create({ data: { cluster: this.cluster, name, subject } })
    this.ids.set(`${name} ${subject}`, id)
    return id
  }

  private async knownId(name: string, subject: string): Promise<number | null> {
    const key = `${name} ${subject}`
    const known = this.ids.get(key)
    if (known !== undefined) return known
    const row = await this.db.metricSeries.findUnique({
      where: { cluster_name_subject: { cluster: this.cluster, name, subject } },
    })
    if (row) this.ids.set(key, row.id)
    return row?.id ?? null
  }
}

/** The finest that is still kept at `fromMs` and does not read more than ten times what is to be shown. */
export function resolutionFor(ask: { fromMs: number; toMs: number; maxPoints: number }, nowMs: number): Resolution {
  const reaching = resolutions.filter(
    (r) => nowMs - ask.fromMs <= r.keepMs + r.stepMs && (ask.toMs - ask.fromMs) / r.stepMs <= ask.maxPoints * 10,
  )
  return reaching[0] ?? resolutions.at(-1)!
}

/** At most `maxPoints`: neighbours become one, with the mean of means and the highest of highest. */
export function thin(
  points: readonly Point[],
  range: { fromMs: number; toMs: number; stepMs: number; maxPoints: number },
): {
  stepMs: number
  points: Point[]
} {
  const wanted = (range.toMs - range.fromMs) / range.maxPoints
  const stepMs = Math.max(range.stepMs, Math.ceil(wanted / range.stepMs) * range.stepMs)
  if (stepMs === range.stepMs) return { stepMs, points: [...points] }
  const thinned: Point[] = []
  for (let i = 0; i < points.length; ) {
    const slot = Math.floor(points[i]![0] / stepMs) * stepMs
    let sum = 0
    let highest = -Infinity
    let n = 0
    for (; i < points.length && points[i]![0] < slot + stepMs; i++, n++) {
      sum += points[i]![1]
      highest = Math.max(highest, points[i]![2])
    }
    thinned.push([slot, sum / n, highest])
  }
  return { stepMs, points: thinned }
}
