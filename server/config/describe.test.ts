/** `fixtures/` holds what kafka-configs.sh of Apache Kafka 4.3.1 printed for the same settings. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  type ConfigEntry,
  configSource,
  configType,
  describeBroker,
  describeDefaultBroker,
  describeGroup,
  describeTopic,
} from './describe.ts'
import { type BrokerLayers, NO_TEXTS, staticOnly } from './resolve.ts'

const printed = (name: string) =>
  readFileSync(new URL(`fixtures/${name}.txt`, import.meta.url), 'utf8')
    .split('\n')
    .filter((l) => l.startsWith('  '))

const SOURCES = Object.fromEntries(
  Object.entries({
    DYNAMIC_TOPIC_CONFIG: configSource.dynamicTopic,
    DYNAMIC_BROKER_CONFIG: configSource.dynamicBroker,
    DYNAMIC_DEFAULT_BROKER_CONFIG: configSource.dynamicDefaultBroker,
    STATIC_BROKER_CONFIG: configSource.staticBroker,
    DEFAULT_CONFIG: configSource.default,
    DYNAMIC_GROUP_CONFIG: configSource.dynamicGroup,
  }).map(([name, id]) => [id, name]),
)
const line = (e: ConfigEntry) =>
  `  ${e.name}=${e.value} sensitive=${e.sensitive} synonyms={${e.synonyms.map((s) => `${SOURCES[s.source]}:${s.name}=${s.value}`).join(', ')}}`
const lines = (entries: ConfigEntry[]) => entries.map(line).sort()

const layers: BrokerLayers = {
  dynamicBroker: new Map([['log.retention.bytes', '800']]),
  dynamicDefault: new Map([
    ['log.retention.bytes', '700'],
    ['log.roll.ms', '3600000'],
    ['min.insync.replicas', '1'],
  ]),
  static: new Map([
    ['log.retention.hours', '2'],
    ['log.segment.bytes', '2000000'],
    ['log.flush.scheduler.interval.ms', '1000'],
  ]),
}

describe('a description is what Kafka prints', () => {
  it('of a topic', () => {
    const overrides = new Map([
      ['retention.bytes', '500'],
      ['cleanup.policy', 'compact, delete'],
    ])
    expect(lines(describeTopic(layers, overrides))).toEqual(printed('describe_topic').sort())
  })

  it('of a group', () => {
    const overrides = new Map([['consumer.session.timeout.ms', '50000']])
    expect(lines(describeGroup(staticOnly(NO_TEXTS), overrides))).toEqual(printed('describe_group').sort())
  })

  it('of a broker', () => {
    const expected = printed('describe_broker')
    const given = expected.flatMap((l) => [...l.matchAll(/STATIC_BROKER_CONFIG:([^=]+)=(.*?)(?=, [A-Z_]+:|}$)/g)])
    const static_ = new Map(given.map((m) => [m[1]!, m[2]!]))
    const all = { ...layers, static: new Map([...layers.static, ...static_]) }
    expect(static_.get('controller.quorum.voters')).toBe('1@127.0.0.1:29692')
    expect(lines(describeBroker(all))).toEqual(expected.sort())
  })

  it('of what all brokers have in common', () => {
    expect(lines(describeDefaultBroker(layers))).toEqual([
      '  log.retention.bytes=700 sensitive=false synonyms={DYNAMIC_DEFAULT_BROKER_CONFIG:log.retention.bytes=700}',
      '  log.roll.ms=3600000 sensitive=false synonyms={DYNAMIC_DEFAULT_BROKER_CONFIG:log.roll.ms=3600000}',
      '  min.insync.replicas=1 sensitive=false synonyms={DYNAMIC_DEFAULT_BROKER_CONFIG:min.insync.replicas=1}',
    ])
  })
})

describe('a description', () => {
  const find = (entries: ConfigEntry[], name: string) => entries.find((e) => e.name === name)!

  it('says what can be changed while the broker runs', () => {
    const entries = describeBroker(layers)
    expect(find(entries, 'log.retention.ms').readOnly).toBe(false)
    expect(find(entries, 'log.retention.hours').readOnly).toBe(true)
    expect(find(describeTopic(layers, NO_TEXTS), 'retention.ms').readOnly).toBe(false)
  })

  it('shows no password, nor what it does not know', () => {
    const entries = describeBroker(
      staticOnly(
        new Map([
          ['ssl.key.password', 'secret'],
          ['my.plugin.token', 'secret'],
        ]),
      ),
    )
    expect(JSON.stringify(entries)).not.toContain('"secret"')
    expect(find(entries, 'ssl.key.password')).toMatchObject({
      sensitive: true,
      type: configType.password,
      source: configSource.staticBroker,
    })
    expect(find(entries, 'my.plugin.token')).toMatchObject({ sensitive: true, type: configType.unknown })
  })

  it('has an internal setting only where it is set', () => {
    expect(find(describeTopic(layers, NO_TEXTS), 'internal.segment.bytes')).toBeUndefined()
    expect(
      find(describeTopic(layers, new Map([['internal.segment.bytes', '100']])), 'internal.segment.bytes').value,
    ).toBe('100')
  })

  it('tells no default of what can only be set dynamically', () => {
    const name = 'leader.replication.throttled.rate'
    const entries = describeBroker({ ...layers, dynamicBroker: new Map([[name, '5']]) })
    expect(find(entries, name).synonyms).toEqual([{ name, value: '5', source: configSource.dynamicBroker }])
  })

  it('shows a long to the last digit', () => {
    const entries = describeTopic(layers, new Map([['retention.ms', '+9007199254740993']]))
    expect(find(entries, 'retention.ms').value).toBe('9007199254740993')
  })
})
