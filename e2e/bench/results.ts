/** What was measured, a series a contender and figure, and the tables in which one series stands beside another. */
import { cpus, totalmem } from 'node:os'
import type { Contender } from './contenders.ts'

export interface Target {
  /** The ratio that ours to theirs must keep to; without one, `limit`. */
  atMost?: number
  atLeast?: number
  /** What our own figure must not exceed, whatever theirs is. */
  limit?: number
}

/** Whose figures stand in the two columns. */
export interface Pair {
  ours: Contender
  theirs: Contender
  /** After the name of what was measured. */
  note?: string
}

interface Row {
  what: string
  unit: string
  target: Target | undefined
  /** One a repetition, in order. */
  ours: number[]
  theirs: number[]
}

const series = new Map<string, number[]>()
const groups = new Map<string, Map<string, Row>>()
const columns = new Map<string, [ours: string, theirs: string]>()

const seriesOf = (group: string, what: string, contender: Contender): number[] => {
  const key = JSON.stringify([group, what, contender])
  const found = series.get(key) ?? []
  series.set(key, found)
  return found
}

/** For a group that compares something else than Weir and Apache Kafka. */
export function nameColumns(group: string, ours: string, theirs: string): void {
  columns.set(group, [ours, theirs])
}

/** Adds one figure of one contender. */
export function record(group: string, what: string, unit: string, contender: Contender, value: number): void {
  seriesOf(group, what, contender).push(value)
  console.log(`  ${contender.padEnd(13)}  ${group}: ${what}: ${figure(value)} ${unit}`)
}

/** A row of the group's table, in the order of the first calls. */
export function compare(group: string, what: string, unit: string, pair: Pair, target?: Target): void {
  const rows = groups.get(group) ?? new Map<string, Row>()
  groups.set(group, rows)
  const name = what + (pair.note ?? '')
  const [ours, theirs] = [seriesOf(group, what, pair.ours), seriesOf(group, what, pair.theirs)]
  if (!rows.has(name)) rows.set(name, { what: name, unit, target, ours, theirs })
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
function ratio({ ours, theirs }: Row): number | undefined {
  const pairs = ours.flatMap((value, i) => (theirs[i] !== undefined && theirs[i] > 0 ? [value / theirs[i]] : []))
  return pairs.length > 0 ? median(pairs) : undefined
}

function verdict(row: Row): [target: string, met: string] {
  const { target } = row
  if (!target) return ['', '']
  const yes = (met: boolean) => (met ? 'yes' : '**no**')
  if (target.limit !== undefined) {
    return [`≤ ${figure(target.limit)} ${row.unit}`, yes(row.ours.length > 0 && median(row.ours) <= target.limit)]
  }
  const reached = ratio(row)
  const met =
    reached !== undefined && reached <= (target.atMost ?? Infinity) && reached >= (target.atLeast ?? -Infinity)
  return [target.atMost !== undefined ? `≤ ${target.atMost}` : `≥ ${target.atLeast}`, yes(met)]
}

export interface Circumstances {
  repetitions: number
  quick: boolean
  versions: string
  loadBefore: number
}

/** `before`: the file as it was, whose sections and rows stay where this run has not measured them anew. */
export function markdown({ repetitions, quick, versions, loadBefore }: Circumstances, before = ''): string {
  const lines = [
    '# Weir beside Apache Kafka',
    '',
    `Written by \`npm run bench${quick ? ' -- --quick' : ''}\`: Weir and Apache Kafka in one run, alternating. Figures are medians; a ratio is the median of the repetitions' own ratios, Weir's figure divided by Apache Kafka's.`,
    'Both have their own defaults: Weir syncs before it answers acks=all where no other replica is in sync, Apache Kafka does not. Rows with "sync off" have `weir.acks.all.sync=false`; rows with "beside a Kafka that flushes" compare ours, which syncs, with an Apache Kafka at `log.flush.interval.messages=1`.',
    'The client is a small one in Go (`probe/`) where no other is named, on the same machine; processor time is that of the brokers, their controller and their supervisor alone.',
    `A run may measure a part; each section says when, and rows marked ${EARLIER} are of an earlier run.`,
    '',
  ]
  const circumstances =
    `${new Date().toISOString().slice(0, 10)}: ${versions}; ${repetitions} ${repetitions === 1 ? 'repetition' : 'repetitions'}${quick ? ', quick' : ''}; ` +
    `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB of memory, load average ${loadBefore.toFixed(2)} before it began.`
  const old = sectionsOf(before)
  for (const group of new Set([...old.keys(), ...groups.keys()])) {
    const measured = groups.get(group)
    lines.push(`## ${group}`, '')
    if (!measured) {
      lines.push(...old.get(group)!, '')
      continue
    }
    const [ours, theirs] = columns.get(group) ?? ['Weir', 'Apache Kafka']
    const heads = `| what | unit | ${ours} | ${theirs} | ratio | target | met |`
    lines.push(circumstances, '', heads, '| --- | --- | ---: | ---: | ---: | --- | --- |')
    lines.push(...merged(old.get(group) ?? [], [...measured.values()].map(line)), '')
  }
  return lines.join('\n')
}

/** Of a row that this run has left alone. */
const EARLIER = '°'

/** By heading: the lines below it, without empty ones around them. */
function sectionsOf(text: string): Map<string, string[]> {
  const [, ...sections] = text.split(/^## /m)
  return new Map(
    sections.map((section) => {
      const [heading = '', ...lines] = section.split('\n')
      return [heading, lines.join('\n').trim().split('\n')]
    }),
  )
}

const nameOf = (row: string): string => row.slice(2, row.indexOf(' |', 2)).replace(new RegExp(` ${EARLIER}$`), '')

/** The rows there were, in their order, each as it is now if it was measured; then the new ones. */
function merged(old: string[], rows: string[]): string[] {
  const now = new Map(rows.map((row) => [nameOf(row), row]))
  const kept = old
    .filter((row) => row.startsWith('| ') && !row.startsWith('| what |') && !row.startsWith('| ---'))
    .map((row) => now.get(nameOf(row)) ?? row.replace(/^\| .*?(?= \|)/, `| ${nameOf(row)} ${EARLIER}`))
  const known = new Set(kept.map(nameOf))
  return [...kept, ...rows.filter((row) => !known.has(nameOf(row)))]
}

function line(row: Row): string {
  const reached = ratio(row)
  const side = (values: number[]) => (values.length > 0 ? figure(median(values)) : '')
  const cells = [
    row.what,
    row.unit,
    side(row.ours),
    side(row.theirs),
    reached === undefined ? '' : figure(reached),
    ...verdict(row),
  ]
  return `| ${cells.join(' | ')} |`
}

/** Rows whose target was missed. */
export function missed(): string[] {
  return [...groups].flatMap(([group, rows]) =>
    [...rows.values()]
      .filter((row) => verdict(row)[1] === '**no**')
      .map((row) => `${group}: ${row.what}: ${figure(ratio(row) ?? Number.NaN)}, ${verdict(row)[0]}`),
  )
}
