/** A partition with other replicas, as its leader and as its followers have it; `simulation.test.ts` has whole lives. */
import { describe, expect, test } from 'vitest'
import { produce as append, batch, bench } from '../log/testing.ts'
import type { KafkaError } from '../protocol/errors.ts'
import type { IsrChange, IsrOutcome } from './leader_state.ts'
import { Partition } from './partition.ts'
import { Turn } from './turn.ts'

const LEADERSHIP = { leaderEpoch: 1, partitionEpoch: 1, replicas: [1, 2, 3], isr: [1, 2, 3] }

/** Broker 1's replica, on a disk whose syncs take 10 ms; the controller answers when the test says so. */
function start(o: { minInsyncReplicas?: number; highWatermark?: number } = {}) {
  const b = bench({ config: { minInsyncReplicas: o.minInsyncReplicas ?? 1 } })
  b.machine.disk = { syncMs: { low: 10, high: 10 } }
  b.kill()
  const manager = b.open()
  const log = b.log(manager)
  const asked: { change: IsrChange; answer: (outcome: IsrOutcome) => void }[] = []
  const fenced = new Set<number>()
  const partition = new Partition(log, -1, b.env.clock, {
    syncAcksAll: true,
    highWatermark: o.highWatermark ?? 0,
    replication: {
      nodeId: 1,
      brokers: { isAlive: (id) => !fenced.has(id), isActive: (id) => !fenced.has(id), epochOf: () => 7 },
      lagTimeMaxMs: () => 1000,
      alterIsr: (change) => new Promise((answer) => asked.push({ change, answer })),
    },
  })
  const answers: string[] = []
  const after = (ms: number) => b.time.runFor(ms)
  return {
    b,
    partition,
    log,
    manager,
    asked,
    fenced,
    answers,
    after,
    /** And lets the turn end, so that it is in the log. */
    produce: async (name: string, from: number, o: { acks?: number; timeoutMs?: number; batch?: object } = {}) => {
      const { acks = -1, timeoutMs = 500 } = o
      partition.produce(batch(from, 1, o.batch), { acks, version: 9, timeoutMs }).then(
        (r) => void answers.push(`${name} at ${r.baseOffset}`),
        (e: KafkaError) => void answers.push(`${name} ${e.error}`),
      )
      await after(0)
    },
    fetch: (replicaId: number, fetchOffset: number, lastFetchedEpoch = -1, logStartOffset = 0) =>
      partition.followerFetches(
        {
          replicaId,
          brokerEpoch: 7,
          currentLeaderEpoch: partition.leaderEpoch,
          fetchOffset,
          lastFetchedEpoch,
          logStartOffset,
        },
        true,
      ),
  }
}

const errorOf = (fn: () => unknown): string => {
  try {
    fn()
  } catch (e) {
    return (e as KafkaError).error
  }
  return 'NONE'
}

