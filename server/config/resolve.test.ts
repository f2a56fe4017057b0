import { describe, expect, it } from 'vitest'
import {
  type BrokerLayers,
  brokerConfig,
  groupConfig,
  groupDefaults,
  NO_TEXTS,
  staticOnly,
  topicConfig,
  topicDefaults,
} from './resolve.ts'

const layers = (l: {
  broker?: Record<string, string>
  all?: Record<string, string>
  start?: Record<string, string>
}): BrokerLayers => ({
  dynamicBroker: new Map(Object.entries(l.broker ?? {})),
  dynamicDefault: new Map(Object.entries(l.all ?? {})),
  static: new Map(Object.entries(l.start ?? {})),
})

describe("a broker's setting", () => {
  it.each([
    [{}, 1],
    [{ start: { 'num.io.threads': '2' } }, 2],
    [{ start: { 'num.io.threads': '2' }, all: { 'num.io.threads': '3' } }, 3],
    [{ start: { 'num.io.threads': '2' }, all: { 'num.io.threads': '3' }, broker: { 'num.io.threads': '4' } }, 4],
  ])('of %j comes from the strongest layer', (given, expected) => {
    expect(brokerConfig(layers(given))['num.io.threads']).toBe(expected === 1 ? 8 : expected)
  })

  it('that was given at the start without being checked is our own fault', () => {
    expect(() => brokerConfig(layers({ start: { 'num.io.threads': 'many' } }))).toThrow('stored without being checked')
  })

  it('that another controller has allowed and that cannot be read counts as not set', () => {
    const odd = layers({
      start: { 'num.io.threads': '2' },
      all: { 'num.io.threads': '3' },
      broker: { 'num.io.threads': 'many' },
    })
    expect(brokerConfig(odd)['num.io.threads']).toBe(3)
    const defaults = topicDefaults(layers({ all: { 'log.retention.ms': 'long', 'log.retention.hours': '2' } }))
    expect(defaults['retention.ms']).toBe(7_200_000)
    expect(topicConfig(defaults, new Map([['retention.ms', 'long']]))['retention.ms']).toBe(7_200_000)
  })
})

describe("a topic's setting", () => {
  it.each([
    [{}, 604_800_000],
    [{ 'log.retention.hours': '2' }, 7_200_000],
    [{ 'log.retention.hours': '2', 'log.retention.minutes': '3' }, 180_000],
    [{ 'log.retention.hours': '2', 'log.retention.minutes': '3', 'log.retention.ms': '4' }, 4],
    [{ 'log.retention.hours': '-1' }, -1],
  ])('retention.ms follows %j', (start, expected) => {
    expect(topicDefaults(layers({ start }))['retention.ms']).toBe(expected)
  })

  it.each([
    ['segment.ms', { 'log.roll.hours': '1' }, 3_600_000],
    ['segment.jitter.ms', { 'log.roll.jitter.hours': '1' }, 3_600_000],
    ['flush.ms', { 'log.flush.scheduler.interval.ms': '5' }, 5],
    ['flush.ms', { 'log.flush.scheduler.interval.ms': '5', 'log.flush.interval.ms': '6' }, 6],
    ['max.message.bytes', { 'message.max.bytes': '7' }, 7],
  ] as const)('%s follows %j', (name, start, expected) => {
    expect(topicDefaults(layers({ start: { ...start } }))[name]).toBe(expected)
  })

  it("goes before the broker's, and leaves the others alone", () => {
    const defaults = topicDefaults(layers({ start: { 'log.retention.ms': '4' } }))
    const own = topicConfig(
      defaults,
      new Map([
        ['retention.ms', '5'],
        ['cleanup.policy', 'compact'],
      ]),
    )
    expect(own).toEqual({ ...defaults, 'retention.ms': 5, 'cleanup.policy': ['compact'] })
    expect(topicConfig(defaults, NO_TEXTS)).toBe(defaults)
  })
})

it("a group's setting follows the broker's", () => {
  const defaults = groupDefaults(staticOnly(new Map([['group.consumer.session.timeout.ms', '50000']])))
  expect(defaults['consumer.session.timeout.ms']).toBe(50_000)
  expect(defaults['share.isolation.level']).toBe('read_uncommitted')
  expect(groupConfig(defaults, new Map([['share.isolation.level', 'read_committed']]))['share.isolation.level']).toBe(
    'read_committed',
  )
})
