/** Several brokers, as the controller sees them come and go. */
import { describe, expect, test } from 'vitest'
import { errorCode, type KafkaError } from '../protocol/errors.ts'
import { CreateTopics } from '../protocol/messages/19_create_topics.ts'
import { DeleteTopics } from '../protocol/messages/20_delete_topics.ts'
import { CreatePartitions } from '../protocol/messages/37_create_partitions.ts'
import { ZERO_UUID } from '../protocol/schema.ts'
import { LOST } from './directory_id.ts'
import { metadataRecord } from './record_codec.ts'
import { fromWire, recordLines, startController, testUuid } from './testing.ts'
import { cluster } from './testing_cluster.ts'

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'NONE',
    (e: KafkaError) => e.error,
  )

describe('a session', () => {
  test('of a broker that is silent ends: it is fenced and others lead; who speaks up stays', async () => {
    const c = await cluster({ brokers: [1, 2] })
    await c.create('t', [1, 2])
    for (let i = 0; i < 6; i++) {
      await c.time.runFor(2_000)
      await c.beat(2)
    }
    expect(c.controller.image.brokers.get(1)!.fenced).toBe(true)
    expect(c.controller.image.isActive(2)).toBe(true)
    expect(c.state('t')).toEqual({ leader: 2, isr: [2], elr: [], last: [] })
    expect(await c.beat(1)).toMatchObject({ isFenced: false })
    expect(c.controller.image.isActive(1)).toBe(true)
  })

  test('of several that are silent ends at one look', async () => {
    const c = await cluster({ brokers: [1, 2, 3, 4] })
    await c.create('t', [1, 2, 3, 4])
    const fenced: [number, number][] = []
    c.controller.subscribe((records) => {
      for (const { name, data } of records)
        if (name === 'BrokerRegistrationChangeRecord' && data.fenced > 0) fenced.push([data.brokerId, c.time.elapsedMs])
    })
    for (let i = 0; i < 8; i++) {
      await c.time.runFor(2_000)
      await c.beat(4)
    }
    expect(fenced.map(([id]) => id)).toEqual([1, 2, 3])
    expect(new Set(fenced.map(([, ms]) => ms)).size).toBe(1)
    expect(c.state('t').leader).toBe(4)
  })

  test('ends at once when the process is known to be gone, and not by what is heard of an earlier life', async () => {
    const c = await cluster({ brokers: [1, 2] })
    await c.create('t', [1, 2])
    const before = c.epochOf(1)
    await c.restart(1, true).catch(() => {})
    expect(await refusal(c.restart(1, true))).toBe('DUPLICATE_BROKER_REGISTRATION')
    await c.controller.brokerLost(1, before)
    expect(c.state('t').leader).toBe(2)
    await c.restart(1, false)
    await c.controller.brokerLost(1, before)
    await c.controller.brokerLost(7, 0)
    expect(c.controller.image.isActive(1)).toBe(true)
  })

  test('does not end because the controller itself stood still', async () => {
    const c = await cluster({ brokers: [1, 2] })
    // No timer runs meanwhile, as in a process that is stopped.
    c.time.elapsedMs += 60_000
    await c.time.runFor(1_000)
    expect(c.controller.image.isActive(1)).toBe(true)
    await c.time.runFor(12_000)
    expect(c.controller.image.isActive(1)).toBe(false)
  })

  test('is whole for every broker that the log has when a term begins, and keeps no new life of one that is silent away', async () => {
    const c = await cluster({ brokers: [1, 2] })
    await c.create('t', [1, 2])
    c.controller.stop(new Error('the end'))
    const again = await cluster({ brokers: [], log: c.log }, c.time)
    await again.time.runFor(8_000)
    expect([1, 2].map((id) => again.controller.image.isActive(id))).toEqual([true, true])
    await again.register(1, { incarnationId: testUuid(77) })
    await again.beat(1)
    expect(await refusal(again.register(1, { incarnationId: testUuid(78) }))).toBe('DUPLICATE_BROKER_REGISTRATION')
    await again.time.runFor(3_000)
    expect([1, 2].map((id) => again.controller.image.isActive(id))).toEqual([true, false])
  })
})

