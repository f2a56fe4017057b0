/** Where a lag is going, from its last points: how fast, and when it will be caught up. Pure. */

export type Trend = 'rising' | 'falling' | 'steady'

type Points = readonly (readonly [ms: number, value: number | null])[]

export interface Slope {
  readonly trend: Trend
  /** Change a second. */
  readonly perSecond: number
  /** When a falling lag is zero, ms from the last point; null: it is not falling, or would take more than a week. */
  readonly caughtUpInMs: number | null
}

/** A movement over the whole window that is not this many times what the points stray from the line is none. */
const clear = 2
const weekMs = 7 * 86_400_000

/** By least squares over the points of the last `windowMs`; undefined with fewer than three. */
export function slopeOf(points: Points, windowMs: number): Slope | undefined {
  const last = points.findLast(([, value]) => value !== null)
  if (!last) return undefined
  const known = points.filter((p): p is readonly [number, number] => p[1] !== null && p[0] > last[0] - windowMs)
  if (known.length < 3) return undefined
  const meanX = known.reduce((sum, [x]) => sum + x, 0) / known.length
  const meanY = known.reduce((sum, [, y]) => sum + y, 0) / known.length
  let xy = 0
  let xx = 0
  for (const [x, y] of known) {
    xy += (x - meanX) * (y - meanY)
    xx += (x - meanX) ** 2
  }
  if (xx === 0) return undefined
  const perMs = xy / xx
  const spanMs = known.at(-1)![0] - known[0]![0]
  const moved = Math.abs(perMs * spanMs)
  const stray = known.reduce((sum, [x, y]) => sum + (y - meanY - perMs * (x - meanX)) ** 2, 0)
  const still = moved <= Math.max(1, clear * Math.sqrt(stray / known.length)) || (perMs < 0 && last[1] === 0)
  const trend: Trend = still ? 'steady' : perMs > 0 ? 'rising' : 'falling'
  const leftMs = last[1]! / -perMs
  const caughtUpInMs = trend === 'falling' && last[1]! > 0 && leftMs <= weekMs ? leftMs : null
  return { trend, perSecond: perMs * 1_000, caughtUpInMs }
}
