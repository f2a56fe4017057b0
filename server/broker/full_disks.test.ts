/** A broker of several whose disk is full: who writes goes on with the others, and it comes back by itself. */
import { expect, test } from 'vitest'
import { errorOf } from '../protocol/errors.ts'
import { Produce } from '../protocol/messages/00_produce.ts'
import { Fetch } from '../protocol/messages/01_fetch.ts'
import { CreateTopics } from '../protocol/messages/19_create_topics.ts'
import { buildBatch } from '../records/build_batch.ts'
import { remoteStage } from './link/testing.ts'

const NOW = 1_735_689_600_000
const GROWS = new Set(['write', 'mkdir', 'create'])
/** A disk that stays full is noticed, told and heeded within this time. */
const SOON_MS = 2_000

async function cluster() {
  const s = remoteStage({
    controllerSettings: { 'auto.leader.rebalance.enable': 'false', 'min.insync.replicas': '2' },
    brokerSettings: { 'min.insync.replicas': '2' },
  })
  const full = new Set<number | 'controller'>()
  for (const id of [1, 2, 3, 'controller'] as const)
    s.machineOf(id).disk = { faults: ({ kind }) => (full.has(id) && GROWS.has(kind) ? 'ENOSPC' : undefined) }
  await s.wait(s.startController())
  for (const id of [1, 2, 3]) await s.wait(s.startBroker(id))
  const create = async (name: string, ...brokerIds: number[]) => {
    const topics = [
      {
        ...{ name, numPartitions: -1, replicationFactor: -1, configs: [] },
        assignments: [{ partitionIndex: 0, brokerIds }],
      },
    ]
    await s.ask(2, CreateTopics, { topics, timeoutMs: 1_000, validateOnly: false })
    expect(await s.until(() => [1, 2, 3].every((id) => s.brokers.get(id)!.metadata.topic(name)))).toBe(true)
  }
  const produce = async (id: number, name: string, acks = -1) => {
    const records = buildBatch([{ key: null, value: Buffer.from('x') }], { timestamp: NOW })
    const topicData = [{ name, partitionData: [{ index: 0, records }] }]
    const answer = await s.ask(id, Produce, { transactionalId: null, acks, timeoutMs: 60_000, topicData }, 12)
    return errorOf(answer.responses[0]!.partitionResponses[0]!.errorCode)
  }
  const fetchError = async (id: number, topic: string) => {
    const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000_000 }]
    const topics = [{ topic, partitions }]
    const answer = await s.ask(id, Fetch, { replicaId: -1, maxWaitMs: 0, minBytes: 0, topics } as never, 12)
    return errorOf(answer.responses[0]!.partitions[0]!.errorCode)
  }
  const partition = (name: string) => s.controller.controller.image.topic(name)!.partitions[0]!
  const inSync = (name: string, n = 3) => s.until(() => partition(name).isr.length === n)
  const elapsedMs = async (fn: () => Promise<unknown>) => {
    const beganMs = s.sim.time.elapsedMs
    await fn()
    return s.sim.time.elapsedMs - beganMs
  }
  return { s, full, create, produce, fetchError, partition, inSync, elapsedMs }
}

test('a follower whose disk is full is waited for two seconds at most, and is back in sync soon after there is room', async () => {
  const { s, full, create, produce, partition, inSync, elapsedMs } = await cluster()
  await create('t', 1, 2, 3)
  full.add(3)
  expect(await elapsedMs(async () => expect(await produce(1, 't')).toBe('NONE'))).toBeLessThan(SOON_MS)
  expect(partition('t')).toMatchObject({ leader: 1, isr: [1, 2] })
  for (let n = 0; n < 40; n++) {
    expect(await elapsedMs(async () => expect(await produce(1, 't')).toBe('NONE'))).toBeLessThan(200)
    await s.sim.time.runFor(250)
  }
  full.clear()
  expect(await elapsedMs(() => inSync('t'))).toBeLessThan(4_000)
  const lines = s.lines.filter((line) => line.includes('broker 3'))
  expect(lines.filter((line) => line.includes('/data stays full'))).toHaveLength(1)
  expect(lines.filter((line) => line.includes('/data has room again'))).toHaveLength(1)
  expect(lines, 'and nothing else but that appends are refused').toHaveLength(3)
})

test('nobody waits for it when it has caught up with what stands still, and somebody writes again', async () => {
  const { s, full, create, produce, partition, elapsedMs } = await cluster()
  await create('t', 1, 2, 3)
  await create('u', 1, 2, 3)
  expect(await produce(1, 'u')).toBe('NONE')
  full.add(3)
  expect(await produce(1, 't')).toBe('NONE')
  await s.sim.time.runFor(5_000)
  expect(partition('u').isr).toEqual([1, 2])
  for (let n = 0; n < 5; n++) {
    expect(await elapsedMs(async () => expect(await produce(1, 'u')).toBe('NONE'))).toBeLessThan(200)
    await s.sim.time.runFor(1_000)
  }
})