test('a broker that wants to stop gives up what it leads, and goes when the others know of it', async () => {
  const c = await cluster({ brokers: [1, 2, 3] })
  await c.create('t', [1, 2], [2, 1])
  const known = c.log.endOffset - 1
  expect(await c.beat(1, { wantShutDown: true })).toMatchObject({ shouldShutDown: false, isFenced: false })
  expect(c.controller.image.brokers.get(1)).toMatchObject({ inControlledShutdown: true, fenced: false })
  expect([c.state('t').leader, c.state('t', 1).isr]).toEqual([2, [2]])
  await c.beat(2)
  await c.beat(3, { currentMetadataOffset: known })
  expect(await c.beat(1, { wantShutDown: true })).toMatchObject({ shouldShutDown: false })
  await c.beat(3)
  expect(await c.beat(1, { wantShutDown: true })).toMatchObject({ shouldShutDown: true, isFenced: true })
  expect(c.controller.image.brokers.get(1)!.fenced).toBe(true)
})

test('a broker that is alone keeps what it leads while it is away, until another one comes', async () => {
  const c = await cluster({ brokers: [1] })
  await c.create('t', [1])
  const from = c.log.endOffset
  expect(await c.beat(1, { wantShutDown: true })).toMatchObject({ shouldShutDown: true })
  await c.restart(1, true)
  expect(recordLines(c.log, from).map((line) => line.split(' ')[0])).toEqual([
    'BrokerRegistrationChangeRecord',
    'RegisterBrokerRecord',
    'BrokerRegistrationChangeRecord',
  ])
  expect(c.partition('t')).toMatchObject({ leader: 1, leaderEpoch: 0 })
  await c.beat(1, { wantShutDown: true })
  await c.join(2)
  expect(c.state('t')).toEqual({ leader: -1, isr: [], elr: [1], last: [1] })
  await c.restart(1, true)
  expect(c.state('t')).toEqual({ leader: 1, isr: [1], elr: [], last: [] })
})

describe('eligible leader replicas', () => {
  test('are those that left while fewer than min.insync.replicas were in sync; one of them leads when nobody else can', async () => {
    const c = await cluster({ brokers: [1, 2, 3], minInsyncReplicas: 2 })
    await c.create('t', [1, 2, 3])
    await c.crash(3)
    expect(c.state('t')).toEqual({ leader: 1, isr: [1, 2], elr: [], last: [] })
    await c.crash(2)
    expect(c.state('t')).toEqual({ leader: 1, isr: [1], elr: [2], last: [] })
    await c.crash(1)
    expect(c.state('t')).toEqual({ leader: -1, isr: [], elr: [1, 2], last: [1] })
    await c.restart(3, true)
    expect(c.state('t').leader).toBe(-1)
    await c.restart(2, true)
    expect(c.state('t')).toEqual({ leader: 2, isr: [2], elr: [1], last: [] })
    expect(c.partition('t').leaderRecoveryState).toBe(0)
  })

  test('are struck off where their life ended unclean; when none is left, the last leader leads, and says that it recovers', async () => {
    const c = await cluster({ brokers: [1, 2], minInsyncReplicas: 2 })
    await c.create('t', [1, 2])
    await c.crash(2)
    await c.crash(1)
    await c.restart(2, false)
    expect(c.state('t')).toEqual({ leader: -1, isr: [], elr: [1], last: [1] })
    await c.restart(1, false)
    expect(c.state('t')).toEqual({ leader: 1, isr: [1], elr: [], last: [] })
    expect(c.partition('t').leaderRecoveryState).toBe(1)
    expect(await c.propose('t', [1], { leaderRecoveryState: 1 })).toBe('NONE')
    expect(await c.propose('t', [1, 2], { leaderRecoveryState: 1 })).toBe('INVALID_REQUEST')
    expect(await c.propose('t', [1, 2])).toBe('NONE')
    expect(c.partition('t')).toMatchObject({ isr: [1, 2], leaderRecoveryState: 0 })
  })

  test('count the min.insync.replicas of the topic before that of the cluster, and never more than there are replicas', async () => {
    const c = await cluster({ brokers: [1, 2], minInsyncReplicas: 2 })
    await c.create('one', [1, 2])
    await c.create('lone', [1])
    await c.set(2, 'one', 'min.insync.replicas', '1')
    await c.crash(2)
    expect(c.state('one')).toEqual({ leader: 1, isr: [1], elr: [], last: [] })
    expect(c.state('lone')).toEqual({ leader: 1, isr: [1], elr: [], last: [] })
  })
})

