import { describe, expect, test } from 'vitest'
import { plain } from '../../metadata/testing.ts'
import { errorCode } from '../../protocol/errors.ts'
import { Metadata } from '../../protocol/messages/03_metadata.ts'
import { FindCoordinator } from '../../protocol/messages/10_find_coordinator.ts'
import { CreateTopics } from '../../protocol/messages/19_create_topics.ts'
import { InitProducerId } from '../../protocol/messages/22_init_producer_id.ts'
import { IncrementalAlterConfigs } from '../../protocol/messages/44_incremental_alter_configs.ts'
import { DescribeCluster } from '../../protocol/messages/60_describe_cluster.ts'
import { readQuorumEpoch } from './quorum_state.ts'
import { remoteStage } from './testing.ts'

type Stage = ReturnType<typeof remoteStage>

const create = (s: Stage, id: number, name: string, o: { partitions?: number; replicas?: number } = {}) =>
  s.ask(id, CreateTopics, {
    topics: [
      {
        name,
        numPartitions: o.partitions ?? 1,
        replicationFactor: o.replicas ?? 1,
        assignments: [],
        configs: [],
      },
    ],
    timeoutMs: 5_000,
    validateOnly: false,
  })

const caughtUp = (s: Stage) =>
  s.until(() => {
    const { image } = s.controller.controller
    return [...s.brokers.values()].every((b) => b.controller.image.nextOffset === image.nextOffset)
  })

/** Each broker's image is the controller's. */
async function expectSameImages(s: Stage): Promise<void> {
  expect(await caughtUp(s)).toBe(true)
  const wanted = plain(s.controller.controller.image)
  for (const [id, broker] of s.brokers) expect(plain(broker.controller.image), `broker ${id}`).toEqual(wanted)
}

async function cluster(n: number, o: Parameters<typeof remoteStage>[0] = {}): Promise<Stage> {
  const s = remoteStage(o)
  await s.wait(s.startController())
  for (let id = 1; id <= n; id++) await s.wait(s.startBroker(id))
  return s
}

