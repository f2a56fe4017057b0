/** Points of several series as the rows that a chart draws, with holes where nothing was measured. Pure. */

export interface ChartSeries {
  readonly id: string
  readonly label: string
  /** [x, y], rising in x. For time series x is ms since the epoch. Null: nothing known there. */
  readonly points: readonly (readonly [number, number | null])[]
  /** A model is drawn dashed, what was measured solid. */
  readonly dashed?: boolean
  /** Which colour of the palette, 1 to 6; default: its place in the list. */
  readonly colour?: 1 | 2 | 3 | 4 | 5 | 6
  /** Filled down to zero. */
  readonly area?: boolean
}

/** x under `x`, each series' value under its id; null is a hole. */
export type ChartRow = { readonly x: number } & Readonly<Record<string, number | null>>

/** A distance of more than so many steps is a gap and not a line. */
const gapSteps = 2.5

export function toRows(series: readonly ChartSeries[], stepMs: number | null): ChartRow[] {
  const rows = new Map<number, Record<string, number | null>>()
  const at = (x: number) => {
    let row = rows.get(x)
    if (!row) {
      row = { x }
      rows.set(x, row)
    }
    return row
  }
  for (const one of series) {
    let before: number | undefined
    for (const [x, y] of one.points) {
      if (stepMs !== null && before !== undefined && x - before > stepMs * gapSteps) at(before + stepMs)[one.id] = null
      at(x)[one.id] = y
      before = x
    }
  }
  return [...rows.values()].sort((a, b) => a.x! - b.x!) as ChartRow[]
}

/** Points of `later` that come after the last of `earlier`, appended; what lies before `fromMs` is dropped. */
export function appendPoints(
  earlier: readonly (readonly [number, number | null])[],
  later: readonly (readonly [number, number | null])[],
  fromMs: number,
): readonly (readonly [number, number | null])[] {
  const last = earlier.at(-1)?.[0] ?? -1
  return [...earlier, ...later.filter(([x]) => x > last)].filter(([x]) => x >= fromMs)
}

/** Times for the axis at round distances: whole seconds, minutes, hours, days of the zone's wall clock. */
export function timeTicks(fromMs: number, toMs: number, offsetMs: number, atMost: number): number[] {
  const span = toMs - fromMs
  const step = tickSteps.find((s) => span / s <= atMost) ?? tickSteps.at(-1)!
  const ticks: number[] = []
  for (let t = Math.ceil((fromMs + offsetMs) / step) * step - offsetMs; t <= toMs; t += step) ticks.push(t)
  return ticks
}

/** Powers of `base` between the ends of a logarithmic axis, thinned until there are few enough. */
export function logTicks(from: number, to: number, base: number, atMost: number): number[] {
  const first = Math.ceil(Math.log(from) / Math.log(base) - 1e-9)
  const last = Math.floor(Math.log(to) / Math.log(base) + 1e-9)
  const step = Math.max(1, Math.ceil((last - first + 1) / atMost))
  const ticks: number[] = []
  for (let e = Math.ceil(first / step) * step; e <= last; e += step) ticks.push(base ** e)
  return ticks
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const tickSteps = [
  ...[1_000, 5_000, 10_000, 15_000, 30_000],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * minute),
  ...[1, 2, 3, 6, 12].map((n) => n * hour),
  ...[1, 2, 7, 14, 30].map((n) => n * day),
]