describe('a leader', () => {
  test('answers acks=all when all in sync have fetched beyond it, without waiting for its disk; acks=1 at once', async () => {
    const { partition, produce, fetch, answers, after } = start()
    partition.becomeLeader(LEADERSHIP)
    await produce('all', 0)
    await produce('one', 1, { acks: 1 })
    expect([answers, partition.highWatermark]).toEqual([['one at 1'], 0])
    fetch(2, 2)
    fetch(3, 1)
    await after(0)
    expect([answers, partition.highWatermark]).toEqual([['one at 1', 'all at 0'], 1])
    expect([partition.read({ offset: 1, maxBytes: 1000, minOneBatch: true })]).toEqual([[]])
    fetch(3, 2)
    expect([partition.highWatermark, partition.log.highWatermark]).toEqual([2, 2])
  })

  test('alone in sync waits for its disk, and not for those who are not there', async () => {
    const { partition, produce, answers, after } = start()
    partition.becomeLeader({ ...LEADERSHIP, isr: [1] })
    await produce('all', 0)
    await after(5)
    expect([answers, partition.highWatermark]).toEqual([[], 0])
    await after(6)
    expect([answers, partition.highWatermark]).toEqual([['all at 0'], 1])
  })

  test('that comes to be alone syncs first what others held', async () => {
    const { partition, produce, fetch, fenced, answers, after, log } = start()
    partition.becomeLeader({ ...LEADERSHIP, isr: [1, 2] })
    await produce('all', 0)
    fetch(2, 1)
    await produce('more', 1)
    expect([answers, log.recoveryPoint]).toEqual([['all at 0'], 0])
    fenced.add(2)
    partition.becomeLeader({ ...LEADERSHIP, partitionEpoch: 2, isr: [1] })
    await after(5)
    expect(answers).toEqual(['all at 0'])
    await after(6)
    expect([answers, log.recoveryPoint]).toEqual([['all at 0', 'more at 1'], 2])
  })

  test('refuses acks=all while fewer are in sync than min.insync.replicas, before anything is written', async () => {
    const { partition, produce, answers } = start({ minInsyncReplicas: 2 })
    partition.becomeLeader({ ...LEADERSHIP, isr: [1] })
    await produce('all', 0)
    await produce('one', 1, { acks: 1 })
    expect([answers, partition.logEndOffset, partition.highWatermark]).toEqual([
      ['all NOT_ENOUGH_REPLICAS', 'one at 0'],
      1,
      0,
    ])
  })

  test('that refused the first batch of a producer takes no later one before it has come again', async () => {
    const { partition, produce, answers } = start({ minInsyncReplicas: 2 })
    const of = (sequence: number) => ({ producerId: 7, producerEpoch: 0, baseSequence: sequence })
    partition.becomeLeader({ ...LEADERSHIP, isr: [1] })
    await produce('first', 0, { batch: of(0) })
    partition.becomeLeader({ ...LEADERSHIP, partitionEpoch: 2, isr: [1, 2] })
    await produce('second, on its way', 1, { batch: of(1) })
    await produce('first again', 0, { acks: 1, batch: of(0) })
    await produce('second again', 1, { acks: 1, batch: of(1) })
    expect(answers).toEqual([
      'first NOT_ENOUGH_REPLICAS',
      'second, on its way OUT_OF_ORDER_SEQUENCE_NUMBER',
      ...['first again at 0', 'second again at 1'],
    ])
  })

  test('whose ISR becomes too small keeps those waiting who have written, until enough are back or their time is over', async () => {
    const { partition, produce, fetch, answers, after } = start({ minInsyncReplicas: 2 })
    partition.becomeLeader({ ...LEADERSHIP, isr: [1, 2] })
    await produce('late', 0, { timeoutMs: 100 })
    await produce('patient', 1, { timeoutMs: 1000 })
    partition.becomeLeader({ ...LEADERSHIP, partitionEpoch: 2, isr: [1] })
    await after(150)
    expect(answers).toEqual(['late REQUEST_TIMED_OUT'])
    fetch(2, 2)
    expect(partition.highWatermark).toBe(0)
    partition.becomeLeader({ ...LEADERSHIP, partitionEpoch: 3, isr: [1, 2] })
    await after(0)
    expect([answers.at(-1), partition.highWatermark]).toEqual(['patient at 1', 2])
  })

  test('proposes who has caught up, and counts it in before the controller has answered', async () => {
    const { partition, produce, fetch, asked, after } = start()
    partition.becomeLeader({ ...LEADERSHIP, isr: [1] })
    fetch(2, 0)
    expect(asked.map((a) => a.change.isr.map((m) => m.brokerId))).toEqual([[1, 2]])
    await produce('all', 0)
    await after(20)
    expect(partition.highWatermark).toBe(0)
    asked[0]!.answer({ leaderEpoch: 1, partitionEpoch: 2, isr: [1, 2] })
    await after(0)
    fetch(2, 1)
    expect([partition.followers!.isr, partition.highWatermark]).toEqual([[1, 2], 1])
  })

  test('asks again where the controller says neither yes nor no', async () => {
    const { partition, fetch, asked, after } = start()
    partition.becomeLeader({ ...LEADERSHIP, isr: [1] })
    fetch(2, 0)
    asked[0]!.answer({ error: 'UNKNOWN_SERVER_ERROR' })
    await after(60)
    expect(asked.map((a) => a.change)).toEqual([asked[0]!.change, asked[0]!.change])
  })

  test('takes out who lags, and waits for it until that is decided', async () => {
    const { partition, produce, fetch, asked, after, answers } = start()
    partition.becomeLeader({ ...LEADERSHIP, isr: [1, 2] })
    fetch(2, 0)
    await produce('all', 0, { timeoutMs: 5000 })
    await after(1100)
    partition.checkIsr()
    await after(100)
    expect([asked.length, answers]).toEqual([1, []])
    asked[0]!.answer({ leaderEpoch: 1, partitionEpoch: 2, isr: [1] })
    await after(0)
    expect([answers, partition.followers!.isr]).toEqual([['all at 0'], [1]])
  })

  test('waits for nobody who was fenced before it came in', async () => {
    const { partition, produce, fetch, fenced, asked, after, answers } = start()
    partition.becomeLeader({ ...LEADERSHIP, isr: [1] })
    fetch(2, 0)
    asked[0]!.answer({ error: 'OPERATION_NOT_ATTEMPTED' })
    await produce('all', 0)
    await after(20)
    expect(answers).toEqual([])
    fenced.add(2)
    partition.brokersChanged()
    await after(0)
    expect(answers).toEqual(['all at 0'])
  })

  test('that is none any more tells NOT_LEADER_OR_FOLLOWER to all who wait, and wakes who fetches', async () => {
    const { partition, produce, answers, after } = start()
    partition.becomeLeader(LEADERSHIP)
    await produce('written', 0)
    void produce('queued', 1)
    const heard: unknown[] = []
    partition.onHighWatermark((_, error) => heard.push((error as KafkaError)?.error))
    partition.watch({ grown: (bytes) => heard.push(`consumer ${bytes}`) })
    partition.end.watch({ grown: (bytes) => heard.push(`follower ${bytes}`) })
    partition.becomeFollower({ leaderId: 2, leaderEpoch: 2 })
    await after(0)
    await produce('later', 2)
    expect(answers).toEqual(['written', 'queued', 'later'].map((name) => `${name} NOT_LEADER_OR_FOLLOWER`))
    expect(heard).toEqual(['NOT_LEADER_OR_FOLLOWER', 'consumer Infinity', 'follower Infinity'])
    expect(errorOf(() => partition.append(batch(3)))).toBe('NOT_LEADER_OR_FOLLOWER')
    expect([partition.leaderEpoch, partition.currentEpoch, partition.leaderId]).toEqual([-1, 2, 2])
  })

  test('says nothing about its end before it knows how far what it found is committed', async () => {
    const { partition, log, fetch } = start()
    append(log, batch(0))
    partition.becomeLeader(LEADERSHIP)
    expect([partition.isCatchingUp, partition.endOffsetForEpoch(1)]).toEqual([true, { epoch: 1, endOffset: 1 }])
    fetch(2, 1)
    fetch(3, 1)
    expect([partition.isCatchingUp, partition.highWatermark]).toEqual([false, 1])
  })

  test('tells a follower where their logs part, and whoever is no replica that it is none', async () => {
    const { partition, log, fetch, produce } = start()
    append(log, batch(0, 4))
    partition.becomeLeader({ ...LEADERSHIP, leaderEpoch: 3 })
    await produce('new', 4)
    expect(fetch(2, 4, 0)).toBe(undefined)
    expect(fetch(2, 7, 0)).toEqual({ epoch: 0, endOffset: 4 })
    expect(fetch(2, 6, 2)).toEqual({ epoch: 0, endOffset: 4 })
    expect(errorOf(() => fetch(2, 6))).toBe('OFFSET_OUT_OF_RANGE')
    expect(errorOf(() => fetch(2, 4, 9))).toBe('OFFSET_OUT_OF_RANGE')
    expect(errorOf(() => fetch(4, 4))).toBe('UNKNOWN_LEADER_EPOCH')
  })

  test('has deleted records when all living replicas have', async () => {
    const { partition, produce, fetch, fenced, b, after } = start()
    partition.becomeLeader({ ...LEADERSHIP, isr: [1, 2, 3] })
    for (let i = 0; i < 4; i++) await produce('x', i, { acks: 1 })
    for (const id of [2, 3]) fetch(id, 4)
    const to = partition.deleteRecordsBefore(3)
    const done = partition.lowWatermark.reached(to, 1000)
    fetch(2, 4, -1, 3)
    await after(1)
    expect(partition.lowWatermark.value).toBe(0)
    fetch(3, 4, -1, 3)
    expect(await b.wait(done)).toBe(3)
    const late = partition.lowWatermark.reached(partition.deleteRecordsBefore(4), 50)
    await expect(b.wait(late)).rejects.toMatchObject({ error: 'REQUEST_TIMED_OUT' })
    const again = partition.lowWatermark.reached(4, 50)
    fetch(2, 4, -1, 4)
    fenced.add(3)
    partition.brokersChanged()
    expect(await b.wait(again)).toBe(4)
    fenced.delete(3)
    const moved = partition.lowWatermark.reached(4, 50)
    partition.becomeLeader({ leaderEpoch: 1, partitionEpoch: 2, replicas: [1, 2], isr: [1, 2] })
    expect(await b.wait(moved)).toBe(4)
  })
})