test('a change of min.insync.replicas clears who is eligible where somebody leads, and only there', async () => {
  const c = await cluster({ brokers: [1, 2, 3], minInsyncReplicas: 2 })
  await c.create('led', [1, 2])
  await c.create('off', [2, 3])
  await c.crash(3)
  await c.crash(2)
  const { partitionEpoch } = c.partition('led')
  await c.set(4, '', 'min.insync.replicas', '1')
  expect(c.state('led')).toEqual({ leader: 1, isr: [1], elr: [], last: [] })
  expect(c.partition('led').partitionEpoch).toBe(partitionEpoch + 1)
  expect(c.state('off')).toEqual({ leader: -1, isr: [], elr: [2, 3], last: [2] })
  expect(await c.propose('led', [1])).toBe('NONE')
  await c.restart(3, true)
  // From now on one in sync is enough, so the other one falls behind.
  expect(c.state('off')).toEqual({ leader: 3, isr: [3], elr: [], last: [] })
})

test('nobody is eligible by what was so when eligible leader replicas were used last', async () => {
  const c = await cluster({ brokers: [1, 2], minInsyncReplicas: 2 })
  await c.create('t', [1, 2])
  await c.create('off', [2])
  await c.crash(2)
  expect(c.state('t')).toEqual({ leader: 1, isr: [1], elr: [2], last: [] })
  await c.controller.updateFeatures({
    timeoutMs: 0,
    featureUpdates: [
      { feature: 'eligible.leader.replicas.version', maxVersionLevel: 0, allowDowngrade: true, upgradeType: 2 },
    ],
    validateOnly: false,
  })
  // From now on the leader acknowledges alone.
  await c.set(4, '', 'min.insync.replicas', '1')
  await c.restart(2, true)
  await c.crash(1)
  expect(c.state('t')).toEqual({ leader: -1, isr: [1], elr: [], last: [] })
  expect(c.state('off').leader).toBe(2)
})

test('without eligible leader replicas the last one in sync stays named, and leads again when it is back', async () => {
  const c = await cluster({ brokers: [1, 2] })
  await c.controller.updateFeatures({
    timeoutMs: 0,
    featureUpdates: [
      { feature: 'eligible.leader.replicas.version', maxVersionLevel: 0, allowDowngrade: true, upgradeType: 2 },
    ],
    validateOnly: false,
  })
  await c.create('t', [1, 2])
  await c.crash(2)
  await c.crash(1)
  expect(c.state('t')).toEqual({ leader: -1, isr: [1], elr: [], last: [] })
  await c.restart(2, true)
  expect(c.state('t').leader).toBe(-1)
  await c.restart(1, true)
  expect(c.state('t')).toEqual({ leader: 1, isr: [1], elr: [], last: [] })
})

test('where it is allowed a replica leads that lacks records: at once when it is, and by itself from time to time', async () => {
  const c = await cluster({ brokers: [1, 2], settings: { uncleanLeaderElectionIntervalMs: 30_000 } })
  await c.create('t', [1, 2])
  await c.create('later', [1, 2])
  await c.crash(2)
  await c.crash(1)
  await c.restart(2, true)
  expect(c.state('t')).toEqual({ leader: -1, isr: [], elr: [1], last: [1] })
  await c.set(2, 't', 'unclean.leader.election.enable', 'true')
  expect(c.state('t')).toEqual({ leader: 2, isr: [2], elr: [], last: [] })
  expect(c.partition('t').leaderRecoveryState).toBe(1)
  expect(c.state('later').leader).toBe(-1)
})

