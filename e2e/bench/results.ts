/** What was measured, a row a figure, and the table made of it. */
import { cpus, totalmem } from 'node:os'

export type SideName = 'weir' | 'kafka'

export interface Target {
  /** The ratio that ours to theirs must keep to. */
  atMost?: number
  atLeast?: number
}

interface Row {
  what: string
  unit: string
  target: Target | undefined
  /** The row whose figures of Apache Kafka this one is compared with, if not its own. */
  against: string | undefined
  /** One a repetition, in order. */
  weir: number[]
  kafka: number[]
}

const groups = new Map<string, Map<string, Row>>()
const columns = new Map<string, [weir: string, kafka: string]>()

/** For a group that compares something else. */
export function nameColumns(group: string, weir: string, kafka: string): void {
  columns.set(group, [weir, kafka])
}

/** Adds one figure. `group` is a heading of the table, `what` a row. */
export function record(
  group: string,
  what: string,
  unit: string,
  side: SideName,
  value: number,
  { target, against }: { target?: Target; against?: string } = {},
): void {
  const rows = groups.get(group) ?? new Map<string, Row>()
  groups.set(group, rows)
  const row = rows.get(what) ?? { what, unit, target, against: against || undefined, weir: [], kafka: [] }
  rows.set(what, row)
  row.target ??= target
  row[side].push(value)
  console.log(`  ${side.padEnd(5)}  ${what}: ${figure(value)} ${unit}`)
}

/** The rows of a group, each with the figures that it is compared with. */
function compared(rows: Map<string, Row>): Row[] {
  return [...rows.values()].map((row) => ({
    ...row,
    kafka: row.against ? (rows.get(row.against)?.kafka ?? []) : row.kafka,
  }))
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Three digits that count, thousands apart. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US')
  return String(Number(value.toPrecision(3)))
}

/** The median of the repetitions' own ratios, or undefined where one side is missing or was too small to see. */
function ratio({ weir, kafka }: Row): number | undefined {
  const pairs = weir.flatMap((value, i) => (kafka[i] !== undefined && kafka[i] > 0 ? [value / kafka[i]] : []))
  return pairs.length > 0 ? median(pairs) : undefined
}

function verdict(target: Target | undefined, reached: number | undefined): [target: string, met: string] {
  if (!target) return ['', '']
  const met =
    reached !== undefined && reached <= (target.atMost ?? Infinity) && reached >= (target.atLeast ?? -Infinity)
  return [target.atMost !== undefined ? `≤ ${target.atMost}` : `≥ ${target.atLeast}`, met ? 'yes' : '**no**']
}

export interface Circumstances {
  repetitions: number
  quick: boolean
  versions: string
  loadBefore: number
}

export function markdown({ repetitions, quick, versions, loadBefore }: Circumstances): string {
  const lines = [
    '# Weir beside Apache Kafka',
    '',
    `Written by \`npm run bench${quick ? ' -- --quick' : ''}\` on ${new Date().toISOString().slice(0, 10)}: ${versions}; ` +
      `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB of memory, load average ${loadBefore.toFixed(2)} before it began.`,
    '',
    `Both sides in one run, alternating, ${repetitions} ${repetitions === 1 ? 'repetition' : 'repetitions'}. Figures are medians; a ratio is the median of the repetitions' own ratios, Weir's figure divided by Apache Kafka's.`,
    'Both have their own defaults: Weir syncs before it answers acks=all, Apache Kafka does not. Rows with "sync off" have `weir.acks.all.sync=false`.',
    'The client is a small one in Go (`probe/`), on the same machine; processor time is that of the broker and its supervisor alone.',
    '',
  ]
  for (const [group, rows] of groups) {
    const [ours, theirs] = columns.get(group) ?? ['Weir', 'Apache Kafka']
    const heads = `| what | unit | ${ours} | ${theirs} | ratio | target | met |`
    lines.push(`## ${group}`, '', heads, '| --- | --- | ---: | ---: | ---: | --- | --- |')
    for (const row of compared(rows)) {
      const reached = ratio(row)
      const side = (values: number[]) => (values.length > 0 ? figure(median(values)) : '')
      const cells = [
        row.what,
        row.unit,
        side(row.weir),
        side(row.kafka),
        reached === undefined ? '' : figure(reached),
        ...verdict(row.target, reached),
      ]
      lines.push(`| ${cells.join(' | ')} |`)
    }
    lines.push('')
  }
  return lines.join('\n')
}

/** Rows whose target was missed. */
export function missed(): string[] {
  return [...groups].flatMap(([group, rows]) =>
    compared(rows)
      .filter((row) => verdict(row.target, ratio(row))[1] === '**no**')
      .map((row) => `${group}: ${row.what}`),
  )
}
