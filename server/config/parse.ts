/** Text to value and back, by a row of a settings table, as Kafka's ConfigDef reads and prints them. */
import type { Def, Row, ValueOf } from './define.ts'

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string }

const LONG_MAX = 2n ** 63n - 1n
const BOUNDS = {
  short: { min: -32768, max: 32767 },
  int: { min: -2147483648, max: 2147483647 },
  long: { min: -(2 ** 63), max: 2 ** 63 },
  double: { min: -Infinity, max: Infinity },
} as const

/** Reads `text` as the row demands. The error is one sentence that names the setting and says what is allowed. */
export function parseConfig<R extends Row>(row: R, text: string): Parsed<ValueOf<R>> {
  const value = read(row, text.trim())
  if (value === undefined) return { ok: false, error: `${row.name} must be ${allowed(row)}, not ${shown(row, text)}.` }
  return { ok: true, value: value as ValueOf<R> }
}

/** What a value of this row may be, to stand after "must be". */
export function allowed(row: Def): string {
  switch (row.type) {
    case 'boolean':
      return 'true or false'
    case 'int':
    case 'short':
    case 'long':
    case 'double':
      return numbers(row)
    case 'string':
      if (row.form) return row.form.says
      return row.oneOf ? `${row.ignoreCase ? 'one of' : 'exactly one of'} ${row.oneOf.join(', ')}` : 'a text'
    case 'list':
      if (row.form) return row.form.says
      return row.oneOf ? `a list of ${row.oneOf.join(', ')}` : 'a list separated by commas'
    default:
      return 'a text'
  }
}

/** The text of a value: what Kafka prints, and what `parseConfig` reads. Null is "not set". */
export function formatConfig(row: Def, value: unknown): string | null {
  if (value === null || value === undefined) return null
  switch (row.type) {
    case 'list':
      return (value as readonly string[]).join(',')
    case 'long':
      return (value as number) >= 2 ** 63 ? String(LONG_MAX) : BigInt(value as number).toString()
    case 'double':
      return javaDouble(value as number)
    default:
      return String(value)
  }
}

/** `text` as `formatConfig` would write it: numbers without leading zeros, lists without blanks. Exact for every long. */
export function canonical(row: Row, text: string): string {
  const parsed = parseConfig(row, text)
  if (!parsed.ok) throw new Error(`stored without being checked: ${parsed.error}`)
  return row.type === 'long' ? String(BigInt(unsigned(text))) : formatConfig(row, parsed.value)!
}

/** The value, or undefined if the text has none. */
function read(row: Def, text: string): unknown {
  switch (row.type) {
    case 'boolean':
      return /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : undefined
    case 'int':
    case 'short':
    case 'long':
    case 'double':
      return inRange(row, row.type === 'double' ? double(text) : whole(text))
    case 'string': {
      if (row.form) return row.form.pattern.test(text) ? text : undefined
      if (!row.oneOf) return text
      if (row.ignoreCase) return row.oneOf.find((x) => x.toLowerCase() === text.toLowerCase())
      return row.oneOf.find((x) => x === text)
    }
    case 'list': {
      const items = text === '' ? [] : text.split(/\s*,\s*/)
      if (row.form && !row.form.pattern.test(items.join(','))) return undefined
      if (row.oneOf && !items.every((x) => row.oneOf!.includes(x))) return undefined
      return row.oneOf ? [...new Set(items)] : items
    }
    default:
      return text
  }
}

type NumberDef = Extract<Def, { type: 'int' | 'short' | 'long' | 'double' }>

const unsigned = (text: string): string => text.trim().replace(/^\+/, '')

function whole(text: string): number | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined
  const n = BigInt(unsigned(text))
  return n > LONG_MAX || n < -LONG_MAX - 1n ? undefined : Number(n)
}

function double(text: string): number | undefined {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined
}

function inRange(row: NumberDef, n: number | undefined): number | undefined {
  if (n === undefined || row.also?.includes(n)) return n
  const { min, max } = BOUNDS[row.type]
  return n >= Math.max(min, row.min ?? min) && n <= Math.min(max, row.max ?? max) ? n : undefined
}

function numbers(row: NumberDef): string {
  const kind = row.type === 'double' ? 'a number' : 'a whole number'
  const unit = row.unit === undefined || row.unit === 'ratio' || row.unit === 'level' ? '' : ` of ${UNITS[row.unit]}`
  const max = row.max ?? (row.type === 'double' || row.type === 'long' ? undefined : BOUNDS[row.type].max)
  const range =
    row.min !== undefined && max !== undefined
      ? ` from ${row.min} to ${max}`
      : row.min !== undefined
        ? ` of at least ${row.min}`
        : max !== undefined
          ? ` of at most ${max}`
          : ''
  const also = row.also ? `, or ${row.also.join(' or ')}` : ''
  return `${kind}${unit}${unit && range.startsWith(' of') ? `,${range.slice(3)}` : range}${also}`
}

const UNITS = {
  ms: 'milliseconds',
  seconds: 'seconds',
  minutes: 'minutes',
  hours: 'hours',
  bytes: 'bytes',
  'bytes/s': 'bytes a second',
}

const shown = (row: Def, text: string): string => (row.type === 'password' ? 'what was given' : JSON.stringify(text))

/** As Java's Double.toString: 0.5, 1.0, 1.0E7. */
function javaDouble(n: number): string {
  const size = Math.abs(n)
  if (n === 0 || (size >= 1e-3 && size < 1e7)) return Number.isInteger(n) ? `${n}.0` : String(n)
  const [digits, exponent] = n.toExponential().split('e') as [string, string]
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`
}
