import { expect, test, vi } from 'vitest'
import { GroupCoordinator } from '../coordinator/group/coordinator.ts'
import { groupPartition } from '../coordinator/group/group_partition.ts'
import type { ErrorName } from '../protocol/errors.ts'
import { errorOf } from '../protocol/errors.ts'
import { OffsetCommit } from '../protocol/messages/08_offset_commit.ts'
import { OffsetFetch } from '../protocol/messages/09_offset_fetch.ts'
import { FindCoordinator } from '../protocol/messages/10_find_coordinator.ts'
import { JoinGroup } from '../protocol/messages/11_join_group.ts'
import { Heartbeat } from '../protocol/messages/12_heartbeat.ts'
import { SyncGroup } from '../protocol/messages/14_sync_group.ts'
import { DescribeGroups } from '../protocol/messages/15_describe_groups.ts'
import { ListGroups } from '../protocol/messages/16_list_groups.ts'
import { CreateTopics } from '../protocol/messages/19_create_topics.ts'
import { DeleteTopics } from '../protocol/messages/20_delete_topics.ts'
import { ElectLeaders } from '../protocol/messages/43_elect_leaders.ts'
import { AlterPartitionReassignments } from '../protocol/messages/45_alter_partition_reassignments.ts'
import { remoteStage } from './link/testing.ts'

const IDS = [1, 2, 3]

async function cluster(settings: Record<string, string> = {}) {
  const s = remoteStage({
    brokerSettings: { 'offsets.topic.num.partitions': '3', 'broker.heartbeat.interval.ms': '200' },
    controllerSettings: { 'auto.leader.rebalance.enable': 'false' },
  })
  await s.wait(s.startController(settings))
  for (const id of IDS) await s.wait(s.startBroker(id, settings))
  const topic = { name: 't', numPartitions: 1, replicationFactor: 3, assignments: [], configs: [] }
  await s.ask(1, CreateTopics, { topics: [topic], timeoutMs: 5_000, validateOnly: false })
  /** Whom this broker takes for the coordinator; waits until it knows one. */
  const coordinator = async (id: number, groupId = 'g') => {
    for (let i = 0; i < 100; i++) {
      const { coordinators } = await s.ask(id, FindCoordinator, { keyType: 0, coordinatorKeys: [groupId] })
      if (coordinators[0]!.errorCode === 0) return coordinators[0]!.nodeId
      await s.sim.time.runFor(50)
    }
    throw new Error('no coordinator')
  }
  /** Joins as the only member; returns how to say that it is alive. */
  const join = async (id: number) => {
    const joining = {
      groupId: 'g',
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 10_000,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
      memberId: '',
    }
    let memberId = ''
    // A broker that has just become the coordinator loads first.
    for (let i = 0; memberId === '' && i < 100; i++) {
      memberId = (await s.ask(id, JoinGroup, joining)).memberId
      await s.sim.time.runFor(20)
    }
    const { generationId } = await s.ask(id, JoinGroup, { ...joining, memberId })
    const assignments = [{ memberId, assignment: Buffer.from('mine') }]
    const sync = await s.ask(id, SyncGroup, {
      ...{ groupId: 'g', generationId, memberId, assignments },
      ...{ protocolType: 'consumer', protocolName: 'range' },
    })
    expect(errorOf(sync.errorCode)).toBe('NONE')
    return async (at: number): Promise<ErrorName> => {
      const { errorCode } = await s.ask(at, Heartbeat, { groupId: 'g', generationId, memberId })
      return errorOf(errorCode)
    }
  }
  const commit = (id: number, committedOffset: number, groupId = 'g') =>
    s.ask(
      id,
      OffsetCommit,
      {
        groupId,
        topics: [{ name: 't', partitions: [{ partitionIndex: 0, committedOffset, committedMetadata: '' }] }],
      },
      9,
    )
  const committed = async (id: number, groupId = 'g') => {
    const topics = [{ name: 't', partitionIndexes: [0] }]
    const { groups } = await s.ask(id, OffsetFetch, { groups: [{ groupId, topics }] }, 9)
    const [group] = groups
    return group!.errorCode === 0 ? group!.topics[0]!.partitions[0]!.committedOffset : errorOf(group!.errorCode)
  }
  const listed = async (id: number) => (await s.ask(id, ListGroups, {})).groups.map((g) => g.groupId)
  const all = <T>(ask: (id: number) => Promise<T>) =>
    IDS.filter((id) => s.brokers.has(id)).reduce<Promise<Map<number, T>>>(
      async (so, id) => (await so).set(id, await ask(id)),
      Promise.resolve(new Map()),
    )
  const elect = () => s.ask(1, ElectLeaders, { electionType: 0, topicPartitions: null, timeoutMs: 5_000 })
  return { s, coordinator, join, commit, committed, listed, all, elect }
}

