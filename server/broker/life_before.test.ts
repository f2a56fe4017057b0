/** Who may lead after its end, by how it came about. */
import { describe, expect, test } from 'vitest'
import { CreateTopics } from '../protocol/messages/19_create_topics.ts'
import { previousEpoch } from './life_before.ts'
import { remoteStage } from './link/testing.ts'

describe('the epoch of the life before', () => {
  const dirs = (previousBrokerEpoch: number, ...ids: string[]) => ({
    previousBrokerEpoch,
    unusable: [],
    all: ids.map((directoryId) => ({ directoryId })) as never,
  })
  const told = { brokerEpoch: 7, directoryIds: ['a', 'b'] }

  test('is that of the clean stop, or of the process that was ended, if all its dirs are there', () => {
    expect(previousEpoch(dirs(5, 'a', 'b'))).toBe(5)
    expect(previousEpoch(dirs(5, 'a', 'b'), told)).toBe(5)
    expect(previousEpoch(dirs(-1, 'a', 'b'), told)).toBe(7)
    expect(previousEpoch(dirs(-1, 'b', 'c', 'a'), told)).toBe(7)
  })

  test('is not known after any other end, on another disk, or where a dir cannot be used', () => {
    expect(previousEpoch(dirs(-1, 'a', 'b'))).toBe(-1)
    expect(previousEpoch(dirs(-1, 'a', 'new'), told)).toBe(-1)
    const unusable = [{ path: '/b', reason: 'broken' }]
    expect(previousEpoch({ ...dirs(-1, 'a'), unusable }, { ...told, directoryIds: ['a'] })).toBe(-1)
  })
})

async function create(s: ReturnType<typeof remoteStage>, name: string, brokerIds: number[]): Promise<void> {
  const assignments = [{ partitionIndex: 0, brokerIds }]
  const topics = [{ name, numPartitions: -1, replicationFactor: -1, configs: [], assignments }]
  await s.ask(3, CreateTopics, { topics, timeoutMs: 1_000, validateOnly: false })
}

/** Brokers 1 and 2 have a partition, 2 ends, then 1, and 2 comes back: does anybody lead? */
async function leaderAfter(end: (s: ReturnType<typeof remoteStage>) => Promise<void> | void): Promise<number> {
  const s = remoteStage({
    controllerSettings: { 'auto.leader.rebalance.enable': 'false', 'min.insync.replicas': '2' },
    brokerSettings: { 'min.insync.replicas': '2' },
  })
  await s.wait(s.startController())
  for (const id of [1, 2, 3]) await s.wait(s.startBroker(id))
  await create(s, 't', [1, 2])
  const { image } = s.controller.controller
  const partition = () => image.topic('t')!.partitions[0]!
  expect(await s.until(() => partition().isr.length === 2)).toBe(true)
  await end(s)
  expect(await s.until(() => partition().isr.length === 1)).toBe(true)
  expect(partition().eligibleLeaderReplicas).toEqual([2])
  s.crashBroker(1)
  expect(await s.until(() => image.brokers.get(1)!.fenced)).toBe(true)
  await s.wait(s.startBroker(2))
  await s.sim.time.runFor(1_000)
  return partition().leader
}

test('a broker that was killed has what it told others, and may lead', async () => {
  expect(await leaderAfter((s) => s.killBroker(2))).toBe(2)
})

test('so has one that was stopped, though it had said before that it lives', async () => {
  expect(await leaderAfter((s) => s.stopBroker(2))).toBe(2)
})

test('one whose machine lost its power has not, and does not lead', async () => {
  expect(await leaderAfter((s) => s.crashBroker(2))).toBe(-1)
})

test('nor does one on another disk, or whose disk had failed before it was killed', async () => {
  expect(
    await leaderAfter((s) => {
      s.killBroker(2)
      s.machineOf(2).replaceDisk()
    }),
  ).toBe(-1)
  expect(
    await leaderAfter(async (s) => {
      s.machineOf(2).changeDisk({ faults: () => 'EIO' })
      // It hears of something to write down.
      await create(s, 'other', [1])
      expect(await s.until(() => s.down.includes(2))).toBe(true)
      s.killBroker(2)
      s.machineOf(2).changeDisk({})
    }),
  ).toBe(-1)
})
