import { describe, expect, test } from 'vitest'
import type { Connection as Socket } from '../env/env.ts'
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

function start(o: { maxInFlight?: number; budgetBytes?: number; overlaps?: (key: string) => boolean } = {}) {
  const socket = new FakeSocket()
  const begun: { key: string; answer(text: string): void }[] = []
  const handler: FrameHandler = {
    overlaps: (f) => o.overlaps?.(f.toString()) ?? false,
    handle: (f) =>
      new Promise<Outcome>((resolve) =>
        begun.push({ key: f.toString(), answer: (text) => resolve({ parts: [Buffer.from(text)], close: false }) }),
      ),
  }
  const budget = new InflightBudget(o.budgetBytes ?? 1 << 20)
  let ended: string | undefined | null = null
  const connection = new ClientConnection(
    socket,
    handler,
    { maxRequestBytes: 1000, maxInFlight: o.maxInFlight ?? 5 },
    budget,
    () => 0,
    (_c, why) => {
      ended = why
    },
  )
  return { socket, begun, connection, budget, ended: () => ended, keys: () => begun.map((b) => b.key).join(' ') }
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
    const second = new FakeSocket()
    const answers: ((o: Outcome) => void)[] = []
    new ClientConnection(
      second,
      { overlaps: () => false, handle: () => new Promise((r) => answers.push(r)) },
      { maxRequestBytes: 1000, maxInFlight: 1 },
      c.budget,
      () => 0,
      () => {},
    )
    c.socket.onData(frame('a', 20))
    expect(c.socket.paused).toBe(false)
    second.onData(frame('b', 20))
    expect(second.paused).toBe(true)
    c.begun[0]!.answer('A')
    answers[0]!({ parts: [], close: false })
    await settled()
    expect([second.paused, c.budget.usedBytes]).toEqual([false, 0])
  })

  test('gives back what it held when its client is gone', () => {
    const c = start()
    c.socket.onData(frame('a', 20))
    expect(c.budget.usedBytes).toBe(24)
    c.socket.onClose()
    expect([c.budget.usedBytes, c.connection.gone.aborted]).toEqual([0, true])
  })
})