describe('a proposal of who is in sync', () => {
  test('is taken from the leader, for the state that is, with members that run', async () => {
    const c = await cluster({ brokers: [1, 2, 3, 4] })
    await c.create('t', [1, 2, 3])
    expect(await c.propose('t', [1, 2])).toBe('NONE')
    expect(c.partition('t')).toMatchObject({ isr: [1, 2], leaderEpoch: 0, partitionEpoch: 1 })
    const p = c.partition('t')
    const errors: [number[], Record<string, unknown>, string][] = [
      [[1, 2], { partitionEpoch: 0 }, 'INVALID_UPDATE_VERSION'],
      [[1, 2], { partitionEpoch: 2 }, 'NOT_CONTROLLER'],
      [[1, 2], { leaderEpoch: 1 }, 'NOT_CONTROLLER'],
      [[1, 2], { leaderEpoch: p.leaderEpoch - 1 }, 'FENCED_LEADER_EPOCH'],
      [[1, 4], {}, 'INVALID_REQUEST'],
      [[1, 2, 2], {}, 'INVALID_REQUEST'],
      [[2], {}, 'INVALID_REQUEST'],
      [[1], { leaderRecoveryState: 1 }, 'INVALID_REQUEST'],
      [[1], { leaderRecoveryState: 7 }, 'INVALID_REQUEST'],
      [[1, 2], { partitionIndex: 5 }, 'UNKNOWN_TOPIC_OR_PARTITION'],
      [[1], { newIsrWithEpochs: [1, 3].map((brokerId) => ({ brokerId, brokerEpoch: 0 })) }, 'INELIGIBLE_REPLICA'],
    ]
    for (const [isr, change, error] of errors) expect(await c.propose('t', isr, change), error).toBe(error)
    await c.crash(3)
    expect(await c.propose('t', [1, 2, 3])).toBe('INELIGIBLE_REPLICA')
    expect(c.partition('t').partitionEpoch).toBe(1)
    const stale = { brokerId: 1, brokerEpoch: c.epochOf(1) - 1, topics: [] }
    expect(await refusal(c.controller.alterPartition(stale))).toBe('STALE_BROKER_EPOCH')
    const unknown = { topicId: testUuid(9), topicName: '', partitions: [{ partitionIndex: 0 }] as never }
    const answer = await c.controller.alterPartition({ ...stale, brokerEpoch: c.epochOf(1), topics: [unknown] })
    expect(answer.topics[0]!.partitions[0]!.errorCode).toBe(errorCode.UNKNOWN_TOPIC_ID)
  })

  test('of a life of a member that is over is refused', async () => {
    const c = await cluster({ brokers: [1, 2] })
    await c.create('t', [1, 2])
    const before = c.epochOf(2)
    await c.crash(2)
    await c.restart(2, true)
    const members = (epoch: number) => ({
      newIsrWithEpochs: [
        { brokerId: 1, brokerEpoch: c.epochOf(1) },
        { brokerId: 2, brokerEpoch: epoch },
      ],
    })
    expect(await c.propose('t', [], members(before))).toBe('INELIGIBLE_REPLICA')
    expect(await c.propose('t', [], members(c.epochOf(2)))).toBe('NONE')
  })
})

describe('a move', () => {
  test('ends when all that stay are in sync; a leader that goes is told to look who leads', async () => {
    const c = await cluster({ brokers: [1, 2, 3, 4] })
    await c.create('t', [1, 2])
    expect(await c.move('t', [4, 3])).toBe('NONE')
    expect(c.partition('t')).toMatchObject({
      replicas: [4, 3, 1, 2],
      addingReplicas: [3, 4],
      removingReplicas: [1, 2],
      leader: 1,
      leaderEpoch: 0,
    })
    expect(await c.propose('t', [1, 2, 3])).toBe('NONE')
    expect(await c.propose('t', [1, 2, 3, 4])).toBe('NEW_LEADER_ELECTED')
    expect(c.partition('t')).toMatchObject({
      replicas: [4, 3],
      isr: [3, 4],
      addingReplicas: [],
      removingReplicas: [],
      leader: 4,
      leaderEpoch: 1,
      directories: [testUuid(4), testUuid(3)],
    })
  })

  test('to fewer replicas begins a new epoch; to more changes the count only where the request allows it', async () => {
    const c = await cluster({ brokers: [1, 2, 3] })
    await c.create('t', [1, 2])
    expect(await c.move('t', [1, 2, 3], false)).toBe('INVALID_REPLICATION_FACTOR')
    expect(await c.move('t', [1])).toBe('NONE')
    expect(c.partition('t')).toMatchObject({ replicas: [1], isr: [1], leader: 1, leaderEpoch: 1 })
    expect(await c.move('t', [1, 2])).toBe('NONE')
    // As many as it has, those that are added aside.
    expect(await c.move('t', [3], false)).toBe('NONE')
    expect(c.partition('t')).toMatchObject({ replicas: [3, 1, 2], addingReplicas: [2, 3], removingReplicas: [1, 2] })
  })

  test('goes back to what it had when it is given up, also after its goal was named twice or changed', async () => {
    const c = await cluster({ brokers: [1, 2, 3, 4, 5] })
    await c.create('t', [1, 2])
    await c.move('t', [3, 4])
    // As a client does that has not heard the answer.
    await c.move('t', [3, 4])
    expect(c.partition('t')).toMatchObject({ addingReplicas: [3, 4], removingReplicas: [1, 2] })
    await c.move('t', [3, 5])
    await c.propose('t', [1, 2, 4])
    expect(await c.move('t', [5, 4, 3], false)).toBe('INVALID_REPLICATION_FACTOR')
    await c.move('t', null)
    expect(c.partition('t')).toMatchObject({ replicas: [1, 2], isr: [1, 2], addingReplicas: [], removingReplicas: [] })
  })

  test('does not make new partitions larger than the others will be', async () => {
    const c = await cluster({ brokers: [1, 2, 3] })
    await c.create('t', [1, 2])
    await c.move('t', [3, 1])
    await c.controller.createPartitions(
      fromWire(CreatePartitions, 3, {
        topics: [{ name: 't', count: 2, assignments: null }],
        timeoutMs: 0,
        validateOnly: false,
      }),
    )
    expect(c.partition('t', 1).replicas.length).toBe(2)
  })

  test('is given up: who was added goes; not where that would lose records', async () => {
    const c = await cluster({ brokers: [1, 2, 3] })
    await c.create('t', [1])
    expect(await c.move('t', null)).toBe('NO_REASSIGNMENT_IN_PROGRESS')
    await c.move('t', [2, 3])
    await c.propose('t', [1, 2])
    await c.move('t', null)
    expect(c.partition('t')).toMatchObject({ replicas: [1], isr: [1], addingReplicas: [], removingReplicas: [] })
    await c.move('t', [2, 3])
    await c.propose('t', [1, 2])
    await c.crash(1)
    expect(c.state('t')).toMatchObject({ leader: 2, isr: [2] })
    expect(await c.move('t', null)).toBe('INVALID_REPLICA_ASSIGNMENT')
    // Who is moved away is not eligible either: it does not keep the records.
    await c.propose('t', [2, 3])
    expect(c.partition('t')).toMatchObject({ replicas: [2, 3], isr: [2, 3], eligibleLeaderReplicas: [] })
  })
})