const others = (id: number) => IDS.filter((i) => i !== id)

test('every broker names the same coordinator, and that one alone knows the group', async () => {
  const { s, coordinator, join, commit, committed, listed, all } = await cluster()
  const at = await coordinator(1)
  expect([...(await all(coordinator)).values()]).toEqual([at, at, at])
  const isAlive = await join(at)
  await commit(at, 7)
  for (const other of others(at)) {
    expect(await isAlive(other)).toBe('NOT_COORDINATOR')
    expect(await committed(other)).toBe('NOT_COORDINATOR')
    expect(await listed(other)).toEqual([])
    const { groups } = await s.ask(other, DescribeGroups, { groups: ['g'], includeAuthorizedOperations: false })
    expect(errorOf(groups[0]!.errorCode)).toBe('NOT_COORDINATOR')
  }
  expect([await isAlive(at), await listed(at)]).toEqual(['NONE', ['g']])
})

test('a member goes on with the same generation when its coordinator is killed, and its offsets are there', async () => {
  const { s, coordinator, join, commit, committed } = await cluster()
  const first = await coordinator(1)
  await commit(first, 7)
  const isAlive = await join(first)
  expect([await isAlive(first), await committed(first)]).toEqual(['NONE', 7])
  s.killBroker(first)
  const survivor = others(first)[0]!
  await s.until(() => s.brokers.get(survivor)!.metadata.brokers().length === 2)
  const second = await coordinator(survivor)
  expect(second).not.toBe(first)
  await s.sim.time.runFor(500)
  expect([await isAlive(second), await committed(second)]).toEqual(['NONE', 7])
})

test('leadership that comes back is loaded anew, with what was written elsewhere; where it was nothing is left', async () => {
  const { s, coordinator, commit, committed, listed, elect } = await cluster()
  const first = await coordinator(1)
  expect((await commit(first, 1)).topics[0]!.partitions[0]!.errorCode).toBe(0)
  await s.stopBroker(first)
  const second = await coordinator(others(first)[0]!)
  await commit(second, 2)
  await s.wait(s.startBroker(first))
  expect(await committed(first)).toBe('NOT_COORDINATOR')
  const inSync = () =>
    [...s.controller.controller.image.topics.values()].every((t) => t.partitions.every((p) => p.isr.length === 3))
  expect(await s.until(inSync)).toBe(true)
  await elect()
  await s.sim.time.runFor(1_000)
  expect(await coordinator(second)).toBe(first)
  expect([await committed(first), await committed(second)]).toEqual([2, 'NOT_COORDINATOR'])
  expect([await listed(first), await listed(second)]).toEqual([['g'], []])
})

test('offsets of a deleted topic go wherever the group is kept', async () => {
  const { s, coordinator, commit, committed } = await cluster()
  const at = await coordinator(1)
  await commit(at, 7)
  expect(await committed(at)).toBe(7)
  await s.ask(others(at)[0]!, DeleteTopics, { topics: [], topicNames: ['t'], timeoutMs: 5_000 }, 5)
  await s.sim.time.runFor(500)
  expect(await committed(at)).toBe(-1)
})

const committedOr = (answer: { topics: { partitions: { errorCode: number }[] }[] }) =>
  errorOf(answer.topics[0]!.partitions[0]!.errorCode)

test('with fewer replicas in sync than asked for a commit is refused at once, and leaves nothing in the log', async () => {
  const { s, coordinator, join, commit, committed } = await cluster({ 'min.insync.replicas': '2' })
  const at = await coordinator(1)
  expect(committedOr(await commit(at, 7))).toBe('NONE')
  const isAlive = await join(at)
  const logs = () =>
    s.brokers
      .get(at)!
      .partitions.ledOf('__consumer_offsets')
      .map(({ partition }) => partition)
  for (const other of others(at)) s.killBroker(other)
  expect(await s.until(() => logs().every((p) => p.followers!.isr.length === 1))).toBe(true)
  const ends = () => logs().map((p) => p.logEndOffset)
  const before = ends()
  const beganMs = s.sim.time.elapsedMs
  expect(committedOr(await commit(at, 8, 'h'))).toBe('COORDINATOR_NOT_AVAILABLE')
  expect([await committed(at), await isAlive(at)]).toEqual([7, 'NONE'])
  expect(s.sim.time.elapsedMs - beganMs).toBeLessThan(100)
  expect(ends()).toEqual(before)
})

