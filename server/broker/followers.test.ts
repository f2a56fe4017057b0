import { describe, expect, test } from 'vitest'
import { createClient } from '../client/client.ts'
import type { NetworkOptions } from '../env/sim_network.ts'
import type { KafkaError } from '../protocol/errors.ts'
import { errorCode } from '../protocol/errors.ts'
import { Fetch } from '../protocol/messages/01_fetch.ts'
import { ElectLeaders } from '../protocol/messages/43_elect_leaders.ts'
import { brokerHost, remoteStage } from './link/testing.ts'

async function cluster(
  o: { ids?: readonly number[]; settings?: Record<string, string>; network?: Partial<NetworkOptions> } = {},
) {
  const ids = o.ids ?? [1, 2, 3]
  const settings = { 'min.insync.replicas': '2', 'log.initial.task.delay.ms': '100', ...o.settings }
  const s = remoteStage({
    brokerSettings: settings,
    controllerSettings: { 'auto.leader.rebalance.enable': 'false' },
    ...(o.network && { network: o.network }),
  })
  await s.wait(s.startController())
  for (const id of ids) await s.wait(s.startBroker(id, settings))
  const newClient = () =>
    createClient(s.sim.machine('client').boot(), {
      bootstrap: ids.map((id) => ({ host: brokerHost(id), port: 9092 })),
      requestTimeoutMs: 2_000,
      retryBackoffMs: 5,
      retryBackoffMaxMs: 20,
    })
  const client = newClient()
  const producer = client.producer()
  const image = () => s.controller.controller.image
  return {
    ...{ s, client, newClient, image },
    /** Resolves when every broker has heard of it. */
    async create(name: string, partitions = 1): Promise<void> {
      const [made] = await s.wait(client.admin.createTopics([{ name, partitions, replicationFactor: ids.length }]))
      if (made!.error) throw made!.error
      await s.until(() => [...s.brokers.values()].every((b) => b.metadata.topic(name) !== undefined))
    },
    send: (topic: string, value = 'v') =>
      s.wait(producer.send({ topic, partition: 0, key: null, value: Buffer.from(value) })),
    /** How long it takes, virtual ms. */
    async time(work: () => Promise<unknown>): Promise<number> {
      const beganMs = s.sim.time.elapsedMs
      await work()
      return s.sim.time.elapsedMs - beganMs
    },
    replica: (id: number, topic: string, index = 0) => s.brokers.get(id)!.partitions.replica(topic, index),
    refusal(id: number, topic: string): string | undefined {
      try {
        s.brokers.get(id)!.partitions.replica(topic, 0)
      } catch (error) {
        return (error as KafkaError).error
      }
      return undefined
    },
    leaderOf: (topic: string) => image().partition(topic, 0)!.leader,
    inSync: (topic: string, n: number) => s.until(() => image().partition(topic, 0)!.isr.length === n),
  }
}

const others = (id: number) => [1, 2, 3].filter((i) => i !== id)

describe('how long a leader waits for its followers', () => {
  test('a partition that is made while a fetch waits does not wait for it', async () => {
    const c = await cluster()
    await c.create('quiet', 6)
    // All fetches are long polls of half a second now.
    await c.s.sim.time.runFor(2_000)
    await c.create('new')
    expect(await c.time(() => c.send('new'))).toBeLessThan(60)
  })

  test('after the leader is killed the others go on at once', async () => {
    const c = await cluster()
    await c.create('t', 6)
    await c.send('t')
    await c.s.sim.time.runFor(2_000)
    c.s.killBroker(c.leaderOf('t'))
    expect(await c.time(() => c.send('t'))).toBeLessThan(150)
  })

  test('brokers that are back are in sync soon', async () => {
    const c = await cluster()
    await c.create('t')
    const leader = c.leaderOf('t')
    for (const id of others(leader)) c.s.killBroker(id)
    await c.inSync('t', 1)
    await c.s.sim.time.runFor(10_000)
    for (const id of others(leader)) await c.s.wait(c.s.startBroker(id))
    expect(await c.time(() => c.inSync('t', 3))).toBeLessThan(1_200)
  })
})