describe('placement', () => {
  const racks = (c: Awaited<ReturnType<typeof cluster>>, of: Record<number, string>) =>
    Promise.all(
      Object.entries(of).map(async ([id, rack]) => {
        await c.register(Number(id), { rack })
        await c.beat(Number(id))
      }),
    )
  const place = async (c: Awaited<ReturnType<typeof cluster>>, numPartitions: number, replicationFactor: number) => {
    const topic = { name: 'p', numPartitions, replicationFactor, assignments: [], configs: [] }
    const reply = await c.controller.createTopics(fromWire(CreateTopics, 7, { topics: [topic] }))
    expect(reply.topics[0]!.errorMessage).toBeNull()
    return c.controller.image.topic('p')!.partitions
  }
  const count = (ids: readonly number[]) =>
    [...Map.prototype.entries.call(ids.reduce((m, id) => m.set(id, (m.get(id) ?? 0) + 1), new Map<number, number>()))]
      .sort(([a], [b]) => a - b)
      .map(([, n]) => n)

  test('puts each partition into every rack, and leaders and replicas on all brokers alike', async () => {
    const c = await cluster({ brokers: [] })
    const of: Record<number, string> = { 1: 'a', 2: 'b', 3: 'c', 4: 'a', 5: 'b', 6: 'c' }
    await racks(c, of)
    const partitions = await place(c, 36, 3)
    for (const { replicas } of partitions) expect(new Set(replicas.map((id) => of[id])).size).toBe(3)
    expect(count(partitions.flatMap((p) => p.replicas))).toEqual([18, 18, 18, 18, 18, 18])
    expect(count(partitions.map((p) => p.leader))).toEqual([6, 6, 6, 6, 6, 6])
  })

  test('takes fenced brokers last, never as leaders, and those that stop or have no room not at all', async () => {
    const c = await cluster({ brokers: [1, 2, 3, 4, 5] })
    await c.crash(2)
    await c.create('t', [3])
    await c.beat(3, { wantShutDown: true })
    await c.beat(4, { cordonedLogDirs: [testUuid(4)] })
    for (const { replicas, leader, isr } of await place(c, 12, 3)) {
      expect([...replicas].sort()).toEqual([1, 2, 5])
      expect(replicas[2]).toBe(2)
      expect(isr).not.toContain(2)
      expect([1, 5]).toContain(leader)
    }
    const topic = { name: 'q', numPartitions: 1, replicationFactor: 4, assignments: [], configs: [] }
    const reply = await c.controller.createTopics(fromWire(CreateTopics, 7, { topics: [topic] }))
    expect(reply.topics[0]).toMatchObject({
      errorCode: errorCode.INVALID_REPLICATION_FACTOR,
      errorMessage: 'The replication factor is 4, but only 3 broker(s) can hold a replica: ask for at most as many.',
    })
  })
})

