/** What a series looks like: its colour, and the piece of line, or the point, beside its name. */
import type { ChartSeries } from './series.ts'

const colours = 6

export function colourOf(series: readonly ChartSeries[], one: ChartSeries): string {
  return `var(--chart-${one.colour ?? (series.indexOf(one) % colours) + 1})`
}

export function Swatch({ series, one }: { series: readonly ChartSeries[]; one: ChartSeries }) {
  const colour = colourOf(series, one)
  return (
    <svg width="14" height="8" aria-hidden="true" className="shrink-0">
      {one.points.length === 1 ? (
        <circle cx="7" cy="4" r="3.5" fill={colour} />
      ) : (
        <path d="M0 4H14" stroke={colour} strokeWidth="2" strokeDasharray={one.dashed ? '4 2' : undefined} />
      )}
    </svg>
  )
}