describe('a follower', () => {
  test('has what its leader has sent, and a high watermark no further than that', () => {
    const { partition } = start()
    partition.becomeFollower({ leaderId: 2, leaderEpoch: 1 })
    const records = batch(0, 3, { partitionLeaderEpoch: 1 })
    partition.appendFromLeader({ leaderEpoch: 1, records, highWatermark: 9, logStartOffset: 0 })
    expect([partition.logEndOffset, partition.highWatermark]).toEqual([3, 3])
    partition.appendFromLeader({ leaderEpoch: 1, records: null, highWatermark: 2, logStartOffset: 2 })
    expect([partition.highWatermark, partition.logStartOffset]).toEqual([3, 2])
  })

  test('takes nothing of another term, and as leader nothing at all', () => {
    const { partition } = start()
    partition.becomeFollower({ leaderId: 2, leaderEpoch: 2 })
    const from = (leaderEpoch: number) => () =>
      partition.appendFromLeader({ leaderEpoch, records: batch(0), highWatermark: 1, logStartOffset: 0 })
    expect([errorOf(from(1)), errorOf(from(3))]).toEqual(['FENCED_LEADER_EPOCH', 'FENCED_LEADER_EPOCH'])
    partition.becomeFollower({ leaderId: 3, leaderEpoch: 1 })
    expect(partition.leaderId).toBe(2)
    partition.becomeLeader({ ...LEADERSHIP, leaderEpoch: 3 })
    expect([errorOf(from(3)), errorOf(() => partition.truncateTo(0))]).toEqual(Array(2).fill('NOT_LEADER_OR_FOLLOWER'))
  })

  test('takes nothing that a later leader has written, of which the one that was asked was not told in time', () => {
    const { partition } = start()
    partition.becomeFollower({ leaderId: 2, leaderEpoch: 2 })
    const records = Buffer.concat([
      batch(0, 1, { partitionLeaderEpoch: 2 }),
      batch(1, 1, { partitionLeaderEpoch: 3, baseOffset: 1 }),
    ])
    const append = () => partition.appendFromLeader({ leaderEpoch: 2, records, highWatermark: 2, logStartOffset: 0 })
    expect([errorOf(append), partition.logEndOffset]).toEqual(['FENCED_LEADER_EPOCH', 0])
  })

  test('whose leader begins within a batch begins with that batch', () => {
    const { partition } = start()
    partition.becomeFollower({ leaderId: 2, leaderEpoch: 1 })
    partition.truncateFullyAndStartAt(12)
    const records = batch(0, 5, { partitionLeaderEpoch: 1, baseOffset: 10 })
    partition.appendFromLeader({ leaderEpoch: 1, records, highWatermark: 15, logStartOffset: 12 })
    expect([partition.logStartOffset, partition.logEndOffset]).toEqual([12, 15])
  })

  test('that has cut its log off checkpoints nothing beyond before the disk has forgotten it as well', async () => {
    const { partition, manager, b, log, after } = start()
    partition.becomeFollower({ leaderId: 2, leaderEpoch: 1 })
    const send = (leaderEpoch: number, from: number, highWatermark: number) =>
      partition.appendFromLeader({
        leaderEpoch,
        records: batch(from, 2, { partitionLeaderEpoch: leaderEpoch, baseOffset: from }),
        highWatermark,
        logStartOffset: 0,
      })
    send(1, 0, 2)
    send(1, 2, 2)
    await b.wait(log.sync())
    partition.becomeFollower({ leaderId: 3, leaderEpoch: 2 })
    partition.truncateTo(2)
    send(2, 2, 4)
    expect([partition.highWatermark, log.highWatermark]).toEqual([4, 2])
    manager.checkpoint()
    b.crash()
    expect(b.open().checkpointedHighWatermark('t', 0)).toBe(2)
    await after(0)
  })

  test('that has cut its log off says so to the checkpoint again once the disk has it', async () => {
    const { partition, log, after } = start()
    partition.becomeFollower({ leaderId: 2, leaderEpoch: 1 })
    const records = batch(0, 2, { partitionLeaderEpoch: 1 })
    partition.appendFromLeader({ leaderEpoch: 1, records, highWatermark: 0, logStartOffset: 0 })
    partition.truncateTo(0)
    partition.appendFromLeader({ leaderEpoch: 1, records, highWatermark: 2, logStartOffset: 0 })
    expect(log.highWatermark).toBe(0)
    await after(30)
    expect(log.highWatermark).toBe(2)
  })
})

test('a high watermark begins with the checkpoint where there are other replicas, and within the log', () => {
  expect(start({ highWatermark: 7 }).partition.highWatermark).toBe(0)
  const { b, partition } = start()
  partition.becomeLeader({ ...LEADERSHIP, isr: [1] })
  expect(partition.highWatermark).toBe(0)
  b.kill()
})

test('what one turn writes into many partitions is told to a follower of all of them when all of it is written', async () => {
  const b = bench()
  const manager = b.open()
  const turn = new Turn(b.env.clock)
  const partitions = [0, 1, 2].map((index) => {
    const p = new Partition(b.log(manager, 't', index), 0, b.env.clock, { syncAcksAll: false, turn })
    p.end.watch({ grown: () => ends.push(partitions.map((other) => other.logEndOffset)) })
    return p
  })
  const ends: number[][] = []
  for (const p of partitions) void p.produce(batch(0), { acks: 1, version: 9, timeoutMs: 1000 })
  await b.time.runFor(0)
  expect(ends).toEqual(Array(3).fill([1, 1, 1]))
})