test('a commit that does not come to the other replicas is answered after offsets.commit.timeout.ms', async () => {
  const { s, coordinator, commit, committed } = await cluster({ 'min.insync.replicas': '2' })
  const at = await coordinator(1)
  expect(committedOr(await commit(at, 7))).toBe('NONE')
  for (const other of others(at)) s.sim.network.cut(`broker${at}`, `broker${other}`)
  await s.sim.time.runFor(1_000)
  const beganMs = s.sim.time.elapsedMs
  expect(committedOr(await commit(at, 8))).toBe('COORDINATOR_NOT_AVAILABLE')
  expect(await committed(at)).toBe('COORDINATOR_NOT_AVAILABLE')
  expect(s.sim.time.elapsedMs - beganMs).toBeLessThan(11_000)
  // None of them is left out of a list that looks whole.
  expect(errorOf((await s.ask(at, ListGroups, {})).errorCode)).toBe('COORDINATOR_NOT_AVAILABLE')
  for (const other of others(at)) s.sim.network.heal(`broker${at}`, `broker${other}`)
  await s.sim.time.runFor(2_000)
  // It was not refused: it may come to be committed later, as it has here.
  expect(await committed(at)).toBe(8)
})

test('leadership that comes while a broker that starts is loading other groups is taken up as well', async () => {
  const { s, coordinator, committed } = await cluster()
  await coordinator(1)
  const partition = (index: number) => s.controller.controller.image.partition('__consumer_offsets', index)!
  // One that nobody else can lead, one that another leads and this broker is to.
  const [own, preferred] = [0, 1]
  const topics = [
    {
      name: '__consumer_offsets',
      partitions: [
        { partitionIndex: own, replicas: [1] },
        { partitionIndex: preferred, replicas: [1, 2] },
      ],
    },
  ]
  await s.ask(2, AlterPartitionReassignments, { topics, timeoutMs: 5_000 })
  expect(await s.until(() => partition(own).replicas.length === 1 && partition(preferred).isr.length === 2)).toBe(true)
  s.killBroker(1)
  expect(await s.until(() => partition(own).leader < 0 && partition(preferred).leader === 2)).toBe(true)
  const slowly = vi.spyOn(GroupCoordinator.prototype, 'load').mockImplementationOnce(async function (
    this: any,
    ...args
  ) {
    await new Promise<void>((resolve) => s.sim.machine('client').boot().clock.after(3_000, resolve))
    return this.load(...args)
  })
  const started = s.startBroker(1)
  expect(await s.until(() => slowly.mock.calls.length > 0)).toBe(true)
  expect(await s.until(() => partition(preferred).isr.length === 2)).toBe(true)
  await s.ask(2, ElectLeaders, { electionType: 0, topicPartitions: null, timeoutMs: 5_000 })
  expect(partition(preferred).leader).toBe(1)
  await s.wait(started)
  slowly.mockRestore()
  await s.sim.time.runFor(1_000)
  const group = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].find((g) => groupPartition(g, 3) === preferred)!
  expect(await committed(1, group)).toBe(-1)
})

test('groups that cannot be read when leadership comes are served once they can', async () => {
  const { s, coordinator, commit, committed } = await cluster()
  const first = await coordinator(1)
  await commit(first, 7)
  await s.sim.time.runFor(1_000)
  for (const id of others(first))
    s.machineOf(id).changeDisk({ faults: ({ kind }) => (kind === 'read' ? 'EIO' : undefined) })
  await s.stopBroker(first)
  const [survivor] = others(first) as [number]
  const second = await coordinator(survivor)
  await s.sim.time.runFor(500)
  expect(await committed(second)).toBe('NOT_COORDINATOR')
  expect(s.lines.join('\n')).toContain('cannot be served')
  for (const id of others(first)) s.machineOf(id).changeDisk({})
  await s.sim.time.runFor(2_000)
  expect(await committed(second)).toBe(7)
})
