/**
 * What a start was asked for: flags, environment and server.properties, put into one. A pure function: `main.ts` reads
 * the arguments, the environment and the file, and says the one sentence that comes back if something is wrong.
 */
import { brokerConfigs } from './broker.ts'
import type { Row, Table, Values } from './define.ts'
import { nearest } from './nearest.ts'
import { formatConfig, parseConfig } from './parse.ts'
import { parseProperties } from './properties.ts'
import { weirConfigs } from './weir.ts'

export type Origin = 'flag' | 'environment' | 'file'

export interface Settings {
  /** Weir's own, by name. */
  readonly weir: Values<typeof weirConfigs>
  /** Kafka's, as they were written, and what is no setting of Kafka's at all. */
  readonly kafka: ReadonlyMap<string, string>
  /** Where what was not left at its default comes from. */
  readonly origins: ReadonlyMap<string, Origin>
  /** Sentences about what was read and has no effect. */
  readonly warnings: readonly string[]
}

export type Asked =
  | { readonly kind: 'settings'; readonly settings: Settings }
  /** One sentence that names the bad setting. */
  | { readonly kind: 'error'; readonly error: string }
  | { readonly kind: 'help' }

export interface Given {
  /** Without the program's own name. */
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** Contents of server.properties, undefined if there is none. */
  readonly properties?: string
}

const own: Table = weirConfigs
const kafka: Table = brokerConfigs
const CONFIG = 'config'
const flagOf = (name: string): string => name.toLowerCase().replaceAll('_', '-')
const flags: ReadonlyMap<string, Row> = new Map(
  [...Object.values(own), ...Object.values(kafka)].map((row) => [flagOf(row.name), row]),
)

/** The file that the start names by `--config FILE`: to be read before `settings` is called. */
export function configFile(argv: Given['argv']): string | undefined {
  const read = readFlags(argv)
  return read.kind === 'flags' ? read.flags.get(CONFIG) : undefined
}

export function settings(given: Given): Asked {
  const read = readFlags(given.argv)
  if (read.kind !== 'flags') return read
  const texts = new Map<string, { text: string; origin: Origin }>()
  const set = (name: string, text: string, origin: Origin) => texts.set(name, { text, origin })
  // The weakest first: what comes later replaces it.
  for (const [name, text] of parseProperties(given.properties ?? '')) set(name, text, 'file')
  for (const [name, text] of fromEnvironment(given.env)) set(name, text, 'environment')
  for (const [name, text] of read.flags) if (name !== CONFIG) set(name, text, 'flag')

  const weir: Record<string, unknown> = {}
  for (const row of Object.values(own)) weir[row.name] = row.default
  const static_ = new Map<string, string>()
  const warnings: string[] = []
  for (const [name, { text, origin }] of texts) {
    const row = own[name] ?? kafka[name]
    if (row) {
      const parsed = parseConfig(row, text)
      if (!parsed.ok) return { kind: 'error', error: `${whence(origin)}${parsed.error}` }
      if (own[name]) weir[name] = parsed.value
    } else
      warnings.push(
        `${name} in server.properties is no setting that Weir knows${meant(name, [...Object.keys(own), ...Object.keys(kafka)])}.`,
      )
    if (!own[name]) static_.set(name, text)
  }
  for (const [ours, theirs] of RIVALS) {
    const mine = texts.get(ours)
    const kafkas = texts.get(theirs)
    if (!mine || !kafkas || STRENGTH[mine.origin] <= STRENGTH[kafkas.origin]) continue
    static_.delete(theirs)
    warnings.push(`${theirs}${where(kafkas.origin)} has no effect, because ${ours} is given${where(mine.origin)}.`)
  }
  const origins = new Map([...texts].map(([name, { origin }]) => [name, origin]))
  return { kind: 'settings', settings: { weir: weir as Settings['weir'], kafka: static_, origins, warnings } }
}

