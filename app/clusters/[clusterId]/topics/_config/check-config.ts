/**
 * A topic config as it is typed: what value it comes to, or which rule it breaks. Only what the schema tells is checked here;
 * the cluster has the last word when the plan is made.
 */
import { parseUnits, type UnitKind } from '../../../../_ui/units.ts'

/** What the schema of a config tells of its values. */
export interface ConfigRules {
  readonly type: string
  readonly range: { readonly min: number | null; readonly max: number | null } | null
  /** Numbers allowed outside of the range. */
  readonly also: readonly number[]
  readonly oneOf: readonly string[] | null
  /** A regular expression for the whole text, and how that is said. */
  readonly form: { readonly pattern: string; readonly says: string } | null
  readonly unit: string | null
}

/** The units that people may type; other configs count something else, or nothing. */
export function unitKind(unit: string | null): UnitKind | undefined {
  return unit === 'ms' || unit === 'bytes' ? unit : unit === 'seconds' || unit === 's' ? 's' : undefined
}

export type ConfigFault =
  | { rule: 'whole' | 'number' | 'boolean' | 'unit' }
  | { rule: 'least' | 'most'; limit: number }
  | { rule: 'oneOf'; values: readonly string[] }
  | { rule: 'form'; says: string }

export type Checked = { value: string } | { fault: ConfigFault }

const whole = new Set(['int', 'short', 'long'])

export function checkConfig(rules: ConfigRules, typed: string): Checked {
  const text = typed.trim()
  if (rules.type === 'boolean')
    return /^(true|false)$/i.test(text) ? { value: text.toLowerCase() } : { fault: { rule: 'boolean' } }
  if (whole.has(rules.type)) {
    // A long may be beyond what a double holds: what is typed as digits stays as typed.
    if (/^[+-]?\d+$/.test(text)) return inRange(rules, Number(text), text.replace(/^\+/, ''))
    const unit = unitKind(rules.unit)
    const n = unit && parseUnits(text, unit)
    if (n === undefined) return { fault: { rule: unit ? 'unit' : 'whole' } }
    return inRange(rules, n, String(n))
  }
  if (rules.type === 'double') {
    const n = Number(text)
    return text === '' || !Number.isFinite(n) ? { fault: { rule: 'number' } } : inRange(rules, n, text)
  }
  if (rules.oneOf) {
    const words =
      rules.type === 'list'
        ? text
            .split(',')
            .map((w) => w.trim())
            .filter((w) => w !== '')
        : [text]
    if (words.some((w) => !rules.oneOf!.includes(w))) return { fault: { rule: 'oneOf', values: rules.oneOf } }
    return { value: words.join(',') }
  }
  if (rules.form && !new RegExp(`^(?:${rules.form.pattern})$`).test(text)) {
    return { fault: { rule: 'form', says: rules.form.says } }
  }
  return { value: text }
}

function inRange({ range, also }: ConfigRules, n: number, value: string): Checked {
  if (also.includes(n)) return { value }
  if (range?.min !== null && range?.min !== undefined && n < range.min)
    return { fault: { rule: 'least', limit: range.min } }
  if (range?.max !== null && range?.max !== undefined && n > range.max)
    return { fault: { rule: 'most', limit: range.max } }
  return { value }
}

/** Kafka's rule for names of topics; null if it is kept. */
export function checkTopicName(name: string): 'nameMissing' | 'nameLong' | 'nameCharacters' | 'nameDots' | null {
  if (name === '') return 'nameMissing'
  if (name.length > 249) return 'nameLong'
  if (!/^[a-zA-Z0-9._-]+$/.test(name)) return 'nameCharacters'
  if (name === '.' || name === '..') return 'nameDots'
  return null
}
