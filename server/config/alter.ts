/**
 * Whether a change of settings is allowed. Each function returns the error to answer with, or null. They look at all that
 * would be set afterwards, so that values which contradict each other are found.
 */
import { KafkaError } from '../protocol/errors.ts'
import { brokerConfigs } from './broker.ts'
import type { Table } from './define.ts'
import { groupConfigs } from './group.ts'
import { parseConfig } from './parse.ts'
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

/** `consumer.session.timeout.ms` lies between `group.consumer.min.…` and `group.consumer.max.…`. */
function outOfBounds(name: string, value: unknown, broker: BrokerConfig): KafkaError | null {
  const [kind, rest] = [name.slice(0, name.indexOf('.')), name.slice(name.indexOf('.') + 1)]
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

/**
 * May these settings of a broker be changed while it runs? `scope` says whether for one broker or for all. Names that
 * nobody knows are allowed, as in Kafka: plug-ins have settings of their own.
 */
export function checkBrokerConfigs(changed: Texts, scope: 'per-broker' | 'cluster-wide'): KafkaError | null {
  for (const [name, text] of changed) {
    const row = (brokerConfigs as Table)[name]
    if (!row) continue
    if (row.dynamic === undefined) {
      return new KafkaError('INVALID_REQUEST', `${name} can be changed only in server.properties and with a restart.`)
    }
    if (row.dynamic === 'per-broker' && scope === 'cluster-wide') {
      return new KafkaError('INVALID_REQUEST', `${name} can be changed only for each broker by itself.`)
    }
    const parsed = parseConfig(row, text)
    if (!parsed.ok) return invalid(parsed.error)
  }
  return null
}

function unreadable(table: Table, what: string, texts: Texts): KafkaError | null {
  for (const [name, text] of texts) {
    const row = table[name]
    if (!row) return invalid(`${name} is no setting of a ${what}.`)
    const parsed = parseConfig(row, text)
    if (!parsed.ok) return invalid(parsed.error)
  }
  return null
}

const invalid = (detail: string): KafkaError => new KafkaError('INVALID_CONFIG', detail)
