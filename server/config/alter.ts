/**
 * Whether a change of settings is allowed. Each function returns the error to answer with, or null. They look at all that
 * would be set afterwards, so that values which contradict each other are found.
 */
import { KafkaError } from '../protocol/errors.ts'
import { brokerConfigs } from './broker.ts'
import { parseMatch } from './client_match.ts'
import { clientMetricsConfigs } from './client_metrics.ts'
import { isSensitive, type Row, type Table } from './define.ts'
import { groupConfigs } from './group.ts'
import { allowed, parseConfig } from './parse.ts'
import {
  type BrokerConfig,
  type BrokerLayers,
  brokerConfig,
  groupConfig,
  groupDefaults,
  type Texts,
  topicConfig,
  topicDefaults,
} from './resolve.ts'
import { topicConfigs } from './topic.ts'

/** May a topic have these settings of its own? */
export function checkTopicConfigs(layers: BrokerLayers, overrides: Texts): KafkaError | null {
  const wrong = unreadable(topicConfigs, 'topic', overrides)
  if (wrong) return wrong
  const values = topicConfig(topicDefaults(layers), overrides)
  const [min, max] = [values['min.compaction.lag.ms'], values['max.compaction.lag.ms']]
  if (min > max) return invalid(`min.compaction.lag.ms (${min}) must not be above max.compaction.lag.ms (${max}).`)
  if (values['remote.storage.enable']) {
    return invalid('remote.storage.enable must be false: this cluster has no remote storage.')
  }
  return null
}

/** May a group have these settings of its own? The broker's bounds hold for each. */
export function checkGroupConfigs(layers: BrokerLayers, overrides: Texts): KafkaError | null {
  const wrong = unreadable(groupConfigs, 'group', overrides)
  if (wrong) return wrong
  const values = groupConfig(groupDefaults(layers), overrides) as Record<string, unknown>
  const broker = brokerConfig(layers)
  for (const name of overrides.keys()) {
    const error = outOfBounds(name, values[name], broker)
    if (error) return error
  }
  for (const kind of ['consumer', 'share', 'streams']) {
    const session = `${kind}.session.timeout.ms`
    const heartbeat = `${kind}.heartbeat.interval.ms`
    if ((values[session] as number) <= (values[heartbeat] as number)) {
      return invalid(`${session} (${values[session]}) must be above ${heartbeat} (${values[heartbeat]}).`)
    }
  }
  return null
}

/** `consumer.session.timeout.ms` lies between `group.consumer.min.…` and `group.consumer.max.…`; a number of something goes by its plain name. */
function outOfBounds(name: string, value: unknown, broker: BrokerConfig): KafkaError | null {
  const [, kind, rest] = /^([a-z]+)\.(?:num\.)?(.*)$/.exec(name) ?? []
  const bound = (end: 'min' | 'max') => (broker as Record<string, unknown>)[`group.${kind}.${end}.${rest}`]
  const [min, max] = [bound('min'), bound('max')]
  if (typeof min === 'number' && (value as number) < min) {
    return invalid(`${name} must be at least group.${kind}.min.${rest} (${min}), not ${value}.`)
  }
  if (typeof max === 'number' && (value as number) > max) {
    return invalid(`${name} must be at most group.${kind}.max.${rest} (${max}), not ${value}.`)
  }
  return null
}

/** May a subscription to clients' metrics have these settings? */
export function checkClientMetricsConfigs(overrides: Texts): KafkaError | null {
  for (const name of overrides.keys()) {
    if ((clientMetricsConfigs as Table)[name] === undefined) {
      return new KafkaError('INVALID_REQUEST', `${name} is no setting of a subscription to clients' metrics.`)
    }
  }
  for (const [name, text] of overrides) {
    const wrong = unreadableValue((clientMetricsConfigs as Table)[name]!, text)
    // Kafka's class of error for a number that is out of range here differs from that for one that is none.
    if (wrong) return /^[+-]?\d+$/.test(text.trim()) ? new KafkaError('INVALID_REQUEST', wrong) : invalid(wrong)
  }
  const text = overrides.get('match')
  const items = text === undefined ? [] : text.split(',').filter((item) => item.trim() !== '')
  const { wrong } = parseMatch(items)
  return wrong === undefined
    ? null
    : invalid(`'${wrong}' selects no clients: what is wanted is selector=regular expression.`)
}