describe('a follower that was away', () => {
  test('begins anew where the log of its leader begins, if that is after its own end', async () => {
    const c = await cluster({ settings: { 'segment.bytes': '2000', 'file.delete.delay.ms': '0' } })
    await c.create('t')
    for (let i = 0; i < 5; i++) await c.send('t')
    const away = others(c.leaderOf('t'))[0]!
    await c.s.stopBroker(away)
    for (let i = 0; i < 20; i++) await c.send('t')
    await c.s.wait(c.client.admin.deleteRecords([{ topic: 't', partition: 0, offset: 15 }]))
    await c.s.wait(c.s.startBroker(away))
    await c.inSync('t', 3)
    await c.send('t')
    await c.s.sim.time.runFor(1_000)
    const { logStartOffset, logEndOffset, highWatermark } = c.replica(away, 't')
    expect([logStartOffset, logEndOffset, highWatermark]).toEqual([15, 26, 26])
    expect(c.s.lines.some((l) => l.includes('begins anew at 15'))).toBe(true)
  })

  test('does not find topics that were deleted meanwhile', async () => {
    const c = await cluster()
    await c.create('t')
    const away = others(c.leaderOf('t'))[0]!
    await c.s.stopBroker(away)
    await c.s.wait(c.client.admin.deleteTopics(['t']))
    await c.s.wait(c.s.startBroker(away))
    expect(c.refusal(away, 't')).toBe('UNKNOWN_TOPIC_OR_PARTITION')
    await c.create('t')
    await c.send('t')
    await c.inSync('t', 3)
    await c.s.sim.time.runFor(1_000)
    expect(c.replica(away, 't').logEndOffset).toBe(1)
  })
})

test('what is read while another becomes leader is not told to a follower that believes in the one before', async () => {
  const c = await cluster()
  await c.create('t')
  const leader = c.leaderOf('t')
  const [next, follower] = others(leader) as [number, number]
  // No memory keeps so large a batch.
  const large = 'v'.repeat(40_000)
  await c.send('t', large)
  await c.send('t', large)
  const { leaderEpoch, replicas } = c.image().partition('t', 0)!
  c.s.machineOf(leader).changeDisk({ readMs: { low: 2_000, high: 2_000 } })
  const read = c.s.send(
    leader,
    Fetch,
    {
      ...{ maxWaitMs: 0, minBytes: 0, maxBytes: 1 << 20, isolationLevel: 0, sessionId: 0, sessionEpoch: -1 },
      replicaState: { replicaId: follower, replicaEpoch: c.image().brokers.get(follower)!.brokerEpoch },
      topics: [
        {
          topicId: c.image().topic('t')!.topicId,
          partitions: [
            {
              ...{ partition: 0, currentLeaderEpoch: leaderEpoch, fetchOffset: 1, lastFetchedEpoch: leaderEpoch },
              ...{ logStartOffset: 0, partitionMaxBytes: 1 << 20 },
            },
          ],
        },
      ],
      forgottenTopicsData: [],
    },
    15,
  )
  await c.s.sim.time.runFor(500)
  const order = [next, ...replicas.filter((id) => id !== next)]
  await c.s.wait(c.client.admin.alterPartitionReassignments([{ topic: 't', partition: 0, replicas: order }]))
  await c.s.wait(
    c.client.cluster.request('controller', ElectLeaders, { electionType: 0, topicPartitions: null, timeoutMs: 500 }),
  )
  expect(await c.s.until(() => !c.replica(leader, 't').isLeader, 1_000)).toBe(true)
  const [topic] = (await c.s.wait(read)).responses
  expect(topic!.partitions[0]).toMatchObject({ errorCode: errorCode.NOT_LEADER_OR_FOLLOWER })
})

test('on a slow network followers come on, though partitions are made all the time', async () => {
  const c = await cluster({ network: { latencyMs: { low: 100, high: 100 } } })
  await c.create('t')
  const clock = c.s.sim.machine('client').boot().clock
  let made = 0
  // Each waits for its own topics only.
  for (let i = 0; i < 30; i++) {
    const { admin } = c.newClient()
    const more = () => {
      const topic = { name: `more-${made++}`, partitions: 1, replicationFactor: 3 }
      admin.createTopics([topic]).then(more, more)
    }
    clock.after(i * 15, more)
  }
  await c.s.sim.time.runFor(1_000)
  const before = made
  expect(await c.time(() => c.send('t'))).toBeLessThan(4_000)
  expect(made).toBeGreaterThan(before)
}, 20_000)

