import { describe, expect, it, test } from 'vitest'
import type { KafkaError } from '../protocol/errors.ts'
import { checkBrokerConfigs, checkClientMetricsConfigs, checkGroupConfigs, checkTopicConfigs } from './alter.ts'
import { type ClientFacts, matches, parseMatch } from './client_match.ts'
import { NO_TEXTS, staticOnly } from './resolve.ts'

const texts = (o: Record<string, string>) => new Map(Object.entries(o))
const defaults = staticOnly(NO_TEXTS)
const said = (e: KafkaError | null) => (e === null ? null : `${e.error}: ${e.message}`)

describe('a topic', () => {
  it.each([
    [{}, null],
    [{ 'retention.ms': '1' }, null],
    [{ nonsense: '1' }, 'INVALID_CONFIG: nonsense is no setting of a topic.'],
    [{ constructor: '1' }, 'INVALID_CONFIG: constructor is no setting of a topic.'],
    [
      { preallocate: 'yes' },
      'INVALID_CONFIG: Invalid value yes for configuration preallocate: it must be true or false.',
    ],
    [
      { 'min.compaction.lag.ms': '2', 'max.compaction.lag.ms': '1' },
      'INVALID_CONFIG: min.compaction.lag.ms (2) must not be above max.compaction.lag.ms (1).',
    ],
    [
      { 'remote.storage.enable': 'true' },
      'INVALID_CONFIG: remote.storage.enable must be false: this cluster has no remote storage.',
    ],
  ])('with %j: %s', (overrides, answer) => {
    expect(said(checkTopicConfigs(defaults, texts(overrides as Record<string, string>)))).toBe(answer)
  })
})

describe('a group', () => {
  it.each([
    [{ 'consumer.session.timeout.ms': '50000' }, null],
    [
      { 'consumer.session.timeout.ms': '5' },
      'INVALID_CONFIG: consumer.session.timeout.ms must be at least group.consumer.min.session.timeout.ms (45000), not 5.',
    ],
    [
      { 'share.heartbeat.interval.ms': '20000' },
      'INVALID_CONFIG: share.heartbeat.interval.ms must be at most group.share.max.heartbeat.interval.ms (15000), not 20000.',
    ],
    [{ 'retention.ms': '1' }, 'INVALID_CONFIG: retention.ms is no setting of a group.'],
    [
      { 'streams.num.standby.replicas': '9' },
      'INVALID_CONFIG: streams.num.standby.replicas must be at most group.streams.max.standby.replicas (2), not 9.',
    ],
  ])('with %j: %s', (overrides, answer) => {
    expect(said(checkGroupConfigs(defaults, texts(overrides as Record<string, string>)))).toBe(answer)
  })
})

describe('a broker', () => {
  it.each([
    [{ 'log.retention.ms': '1' }, 'cluster-wide', null],
    [{ 'my.plugin': '1' }, 'per-broker', null],
    [
      { 'log.retention.ms': 'x' },
      'per-broker',
      'INVALID_REQUEST: Invalid value x for configuration log.retention.ms: it must be a whole number of milliseconds.',
    ],
    [
      { 'log.retention.hours': '1' },
      'per-broker',
      'INVALID_REQUEST: log.retention.hours can be changed only in server.properties and with a restart.',
    ],
    [
      { listeners: 'PLAINTEXT://:1' },
      'per-broker',
      'INVALID_REQUEST: listeners is settled while the broker runs; it can be changed with a restart.',
    ],
    [{ 'num.io.threads': '16' }, 'cluster-wide', null],
    [
      { 'num.io.threads': '17' },
      'cluster-wide',
      'INVALID_REQUEST: Invalid value 17 for configuration num.io.threads: it may at once become at most the double or half of 8.',
    ],
    [
      { 'ssl.keystore.password': 'secret' },
      'per-broker',
      'INVALID_REQUEST: ssl.keystore.password can be changed only for one listener: listener.name.….ssl.keystore.password.',
    ],
    [{ 'listener.name.x.ssl.keystore.password': 'secret' }, 'per-broker', null],
    [{ 'listener.name.x.max.connections': '5' }, 'cluster-wide', null],
    [
      { 'listener.name.x.ssl.keystore.password': 'secret' },
      'cluster-wide',
      'INVALID_REQUEST: listener.name.x.ssl.keystore.password can be changed only for each broker by itself.',
    ],
    [
      { listeners: 'PLAINTEXT://:1' },
      'cluster-wide',
      'INVALID_REQUEST: listeners can be changed only for each broker by itself.',
    ],
  ] as const)('changed by %j %s: %s', (changed, scope, answer) => {
    expect(said(checkBrokerConfigs(defaults, texts(changed as Record<string, string>), scope))).toBe(answer)
  })
})

test('a name that every object has is one that nobody knows', () => {
  expect(checkBrokerConfigs(defaults, texts({ toString: '1' }), 'cluster-wide')).toBe(null)
})

test('what a broker has been told before is not asked about again', () => {
  const layers = {
    ...defaults,
    dynamicDefault: texts({ 'num.io.threads': '64' }),
    dynamicBroker: texts({ 'num.io.threads': '200' }),
  }
  expect(checkBrokerConfigs(layers, texts({ 'num.io.threads': '64', 'log.retention.ms': '1' }), 'cluster-wide')).toBe(
    null,
  )
})

describe("a subscription to clients' metrics", () => {
  it.each([
    [{}, null],
    [{ 'interval.ms': '100', metrics: 'a.,b.', match: 'client_id=x.*, client_software_name=java' }, null],
    [{ match: '' }, null],
    [{ interval: '1' }, "INVALID_REQUEST: interval is no setting of a subscription to clients' metrics."],
    [
      { 'interval.ms': '99' },
      'INVALID_REQUEST: Invalid value 99 for configuration interval.ms: it must be a whole number of milliseconds from 100 to 3600000.',
    ],
    [
      { 'interval.ms': 'x' },
      'INVALID_CONFIG: Invalid value x for configuration interval.ms: it must be a whole number of milliseconds from 100 to 3600000.',
    ],
    [
      { match: 'client_id=x,color=red' },
      "INVALID_CONFIG: 'color=red' selects no clients: what is wanted is selector=regular expression.",
    ],
    [
      { match: 'client_id=[' },
      "INVALID_CONFIG: 'client_id=[' selects no clients: what is wanted is selector=regular expression.",
    ],
  ])('with %j: %s', (overrides, answer) => {
    expect(said(checkClientMetricsConfigs(texts(overrides as Record<string, string>)))).toBe(answer)
  })

  const client: ClientFacts = {
    client_instance_id: 'AAAAAAAAAAAAAAAAAAAABw',
    client_id: 'app-1',
    client_software_name: 'librdkafka',
    client_software_version: '2.3.0',
    client_source_address: '127.0.0.1',
    client_source_port: '5000',
  }
  it.each([
    [[], true],
    [['client_id=app-.*'], true],
    [['client_id=app'], false],
    [['client_id=app-.*', 'client_software_name=java'], false],
    [['client_source_address=127\\.0\\.0\\.1', 'client_source_port=[45]000'], true],
  ])('%j matches a client: %s', (items, answer) => {
    expect(matches(parseMatch(items).patterns, client)).toBe(answer)
  })
})
