/**
 * Settings as DescribeConfigs shows them: each with the text that counts, where it comes from, and everything that was
 * set under this or a related name (KIP-226). Passwords and what nobody knows show no text.
 */
import { brokerConfigs } from './broker.ts'
import { clientMetricsConfigs } from './client_metrics.ts'
import { type Def, isSensitive, type Row, type Table } from './define.ts'
import { groupConfigs } from './group.ts'
import { canonical, formatConfig } from './parse.ts'
import { type BrokerLayers, brokerValue, type Texts } from './resolve.ts'
import { topicConfigs } from './topic.ts'
import { withoutEffect } from './without_effect.ts'

export const configSource = {
  unknown: 0,
  dynamicTopic: 1,
  dynamicBroker: 2,
  dynamicDefaultBroker: 3,
  staticBroker: 4,
  default: 5,
  dynamicBrokerLogger: 6,
  clientMetrics: 7,
  dynamicGroup: 8,
} as const

export const configType = {
  unknown: 0,
  boolean: 1,
  string: 2,
  int: 3,
  short: 4,
  long: 5,
  double: 6,
  list: 7,
  class: 8,
  password: 9,
} as const satisfies Record<Def['type'] | 'unknown', number>

export interface Synonym {
  readonly name: string
  readonly value: string | null
  /** One of `configSource`. */
  readonly source: number
}

export interface ConfigEntry {
  readonly name: string
  readonly value: string | null
  /** One of `configSource`. */
  readonly source: number
  readonly readOnly: boolean
  readonly sensitive: boolean
  /** One of `configType`. */
  readonly type: number
  /** What counts first. Empty where a setting under another name counts that does not go by this one's. */
  readonly synonyms: readonly Synonym[]
  /** Null of what is no setting of Kafka's. */
  readonly documentation: string | null
}

/** Every setting of a topic whose own are `overrides`. */
export const describeTopic = (layers: BrokerLayers, overrides: Texts): ConfigEntry[] =>
  describeOverridden(topicConfigs, layers, overrides, configSource.dynamicTopic)

/** The same of a group. */
export const describeGroup = (layers: BrokerLayers, overrides: Texts): ConfigEntry[] =>
  describeOverridden(groupConfigs, layers, overrides, configSource.dynamicGroup)

/** The same of a subscription to clients' metrics. It has no synonyms: what is not set is as the table says. */
export const describeClientMetrics = (overrides: Texts): ConfigEntry[] =>
  Object.values(clientMetricsConfigs).map((row) => {
    const text = overrides.get(row.name)
    if (text === undefined) return entryOf(row, formatConfig(row, row.default), [], false)
    const value = canonical(row, text)
    return entryOf(row, value, [{ name: row.name, value, source: configSource.clientMetrics }], false)
  })

/** Every setting of a broker, and what has been set that is no setting. */
export function describeBroker(layers: BrokerLayers): ConfigEntry[] {
  const unknown = new Set(all(layers).flatMap(([texts]) => [...texts.keys()]))
  for (const name of Object.keys(brokerConfigs)) unknown.delete(name)
  const known = listed(brokerConfigs, (name) => all(layers).some(([texts]) => texts.has(name)))
  return [...known.map((row) => brokerEntry(layers, row)), ...[...unknown].map((name) => unknownEntry(layers, name))]
}

/** What has been changed for all brokers alike: the resource whose name is empty. */
export function describeDefaultBroker(layers: BrokerLayers): ConfigEntry[] {
  return [...layers.dynamicDefault.keys()].map((name) => {
    const row = (brokerConfigs as Table)[name]
    const entry = row ? brokerEntry(layers, row) : unknownEntry(layers, name)
    const synonyms = entry.synonyms.filter((s) => s.source === configSource.dynamicDefaultBroker)
    return { ...entry, value: synonyms[0]?.value ?? null, source: configSource.dynamicDefaultBroker, synonyms }
  })
}

const listed = (table: Table, isSet: (name: string) => boolean): Row[] =>
  Object.values(table).filter((row) => row.internal !== true || isSet(row.name))

