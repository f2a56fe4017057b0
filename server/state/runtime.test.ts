import { describe, expect, test } from 'vitest'
import { simEnv } from '../env/sim.ts'
import { buildBatch } from '../records/build_batch.ts'
import { Deadline } from './deadline.ts'
import type { RecordCodec } from './log.ts'
import { MemoryLog } from './memory_log.ts'
import { type Command, type Decision, type Later, type Machine, Runtime } from './runtime.ts'

/** A counter: records are numbers to add; 13 is a bug, and negative ones are of a later release. */
class Counter implements Machine<number> {
  sum = 0
  offsets: number[] = []
  apply(n: number, { offset }: { offset: number }): void {
    if (n === 13) throw new Error('bad luck')
    this.sum += n
    this.offsets.push(offset)
  }
}
const codec: RecordCodec<number> = {
  encode: (n) => ({ key: Buffer.from('n'), value: Buffer.from(String(n)) }),
  decode: (_, value) => (Number(value) < 0 ? undefined : Number(value)),
}
type Cmd<A> = Command<Counter, number, A>

const add =
  (...records: number[]): Cmd<number> =>
  (state) => ({ records, reply: state.sum + records.reduce((a, b) => a + b, 0) })
const read: Cmd<number> = (state) => ({ reply: state.sum })

function machine(batches: Buffer[] = [], answerTimeoutMs?: number) {
  const { env, time } = simEnv(1)
  const log = new MemoryLog(env.clock, null, batches)
  const downs: string[] = []
  const state = new Counter()
  const runtime = new Runtime<Counter, number>({
    state,
    log,
    codec,
    clock: env.clock,
    ...(answerTimeoutMs !== undefined && { answerTimeoutMs: () => answerTimeoutMs }),
    onDown: (e) => downs.push(e.message),
  })
  runtime.load(batches)
  const heard: string[] = []
  /** Runs it and notes what it answers, and when. */
  const ask = <A>(name: string, command: Cmd<A>) =>
    void runtime.run(command).then(
      (a) => heard.push(`${name}: ${a}`),
      (e) => heard.push(`${name} fails: ${e.message}`),
    )
  return { env, time, log, runtime, state, heard, ask, downs }
}