describe('a broker whose controller is elsewhere', () => {
  test('joins, serves what clients want decided, and knows what the controller knows', async () => {
    const s = await cluster(3)
    const { topics } = await create(s, 2, 'a', { partitions: 6, replicas: 3 })
    expect(topics[0]!.errorCode).toBe(errorCode.NONE)
    await expectSameImages(s)
    const { brokers, topics: told } = await s.ask(1, Metadata, { topics: [{ name: 'a' }] })
    expect(brokers.map((b) => b.nodeId)).toEqual([1, 2, 3])
    expect(told[0]!.partitions).toHaveLength(6)
  })

  test('takes its cluster id from the controllers', async () => {
    const s = await cluster(2)
    expect(s.brokers.get(1)!.clusterId).toBe(s.controller.clusterId)
    const { clusterId } = await s.ask(2, DescribeCluster, { includeClusterAuthorizedOperations: false })
    expect(clusterId).toBe(s.controller.clusterId)
  })

  test('does not begin with a folder of another cluster, and says so at once', async () => {
    const s = await cluster(1)
    await s.stopBroker(1)
    s.killController()
    s.machineOf('controller').boot().disk.remove('/controller')
    await s.wait(s.startController())
    const begunMs = s.sim.time.elapsedMs
    await expect(s.wait(s.startBroker(1))).rejects.toThrow('use its controllers or another folder')
    expect(s.sim.time.elapsedMs - begunMs).toBeLessThan(1_000)
  })

  test('that finds no controller gives up in time, with a sentence', async () => {
    const s = remoteStage({ brokerSettings: { 'initial.broker.registration.timeout.ms': '5000' } })
    await expect(s.wait(s.startBroker(1))).rejects.toThrow(
      'No controller said which cluster it is (the last was controller:9093',
    )
    expect(
      s.lines.filter((line) => /^WARN .*: No controller has said which cluster it is/.test(line)),
      'who waits before the screen is told why, once',
    ).toHaveLength(1)
    await s.wait(s.startController())
    await s.wait(s.startBroker(1))
    await s.stopBroker(1)
    s.killController()
    await expect(s.wait(s.startBroker(1))).rejects.toThrow('could not register with the controllers in time')
  })

  test('is told to clients by the others as it is: serving, or fenced where they ask for that too', async () => {
    const s = await cluster(3)
    expect(await caughtUp(s)).toBe(true)
    s.killBroker(3)
    expect(await s.until(() => s.brokers.get(1)!.metadata.brokers().length === 2, 1_000)).toBe(true)
    const ask = (includeFencedBrokers: boolean) =>
      s.ask(1, DescribeCluster, { includeClusterAuthorizedOperations: false, includeFencedBrokers })
    expect((await ask(false)).brokers.map((b) => b.brokerId)).toEqual([1, 2])
    expect((await ask(true)).brokers.map((b) => [b.brokerId, b.isFenced])).toEqual([
      [1, false],
      [2, false],
      [3, true],
    ])
    for (let i = 0; i < 10; i++) expect([1, 2]).toContain((await ask(false)).controllerId)
  })

  test('takes settings of its own from clients that ask it, and those of all brokers from any', async () => {
    const s = await cluster(2)
    const set = (asked: number, resourceName: string, name: string, value: string) =>
      s.ask(asked, IncrementalAlterConfigs, {
        resources: [{ resourceType: 4, resourceName, configs: [{ name, configOperation: 0, value }] }],
        validateOnly: false,
      })
    const refused = await set(1, '2', 'background.threads', '5')
    expect(refused.responses).toMatchObject([{ errorCode: errorCode.INVALID_REQUEST, resourceName: '2' }])
    expect(refused.responses[0]!.errorMessage).toContain('ask broker 2')
    expect((await set(2, '2', 'message.max.bytes', 'many')).responses[0]!.errorCode).toBe(errorCode.INVALID_REQUEST)
    expect((await set(2, '2', 'message.max.bytes', '5000')).responses).toMatchObject([{ errorCode: 0 }])
    expect((await set(1, '', 'log.cleaner.backoff.ms', '77')).responses).toMatchObject([{ errorCode: 0 }])
    await expectSameImages(s)
    const [one, two] = [s.brokers.get(1)!, s.brokers.get(2)!]
    expect([one.config['message.max.bytes'], two.config['message.max.bytes']]).toEqual([1_048_588, 5_000])
    expect([one.config['log.cleaner.backoff.ms'], two.config['log.cleaner.backoff.ms']]).toEqual([77, 77])
  })

  test('makes topics that are asked for with the factor that the controller is set to', async () => {
    const s = remoteStage({ controllerSettings: { 'default.replication.factor': '2', 'num.partitions': '3' } })
    await s.wait(s.startController())
    for (const id of [1, 2]) await s.wait(s.startBroker(id, { 'offsets.topic.replication.factor': '2' }))
    const { topics } = await s.ask(1, Metadata, { topics: [{ name: 'a' }], allowAutoTopicCreation: true })
    expect(topics[0]).toMatchObject({ errorCode: 0, name: 'a' })
    expect(topics[0]!.partitions.map((p) => p.replicaNodes.length)).toEqual([2, 2, 2])
    const found = await s.ask(2, FindCoordinator, { key: '', keyType: 0, coordinatorKeys: ['g'] })
    expect([1, 2]).toContain(found.coordinators[0]!.nodeId)
    expect(s.brokers.get(1)!.controller.image.partition('__consumer_offsets', 0)!.replicas).toHaveLength(2)
  })

  test('hands out producer ids that no other broker hands out', async () => {
    const s = await cluster(2)
    const ask = (id: number) => s.ask(id, InitProducerId, { transactionalId: null, transactionTimeoutMs: 0 })
    const first = await ask(1)
    const second = await ask(2)
    expect(first.errorCode).toBe(0)
    expect(Math.abs(first.producerId - second.producerId)).toBeGreaterThanOrEqual(1000)
  })

  test('is fenced as soon as it is gone, and let in again when it is back', async () => {
    const s = await cluster(2)
    s.killBroker(2)
    const { image } = s.controller.controller
    expect(await s.until(() => image.brokers.get(2)!.fenced, 1_000)).toBe(true)
    expect(await s.until(() => s.brokers.get(1)!.metadata.brokers().length === 1, 1_000)).toBe(true)
    await s.wait(s.startBroker(2))
    expect(image.brokers.get(2)!.fenced).toBe(false)
    await expectSameImages(s)
  })

  test('stops as soon as the others know who leads instead, not with their next heartbeat', async () => {
    const s = await cluster(3)
    await create(s, 1, 't', { partitions: 9, replicas: 3 })
    expect(await caughtUp(s)).toBe(true)
    for (const id of [2, 3]) {
      await s.sim.time.runFor(500)
      const begunMs = s.sim.time.elapsedMs
      await s.stopBroker(id)
      expect(s.sim.time.elapsedMs - begunMs).toBeLessThan(400)
      await s.wait(s.startBroker(id))
    }
  })

  test('is not fenced because of a line that is down for less than its session', async () => {
    const s = await cluster(2)
    await s.sim.time.runFor(5_000)
    let fenced = 0
    s.controller.controller.subscribe((records) => {
      for (const { name, data } of records) if (name === 'BrokerRegistrationChangeRecord' && data.fenced > 0) fenced++
    })
    for (let i = 0; i < 5; i++) {
      s.sim.network.cut('controller', 'broker2')
      await s.sim.time.runFor(6_500)
      s.sim.network.heal('controller', 'broker2')
      await s.sim.time.runFor(4_000 + 100 * i)
    }
    expect(fenced).toBe(0)
    s.sim.network.cut('controller', 'broker2')
    const { image } = s.controller.controller
    expect(await s.until(() => image.brokers.get(2)!.fenced, 12_000)).toBe(true)
    s.sim.network.heal('controller', 'broker2')
    expect(await s.until(() => !image.brokers.get(2)!.fenced, 10_000)).toBe(true)
    await expectSameImages(s)
  })

  test('goes on when the controller is killed and comes back', async () => {
    const s = await cluster(2)
    await create(s, 1, 'before')
    expect(await caughtUp(s)).toBe(true)
    s.killController()
    await s.sim.time.runFor(5_000)
    const { topics } = await s.ask(1, Metadata, { topics: [{ name: 'before' }] })
    expect(topics[0]!.partitions[0]!.errorCode).toBe(0)
    const later = create(s, 1, 'after')
    await s.wait(s.startController())
    expect((await later).topics[0]!.errorCode).toBe(0)
    await expectSameImages(s)
  })

  test('tells clients that the request was not done in time while there is no controller', async () => {
    const s = await cluster(1, { brokerSettings: { 'request.timeout.ms': '3000' } })
    s.killController()
    const { topics } = await create(s, 1, 'a')
    expect(topics[0]!.errorCode).toBe(errorCode.REQUEST_TIMED_OUT)
  })

  test('whose disk is full for a while follows all the same, and has it on disk when there is room', async () => {
    let full = false
    const s = remoteStage()
    s.machineOf(1).disk = { faults: ({ kind }) => (full && kind === 'write' ? 'ENOSPC' : undefined) }
    await s.wait(s.startController())
    for (const id of [1, 2]) await s.wait(s.startBroker(id))
    full = true
    await create(s, 2, 'a')
    await s.sim.time.runFor(5_000)
    await expectSameImages(s)
    full = false
    await s.sim.time.runFor(5_000)
    expect(s.controller.controller.image.isActive(1)).toBe(true)
    s.killBroker(1)
    s.killController()
    const { disk } = s.machineOf(1).boot()
    expect(disk.list('/data/__cluster_metadata-0').some(({ name }) => name.endsWith('.checkpoint'))).toBe(true)
  })

  test('writes down the epoch of the quorum when there is room, and follows meanwhile', async () => {
    let full = false
    const s = remoteStage()
    s.machineOf(1).disk = {
      faults: ({ kind, path }) => (full && kind === 'write' && path.includes('quorum-state') ? 'ENOSPC' : undefined),
    }
    await s.wait(s.startController())
    await s.wait(s.startBroker(1))
    const { disk } = s.machineOf(1).boot()
    const written = () => readQuorumEpoch(disk, '/data/__cluster_metadata-0')
    expect(written()).toBe(1)
    full = true
    s.killController()
    await s.wait(s.startController())
    await create(s, 1, 'a')
    await expectSameImages(s)
    expect(written()).toBe(1)
    full = false
    expect(await s.until(() => written() === 2)).toBe(true)
  })

  test('that has no room for a new partition makes it when there is room, though nobody asks for it there', async () => {
    let full = false
    const s = remoteStage()
    s.machineOf(2).disk = { faults: ({ kind }) => (full && kind === 'mkdir' ? 'ENOSPC' : undefined) }
    await s.wait(s.startController())
    for (const id of [1, 2]) await s.wait(s.startBroker(id))
    full = true
    await create(s, 1, 'a', { partitions: 3, replicas: 2 })
    await s.sim.time.runFor(60_000)
    const { image } = s.controller.controller
    const inSync = () => image.topics.get('a')!.partitions.every((p) => p.isr.length === 2)
    expect(inSync()).toBe(false)
    full = false
    expect(await s.until(inSync, 10_000)).toBe(true)
  })

  test('whose disk fails leaves the cluster at once and says why', async () => {
    let broken = false
    const s = remoteStage()
    s.machineOf(1).disk = { faults: () => (broken ? 'EIO' : undefined) }
    await s.wait(s.startController())
    for (const id of [1, 2]) await s.wait(s.startBroker(id))
    broken = true
    await create(s, 2, 'a')
    const { image } = s.controller.controller
    expect(await s.until(() => image.brokers.get(1)!.fenced, 1_000)).toBe(true)
    expect(s.lines.join('\n')).toContain('cannot be followed any more, so this broker leaves it')
    expect(s.down).toEqual([1])
  })

  test('needs after a restart only what is new, and has the same image', async () => {
    const s = await cluster(2)
    for (let i = 0; i < 20; i++) await create(s, 1, `t${i}`)
    await s.stopBroker(2)
    await create(s, 1, 'later')
    await s.wait(s.startBroker(2))
    await expectSameImages(s)
  })
})