test('a leader whose disk is full is relieved by another, and keeps what only it has, to be read', async () => {
  const { s, full, create, produce, fetchError, partition, inSync } = await cluster()
  await create('t', 1, 2, 3)
  await create('own', 1)
  expect(await produce(1, 't')).toBe('NONE')
  expect(await produce(1, 'own', 1)).toBe('NONE')
  full.add(1)
  expect(await produce(1, 't')).toBe('KAFKA_STORAGE_ERROR')
  expect(await s.until(() => s.brokers.get(2)!.partitions.replica('t', 0).isLeader, SOON_MS)).toBe(true)
  expect(await produce(2, 't')).toBe('NONE')
  expect(await s.until(() => !s.brokers.get(1)!.partitions.replica('t', 0).isLeader), 'it hears of it').toBe(true)
  expect(await produce(1, 't')).toBe('NOT_LEADER_OR_FOLLOWER')
  expect(await fetchError(1, 'own')).toBe('NONE')
  expect(partition('own').leader).toBe(1)
  expect(await produce(1, 'own', 1)).toBe('KAFKA_STORAGE_ERROR')
  full.clear()
  expect(await inSync('t')).toBe(true)
  expect(await produce(1, 'own', 1)).toBe('NONE')
})

test('who is full when the leader dies knows what has happened, and others lead', async () => {
  const { s, full, create, produce, partition } = await cluster()
  await create('t', 1, 3, 2)
  full.add(3)
  expect(await produce(1, 't')).toBe('NONE')
  s.killBroker(1)
  expect(await s.until(() => partition('t').leader === 2, 1_000)).toBe(true)
  const heard = () => s.brokers.get(3)!.controller.image.nextOffset === s.controller.controller.image.nextOffset
  expect(await s.until(heard, 1_000)).toBe(true)
  full.clear()
  await s.wait(s.startBroker(1))
  expect(await s.until(() => partition('t').isr.length === 3)).toBe(true)
  expect(await produce(2, 't')).toBe('NONE')
})

test('where all disks are full, writes are refused, what is there is read, and all goes on when there is room', async () => {
  const { s, full, create, produce, fetchError, partition, inSync } = await cluster()
  await create('t', 1, 2, 3)
  expect(await produce(1, 't')).toBe('NONE')
  for (const id of [1, 2, 3]) full.add(id)
  expect(await produce(1, 't')).toBe('KAFKA_STORAGE_ERROR')
  for (let n = 0; n < 20; n++) {
    const { leader } = partition('t')
    expect(['KAFKA_STORAGE_ERROR', 'NOT_LEADER_OR_FOLLOWER', 'NOT_ENOUGH_REPLICAS']).toContain(
      await produce(leader, 't'),
    )
    await s.sim.time.runFor(500)
  }
  const { leader, isr } = partition('t')
  expect(isr, 'those who are full as well hold nothing up').toHaveLength(3)
  expect(await produce(leader, 't')).toBe('KAFKA_STORAGE_ERROR')
  expect(await fetchError(leader, 't')).toBe('NONE')
  full.clear()
  await s.sim.time.runFor(3_000)
  expect(await inSync('t')).toBe(true)
  expect(await produce(partition('t').leader, 't')).toBe('NONE')
})

test('where the disk of the controller is full as well nothing changes, and nobody has been missed when there is room', async () => {
  const { s, full, create, produce, fetchError, partition, inSync } = await cluster()
  await create('t', 1, 2, 3)
  expect(await produce(1, 't')).toBe('NONE')
  const epoch = () => [partition('t').leaderEpoch, partition('t').partitionEpoch]
  const before = epoch()
  let fenced = 0
  s.controller.controller.subscribe((records) => {
    for (const { name, data } of records) if (name === 'BrokerRegistrationChangeRecord' && data.fenced > 0) fenced++
  })
  for (const who of [1, 2, 3, 'controller'] as const) full.add(who)
  for (let n = 0; n < 30; n++) {
    expect(await produce(1, 't')).toBe('KAFKA_STORAGE_ERROR')
    expect(await fetchError(1, 't')).toBe('NONE')
    await s.sim.time.runFor(1_000)
  }
  expect(epoch()).toEqual(before)
  full.clear()
  await s.sim.time.runFor(5_000)
  expect(fenced).toBe(0)
  expect(await inSync('t')).toBe(true)
  expect(await produce(partition('t').leader, 't')).toBe('NONE')
})

test('a full broker that is killed starts again once there is room, and is in sync soon', async () => {
  const { s, full, create, produce, inSync, elapsedMs } = await cluster()
  await create('t', 1, 2, 3)
  full.add(1)
  expect(await produce(1, 't')).toBe('KAFKA_STORAGE_ERROR')
  await s.sim.time.runFor(3_000)
  expect(await produce(2, 't')).toBe('NONE')
  s.killBroker(1)
  full.clear()
  await s.wait(s.startBroker(1))
  expect(await elapsedMs(() => inSync('t'))).toBeLessThan(2_000)
})