test('preferred replicas lead again from time to time, once they are in sync', async () => {
  const c = await cluster({ brokers: [1, 2], settings: { leaderImbalanceCheckIntervalMs: 5_000 } })
  await c.create('t', [1, 2])
  await c.create('behind', [1, 2])
  await c.crash(1)
  await c.restart(1, true)
  await c.propose('t', [2, 1])
  await c.time.runFor(5_100)
  expect([c.state('t').leader, c.state('behind').leader]).toEqual([1, 2])
  await c.propose('behind', [2, 1])
  await Promise.all([c.beat(1), c.beat(2)])
  await c.time.runFor(5_100)
  expect(c.state('behind').leader).toBe(1)
  // And never, where it is switched off.
  const off = await cluster({ brokers: [1, 2], settings: { leaderImbalanceCheckIntervalMs: undefined } })
  await off.create('t', [1, 2])
  await off.crash(1)
  await off.restart(1, true)
  await off.propose('t', [2, 1])
  for (let i = 0; i < 200; i++) {
    await off.time.runFor(4_000)
    await Promise.all([off.beat(1), off.beat(2)])
  }
  expect(off.state('t').leader).toBe(2)
})

test('what is in a directory that fails is led by others; a broker with none left is fenced', async () => {
  const c = await cluster({ brokers: [2] })
  await c.register(1, { logDirs: [testUuid(1), testUuid(11)] })
  await c.beat(1)
  await c.create('a', [1, 2])
  await c.create('b', [1, 2])
  const assign = (topic: string, id: string) =>
    c.controller.assignReplicasToDirs({
      brokerId: 1,
      brokerEpoch: c.epochOf(1),
      directories: [
        { id, topics: [{ topicId: c.controller.image.topic(topic)!.topicId, partitions: [{ partitionIndex: 0 }] }] },
      ],
    })
  await assign('a', testUuid(1))
  await assign('b', testUuid(11))
  await c.beat(1, { offlineLogDirs: [testUuid(1)] })
  expect([c.state('a').leader, c.state('b').leader]).toEqual([2, 1])
  expect(c.controller.image.brokers.get(1)!.logDirs).toEqual([testUuid(11)])
  await assign('b', LOST)
  expect(c.state('b')).toMatchObject({ leader: 2, isr: [2] })
  await assign('b', testUuid(11))
  expect(await c.propose('b', [2, 1])).toBe('NONE')
  const offlineLogDirs = [testUuid(1), testUuid(11)]
  expect(await c.beat(1, { offlineLogDirs })).toMatchObject({ isFenced: true })
  expect(await c.beat(1, { offlineLogDirs })).toMatchObject({ isFenced: true })
  expect(c.state('b').isr).toEqual([2])
  await c.restart(1, true)
  expect(c.controller.image.isActive(1)).toBe(true)
})

test('a broker that is alone stays without a directory, and leads nothing until it is registered anew', async () => {
  const c = await cluster({ brokers: [1] })
  await c.create('t', [1])
  expect(await c.beat(1, { offlineLogDirs: [testUuid(1)] })).toMatchObject({ isFenced: false })
  expect(await c.beat(1, { offlineLogDirs: [testUuid(1)] })).toMatchObject({ isFenced: false })
  expect(c.controller.image.brokers.get(1)!.logDirs).toEqual([LOST])
  expect(c.state('t').leader).toBe(-1)
  await c.controller.electOnRequest({ electionType: 1, topicPartitions: null, timeoutMs: 0 })
  expect(c.state('t').leader).toBe(-1)
  await c.beat(1, { wantShutDown: true })
  await c.restart(1, true)
  expect(c.state('t')).toEqual({ leader: 1, isr: [1], elr: [], last: [] })
})

test('a broker is not registered with directories that cannot be, or that another one has', async () => {
  const c = await cluster({ brokers: [1, 2] })
  for (const logDirs of [[], [LOST], [testUuid(5), testUuid(5)], [testUuid(2)]]) {
    expect(await refusal(c.register(3, { logDirs })), `${logDirs}`).toBe('INVALID_REGISTRATION')
  }
})