describe('the runtime', () => {
  test('applies at once, and answers when what was applied is committed', async () => {
    const { ask, state, log, time, heard } = machine()
    ask('add', add(1, 2))
    expect(state.sum).toBe(3)
    await time.runFor(1)
    expect(heard).toEqual([])
    log.commit()
    await time.runFor(1)
    expect(heard).toEqual(['add: 3'])
    expect(state.offsets).toEqual([0, 1])
  })

  test('an answer waits only so long, each its own time; what was applied stands', async () => {
    const { ask, state, log, time, heard } = machine([], 1_000)
    ask('add', add(1))
    await time.runFor(600)
    ask('read', read)
    await time.runFor(1_000 - 600)
    expect(heard.map((line) => line.split(':')[0])).toEqual(['add fails'])
    log.commit()
    await time.runFor(2_000)
    expect(heard.slice(1)).toEqual(['read: 1'])
    ask('more', add(2))
    await time.runFor(999)
    expect(heard).toHaveLength(2)
    await time.runFor(1)
    expect([heard.length, state.sum]).toEqual([3, 3])
  })

  test('a read waits for what it has seen, and one that has seen nothing new does not', async () => {
    const { ask, log, time, heard } = machine()
    ask('first read', read)
    ask('add', add(1))
    ask('read', read)
    await time.runFor(1)
    expect(heard).toEqual(['first read: 0'])
    log.commit()
    await time.runFor(1)
    expect(heard).toEqual(['first read: 0', 'add: 1', 'read: 1'])
  })

  test('each answer waits for its own records only', async () => {
    const { ask, log, time, heard } = machine()
    ask('a', add(1))
    ask('b', add(1))
    log.commit(1)
    await time.runFor(1)
    expect(heard).toEqual(['a: 1'])
  })

  test('an error waits too, for it may speak of what is not committed', async () => {
    const { ask, log, time, heard } = machine()
    ask('add', add(1))
    ask('refused', () => {
      throw new Error('there is one already')
    })
    await time.runFor(1)
    expect(heard).toEqual([])
    log.commit()
    await time.runFor(1)
    expect(heard).toEqual(['add: 1', 'refused fails: there is one already'])
  })

  test('a command that fails has changed nothing', async () => {
    const { ask, log, state, time, heard, runtime } = machine()
    let changed = false
    log.refusal = new Error('too large')
    ask('add', () => ({ records: [1], reply: 1, change: () => (changed = true) }))
    await time.runFor(1)
    expect([state.sum, changed, runtime.error]).toEqual([0, false, undefined])
    log.refusal = undefined
    ask('again', add(1))
    log.commit()
    await time.runFor(1)
    expect(heard).toEqual(['add fails: too large', 'again: 1'])
  })

  test('a parked answer is given by another command, and held until that one is committed', async () => {
    const { ask, log, runtime, time, heard } = machine()
    let waiting: Later<string> | undefined
    ask('wait', () => ({ reply: (waiting = runtime.later<string>()) }))
    ask(
      'wake',
      (): Decision<number, string> => ({ records: [5], reply: 'done', change: () => waiting?.answer('woken') }),
    )
    await time.runFor(1)
    expect(heard).toEqual([])
    log.commit()
    await time.runFor(1)
    expect(heard.sort()).toEqual(['wait: woken', 'wake: done'])
  })

  test('what comes next sees what the command left, before anyone else does', () => {
    const { runtime, state } = machine()
    const seen: number[] = []
    void runtime.run(() => ({
      records: [1],
      reply: 0,
      next: [(s: Counter) => ({ records: [10], reply: seen.push(s.sum) })],
    }))
    void runtime.run((s) => ({ reply: seen.push(s.sum) }))
    expect([seen, state.sum]).toEqual([[1, 11], 11])
  })

  test('when the log fails, all who wait are told why, and so is everyone after', async () => {
    const { ask, log, runtime, time, heard, downs } = machine()
    ask('wait', () => ({ reply: runtime.later<string>() }))
    ask('add', add(1))
    log.fail(new Error('disk gone'))
    ask('late', read)
    await time.runFor(1)
    expect(heard.sort()).toEqual(['add fails: disk gone', 'late fails: disk gone', 'wait fails: disk gone'])
    expect(downs).toEqual(['disk gone'])
  })

  test('unloading tells all who wait, once, and is no failure', async () => {
    const { ask, log, runtime, time, heard, downs } = machine()
    ask('add', add(1))
    runtime.unload(new Error('not the coordinator'))
    log.commit()
    await time.runFor(1)
    expect([heard, downs]).toEqual([['add fails: not the coordinator'], []])
  })

  test('a throw in apply takes the machine down, loudly', async () => {
    const { ask, time, heard, downs, runtime } = machine()
    ask('add', add(1))
    ask('bug', add(13))
    await time.runFor(1)
    expect(heard.sort()).toEqual(['add fails: bad luck', 'bug fails: bad luck'])
    expect(downs).toEqual(['bad luck'])
    expect(runtime.error?.message).toBe('bad luck')
  })

  test('a throw in what changes the rest does the same', async () => {
    const { ask, time, heard } = machine()
    ask('bug', () => ({
      reply: 1,
      change: () => {
        throw new Error('bad luck')
      },
    }))
    await time.runFor(1)
    expect(heard).toEqual(['bug fails: bad luck'])
  })

  test('loading gives the same state, and passes over records of a later release', () => {
    const first = machine()
    for (const n of [1, -5, 7]) void first.runtime.run(add(n)).catch(() => {})
    const second = machine(first.log.batches)
    expect([second.state.sum, second.runtime.appliedOffset]).toEqual([8, 3])
  })

  describe('loading what was written in transactions', () => {
    const key = (name: string) => Buffer.from(name)
    const written = (baseOffset: number, name: string, n: number, producerId?: number) =>
      buildBatch([{ key: key(name), value: codec.encode(n).value }], {
        timestamp: 1,
        baseOffset,
        ...(producerId !== undefined && { producerId, producerEpoch: 0, baseSequence: 0, transactional: true }),
      })
    const marker = (baseOffset: number, producerId: number, type: number) =>
      buildBatch([{ key: Buffer.from([0, 0, 0, type]), value: Buffer.alloc(6) }], {
        ...{ timestamp: 1, baseOffset, producerId, producerEpoch: 0, transactional: true, control: true },
      })
    const [abort, commit] = [0, 1]

    test('it counts from the commit on, and never if it was aborted or has not ended', () => {
      const { state, runtime } = machine([
        written(0, 'a', 1, 7),
        written(1, 'b', 10, 8),
        written(2, 'c', 100),
        marker(3, 8, abort),
        written(4, 'd', 1000, 9),
        written(5, 'e', 2, 7),
        marker(6, 7, commit),
        marker(7, 6, commit),
        written(8, 'f', 4, 7),
      ])
      expect([state.sum, state.offsets, runtime.appliedOffset]).toEqual([103, [2, 0, 5], 9])
    })

    test('what was written after it under the same key, and counts already, stays', () => {
      const { state } = machine([
        written(0, 'a', 1, 7),
        written(1, 'a', 10, 8),
        written(2, 'b', 100, 7),
        written(3, 'b', 1000),
        marker(4, 8, commit),
        marker(5, 7, commit),
      ])
      expect(state.offsets).toEqual([3, 1])
    })
  })

  test('a timer runs once, and tries again while its command fails', async () => {
    const { runtime, log, state, time } = machine()
    log.refusal = new Error('too large')
    runtime.timer(100, add(1))
    await time.runFor(99)
    log.refusal = undefined
    await time.runFor(1)
    expect(state.sum).toBe(1)
    log.refusal = new Error('too large')
    runtime.timer(100, add(1))
    await time.runFor(599)
    log.refusal = undefined
    expect(state.sum).toBe(1)
    await time.runFor(1)
    expect(state.sum).toBe(2)
  })

  test('no timer runs once it is cancelled or the machine is down', async () => {
    const { runtime, state, time } = machine()
    const cancel = runtime.timer(10, add(1))
    runtime.timer(20, add(2))
    cancel()
    await time.runFor(15)
    runtime.unload(new Error('gone'))
    await time.runFor(15)
    expect(state.sum).toBe(0)
  })

  test('a deadline that is moved on is reached once, at its last place', async () => {
    const { runtime, env, state, time } = machine()
    const deadline = new Deadline(runtime, env.clock, add(1))
    deadline.set(100)
    await time.runFor(60)
    deadline.set(100)
    await time.runFor(99)
    expect(state.sum).toBe(0)
    await time.runFor(1)
    expect(state.sum).toBe(1)
    await time.runFor(1000)
    expect(state.sum).toBe(1)
    deadline.set(100)
    deadline.set(20)
    await time.runFor(20)
    expect(state.sum).toBe(2)
    deadline.set(20)
    deadline.cancel()
    await time.runFor(1000)
    expect(state.sum).toBe(2)
  })
})
