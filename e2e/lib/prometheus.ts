/**
 * Reads what is scraped, as strictly as its specifications allow a reader to be: the text format 0.0.4 and OpenMetrics 1.0.
 * Throws with the line that is wrong. Also finds the metrics that a PromQL expression names.
 */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Family {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly samples: readonly Sample[]
}

type Open = { name: string; type: string; help: string; samples: Sample[] }

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const VALUE = /^[+-]?(\d+(\.\d+)?([eE][+-]?\d+)?|Inf)$|^NaN$/
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? ([^ ]+)$/
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: [''],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
}
const OPEN_SUFFIXES = { ...SUFFIXES, counter: ['_total'], info: ['_info'] }

export class Scrape {
  constructor(readonly families: ReadonlyMap<string, Family>) {}

  get samples(): Sample[] {
    return [...this.families.values()].flatMap((f) => f.samples)
  }

  /** Those that have all these labels. */
  find(name: string, labels: Record<string, string> = {}): Sample[] {
    return this.samples.filter(
      (s) => s.name === name && Object.entries(labels).every(([key, value]) => s.labels[key] === value),
    )
  }

  /** The only one that has these labels; undefined if there is none. Throws if there are several. */
  value(name: string, labels: Record<string, string> = {}): number | undefined {
    const found = this.find(name, labels)
    if (found.length > 1) throw new Error(`${found.length} samples of ${name} ${JSON.stringify(labels)}`)
    return found[0]?.value
  }

  sum(name: string, labels: Record<string, string> = {}): number {
    return this.find(name, labels).reduce((n, s) => n + s.value, 0)
  }
}

export function parse(text: string, format: 'text' | 'openmetrics'): Scrape {
  const open = format === 'openmetrics'
  const suffixes: Readonly<Record<string, readonly string[]>> = open ? OPEN_SUFFIXES : SUFFIXES
  const lines = text.split('\n')
  if (lines.pop() !== '') throw new Error('the last line does not end')
  if (open && lines.pop() !== '# EOF') throw new Error('OpenMetrics ends with # EOF')
  const families = new Map<string, Open>()
  const seen = new Set<string>()
  let now: (Open & { told: Set<string> }) | undefined
  const close = () => now && checkFamily(now, open)
  for (const line of lines) {
    const wrong = (why: string) => new Error(`${why}: ${line}`)
    const meta = /^# (HELP|TYPE) ([^ ]+) (.*)$/.exec(line)
    if (line.startsWith('#')) {
      if (!meta) throw wrong('neither HELP nor TYPE')
      const [, what, name, rest] = meta as unknown as [string, 'HELP' | 'TYPE', string, string]
      if (!NAME.test(name)) throw wrong('not a name')
      if (now?.name !== name) {
        close()
        if (families.has(name)) throw wrong('the lines of a family must stand together')
        now = { name, type: '', help: '', samples: [], told: new Set() }
        families.set(name, now)
      }
      if (now.told.has(what) || now.samples.length > 0) throw wrong(`${what} again, or after samples`)
      now.told.add(what)
      if (what === 'HELP') now.help = plain(rest, open ? '\\n"' : '\\n', wrong)
      else if (!(rest in suffixes)) throw wrong('unknown type')
      else now.type = rest
      continue
    }
    const m = SAMPLE.exec(line)
    if (!m) throw wrong('not a sample')
    const [, name, braces, text] = m as unknown as [string, string, string | undefined, string]
    if (!now || now.told.size < 2) throw wrong('a sample without HELP and TYPE before it')
    if (!suffixes[now.type]!.some((suffix) => name === now!.name + suffix)) throw wrong(`not of ${now.name}`)
    if (!VALUE.test(text)) throw wrong('not a number')
    const labels = braces === undefined ? {} : readLabels(braces.slice(1, -1), wrong)
    const key = `${name} ${JSON.stringify(Object.entries(labels).sort())}`
    if (seen.has(key)) throw wrong('twice')
    seen.add(key)
    now.samples.push({ name, labels, value: Number(text.replace('Inf', 'Infinity')) })
  }
  close()
  return new Scrape(families)
}

