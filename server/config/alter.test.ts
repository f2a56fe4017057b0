import { describe, expect, it } from 'vitest'
import type { KafkaError } from '../protocol/errors.ts'
import { checkBrokerConfigs, checkGroupConfigs, checkTopicConfigs } from './alter.ts'
import { NO_TEXTS, staticOnly } from './resolve.ts'

const texts = (o: Record<string, string>) => new Map(Object.entries(o))
const defaults = staticOnly(NO_TEXTS)
const said = (e: KafkaError | null) => (e === null ? null : `${e.error}: ${e.message}`)

describe('a topic', () => {
  it.each([
    [{}, null],
    [{ 'retention.ms': '1' }, null],
    [{ nonsense: '1' }, 'INVALID_CONFIG: nonsense is no setting of a topic.'],
    [{ preallocate: 'yes' }, 'INVALID_CONFIG: preallocate must be true or false, not "yes".'],
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
      'INVALID_CONFIG: log.retention.ms must be a whole number of milliseconds, not "x".',
    ],
    [
      { 'log.retention.hours': '1' },
      'per-broker',
      'INVALID_REQUEST: log.retention.hours can be changed only in server.properties and with a restart.',
    ],
    [
      { listeners: 'PLAINTEXT://:1' },
      'cluster-wide',
      'INVALID_REQUEST: listeners can be changed only for each broker by itself.',
    ],
  ] as const)('changed by %j %s: %s', (changed, scope, answer) => {
    expect(said(checkBrokerConfigs(texts(changed as Record<string, string>), scope))).toBe(answer)
  })
})