/** Threads that Kafka starts and ends a few at a time: at most to the double or half of what there are. */
const THREADS: ReadonlySet<string> = new Set([
  'num.network.threads',
  'num.io.threads',
  'num.replica.fetchers',
  'num.recovery.threads.per.data.dir',
  'background.threads',
  'log.cleaner.threads',
])
/** Where a broker listens is settled when it starts. */
const SETTLED: ReadonlySet<string> = new Set(['listeners', 'listener.security.protocol.map'])
/** Kafka's DynamicSecurityConfigs: each listener has its own. */
const OF_A_LISTENER = /^ssl\.(key|keystore|truststore)\./
const WITH_LISTENER =
  /^listener\.name\.[^.]*\.(?!(max\.connections|max\.connection\.creation\.rate|num\.network\.threads)$)/

/**
 * May these settings of a broker be changed while it runs? `scope` says whether for one broker or for all. Names that
 * nobody knows are allowed, as in Kafka: plug-ins have settings of their own. Whatever is wrong is INVALID_REQUEST here.
 */
export function checkBrokerConfigs(
  layers: BrokerLayers,
  changed: Texts,
  scope: 'per-broker' | 'cluster-wide',
): KafkaError | null {
  const now = brokerConfig(layers) as Record<string, unknown>
  const stored = scope === 'cluster-wide' ? layers.dynamicDefault : layers.dynamicBroker
  for (const [name, text] of changed) {
    // What is there already was allowed when it came.
    if (stored.get(name) === text) continue
    const why = changeProblem({ name, text, scope, now })
    if (why !== undefined) return new KafkaError('INVALID_REQUEST', why)
  }
  return null
}

/** Why this name cannot be set at all, whatever its value. */
function fixedProblem(name: string, scope: 'per-broker' | 'cluster-wide'): string | undefined {
  const row = (brokerConfigs as Table)[name]
  const perListener = WITH_LISTENER.test(name)
  if (OF_A_LISTENER.test(name)) return `${name} can be changed only for one listener: listener.name.….${name}.`
  if (row === undefined && !perListener) return undefined
  if (row !== undefined && row.dynamic === undefined) {
    return `${name} can be changed only in server.properties and with a restart.`
  }
  if ((perListener || row?.dynamic === 'per-broker') && scope === 'cluster-wide') {
    return `${name} can be changed only for each broker by itself.`
  }
  return undefined
}

function changeProblem(c: {
  name: string
  text: string
  scope: 'per-broker' | 'cluster-wide'
  now: Record<string, unknown>
}): string | undefined {
  const fixed = fixedProblem(c.name, c.scope)
  const row = (brokerConfigs as Table)[c.name]
  if (fixed !== undefined || row === undefined) return fixed
  const parsed = parseConfig(row, c.text)
  if (!parsed.ok) return unreadableValue(row, c.text)
  if (SETTLED.has(c.name)) return `${c.name} is settled while the broker runs; it can be changed with a restart.`
  if (THREADS.has(c.name)) {
    const [now, value] = [c.now[c.name] as number, parsed.value as unknown as number]
    if (value > now * 2 || value < now / 2) {
      return `Invalid value ${value} for configuration ${c.name}: it may at once become at most the double or half of ${now}.`
    }
  }
  return undefined
}

function unreadable(table: Table, what: string, texts: Texts): KafkaError | null {
  for (const [name, text] of texts) {
    const row = table[name]
    if (!row) return invalid(`${name} is no setting of a ${what}.`)
    const wrong = unreadableValue(row, text)
    if (wrong) return invalid(wrong)
  }
  return null
}

/** In the form of Kafka's own sentences, which clients and people know; undefined if the value can be read. */
function unreadableValue(row: Row, text: string): string | undefined {
  if (parseConfig(row, text).ok) return undefined
  return `Invalid value ${isSensitive(row) ? '[hidden]' : text} for configuration ${row.name}: it must be ${allowed(row)}.`
}

const invalid = (detail: string): KafkaError => new KafkaError('INVALID_CONFIG', detail)
