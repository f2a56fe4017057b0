import { describe, expect, test } from 'vitest'
import type { Connection as Socket } from '../env/env.ts'
import { simEnv } from '../env/sim.ts'
import { SimRandom } from '../env/sim_random.ts'
import { BlockPool } from '../lib/block_pool.ts'
import { AnswerMemory } from './answer_memory.ts'
import { ClientConnection, type FrameHandler, type Outcome } from './connection.ts'
import { InflightBudget } from './inflight_budget.ts'

/** A socket whose other end is the test. */
class FakeSocket implements Socket {
  readonly remote = { host: '127.0.0.1', port: 1 }
  onData: Socket['onData'] = () => {}
  onDrain: Socket['onDrain'] = () => {}
  onClose: Socket['onClose'] = () => {}
  written: string[] = []
  takes = true
  paused = false
  closed = false
  queued = 0
  write(parts: readonly Uint8Array[]) {
    this.written.push(Buffer.concat(parts).toString())
    return this.takes
  }
  pause() {
    this.paused = true
  }
  resume() {
    this.paused = false
  }
  end() {
    this.closed = true
  }
  destroy() {
    this.closed = true
  }
}

/** A frame with its size: `key` stands for the API key, as the dispatcher would find it. */
const frame = (key: string, size = key.length) => {
  const b = Buffer.alloc(4 + size, key)
  b.writeInt32BE(size)
  return b
}

/** Time that stands still, unless a test moves it. */
const still = { after: () => () => {} }

