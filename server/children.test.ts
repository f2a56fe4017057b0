import { describe, expect, test } from 'vitest'
import { childrenOf, commonSettings, foldersOf } from './children.ts'
import { clusterPlan, type Stage } from './cluster_plan.ts'
import { impossible } from './cluster_settings.ts'
import { type Settings, settings } from './config/settings.ts'

const around = { root: '/weir/', version: '1', development: false, controllerPort: 40_000 }

function asked(flags: Record<string, string>): Settings {
  const given = settings({ argv: Object.entries(flags).map(([name, value]) => `--${name}=${value}`), env: {} })
  if (given.kind !== 'settings') throw new Error(JSON.stringify(given))
  return given.settings
}

/** What each child is handed, by its id, once `started` are. */
function children(flags: Record<string, string>, stage?: Stage, started: Record<string, string> = {}) {
  const s = asked({ 'data-dir': '/data', ...flags })
  const nothing = { controller: false, firstNodeId: undefined, others: [], grownFrom: undefined }
  const plan = clusterPlan(nothing, s.weir.BROKERS)
  if (typeof plan === 'string') throw new Error(plan)
  const specs = childrenOf(s, stage ?? plan.stages[0]!, s.weir.BROKERS, around)
  const addresses = new Map(Object.entries(started).map(([id, address]) => [id, [address]]))
  return new Map(specs.map((spec) => [spec.id, { spec, settings: spec.settings(addresses, undefined) as any }]))
}
const kafkaOf = (child: { settings: any } | undefined) => new Map<string, string>(child!.settings.kafka)

describe('one broker', () => {
  test('is alone with the console, and its own controller', () => {
    const all = children({})
    expect([...all.keys()]).toEqual(['broker-1', 'console'])
    expect(all.get('broker-1')!.settings).toMatchObject({ nodeId: 1, dataDirs: ['/data'], port: 9092 })
    expect([...kafkaOf(all.get('broker-1')).keys()]).toEqual(['group.initial.rebalance.delay.ms'])
  })

  test('may be any node, and join controllers that are elsewhere', () => {
    const flags = { 'node.id': '7', 'process.roles': 'broker', 'controller.quorum.bootstrap.servers': 'there:9093' }
    const all = children(flags)
    expect(impossible(asked(flags))).toBeUndefined()
    expect(all.get('broker-1')!.spec).toMatchObject({ name: 'Broker 7', answersAs: '7' })
    expect(all.get('console')!.settings.brokers).toEqual(['7'])
    expect(kafkaOf(all.get('broker-1')).get('process.roles')).toBe('broker')
  })
})

