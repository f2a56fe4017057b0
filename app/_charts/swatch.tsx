/** What a series looks like: its colour, and the piece of line beside its name. */
import type { ChartSeries } from './series.ts'

const colours = 6

export function colourOf(series: readonly ChartSeries[], one: ChartSeries): string {
  return `var(--chart-${one.colour ?? (series.indexOf(one) % colours) + 1})`
}

export function Swatch({ colour, dashed }: { colour: string; dashed: boolean }) {
  return (
    <svg width="14" height="8" aria-hidden="true" className="shrink-0">
      <path d="M0 4H14" stroke={colour} strokeWidth="2" strokeDasharray={dashed ? '4 2' : undefined} />
    </svg>
  )
}