function describeOverridden(table: Table, layers: BrokerLayers, overrides: Texts, source: number): ConfigEntry[] {
  return listed(table, (name) => overrides.has(name)).map((row) => {
    const broker = row.broker === undefined ? undefined : (brokerConfigs as Table)[row.broker]
    const override = overrides.get(row.name)
    const own = override === undefined ? [] : [{ name: row.name, value: shown(row, override), source }]
    const inherited = broker ? synonymsOf(layers, broker) : ownDefault(table, row)
    const value = override === undefined ? brokerText(layers, row, broker) : shown(row, override)
    return entryOf(row, value, [...own, ...inherited], false)
  })
}

/** Kafka shows the default of a group's setting that has none in the broker, but not of a topic's. */
const ownDefault = (table: Table, row: Row): Synonym[] =>
  table === groupConfigs
    ? [{ name: row.name, value: formatConfig(row, row.default), source: configSource.default }]
    : []

const brokerText = (layers: BrokerLayers, row: Row, broker: Row | undefined): string | null =>
  formatConfig(row, broker ? brokerValue(layers, broker) : row.default)

function brokerEntry(layers: BrokerLayers, row: Row): ConfigEntry {
  const set = all(layers).find(([texts]) => texts.has(row.name))
  const value = set ? shown(row, set[0].get(row.name)!) : isSensitive(row) ? null : formatConfig(row, row.default)
  return entryOf(row, value, synonymsOf(layers, row), row.dynamic === undefined)
}

function unknownEntry(layers: BrokerLayers, name: string): ConfigEntry {
  const sources = all(layers).filter(([texts]) => texts.has(name))
  const synonyms = sources.map(([, source]) => ({ name, value: null, source }))
  const source = synonyms[0]!.source
  const type = configType.unknown
  return { name, value: null, source, readOnly: true, sensitive: true, type, synonyms, documentation: null }
}

function entryOf(row: Row, value: string | null, synonyms: readonly Synonym[], readOnly: boolean): ConfigEntry {
  const source = synonyms[0]?.source ?? configSource.default
  const sensitive = isSensitive(row)
  const type = configType[row.type]
  return { name: row.name, value, source, readOnly, sensitive, type, synonyms, documentation: documentationOf(row) }
}

function documentationOf(row: Row): string {
  const why = withoutEffect.get(row.broker ?? row.name)
  return why === undefined ? row.doc : `${row.doc} Without effect here: ${why}.`
}

/**
 * Everything that was set under a broker's setting and those in its place. As Kafka's, the list begins with the setting's
 * own name: what another name says before that is left out, so log.retention.hours alone shows nothing.
 */
function synonymsOf(layers: BrokerLayers, row: Row): Synonym[] {
  const rows = [row, ...(row.instead ?? []).map((name) => (brokerConfigs as Table)[name]!)]
  const set = all(layers).flatMap(([texts, source]) =>
    rows.flatMap((r) => (texts.has(r.name) ? [{ name: r.name, value: shown(r, texts.get(r.name)!), source }] : [])),
  )
  const defaults = rows
    .filter((r) => r.default !== null && !isDynamicOnly(r))
    .map((r) => ({
      name: r.name,
      value: isSensitive(r) ? null : formatConfig(r, r.default),
      source: configSource.default,
    }))
  const synonyms = [...set, ...defaults]
  const first = synonyms.findIndex((s) => s.name === row.name)
  return first < 0 ? [] : synonyms.slice(first)
}

/** The rates of throttled replication are no settings of a file in Kafka, and so have no default to tell. */
const isDynamicOnly = (row: Row): boolean => row.internal === true && row.dynamic !== undefined

const shown = (row: Row, text: string): string | null => (isSensitive(row) ? null : canonical(row, text))

/** What has been set, the strongest first. */
const all = (layers: BrokerLayers): [Texts, number][] => [
  [layers.dynamicBroker, configSource.dynamicBroker],
  [layers.dynamicDefault, configSource.dynamicDefaultBroker],
  [layers.static, configSource.staticBroker],
]