function readLabels(text: string, wrong: (why: string) => Error): Record<string, string> {
  const labels: Record<string, string> = {}
  let rest = text
  while (rest !== '') {
    const m = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\.)*)"(,(?=.)|$)/.exec(rest)
    if (!m) throw wrong('labels')
    if (m[1]! in labels) throw wrong(`the label ${m[1]} twice`)
    labels[m[1]!] = plain(m[2]!, '\\n"', wrong)
    rest = rest.slice(m[0].length)
  }
  return labels
}

function plain(text: string, allowed: string, wrong: (why: string) => Error): string {
  return text.replace(/\\(.)/g, (_, c: string) => {
    if (!allowed.includes(c)) throw wrong(`\\${c}`)
    return c === 'n' ? '\n' : c
  })
}

function checkFamily({ name, type, help, samples }: Open, open: boolean): void {
  const wrong = (why: string) => new Error(`${name}: ${why}`)
  if (help === '') throw wrong('no help')
  if (samples.length === 0) throw wrong('no samples')
  if (type === 'counter' && !open && !name.endsWith('_total')) throw wrong('a counter ends in _total')
  if (open && /_(total|info|bucket)$/.test(name)) throw wrong('a family has no suffix')
  for (const s of samples) {
    if (type === 'counter' && !(s.value >= 0)) throw wrong(`a counter of ${s.value}`)
    if (type === 'info' && s.value !== 1) throw wrong('an info is 1')
  }
  if (type !== 'histogram' && type !== 'summary') return
  const series = new Map<string, { classes: Sample[]; sum?: number; count?: number }>()
  for (const s of samples) {
    const { le, quantile, ...others } = s.labels
    const key = JSON.stringify(others)
    const one = series.get(key) ?? { classes: [] }
    series.set(key, one)
    if (s.name === `${name}_sum`) one.sum = s.value
    else if (s.name === `${name}_count`) one.count = s.value
    else {
      const bound = type === 'histogram' ? le : quantile
      if (bound === undefined) throw wrong('a class without its bound')
      // As OpenMetrics has it: 1.0, not 1.
      if (bound !== '+Inf' && !/^\d+\.\d+$|^\d+(\.\d+)?e-?\d+$/.test(bound)) throw wrong(`the bound ${bound}`)
      one.classes.push(s)
    }
  }
  for (const { classes, sum, count } of series.values()) {
    if (sum === undefined || count === undefined) throw wrong('no sum or no count')
    if (type === 'summary') continue
    if (classes.at(-1)?.labels.le !== '+Inf') throw wrong('the last class is not +Inf')
    if (classes.at(-1)!.value !== count) throw wrong('+Inf is not the count')
    for (let i = 1; i < classes.length; i++) {
      if (classes[i]!.value < classes[i - 1]!.value) throw wrong('classes are not cumulative')
      if (!(bound(classes[i]!) > bound(classes[i - 1]!))) throw wrong('bounds do not ascend')
    }
  }
}

const bound = (s: Sample): number => Number(s.labels.le!.replace('Inf', 'Infinity'))

const WORDS = new Set(
  'and or unless by without on ignoring group_left group_right offset bool start end inf nan'.split(' '),
)

/** Names of metrics in an expression. What a dashboard puts in place of `$name` is taken for a label's value or a duration. */
export function metricsIn(expression: string): string[] {
  const bare = expression
    .replace(/"(?:[^"\\]|\\.)*"/g, '""')
    .replace(/\{[^}]*\}/g, '')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, '$1')
  const names = new Set<string>()
  for (const m of bare.matchAll(/[a-zA-Z_:][a-zA-Z0-9_:]*/g)) {
    const before = bare[m.index - 1] ?? ''
    const call = /^\s*(\(|(by|without)\b)/.test(bare.slice(m.index + m[0].length))
    if (call || WORDS.has(m[0].toLowerCase()) || /[\d.$]/.test(before)) continue
    names.add(m[0])
  }
  return [...names]
}