const allFlags = [...flags.keys(), CONFIG, 'help'].map((flag) => `--${flag}`)

/** What `--help` prints. */
export function help(): string {
  const lines = Object.values(own).map((row) => {
    const flag = `--${flagOf(row.name)}`
    const fallback = formatConfig(row, row.default)
    return `  ${flag.padEnd(22)} ${row.doc}${fallback === null ? '' : ` Default: ${fallback}.`}`
  })
  return [
    'npm start -- [--SETTING VALUE …]',
    '',
    'Starts a Kafka broker, or several with a controller, and the console.',
    '',
    ...lines,
    `  ${'--config'.padEnd(22)} A server.properties to read; ./server.properties is read if it is there.`,
    `  ${'--help'.padEnd(22)} This text.`,
    '',
    'The same by environment: PORT, KAFKA_PORT, … Every setting of a Kafka broker works by its own name too, as',
    '--log.retention.ms=60000, as KAFKA_LOG_RETENTION_MS in the environment, and in server.properties.',
    'A flag goes before the environment, that before the file.',
    '',
  ].join('\n')
}

type Flags = { kind: 'flags'; flags: Map<string, string> } | Exclude<Asked, { kind: 'settings' }>

function readFlags(argv: readonly string[]): Flags {
  const found = new Map<string, string>()
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i]!
    if (arg === '--help' || arg === '-h') return { kind: 'help' }
    const m = /^--([^=]+)(?:=(.*))?$/s.exec(arg)
    if (!m) return { kind: 'error', error: `${JSON.stringify(arg)} is not a flag; flags are written --name value.` }
    const flag = m[1]!
    const row = flags.get(flag.toLowerCase())
    if (!row && flag !== CONFIG)
      return { kind: 'error', error: `There is no flag --${flag}${meant(`--${flag}`, allFlags)}.` }
    let text = m[2]
    if (text === undefined) {
      const next = argv[i + 1]
      if (next !== undefined && !next.startsWith('--')) {
        text = next
        i++
      } else if (row?.type === 'boolean') text = 'true'
      else return { kind: 'error', error: `--${flag} needs a value.` }
    }
    found.set(row ? row.name : CONFIG, text)
  }
  return { kind: 'flags', flags: found }
}

/** Ours by name, Kafka's as KAFKA_LOG_RETENTION_MS. What else is there belongs to other programs. */
function fromEnvironment(env: Given['env']): [string, string][] {
  return Object.entries(env).flatMap(([variable, text]) => {
    if (text === undefined || text === '') return []
    const name = byVariable.get(variable)
    return name === undefined ? [] : [[name, text] as [string, string]]
  })
}

const variableOf = (name: string): string => name.toUpperCase().replaceAll('.', '_')
const byVariable: ReadonlyMap<string, string> = new Map([
  ...Object.keys(kafka).map((name) => [`KAFKA_${variableOf(name)}`, name] as const),
  ...Object.keys(own).map((name) => [variableOf(name), name] as const),
])

/** Ours and Kafka's for the same thing. Where both are given Kafka's counts, unless ours has the stronger origin. */
const RIVALS = [
  ['KAFKA_PORT', 'listeners'],
  ['HOST', 'listeners'],
  ['DATA_DIR', 'log.dirs'],
  ['DATA_DIR', 'log.dir'],
] as const
const STRENGTH: Record<Origin, number> = { file: 1, environment: 2, flag: 3 }

const where = (origin: Origin): string =>
  origin === 'flag' ? ' as a flag' : origin === 'environment' ? ' in the environment' : ' in server.properties'

const whence = (origin: Origin): string =>
  origin === 'flag' ? '' : origin === 'environment' ? 'In the environment, ' : 'In server.properties, '

function meant(typed: string, names: readonly string[]): string {
  const name = nearest(typed, names)
  return name === undefined ? '' : `; the nearest is ${name}`
}