function start(
  o: { maxInFlight?: number; budget?: InflightBudget; budgetBytes?: number; overlaps?: (key: string) => boolean } = {},
) {
  const socket = new FakeSocket()
  /** What the next requests are answered, where not the test says it. */
  const it: { handle: (() => Promise<Outcome>) | undefined } = { handle: undefined }
  const begun: { key: string; answer(text: string): void }[] = []
  const handler: FrameHandler = {
    letsGo: () => false,
    overlaps: (f) => o.overlaps?.(f.toString()) ?? false,
    meter: () => undefined,
    handle: (f) =>
      it.handle?.() ??
      new Promise<Outcome>((resolve) =>
        begun.push({ key: f.toString(), answer: (text) => resolve({ parts: [Buffer.from(text)], close: false }) }),
      ),
  }
  const budget = o.budget ?? new InflightBudget(o.budgetBytes ?? 1 << 20, 0, still)
  const answers = new AnswerMemory(1 << 20)
  const clock = new ManualClock()
  let ended: string | undefined | null = null
  const connection = new ClientConnection(
    socket,
    handler,
    { maxRequestBytes: 1000, maxInFlight: o.maxInFlight ?? 5 },
    budget,
    answers,
    new BlockPool(0),
    clock,
    (_c, why) => {
      ended = why
    },
  )
  return Object.assign(it, {
    socket,
    begun,
    connection,
    budget,
    answers,
    clock,
    ended: () => ended,
    keys: () => begun.map((b) => b.key).join(' '),
  })
}
/** Time that the test moves. */
class ManualClock {
  private nowMs = 0
  private timers: { atMs: number; fn: () => void }[] = []
  monotonic = () => this.nowMs
  after(ms: number, fn: () => void) {
    const timer = { atMs: this.nowMs + ms, fn }
    this.timers.push(timer)
    return () => {
      this.timers = this.timers.filter((t) => t !== timer)
    }
  }
  advance(ms: number) {
    this.nowMs += ms
    const due = this.timers.filter((t) => t.atMs <= this.nowMs)
    this.timers = this.timers.filter((t) => t.atMs > this.nowMs)
    for (const t of due) t.fn()
  }
}
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('a connection', () => {
  test('handles one request at a time, so that what follows a change sees it', async () => {
    const c = start()
    c.socket.onData(Buffer.concat([frame('a'), frame('b')]))
    expect(c.keys()).toBe('a')
    c.begun[0]!.answer('A')
    await settled()
    expect(c.keys()).toBe('a b')
  })

  test('lets overlapping requests begin together and answers them in their order', async () => {
    const c = start({ overlaps: (k) => k.startsWith('p') })
    c.socket.onData(Buffer.concat([frame('p1'), frame('p2'), frame('x'), frame('p3')]))
    expect(c.keys()).toBe('p1 p2')
    c.begun[1]!.answer('2')
    await settled()
    expect(c.socket.written).toEqual([])
    c.begun[0]!.answer('1')
    await settled()
    expect(c.socket.written).toEqual(['1', '2'])
    expect(c.keys()).toBe('p1 p2 x')
    c.begun[2]!.answer('X')
    await settled()
    expect(c.keys()).toBe('p1 p2 x p3')
  })

  test('has no more than its share of overlapping requests in the handlers', () => {
    const c = start({ overlaps: () => true, maxInFlight: 2 })
    c.socket.onData(Buffer.concat([frame('a'), frame('b'), frame('c')]))
    expect(c.keys()).toBe('a b')
  })

  test('begins nothing while its client does not read, and goes on when it does', async () => {
    const c = start()
    c.socket.takes = false
    c.socket.onData(Buffer.concat([frame('a'), frame('b')]))
    c.begun[0]!.answer('A')
    await settled()
    expect([c.keys(), c.socket.paused]).toEqual(['a', true])
    c.socket.takes = true
    c.socket.onDrain()
    expect([c.keys(), c.socket.paused]).toEqual(['a b', false])
  })

  test('counts what its client has not read, until it reads or is gone', async () => {
    for (const end of ['onDrain', 'onClose'] as const) {
      const c = start()
      Object.assign(c.socket, { takes: false, queued: 700 })
      c.socket.onData(frame('a'))
      c.begun[0]!.answer('A')
      await settled()
      expect(c.answers.usedBytes).toBe(700)
      c.socket[end]()
      expect(c.answers.usedBytes).toBe(0)
    }
  })

  test('a frame larger than allowed closes it before it is received', () => {
    const c = start()
    const size = Buffer.alloc(4)
    size.writeInt32BE(1001)
    c.socket.onData(size)
    expect(c.socket.closed).toBe(true)
    expect(c.ended()).toMatch(/1001|large/)
  })

  test('is not read while the memory of all is spent, but for the one that may finish', async () => {
    const c = start({ budgetBytes: 10 })
    const d = start({ budget: c.budget })
    c.socket.onData(frame('a', 20))
    expect(c.socket.paused).toBe(false)
    d.socket.onData(frame('b', 20))
    expect(d.socket.paused).toBe(true)
    c.begun[0]!.answer('A')
    d.begun[0]!.answer('B')
    await settled()
    expect([d.socket.paused, c.budget.usedBytes]).toEqual([false, 0])
  })

  test('has its turn when memory is spent and the one before has had its answer, whatever others hold', async () => {
    const c = start({ budgetBytes: 10 })
    const [d, e] = [start({ budget: c.budget }), start({ budget: c.budget })]
    // Both hold more than there is, and neither is whole.
    d.socket.onData(frame('d', 90).subarray(0, 50))
    e.socket.onData(frame('e', 90).subarray(0, 50))
    expect([d.socket.paused, e.socket.paused]).toEqual([false, true])
    d.socket.onData(frame('d', 90).subarray(50))
    d.begun[0]!.answer('D')
    await settled()
    expect(e.socket.paused).toBe(false)
    c.socket.onData(frame('c', 20))
    expect(c.socket.paused).toBe(true)
    e.socket.onClose()
    expect([c.socket.paused, c.begun.length]).toEqual([false, 1])
  })

  test('that waits for its own client first is read again when memory is there', async () => {
    const c = start({ budgetBytes: 30 })
    const d = start({ budget: c.budget })
    c.socket.takes = false
    c.socket.onData(frame('a', 8))
    c.begun[0]!.answer('A')
    await settled()
    expect(c.socket.paused).toBe(true)
    d.socket.onData(frame('d', 40))
    c.socket.onData(frame('b', 8).subarray(0, 6))
    c.socket.takes = true
    c.socket.onDrain()
    expect(c.socket.paused).toBe(true)
    d.begun[0]!.answer('D')
    await settled()
    expect(c.socket.paused).toBe(false)
  })

  test('loses its turn when it sends nothing for a second', async () => {
    const { env, time } = simEnv()
    const budget = new InflightBudget(10, 0, env.clock)
    const [c, d] = [start({ budget }), start({ budget })]
    c.socket.onData(frame('c', 90).subarray(0, 50))
    d.socket.onData(frame('d', 90).subarray(0, 50))
    await time.runFor(900)
    c.socket.onData(frame('c', 90).subarray(50, 51))
    await time.runFor(900)
    expect([c.socket.paused, d.socket.paused]).toEqual([false, true])
    await time.runFor(2_000)
    expect(d.socket.paused).toBe(false)
    c.socket.onData(frame('c', 90).subarray(51, 52))
    expect(c.socket.paused).toBe(true)
  })

  test('leaves its turn to another while its client does not read', async () => {
    const c = start({ budgetBytes: 10 })
    const d = start({ budget: c.budget })
    c.socket.onData(Buffer.concat([frame('a', 20), frame('b', 20)]))
    d.socket.onData(frame('d', 20).subarray(0, 20))
    expect([c.socket.paused, d.socket.paused]).toEqual([false, true])
    c.socket.takes = false
    c.begun[0]!.answer('A')
    await settled()
    expect([c.socket.paused, d.socket.paused]).toEqual([true, false])
  })

  test('that holds little is read on though memory is spent', () => {
    const budget = new InflightBudget(10, 30, still)
    const [c, d] = [start({ budget }), start({ budget })]
    c.socket.onData(frame('c', 100))
    d.socket.onData(frame('heartbeat', 20))
    expect([d.socket.paused, d.begun.length]).toEqual([false, 1])
  })

  test.each([1, 2, 3, 4, 5])(
    'never stops for good, in whatever order clients write and read (seed %i)',
    async (seed) => {
      const random = new SimRandom(seed)
      const budget = new InflightBudget(150, 10, still)
      const clients = Array.from({ length: 12 }, () => ({
        ...start({ budget, overlaps: () => random.next() < 0.5 }),
        left: Buffer.concat(Array.from({ length: 6 }, () => frame('x', 1 + random.int(90)))),
        answered: 0,
      }))
      const send = (c: (typeof clients)[number]) => {
        const n = 1 + random.int(60)
        c.socket.onData(c.left.subarray(0, n))
        c.left = c.left.subarray(n)
      }
      const answer = (c: (typeof clients)[number]) => {
        c.socket.takes &&= random.next() < 0.7
        c.begun[c.answered++]!.answer('.')
      }
      const read = (c: (typeof clients)[number]) => {
        c.socket.takes = true
        c.socket.onDrain()
      }
      for (;;) {
        const moves = clients.flatMap((c) => [
          ...(c.left.length > 0 && !c.socket.paused ? [() => send(c)] : []),
          ...(c.answered < c.begun.length ? [() => answer(c)] : []),
          ...(c.socket.takes ? [] : [() => read(c)]),
        ])
        if (moves.length === 0) break
        moves[random.int(moves.length)]!()
        await settled()
      }
      expect(clients.map((c) => c.answered)).toEqual(clients.map(() => 6))
      expect(budget.usedBytes).toBe(0)
    },
  )

  test('handles nothing of a client that has to wait, and does not read on', async () => {
    const c = start()
    const quiet: Outcome = { parts: [], close: false, muteMs: 500 }
    c.handle = () => Promise.resolve(quiet)
    c.socket.onData(frame('a'))
    await settled()
    c.handle = undefined
    c.socket.onData(frame('b'))
    expect([c.keys(), c.socket.paused]).toEqual(['', true])
    c.clock.advance(499)
    expect(c.keys()).toBe('')
    c.clock.advance(1)
    expect([c.keys(), c.socket.paused]).toEqual(['b', false])
  })

  test('gives back what it held when its client is gone', () => {
    const c = start()
    c.socket.onData(frame('a', 20))
    expect(c.budget.usedBytes).toBe(24)
    c.socket.onClose()
    expect([c.budget.usedBytes, c.connection.gone.over]).toEqual([0, true])
  })
})
