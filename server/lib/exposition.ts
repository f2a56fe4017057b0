/**
 * Metrics as Prometheus reads them: the text format 0.0.4 and OpenMetrics 1.0, from tables with one row a metric.
 *
 * Sample lines are the same bytes in both formats; only HELP, TYPE and the end differ. So a process can hand its lines to
 * another, which puts those of several processes together by family. It knows nothing of where values come from.
 */
import { Histogram } from './histogram.ts'

export type MetricType = 'counter' | 'gauge' | 'histogram' | 'summary' | 'info'

export interface MetricRow {
  /** As its samples are called: counters end in `_total`, infos in `_info`; units are base units and stand before that. */
  readonly name: string
  readonly type: MetricType
  readonly help: string
}

export interface Summary {
  readonly quantiles: readonly (readonly [q: number, value: number])[]
  readonly sum: number
  readonly count: number
}

/** Labels as text (`labels`), and the value. NaN is left out. */
export type Sample = readonly [labels: string, value: number | Histogram | Summary]

/** A row that can be read. `S`: what was seen of the thing measured, at one moment. */
export interface Metric<S> extends MetricRow {
  readonly read: (seen: S) => number | undefined | Iterable<Sample>
}

/** Some lines of a family, each ended by a newline. A family may come in several parts. */
export interface FamilyPart extends MetricRow {
  readonly lines: string
}

/** Lines of one part: so many are made without a pause. */
const LINES_PER_PART = 1000

/** `a="1",b="two"`, escaped; what is undefined is left out. */
export function labels(values: Readonly<Record<string, string | number | undefined>>): string {
  let text = ''
  for (const name in values) {
    const value = values[name]
    if (value !== undefined) text += `${text && ','}${name}="${escaped(value)}"`
  }
  return text
}

const escaped = (value: string | number): string =>
  typeof value === 'number' || !/[\\"\n]/.test(value)
    ? String(value)
    : value.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))

/** The rows' samples, with the labels `common` before their own, in parts that a caller can pause between. */
export function* expose<S>(rows: readonly Metric<S>[], seen: S, common = ''): Generator<FamilyPart> {
  for (const { name, type, help, read } of rows) {
    const found = read(seen)
    if (found === undefined) continue
    const samples: Iterable<Sample> = typeof found === 'number' ? [['', found]] : found
    let lines = ''
    let n = 0
    for (const [own, value] of samples) {
      lines += sampleLines(name, common && own ? `${common},${own}` : common || own, value)
      if (++n % LINES_PER_PART === 0) {
        yield { name, type, help, lines }
        lines = ''
      }
    }
    if (lines !== '') yield { name, type, help, lines }
  }
}

function sampleLines(name: string, own: string, value: Sample[1]): string {
  if (typeof value === 'number') return Number.isNaN(value) ? '' : `${name}${own && `{${own}}`} ${number(value)}\n`
  const also = own && `${own},`
  let text = ''
  if (value instanceof Histogram) {
    let below = 0
    for (const [i, count] of value.counts.entries()) {
      below += count
      text += `${name}_bucket{${also}le="${canonical(value.bounds[i] ?? Number.POSITIVE_INFINITY)}"} ${below}\n`
    }
  } else {
    for (const [q, v] of value.quantiles) text += `${name}{${also}quantile="${canonical(q)}"} ${number(v)}\n`
  }
  const braces = own && `{${own}}`
  return `${text}${name}_sum${braces} ${number(value.sum)}\n${name}_count${braces} ${value.count}\n`
}

const number = (n: number): string =>
  n === Number.POSITIVE_INFINITY ? '+Inf' : n === Number.NEGATIVE_INFINITY ? '-Inf' : String(n)

/** OpenMetrics writes whole bounds and quantiles with a point, so that two writers of one bound agree. */
const canonical = (n: number): string => (Number.isInteger(n) ? `${n}.0` : number(n))

/** Families put together from parts of several sources, in the order in which they were first met. */
export class Families {
  private readonly byName = new Map<string, { readonly row: MetricRow; readonly lines: string[] }>()

  add({ name, type, help, lines }: FamilyPart): void {
    const known = this.byName.get(name)
    if (known) known.lines.push(lines)
    else this.byName.set(name, { row: { name, type, help }, lines: [lines] })
  }

  /** The whole text, in pieces. */
  *text(format: Format): Generator<string> {
    for (const { row, lines } of this.byName.values()) {
      yield head(row, format)
      yield* lines
    }
    if (format === 'openmetrics') yield '# EOF\n'
  }
}

export type Format = 'text' | 'openmetrics'

export const contentType: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

function head({ name, type, help }: MetricRow, format: Format): string {
  if (format === 'text') {
    return `# HELP ${name} ${help.replace(/[\\\n]/g, (c) => (c === '\n' ? '\\n' : '\\\\'))}\n# TYPE ${name} ${type === 'info' ? 'gauge' : type}\n`
  }
  // There a family has the name without what its type adds to the samples'.
  const family = type === 'counter' ? name.replace(/_total$/, '') : type === 'info' ? name.replace(/_info$/, '') : name
  return `# TYPE ${family} ${type}\n# HELP ${family} ${escaped(help)}\n`
}

/** What an Accept header asks for (RFC 9110): OpenMetrics only where it is named and not less wanted than text. */
export function formatFor(accept: string | undefined): Format {
  let text = 0
  let open = 0
  for (const range of (accept ?? '').split(',')) {
    const [type, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    const q = Number(parameters.find((p) => p.startsWith('q='))?.slice(2) ?? 1)
    if (Number.isNaN(q)) continue
    if (type === 'application/openmetrics-text') {
      const version = parameters.find((p) => p.startsWith('version='))?.slice(8)
      if (version === undefined || version === '1.0.0') open = Math.max(open, q)
    } else if (type === 'text/plain' || type === 'text/*' || type === '*/*') text = Math.max(text, q)
  }
  return open > 0 && open >= text ? 'openmetrics' : 'text'
}
