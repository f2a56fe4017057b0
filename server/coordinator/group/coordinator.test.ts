import { describe, expect, test } from 'vitest'
import { simEnv } from '../../env/sim.ts'
import { errorOf } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/schema.ts'
import { buildBatch } from '../../records/build_batch.ts'
import { MemoryLog } from '../../state/memory_log.ts'
import { defaultGroupConfig } from './config.ts'
import { GroupCoordinator, type GroupLog } from './coordinator.ts'

const context = { version: 9, clientId: 'client', clientHost: '/127.0.0.1' }
const commit = (groupId: string, topic: string, committedOffset: number) => ({
  groupId,
  generationIdOrMemberEpoch: -1,
  memberId: '',
  groupInstanceId: null,
  retentionTimeMs: -1,
  topics: [
    {
      topicId: ZERO_UUID,
      name: topic,
      partitions: [
        { partitionIndex: 0, committedOffset, committedLeaderEpoch: -1, commitTimestamp: -1, committedMetadata: null },
      ],
    },
  ],
})
const all = (groupId: string) => ({
  groups: [{ groupId, memberId: null, memberEpoch: -1, topics: null }],
  groupId: '',
  topics: null,
  requireStable: false,
})
const heartbeat = (groupId: string) => ({ groupId, generationId: 1, memberId: 'm', groupInstanceId: null })

/** A coordinator of several partitions; `a` and `b` lie in different ones. */
function world() {
  const { env, time } = simEnv(1)
  const { clock, random } = env
  const downs: string[] = []
  const onShardDown = (partition: number, e: Error) => void downs.push(`${partition}: ${e.message}`)
  const groups = new GroupCoordinator({
    config: defaultGroupConfig,
    clock,
    random,
    numPartitions: () => 50,
    onShardDown,
  })
  const logs = new Map<number, MemoryLog>()
  const source = (partition: number): GroupLog => {
    let log = logs.get(partition)
    if (log === undefined) logs.set(partition, (log = new MemoryLog(clock, () => 1)))
    return { log, batches: () => log.batches }
  }
  const settle = <T>(p: Promise<T>): Promise<T> => time.runUntilSettled(p)
  const codeOf = async (p: Promise<{ errorCode: number }>) => errorOf((await settle(p)).errorCode)
  const commitCode = async (groupId: string, topic = 't', offset = 1) => {
    const answer = await settle(groups.offsetCommit(context, commit(groupId, topic, offset)))
    return errorOf(answer.topics[0]!.partitions[0]!.errorCode)
  }
  const offsets = async (groupId: string) =>
    (await settle(groups.offsetFetch(context, all(groupId)))).groups[0]!.topics.map(
      (t) => `${t.name}=${t.partitions[0]!.committedOffset}`,
    )
  return {
    groups,
    source,
    logs,
    time,
    settle,
    codeOf,
    commitCode,
    offsets,
    downs,
    a: groups.partitionOf('a'),
    b: groups.partitionOf('b'),
  }
}

/** Batches that come when they are let go. */
function gate(batches: Buffer[]) {
  let open = () => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  async function* stream() {
    await opened
    yield* batches
  }
  return { open, stream }
}

