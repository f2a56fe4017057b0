/**
 * Which value counts. A broker's setting comes from the first of: changed for this broker, changed for all brokers, given
 * at the start, default; a topic's or group's own value goes before its broker's. What was given at the start has been checked, so a text
 * that cannot be read there is a fault of ours and throws. What was changed since has been checked by the controller, which may be Apache
 * Kafka's and allow what we do not: a text that cannot be read counts as not set.
 */
import { brokerConfigs } from './broker.ts'
import { type Row, type Table, unitMs, type Values } from './define.ts'
import { groupConfigs } from './group.ts'
import { parseConfig } from './parse.ts'
import { topicConfigs } from './topic.ts'

export type Texts = ReadonlyMap<string, string>

/** What has been set for a broker, by name. */
export interface BrokerLayers {
  /** Changed for this broker while it ran. */
  readonly dynamicBroker: Texts
  /** Changed for all brokers while they ran. */
  readonly dynamicDefault: Texts
  /** Given at the start: flags, environment, server.properties. */
  readonly static: Texts
}

export type BrokerConfig = Values<typeof brokerConfigs>
export type TopicConfig = Values<typeof topicConfigs>
export type GroupConfig = Values<typeof groupConfigs>

export const NO_TEXTS: Texts = new Map()
export const staticOnly = (texts: Texts): BrokerLayers => ({
  dynamicBroker: NO_TEXTS,
  dynamicDefault: NO_TEXTS,
  static: texts,
})

/** Each setting of a broker under its own name; see `topicDefaults` for those that stand in for others. */
export function brokerConfig(layers: BrokerLayers): BrokerConfig {
  return valuesOf(brokerConfigs, (row) => {
    const text = textOf(layers, row.name)
    return text === undefined ? undefined : read(row, text)
  })
}

/** What a topic has that sets nothing itself. Compute it once for each change of the broker's settings. */
export function topicDefaults(layers: BrokerLayers): TopicConfig {
  return valuesOf(topicConfigs, (row) => inherited(layers, row))
}

/** The settings of one topic. Without `overrides` it is `defaults` itself. */
export const topicConfig = (defaults: TopicConfig, overrides: Texts): TopicConfig =>
  withOverrides(topicConfigs, defaults, overrides)

/** The same for groups. */
export function groupDefaults(layers: BrokerLayers): GroupConfig {
  return valuesOf(groupConfigs, (row) => inherited(layers, row))
}

export const groupConfig = (defaults: GroupConfig, overrides: Texts): GroupConfig =>
  withOverrides(groupConfigs, defaults, overrides)

/** The text that counts for a broker's setting, if anything was set. */
export const textOf = (layers: BrokerLayers, name: string): string | undefined =>
  readable(name, layers.dynamicBroker) ?? readable(name, layers.dynamicDefault) ?? layers.static.get(name)

function readable(name: string, texts: Texts): string | undefined {
  const text = texts.get(name)
  const row = (brokerConfigs as Table)[name]
  return text === undefined || (row !== undefined && !parseConfig(row, text).ok) ? undefined : text
}

/**
 * The value that a broker's setting has for topics and groups: its own, or else that of the first setting in its place
 * that has one, its default included.
 */
export function brokerValue(layers: BrokerLayers, row: Row): unknown {
  const names = [row.name, ...(row.instead ?? [])]
  const rows = names.map((name) => (brokerConfigs as Table)[name]!)
  for (const r of rows) {
    const text = textOf(layers, r.name)
    if (text !== undefined) return inUnitOf(row, r, read(r, text))
  }
  const r = rows.find((x) => x.default !== null)
  return r ? inUnitOf(row, r, r.default) : null
}

const inherited = (layers: BrokerLayers, row: Row): unknown =>
  row.broker === undefined ? undefined : brokerValue(layers, (brokerConfigs as Table)[row.broker]!)

function inUnitOf(wanted: Row, row: Row, value: unknown): unknown {
  if (wanted === row || !('unit' in row) || !('unit' in wanted)) return value
  const factor = unitMs[row.unit as keyof typeof unitMs] / unitMs[wanted.unit as keyof typeof unitMs]
  // -1 is "for ever" in every unit.
  return (value as number) < 0 ? value : (value as number) * factor
}

/** Undefined stands for a row's default. */
function valuesOf<T extends Table>(table: T, value: (row: Row) => unknown): Values<T> {
  return Object.fromEntries(
    Object.values(table).map((row) => {
      const v = value(row)
      return [row.name, v === undefined ? row.default : v]
    }),
  ) as Values<T>
}

function withOverrides<T extends Table>(table: T, defaults: Values<T>, overrides: Texts): Values<T> {
  if (overrides.size === 0) return defaults
  const own = [...overrides].flatMap(([name, text]) => {
    const row = table[name]
    const parsed = row && parseConfig(row, text)
    return parsed?.ok ? [[name, parsed.value] as const] : []
  })
  return { ...defaults, ...Object.fromEntries(own) }
}

function read(row: Row, text: string): unknown {
  const parsed = parseConfig(row, text)
  if (!parsed.ok) throw new Error(`stored without being checked: ${parsed.error}`)
  return parsed.value
}
