/** The last minutes of every series in steps of one second, in memory, and the means over ten seconds that the store keeps. */
import type { MetricName } from '../shapes/metric.ts'
import { type Point, resolutions, type Step } from '../store/history.ts'

export const RECENT_MS = 15 * 60_000
const STEP_MS = 1_000
/** Beyond so many series the quietest are not kept: topics and groups without end must not fill the memory. */
export const MAX_SERIES = 1_000
/** One that had a value within this time gives way to no other: else thousands would push each other out, and none had a past. */
const BUSY_MS = 60_000

interface Series {
  readonly name: MetricName
  readonly subject: string
  /** Rings: slot of second s is s modulo their length. */
  readonly seconds: Uint32Array
  readonly values: Float64Array
  lastMs: number
  sum: number
  highest: number
  samples: number
}

const SLOTS = RECENT_MS / STEP_MS

export class Recent {
  private readonly series = new Map<string, Series>()
  /** Until then there is no room for another: looked for once, not for every one that is refused. */
  private fullUntilMs = 0

  /** One value of one moment, wall clock ms. A second that comes twice keeps the later value. */
  add(name: MetricName, subject: string, atMs: number, value: number): void {
    if (!Number.isFinite(value)) return
    const key = `${name} ${subject}`
    let s = this.series.get(key)
    if (!s) {
      if (this.series.size >= MAX_SERIES && !this.makeRoom(atMs)) return
      s = {
        name,
        subject,
        seconds: new Uint32Array(SLOTS),
        values: new Float64Array(SLOTS),
        lastMs: 0,
        sum: 0,
        highest: -Infinity,
        samples: 0,
      }
      this.series.set(key, s)
    }
    const second = Math.floor(atMs / STEP_MS)
    s.seconds[second % SLOTS] = second
    s.values[second % SLOTS] = value
    s.lastMs = atMs
    s.sum += value
    s.highest = Math.max(s.highest, value)
    s.samples++
  }

  /** Is it being recorded? A series that is quiet need not be begun. */
  has(name: MetricName, subject: string): boolean {
    return this.series.has(`${name} ${subject}`)
  }

  last(name: MetricName, subject: string): number | null {
    const s = this.series.get(`${name} ${subject}`)
    return s ? s.values[Math.floor(s.lastMs / STEP_MS) % SLOTS]! : null
  }

  /** Ascending by time; the end is exclusive. */
  read(name: MetricName, subject: string, fromMs: number, toMs: number, nowMs: number): Point[] {
    const s = this.series.get(`${name} ${subject}`)
    if (!s) return []
    const first = Math.max(Math.ceil(fromMs / STEP_MS), Math.floor(nowMs / STEP_MS) - SLOTS + 1)
    const points: Point[] = []
    for (let second = first; second * STEP_MS < toMs && second * STEP_MS <= nowMs; second++) {
      if (s.seconds[second % SLOTS] !== second) continue
      const value = s.values[second % SLOTS]!
      points.push([second * STEP_MS, value, value])
    }
    return points
  }

  /** Mean of a window, null without samples. */
  mean(name: MetricName, subject: string, windowMs: number, nowMs: number): number | null {
    const points = this.read(name, subject, nowMs - windowMs, nowMs + 1, nowMs)
    return points.length === 0 ? null : points.reduce((sum, p) => sum + p[1], 0) / points.length
  }

  /** Everything added since the last call, as one step of the store's finest resolution. */
  drain(): Step[] {
    const steps: Step[] = []
    for (const s of this.series.values()) {
      if (s.samples > 0)
        steps.push({
          name: s.name,
          subject: s.subject,
          mean: s.sum / s.samples,
          highest: s.highest,
          samples: s.samples,
        })
      s.sum = 0
      s.highest = -Infinity
      s.samples = 0
    }
    return steps
  }

  /** Drops series that have had no value for as long as values are kept. */
  sweep(nowMs: number): void {
    for (const [key, s] of this.series) if (nowMs - s.lastMs > RECENT_MS) this.series.delete(key)
  }

  private makeRoom(nowMs: number): boolean {
    if (nowMs < this.fullUntilMs) return false
    let oldest: string | undefined
    let at = nowMs - BUSY_MS
    let next = Infinity
    for (const [key, s] of this.series) {
      next = Math.min(next, s.lastMs)
      if (s.lastMs < at) {
        at = s.lastMs
        oldest = key
      }
    }
    if (oldest === undefined) {
      this.fullUntilMs = next + BUSY_MS
      return false
    }
    this.series.delete(oldest)
    return true
  }
}

/** Distance of the points that `read` gives, and of those that the store takes. */
export const RECENT_STEP_MS = STEP_MS
export const STORED_STEP_MS = resolutions[0]!.stepMs
