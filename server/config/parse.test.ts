import { describe, expect, it } from 'vitest'
import { brokerConfigs } from './broker.ts'
import type { Row, Table } from './define.ts'
import { groupConfigs } from './group.ts'
import { canonical, formatConfig, parseConfig } from './parse.ts'
import { topicConfigs } from './topic.ts'
import { weirConfigs } from './weir.ts'

const t = topicConfigs
const named = <T>(rows: [Row, string, T][]) => rows.map(([row, text, x]) => [row.name, text, x, row] as const)
const written = (rows: [Row, unknown, string | null][]) => rows.map(([row, v, x]) => [row.name, v, x, row] as const)

describe('parseConfig reads', () => {
  it.each(
    named<unknown>([
      [t['retention.ms'], ' 1000 ', 1000],
      [t['retention.ms'], '-1', -1],
      [t['retention.ms'], '9223372036854775807', 2 ** 63],
      [t['segment.bytes'], '+2000000', 2_000_000],
      [t.preallocate, 'TRUE', true],
      [t['cleanup.policy'], 'compact , delete', ['compact', 'delete']],
      [t['cleanup.policy'], 'compact,compact', ['compact']],
      [t['cleanup.policy'], '', []],
      [t['compression.gzip.level'], '-1', -1],
      [t['min.cleanable.dirty.ratio'], '.25', 0.25],
      [t['leader.replication.throttled.replicas'], '0:1, 1:2', ['0:1', '1:2']],
      [groupConfigs['share.auto.offset.reset'], 'by_duration:P1DT2H', 'by_duration:P1DT2H'],
      [brokerConfigs['group.consumer.migration.policy'], 'Upgrade', 'upgrade'],
      [weirConfigs.KAFKA_BROKERS, 'a:9092,[::1]:9093', ['a:9092', '[::1]:9093']],
    ]),
  )('%s from %j', (_, text, value, row) => {
    expect(parseConfig(row, text)).toEqual({ ok: true, value })
  })
})

describe('parseConfig says what is allowed', () => {
  it.each(
    named<string>([
      [t['retention.ms'], 'abc', 'retention.ms must be a whole number of milliseconds, at least -1, not "abc".'],
      [t['retention.ms'], '-5', 'retention.ms must be a whole number of milliseconds, at least -1, not "-5".'],
      [
        t['retention.ms'],
        '9223372036854775808',
        'retention.ms must be a whole number of milliseconds, at least -1, not "9223372036854775808".',
      ],
      [
        t['max.message.bytes'],
        '1.5',
        'max.message.bytes must be a whole number of bytes from 0 to 2147483647, not "1.5".',
      ],
      [t['compression.gzip.level'], '0', 'compression.gzip.level must be a whole number from 1 to 9, or -1, not "0".'],
      [t['min.cleanable.dirty.ratio'], '2', 'min.cleanable.dirty.ratio must be a number from 0 to 1, not "2".'],
      [t.preallocate, 'yes', 'preallocate must be true or false, not "yes".'],
      [t['cleanup.policy'], 'shred', 'cleanup.policy must be a list of compact, delete, not "shred".'],
      [
        t['message.timestamp.type'],
        'createtime',
        'message.timestamp.type must be exactly one of CreateTime, LogAppendTime, not "createtime".',
      ],
      [
        t['leader.replication.throttled.replicas'],
        'x',
        'leader.replication.throttled.replicas must be * or a list of partition:broker pairs, not "x".',
      ],
      [
        groupConfigs['share.auto.offset.reset'],
        'by_duration:P',
        'share.auto.offset.reset must be latest, earliest, or by_duration: with an ISO 8601 duration such as P1DT2H, not "by_duration:P".',
      ],
      [weirConfigs.PORT, '70000', 'PORT must be a whole number from 0 to 65535, not "70000".'],
      [
        weirConfigs.KAFKA_BROKERS,
        'nowhere',
        'KAFKA_BROKERS must be addresses as host:port, separated by commas, not "nowhere".',
      ],
    ]),
  )('%s, not %j', (_, text, error, row) => {
    expect(parseConfig(row, text)).toEqual({ ok: false, error })
  })
})

describe('formatConfig writes as Kafka does', () => {
  it.each(
    written([
      [t['retention.ms'], 2 ** 63, '9223372036854775807'],
      [t['min.cleanable.dirty.ratio'], 1, '1.0'],
      [brokerConfigs['log.cleaner.io.max.bytes.per.second'], Number.MAX_VALUE, '1.7976931348623157E308'],
      [brokerConfigs['log.cleaner.io.max.bytes.per.second'], 1e7, '1.0E7'],
      [t['cleanup.policy'], ['compact', 'delete'], 'compact,delete'],
      [t['cleanup.policy'], [], ''],
      [brokerConfigs['broker.rack'], null, null],
    ]),
  )('%s of %j', (_, value, text, row) => {
    expect(formatConfig(row, value)).toBe(text)
  })

  it('one text for each value', () => {
    expect(canonical(t['retention.ms'], ' +0100 ')).toBe('100')
    expect(canonical(t['cleanup.policy'], 'compact , delete')).toBe('compact,delete')
  })
})

describe('every row', () => {
  const rows = Object.entries({ topicConfigs, groupConfigs, brokerConfigs, weirConfigs }).flatMap(([name, table]) =>
    Object.values(table as Table).map((row) => [`${name} ${row.name}`, row] as const),
  )

  it('of Kafka 4.3.1 is there', () => {
    const count = (table: Table) => Object.keys(table).length
    // Kafka lists 360 for brokers; three more exist only as dynamic settings.
    expect([count(topicConfigs), count(groupConfigs), count(brokerConfigs)]).toEqual([34, 17, 363])
  })

  it.each(rows)('%s has a default that it would accept itself, and a line of help', (_, row) => {
    const text = formatConfig(row, row.default)
    if (text !== null) expect(parseConfig(row, text)).toEqual({ ok: true, value: row.default })
    expect(row.doc).toMatch(/^[A-Z].*[.]$/)
  })

  it.each(rows.filter(([, row]) => row.broker || row.instead))(
    '%s follows settings of the broker that exist',
    (_, row) => {
      for (const name of [...(row.broker ? [row.broker] : []), ...(row.instead ?? [])]) {
        expect((brokerConfigs as Table)[name]).toBeDefined()
      }
    },
  )
})