describe('the group coordinator', () => {
  test('serves the partitions it was given and sends clients of others away', async () => {
    const { groups, source, settle, commitCode, a } = world()
    await settle(groups.load(a, source(a)))
    expect(await commitCode('a')).toBe('NONE')
    expect(await commitCode('b')).toBe('NOT_COORDINATOR')
    groups.unload(a)
    expect(await commitCode('a')).toBe('NOT_COORDINATOR')
  })

  test('while a partition loads, its clients are told so, and heartbeats are taken as they come', async () => {
    const { groups, source, logs, settle, commitCode, codeOf, offsets, a } = world()
    await settle(groups.load(a, source(a)))
    await commitCode('a', 't', 5)
    const log = logs.get(a)!.crash()
    const { open, stream } = gate(log.batches)
    const loading = groups.load(a, { log, batches: stream })
    expect(await commitCode('a')).toBe('COORDINATOR_LOAD_IN_PROGRESS')
    expect(await codeOf(groups.heartbeat(context, heartbeat('a')))).toBe('NONE')
    expect(await codeOf(groups.listGroups(context, { statesFilter: [], typesFilter: [] }))).toBe(
      'COORDINATOR_LOAD_IN_PROGRESS',
    )
    open()
    await settle(loading)
    expect(await offsets('a')).toEqual(['t=5'])
    expect(await codeOf(groups.heartbeat(context, heartbeat('a')))).toBe('UNKNOWN_MEMBER_ID')
  })

  test('a topic that is deleted while a partition loads takes its offsets along', async () => {
    const { groups, source, logs, settle, commitCode, offsets, a, b } = world()
    for (const p of [a, b]) await settle(groups.load(p, source(p)))
    for (const g of ['a', 'b']) for (const t of ['t', 'u']) await commitCode(g, t)
    const log = logs.get(a)!.crash()
    const { open, stream } = gate(log.batches)
    const loading = groups.load(a, { log, batches: stream })
    await settle(groups.onTopicsDeleted([{ name: 't', topicId: ZERO_UUID }]))
    open()
    await settle(loading)
    expect([await offsets('a'), await offsets('b')]).toEqual([['u=1'], ['u=1']])
  })

  test('a partition that is taken away while it loads stays away', async () => {
    const { groups, logs, source, settle, commitCode, a } = world()
    source(a)
    const { open, stream } = gate([])
    const loading = groups.load(a, { log: logs.get(a)!, batches: stream })
    groups.unload(a)
    open()
    await settle(loading)
    expect(await commitCode('a')).toBe('NOT_COORDINATOR')
  })

  test('a partition that cannot be read is not served, and the loader hears why', async () => {
    const { groups, logs, source, settle, commitCode, a } = world()
    source(a)
    const ofLater = { key: Buffer.from('0002000161', 'hex'), value: Buffer.from('7fff', 'hex') }
    const batches = () => [buildBatch([ofLater], { timestamp: 0 })]
    await expect(settle(groups.load(a, { log: logs.get(a)!, batches }))).rejects.toThrow(
      'GroupMetadataValue v32767 is of a later release',
    )
    expect(await commitCode('a')).toBe('NOT_COORDINATOR')
  })

  test('a partition whose log fails is reported, not served, and leaves the others alone', async () => {
    const { groups, logs, source, settle, commitCode, downs, a, b } = world()
    for (const p of [a, b]) await settle(groups.load(p, source(p)))
    const pending = groups.offsetCommit(context, commit('a', 't', 1))
    logs.get(a)!.fail(new Error('EIO'))
    expect(errorOf((await settle(pending)).topics[0]!.partitions[0]!.errorCode)).toBe('NOT_COORDINATOR')
    expect(downs).toEqual([`${a}: EIO`])
    expect([await commitCode('a'), await commitCode('b')]).toEqual(['NOT_COORDINATOR', 'NONE'])
  })

  test('lists, describes and deletes groups of several partitions at once', async () => {
    const { groups, source, settle, commitCode, a, b } = world()
    for (const p of [a, b]) await settle(groups.load(p, source(p)))
    for (const g of ['a', 'b']) await commitCode(g)
    const list = async () =>
      (await settle(groups.listGroups(context, { statesFilter: [' EMPTY '], typesFilter: ['Classic'] }))).groups.map(
        (g) => g.groupId,
      )
    expect(await list()).toEqual(['a', 'b'])
    const described = await settle(groups.describeGroups({ ...context, version: 5 }, ['b', 'a', 'elsewhere']))
    expect(described.map((g) => [g.groupId, g.groupState, errorOf(g.errorCode)])).toEqual([
      ['b', 'Empty', 'NONE'],
      ['a', 'Empty', 'NONE'],
      ['elsewhere', '', 'NOT_COORDINATOR'],
    ])
    const deleted = await settle(groups.deleteGroups(context, ['a', 'elsewhere']))
    expect(deleted.map((g) => errorOf(g.errorCode))).toEqual(['NONE', 'NOT_COORDINATOR'])
    expect(await list()).toEqual(['b'])
    const none = await settle(groups.listGroups(context, { statesFilter: [], typesFilter: ['consumer'] }))
    expect(none.groups).toEqual([])
  })

  test('an offset of a topic that came after under the same name is not taken for the old one’s', async () => {
    const { groups, source, settle, a } = world()
    await settle(groups.load(a, source(a)))
    const [old, young] = ['AAAAAAAAAAAAAAAAAAAAAQ', 'AAAAAAAAAAAAAAAAAAAAAg']
    const of = (topicId: string, request = commit('a', 't', 7)) => ({
      ...request,
      topics: [{ ...request.topics[0]!, topicId }],
    })
    await settle(groups.offsetCommit(context, of(old)))
    const fetch = async (topicId: string) => {
      const groupsAsked = [
        { groupId: 'a', memberId: null, memberEpoch: -1, topics: [{ topicId, name: 't', partitionIndexes: [0] }] },
      ]
      const r = await settle(groups.offsetFetch({ ...context, version: 10 }, { ...all('a'), groups: groupsAsked }))
      return r.groups[0]!.topics[0]!.partitions[0]!.committedOffset
    }
    expect([await fetch(old), await fetch(young), await fetch(ZERO_UUID)]).toEqual([7, -1, 7])
    // What was committed for the young one stays when the old one's deletion comes late.
    await settle(groups.offsetCommit(context, of(young)))
    await settle(groups.onTopicsDeleted([{ name: 't', topicId: old }]))
    expect(await fetch(young)).toBe(7)
    await settle(groups.onTopicsDeleted([{ name: 't', topicId: young }]))
    expect(await fetch(young)).toBe(-1)
  })

  test('a clock that is set forward ends no session', async () => {
    const { env, time } = simEnv(1)
    let ahead = 0
    const clock = { ...env.clock, now: () => env.clock.now() + ahead }
    const config = { ...defaultGroupConfig, initialRebalanceDelayMs: 0 }
    const groups = new GroupCoordinator({ config, clock, random: env.random, numPartitions: () => 1 })
    const log = new MemoryLog(clock, () => 1)
    await time.runUntilSettled(groups.load(0, { log, batches: () => [] }))
    const joined = await time.runUntilSettled(
      groups.joinGroup(
        { ...context, version: 3 },
        {
          groupId: 'a',
          sessionTimeoutMs: 10_000,
          rebalanceTimeoutMs: 10_000,
          memberId: '',
          groupInstanceId: null,
          protocolType: 'consumer',
          protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
          reason: null,
        },
      ),
    )
    ahead = 86_400_000
    await time.runFor(9_000)
    const beat = { ...heartbeat('a'), memberId: joined.memberId }
    expect(errorOf((await time.runUntilSettled(groups.heartbeat(context, beat))).errorCode)).toBe('NONE')
  })
})
