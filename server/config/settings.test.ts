import { describe, expect, it } from 'vitest'
import { configFile, type Given, help, type Settings, settings } from './settings.ts'

function asked(given: Partial<Given>): Settings {
  const a = settings({ argv: [], env: {}, ...given })
  if (a.kind !== 'settings') throw new Error(JSON.stringify(a))
  return a.settings
}
const error = (given: Partial<Given>) => {
  const a = settings({ argv: [], env: {}, ...given })
  return a.kind === 'error' ? a.error : a.kind
}

describe('settings', () => {
  it('are the defaults where nothing is given', () => {
    expect(asked({}).weir).toEqual({
      PORT: 3000,
      KAFKA_PORT: 9092,
      HOST: '127.0.0.1',
      DATA_DIR: './data',
      BROKERS: 1,
      KAFKA_BROKERS: null,
      'weir.acks.all.sync': true,
      'weir.allowed.hosts': null,
      'weir.log.level': 'warn',
      'weir.metrics.detail': 'partition',
      'weir.metrics.port': null,
    })
  })

  it('come from the file, then the environment, then flags', () => {
    const properties = 'PORT=1\nKAFKA_PORT=1\nDATA_DIR=file\nlog.retention.ms=1\nnum.partitions=1'
    const env = {
      KAFKA_PORT: '2',
      DATA_DIR: 'environment',
      KAFKA_LOG_RETENTION_MS: '2',
      KAFKA_HEAP_OPTS: '-Xmx1g',
      PATH: '/bin',
    }
    const argv = ['--data-dir', 'flag', '--log.retention.ms=3']
    const s = asked({ argv, env, properties })
    expect(s.weir).toMatchObject({ PORT: 1, KAFKA_PORT: 2, DATA_DIR: 'flag' })
    expect([...s.kafka].sort()).toEqual([
      ['log.retention.ms', '3'],
      ['num.partitions', '1'],
    ])
    expect(Object.fromEntries(s.origins)).toEqual({
      PORT: 'file',
      KAFKA_PORT: 'environment',
      DATA_DIR: 'flag',
      'log.retention.ms': 'flag',
      'num.partitions': 'file',
    })
  })

  it.each([
    [['--kafka-port', '1'], { KAFKA_PORT: 1 }],
    [['--kafka-port=1'], { KAFKA_PORT: 1 }],
    [['--weir.acks.all.sync=false'], { 'weir.acks.all.sync': false }],
    [['--weir.acks.all.sync', '--port=1'], { 'weir.acks.all.sync': true, PORT: 1 }],
    [['--kafka-brokers', 'a:1,b:2'], { KAFKA_BROKERS: ['a:1', 'b:2'] }],
    [['--host='], { HOST: '' }],
  ])('can be flags as %j', (argv, expected) => {
    expect(asked({ argv }).weir).toMatchObject(expected)
  })

  it.each([
    [{ argv: ['--prot', '1'] }, 'There is no flag --prot; the nearest is --port.'],
    [{ argv: ['--log.retention.sm=1'] }, 'There is no flag --log.retention.sm; the nearest is --log.retention.ms.'],
    [{ argv: ['--zookeeper.connect=x'] }, 'There is no flag --zookeeper.connect.'],
    [{ argv: ['start'] }, '"start" is not a flag; flags are written --name value.'],
    [{ argv: ['--port'] }, '--port needs a value.'],
    [{ argv: ['--port', 'x'] }, 'PORT must be a whole number from 0 to 65535, not "x".'],
    [{ env: { PORT: 'x' } }, 'In the environment, PORT must be a whole number from 0 to 65535, not "x".'],
    [
      { env: { KAFKA_LOG_SEGMENT_BYTES: '1' } },
      'In the environment, log.segment.bytes must be a whole number of bytes from 1048576 to 2147483647, not "1".',
    ],
    [
      { properties: 'num.partitions=0' },
      'In server.properties, num.partitions must be a whole number from 1 to 2147483647, not "0".',
    ],
  ])('%j is said in one sentence', (given, sentence) => {
    expect(error(given)).toBe(sentence)
  })

  it('that nobody knows are a warning in the file, because plug-ins have their own', () => {
    const s = asked({ properties: 'num.partition=3\nmy.plugin=x' })
    expect(s.warnings).toEqual([
      'num.partition in server.properties is no setting that Weir knows; the nearest is num.partitions.',
      'my.plugin in server.properties is no setting that Weir knows.',
    ])
    expect(s.kafka.get('my.plugin')).toBe('x')
  })

  it('name the file to read', () => {
    expect(configFile(['--config', 'my.properties', '--port=1'])).toBe('my.properties')
    expect(configFile(['--port=1'])).toBeUndefined()
  })

  it('are explained by --help, each with its default', () => {
    expect(settings({ argv: ['--help'], env: {} })).toEqual({ kind: 'help' })
    expect(help()).toMatch(/--kafka-port +Port of the first broker.* Default: 9092\./)
    expect(help()).toContain('--data-dir')
  })
})

describe('where ours and Kafka contradict each other', () => {
  const properties = 'listeners=PLAINTEXT://:1\nlog.dirs=/l\nKAFKA_PORT=3\nDATA_DIR=/d'

  it("Kafka's counts, being the more precise", () => {
    const s = asked({ properties })
    expect(s.kafka.get('listeners')).toBe('PLAINTEXT://:1')
    expect(s.kafka.get('log.dirs')).toBe('/l')
    expect(s.warnings).toEqual([])
  })

  it('ours counts if its origin is stronger, and a warning says so', () => {
    const s = asked({ properties, env: { KAFKA_PORT: '2' }, argv: ['--data-dir=/f'] })
    expect(s.kafka.has('listeners')).toBe(false)
    expect(s.kafka.has('log.dirs')).toBe(false)
    expect(s.weir).toMatchObject({ KAFKA_PORT: 2, DATA_DIR: '/f' })
    expect(s.warnings).toEqual([
      'listeners in server.properties has no effect, because KAFKA_PORT is given in the environment.',
      'log.dirs in server.properties has no effect, because DATA_DIR is given as a flag.',
    ])
  })
})
