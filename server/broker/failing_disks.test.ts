/** Brokers of a cluster whose disks fail: others lead what was there, as soon as the controller can be told. */
import { expect, test } from 'vitest'
import { errorOf } from '../protocol/errors.ts'
import { Produce } from '../protocol/messages/00_produce.ts'
import { CreateTopics } from '../protocol/messages/19_create_topics.ts'
import { buildBatch } from '../records/build_batch.ts'
import { remoteStage } from './link/testing.ts'

const NOW = 1_735_689_600_000

/** Three brokers; of the first the log dirs that begin so can be broken. t-0 is led by it and followed by all. */
async function cluster(dirs: string) {
  const s = remoteStage({ controllerSettings: { 'auto.leader.rebalance.enable': 'false' } })
  let broken = '-'
  s.machineOf(1).disk = {
    faults: ({ kind, path }) => (kind !== 'read' && path.startsWith(broken) ? 'EIO' : undefined),
  }
  await s.wait(s.startController())
  for (const id of [1, 2, 3]) await s.wait(s.startBroker(id, id === 1 ? { 'log.dirs': dirs } : {}))
  const topic = (name: string) => {
    const assignments = [{ partitionIndex: 0, brokerIds: [1, 2, 3] }]
    const topics = [{ name, numPartitions: -1, replicationFactor: -1, assignments, configs: [] }]
    return { topics, timeoutMs: 1_000, validateOnly: false }
  }
  const create = async (name: string) => {
    await s.ask(2, CreateTopics, topic(name))
    expect(await s.until(() => [2, 3].every((id) => s.brokers.get(id)!.metadata.topic(name)))).toBe(true)
  }
  const produce = async (id: number, name = 't', acks = -1) => {
    const records = buildBatch([{ key: null, value: Buffer.from('x') }], { timestamp: NOW })
    const topicData = [{ name, partitionData: [{ index: 0, records }] }]
    const answer = await s.ask(id, Produce, { transactionalId: null, acks, timeoutMs: 5_000, topicData }, 12)
    return errorOf(answer.responses[0]!.partitionResponses[0]!.errorCode)
  }
  const partition = (name = 't') => s.controller.controller.image.topic(name)!.partitions[0]!
  /** Another leads within a second, and knows it. Returns who. */
  const newLeader = async (name = 't') => {
    expect(await s.until(() => partition(name).leader > 1, 1_000)).toBe(true)
    const { leader } = partition(name)
    expect(await s.until(() => s.brokers.get(leader)!.partitions.replica(name, 0).isLeader)).toBe(true)
    return leader
  }
  await create('t')
  expect(await produce(1)).toBe('NONE')
  return {
    s,
    topic,
    create,
    produce,
    partition,
    newLeader,
    breaks: (dir: string) => {
      broken = dir
    },
  }
}

test('the only log dir of a leader fails: it is fenced, and another leads with all that was acknowledged', async () => {
  const { s, produce, newLeader, breaks } = await cluster('/data')
  breaks('/data')
  expect(await produce(1)).toBe('KAFKA_STORAGE_ERROR')
  const leader = await newLeader()
  expect(s.controller.controller.image.isActive(1)).toBe(false)
  expect(await produce(leader)).toBe('NONE')
  expect(s.brokers.get(leader)!.partitions.replica('t', 0).highWatermark).toBe(2)
})

test.each(['/a', '/b'])('one of two log dirs fails (%s): others lead what was there', async (dir) => {
  const { s, create, produce, newLeader, breaks } = await cluster('/a,/b')
  await create('u')
  await s.sim.time.runFor(1_000)
  const names = ['t', 'u']
  const isThere = (name: string) => s.brokers.get(1)!.partitions.replica(name, 0).log.isIn(dir)
  const gone = names.find(isThere)!
  breaks(dir)
  expect(await produce(1, gone)).toBe('KAFKA_STORAGE_ERROR')
  expect(await produce(await newLeader(gone), gone)).toBe('NONE')
})

test('where a partition was put is told until the controller has heard it: or nobody else would lead it when that dir fails', async () => {
  const { s, produce, partition, newLeader, breaks, topic } = await cluster('/a,/b')
  void s.send(2, CreateTopics, topic('u')).catch(() => {})
  const broker = s.brokers.get(1)!
  expect(await s.until(() => broker.metadata.topic('u') !== undefined)).toBe(true)
  s.killController()
  await s.sim.time.runFor(2_000)
  expect(broker.partitions.replica('u', 0).log.isIn('/b')).toBe(true)
  await s.wait(s.startController())
  const recorded = () => broker.logDirPath(partition('u').directories[0]!)
  expect(recorded()).toBeUndefined()
  expect(await s.until(() => recorded() === '/b')).toBe(true)
  breaks('/b')
  expect(await s.until(() => s.controller.controller.image.isActive(1))).toBe(true)
  expect(await produce(1, 'u')).toBe('KAFKA_STORAGE_ERROR')
  await newLeader('u')
})

test('a broker that can follow the metadata no more takes nothing, since others lead and it would not hear of it', async () => {
  const { s, create, produce, partition, newLeader, breaks } = await cluster('/a,/b')
  await create('u')
  const name = ['t', 'u'].find((n) => s.brokers.get(1)!.partitions.replica(n, 0).log.isIn('/b'))!
  expect(await produce(1, name, 1)).toBe('NONE')
  breaks('/a')
  await create('v')
  const leader = await newLeader(name)
  await expect(produce(1, name, 1)).rejects.toThrow('Cannot connect')
  expect(await produce(leader, name)).toBe('NONE')
  breaks('-')
  await s.stopBroker(1)
  await s.wait(s.startBroker(1, { 'log.dirs': '/a,/b' }))
  expect(await s.until(() => partition(name).isr.length === 3)).toBe(true)
})

test.each(['/data/__cluster_metadata-0', '/data/t-0'])(
  'a broker whose disk fails while it starts (%s) says so soon, and does not wait to be let in',
  async (folder) => {
    const { s, breaks } = await cluster('/data')
    const registered = () => s.controller.controller.image.brokers.get(1)!.brokerEpoch
    const before = registered()
    s.killBroker(1)
    const started = s.startBroker(1, { 'log.dirs': '/data' })
    started.catch(() => {})
    expect(await s.until(() => registered() > before)).toBe(true)
    breaks(folder)
    const beganMs = s.sim.time.elapsedMs
    await expect(s.wait(started)).rejects.toThrow(/^Broker 1 cannot follow the metadata of its cluster: .*EIO/)
    expect(s.sim.time.elapsedMs - beganMs).toBeLessThan(1_000)
  },
)