test('brokers that claim directories by the ten thousand keep nobody waiting', async () => {
  const c = await cluster({ brokers: [1] })
  const many = (from: number) =>
    Array.from({ length: 60_000 }, (_, i) => Buffer.alloc(16, `${from + i} of directories`).toString('base64url'))
  await c.register(2, { logDirs: many(1_000_000) })
  await c.register(3, { logDirs: many(2_000_000) })
  expect(await refusal(c.register(4, { logDirs: many(1_059_999) }))).toBe('INVALID_REGISTRATION')
  const { isFenced } = await c.beat(3, { offlineLogDirs: many(3_000_000) })
  expect(isFenced).toBe(false)
}, 20_000)

test('more partitions than fit one batch change all the same', async () => {
  const c = await cluster({ brokers: [1, 2] })
  for (const name of ['a', 'b', 'c']) await c.create(name, ...Array.from({ length: 8_000 }, () => [1, 2]))
  await c.crash(1)
  const leaders = () =>
    new Set([...c.controller.image.topics.values()].flatMap((t) => t.partitions.map((p) => p.leader)))
  expect(leaders()).toEqual(new Set([2]))
  await c.restart(1, false)
  expect(await c.beat(2, { wantShutDown: true })).toMatchObject({ shouldShutDown: false })
  await c.beat(1)
  expect(await c.beat(2, { wantShutDown: true })).toMatchObject({ shouldShutDown: true })
  expect(leaders()).toEqual(new Set([-1]))
})

test('a lone broker comes back in new terms of everything, though a topic is deleted between two batches', async () => {
  const c = await cluster({ brokers: [1], settings: { nodeId: 1 } })
  await c.create('a', ...Array.from({ length: 6_000 }, () => [1]))
  await c.create('b', ...Array.from({ length: 9_000 }, () => [1]))
  let deleted: Promise<unknown> | undefined
  c.controller.subscribe((records) => {
    if (!records.some(({ name }) => name === 'PartitionChangeRecord')) return
    const topics = [{ name: 'a', topicId: ZERO_UUID }]
    deleted ??= Promise.resolve().then(() =>
      c.controller.deleteTopics(fromWire(DeleteTopics, 6, { topics, timeoutMs: 0 })),
    )
  })
  await c.restart(1, false)
  await deleted
  expect(c.controller.image.topic('a')).toBeUndefined()
  expect(new Set(c.controller.image.topic('b')!.partitions.map((p) => p.leaderEpoch))).toEqual(new Set([1]))
})

test('a controller registers with what it supports, and no feature goes beyond that', async () => {
  const c = await cluster({ brokers: [1] })
  const supporting = (max: number) => [{ name: 'share.version', minSupportedVersion: 0, maxSupportedVersion: max }]
  const register = (controllerId: number, max: number) =>
    c.controller.registerController({
      controllerId,
      incarnationId: testUuid(30),
      zkMigrationReady: false,
      listeners: [{ name: 'CONTROLLER', host: 'h', port: 1, securityProtocol: 0 }],
      features: supporting(max),
    })
  await register(3000, 0)
  expect(c.controller.image.controllers.get(3000)).toMatchObject({ features: supporting(0) })
  const update = { feature: 'share.version', maxVersionLevel: 1, allowDowngrade: false, upgradeType: 1 }
  const raise = () => c.controller.updateFeatures({ timeoutMs: 0, featureUpdates: [update], validateOnly: false })
  await expect(raise()).rejects.toThrow('controller 3000 supports 0 to 0')
  // One that was the controller once, and will not come back to register anew.
  await register(2999, 0)
  await register(3000, 1)
  await raise()
  expect(c.controller.image.features.get('share.version')).toBe(1)
})

test('before metadata.version 3.6 a smaller ISR has a leader epoch of its own', async () => {
  const t = await startController({
    settings: { nodeId: 3000 },
    bootstrap: [metadataRecord('FeatureLevelRecord', { name: 'metadata.version', featureLevel: 11 })],
  })
  const c = await cluster({ brokers: [1, 2], log: t.log })
  await c.create('t', [1, 2])
  expect(await c.propose('t', [1])).toBe('NONE')
  expect(c.partition('t')).toMatchObject({ leaderEpoch: 1, partitionEpoch: 1, directories: [] })
})