describe('three brokers', () => {
  test('are known to the console from the first on, where their ports are known beforehand', () => {
    const bootstrap = (flags: Record<string, string>) =>
      children({ brokers: '3', ...flags }, undefined, { 'broker-2': '127.0.0.1:777' }).get('console')!.settings
        .bootstrap
    expect(bootstrap({ 'kafka-port': '9100' })).toEqual(['127.0.0.1:9100', '127.0.0.1:777', '127.0.0.1:9102'])
    expect(bootstrap({ 'kafka-port': '9100', host: '::1' })).toContain('[::1]:9102')
    expect(bootstrap({ 'kafka-port': '0' })).toEqual(['127.0.0.1:777'])
    expect(bootstrap({ listeners: 'PLAINTEXT://127.0.0.1:9200' })).toEqual(['127.0.0.1:777'])
  })

  test('have a controller, folders and ports of their own, and know where the controller is', () => {
    const all = children({ brokers: '3', 'kafka-port': '9100' })
    expect([...all.keys()]).toEqual(['controller', 'broker-1', 'broker-2', 'broker-3', 'console'])
    expect(all.get('controller')!.settings).toMatchObject({ nodeId: 3000, dataDir: '/data/controller', port: 40_000 })
    const brokers = [1, 2, 3].map((id) => all.get(`broker-${id}`)!)
    expect(brokers.map(({ settings }) => [settings.nodeId, settings.dataDirs, settings.port])).toEqual([
      [1, ['/data'], 9100],
      [2, ['/data/brokers/2'], 9101],
      [3, ['/data/brokers/3'], 9102],
    ])
    for (const broker of brokers) {
      expect(kafkaOf(broker).get('controller.quorum.voters')).toBe('3000@127.0.0.1:40000')
      expect(kafkaOf(broker).get('process.roles')).toBe('broker')
    }
    expect(all.get('console')!.settings).toMatchObject({ brokers: ['1', '2', '3'], controllers: ['3000'] })
  })

  test('the console starts when one of them is ready, and the controller stops last', () => {
    const all = children({ brokers: '3' })
    const { mayStart } = all.get('console')!.spec
    expect([mayStart!(() => false), mayStart!((id) => id === 'broker-2')]).toEqual([false, true])
    const turns = ['console', 'broker-1', 'controller'].map((id) => all.get(id)!.spec.stopTurn)
    expect(turns).toEqual([...turns].sort())
    expect(new Set(turns).size).toBe(3)
  })

  test('a port that was free when they started is theirs after a restart too', () => {
    const flags = { brokers: '2', 'kafka-port': '0' }
    const all = children(flags, undefined, { 'broker-2': '127.0.0.1:5555', controller: '127.0.0.1:4444' })
    expect(all.get('broker-1')!.settings.port).toBe(0)
    expect(all.get('broker-2')!.settings.port).toBe(5555)
    expect(kafkaOf(all.get('broker-1')).get('controller.quorum.voters')).toBe('3000@127.0.0.1:4444')
  })

  test('every log dir has its part of each broker, and listeners count up', () => {
    const all = children({
      brokers: '2',
      'log.dirs': '/a,/b',
      'metadata.log.dir': '/m',
      listeners: 'PLAINTEXT://:9100',
      'advertised.listeners': 'PLAINTEXT://kafka.example:9100',
      'weir.metrics.port': '9200',
    })
    const second = all.get('broker-2')!
    expect(second.settings.dataDirs).toEqual(['/a/brokers/2', '/b/brokers/2'])
    expect(kafkaOf(second).get('metadata.log.dir')).toBe('/m/brokers/2')
    expect(kafkaOf(second).get('listeners')).toBe('PLAINTEXT://:9101')
    expect(kafkaOf(second).get('advertised.listeners')).toBe('PLAINTEXT://kafka.example:9101')
    expect(['broker-1', 'broker-2', 'controller'].map((id) => all.get(id)!.settings.metrics.port)).toEqual([
      9200, 9201, 9202,
    ])
  })

  test('topics outlive a broker unless something else was asked for', () => {
    const factors = (flags: Record<string, string>) => {
      const s = asked(flags)
      const common = commonSettings(s, s.weir.BROKERS)
      return ['default.replication.factor', 'min.insync.replicas', 'offsets.topic.replication.factor'].map((name) =>
        common.get(name),
      )
    }
    expect(factors({ brokers: '1' })).toEqual([undefined, undefined, undefined])
    expect(factors({ brokers: '2' })).toEqual(['2', '1', '2'])
    expect(factors({ brokers: '5' })).toEqual(['3', '2', '3'])
    expect(factors({ brokers: '3', 'default.replication.factor': '1' })).toEqual(['1', '2', '3'])
  })

  test('one that leaves gets nothing new, is not asked for metrics, and the others do without it', () => {
    const stage: Stage = { brokers: [1, 2, 3], controller: true, resize: { keep: [1, 2], leave: [3] } }
    const all = children({ brokers: '2', 'weir.metrics.port': '9200' }, stage)
    expect(all.get('broker-3')!.spec.dispensable).toBe(true)
    const ports = ['broker-1', 'broker-2', 'broker-3', 'controller'].map((id) => all.get(id)!.settings.metrics.port)
    expect(ports).toEqual([9200, 9201, null, 9202])
    expect(kafkaOf(all.get('broker-3')).get('cordoned.log.dirs')).toBe('*')
    expect(kafkaOf(all.get('broker-1')).has('cordoned.log.dirs')).toBe(false)
    expect(all.get('console')!.settings.brokers).toEqual(['1', '2'])
    expect(all.get('resize')!.settings).toMatchObject({ keep: [1, 2], leavingIds: ['broker-3'], brokerIds: [1, 2, 3] })
  })

  test.each([
    [{ 'node.id': '4' }, 'node.id is set, but with BROKERS=3 the brokers are numbered from 1; leave node.id out.'],
    [
      { 'process.roles': 'broker' },
      'process.roles is set, but with BROKERS=3 the controller is a process of its own; leave process.roles out, or join another cluster with BROKERS=1.',
    ],
    [
      { 'kafka-port': '65534' },
      'BROKERS=3 take the ports from 65534 on, but the last one there is is 65535; choose a smaller KAFKA_PORT.',
    ],
  ])('%j cannot be', (flags, sentence) => {
    expect(impossible(asked({ brokers: '3', ...flags }))).toBe(sentence)
  })
})

test('a controller alone is not what is started here', () => {
  expect(impossible(asked({ 'process.roles': 'controller' }))).toBe(
    'process.roles is controller, but what is started here is a broker; set process.roles=broker,controller, or leave it out.',
  )
})

test('folders are those that the settings name', () => {
  expect(foldersOf(asked({ 'data-dir': '/data', 'log.dirs': ' /a, /b ' }))).toEqual({
    dataDir: '/data',
    logDirs: ['/a', '/b'],
    metadataDir: undefined,
  })
})