describe('what is done to a topic', () => {
  test('one that the controllers lose with a backup is kept as a stray, and whatever they still know stays as it is', async () => {
    const c = await cluster()
    await c.create('known', 2)
    await c.send('known')
    const disk = () => c.s.machineOf('controller').boot().disk
    const filesIn = (dir: string): string[] =>
      disk()
        .list(dir)
        .flatMap(({ name, directory }) => (directory ? filesIn(`${dir}/${name}`) : [`${dir}/${name}`]))
    c.s.killController()
    const backup = filesIn('/controller').map((path) => [path, disk().readFile(path)!] as const)
    await c.s.wait(c.s.startController({ 'auto.leader.rebalance.enable': 'false' }))
    await c.create('lost')
    await c.send('lost')
    c.s.killController()
    disk().remove('/controller')
    disk().mkdir('/controller/__cluster_metadata-0')
    for (const [path, bytes] of backup) disk().replaceFile(path, bytes)
    await c.s.wait(c.s.startController({ 'auto.leader.rebalance.enable': 'false' }))
    expect(await c.s.until(() => c.refusal(1, 'lost') !== undefined, 60_000)).toBe(true)
    await c.s.sim.time.runFor(120_000)
    for (const id of [1, 2, 3]) {
      expect(c.replica(id, 'known').logEndOffset, `broker ${id}`).toBe(1)
      const names = c.s.machineOf(id).boot().disk.list('/data')
      expect(names.filter(({ name }) => /^lost-0\..*-stray$/.test(name))).toHaveLength(1)
    }
    expect(c.s.lines.join('\n')).toContain('it is kept as')
  })

  test('a deleted one is gone from every broker', async () => {
    const c = await cluster()
    await c.create('t', 3)
    await c.send('t')
    await c.s.wait(c.client.admin.deleteTopics(['t']))
    await c.s.sim.time.runFor(500)
    for (const id of [1, 2, 3]) {
      expect(c.refusal(id, 't')).toBe('UNKNOWN_TOPIC_OR_PARTITION')
      const folders = c.s
        .machineOf(id)
        .boot()
        .disk.list('/data')
        .filter((f) => /^t-\d$/.test(f.name))
      expect(folders).toEqual([])
    }
  })

  test('a replica that is given to another broker is deleted here, and clients are told that it is elsewhere', async () => {
    const c = await cluster()
    await c.create('t')
    await c.send('t')
    const leader = c.leaderOf('t')
    const [first, second] = others(leader)
    await c.s.wait(
      c.client.admin.alterPartitionReassignments([{ topic: 't', partition: 0, replicas: [first!, second!] }]),
    )
    expect(await c.s.until(() => c.image().partition('t', 0)!.replicas.length === 2)).toBe(true)
    await c.s.sim.time.runFor(500)
    expect(c.refusal(leader, 't')).toBe('NOT_LEADER_OR_FOLLOWER')
    await c.send('t')
    expect([c.replica(first!, 't').logEndOffset, c.replica(second!, 't').logEndOffset]).toEqual([2, 2])
    await c.s.stopBroker(leader)
    await c.s.wait(c.s.startBroker(leader))
    expect(c.refusal(leader, 't')).toBe('NOT_LEADER_OR_FOLLOWER')
  })
})

test('a follower whose log dir fails leaves the others to go on, and is told so', async () => {
  const c = await cluster({ settings: { 'log.dirs': '/data,/other', 'metadata.log.dir': '/data' } })
  await c.create('t', 4)
  await c.send('t')
  const index = [0, 1, 2, 3].find((i) => {
    const id = others(c.leaderOf('t'))[0]!
    return c.replica(id, 't', i).log.isIn('/other') && !c.replica(id, 't', i).isLeader
  })
  const id = others(c.leaderOf('t'))[0]!
  expect(index).toBeDefined()
  c.replica(id, 't', index!).log.goOffline(new Error('bad sector'))
  await c.s.sim.time.runFor(3_000)
  expect(c.image().partition('t', index!)!.isr).not.toContain(id)
  await c.send('t')
})
