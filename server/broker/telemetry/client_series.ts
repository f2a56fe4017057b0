/**
 * The last value of each metric that a client has pushed. How many there may be is limited for a client and for all together;
 * what does not fit is counted, not kept.
 */
import { labels } from '../../lib/exposition.ts'
import type { Point } from './otlp.ts'

export const MOST_POINTS_A_CLIENT = 2_000
const MOST_POINTS = 50_000
const LONGEST_LABEL = 200
/** What every sample of a broker has besides: a label that stands twice would cost the whole scrape. */
const TAKEN = new Set(['cluster', 'broker'])

export class ClientSeries {
  private readonly byClient = new Map<string, Map<string, number>>()
  private held = 0
  dropped = 0

  /** `own`: what tells this client's samples from others'. */
  take(clientInstanceId: string, own: Readonly<Record<string, string>>, points: readonly Point[]): void {
    let series = this.byClient.get(clientInstanceId)
    if (series === undefined) this.byClient.set(clientInstanceId, (series = new Map()))
    for (const point of points) {
      const name = labelsOf(own, point)
      const before = series.get(name)
      if (before === undefined) {
        if (series.size >= MOST_POINTS_A_CLIENT || this.held >= MOST_POINTS) {
          this.dropped++
          continue
        }
        this.held++
      }
      series.set(name, point.isDelta ? (before ?? 0) + point.value : point.value)
    }
  }

  forget(clientInstanceId: string): void {
    this.held -= this.byClient.get(clientInstanceId)?.size ?? 0
    this.byClient.delete(clientInstanceId)
  }

  /** Labels and value, of all clients. */
  *samples(): Generator<readonly [labels: string, value: number]> {
    for (const series of this.byClient.values()) yield* series
  }
}

function labelsOf(own: Readonly<Record<string, string>>, { name, attributes }: Point): string {
  const values: Record<string, string> = { ...own, metric: cut(name) }
  for (const [attribute, value] of attributes) {
    const plain = attribute.replace(/[^a-zA-Z0-9_]/g, '_').replace(/^(?=\d)/, '_')
    // A client's own attribute never stands for what we know of it.
    const taken = plain in values || TAKEN.has(plain) || plain.startsWith('__') || plain === ''
    values[cut(taken ? `attribute_${plain}` : plain)] = cut(value)
  }
  return labels(values)
}

/** Not within a character of two units: two halves that differ would be written alike. */
const cut = (text: string): string =>
  text.length > LONGEST_LABEL ? text.slice(0, LONGEST_LABEL).replace(/[\ud800-\udbff]$/, '') : text
