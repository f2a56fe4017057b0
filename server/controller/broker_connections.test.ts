import { expect, test } from 'vitest'
import { Gone } from '../rpc/gone.ts'
import { BrokerConnections } from './broker_connections.ts'

/** A clock that can stand still, as for a process that is stopped: what falls due meanwhile is late. */
function stage() {
  let nowMs = 0
  let timers: { atMs: number; fn: () => void }[] = []
  const lost: [number, number][] = []
  const clock = {
    monotonic: () => nowMs,
    after(ms: number, fn: () => void) {
      const timer = { atMs: nowMs + ms, fn }
      timers.push(timer)
      return () => {
        timers = timers.filter((t) => t !== timer)
      }
    },
  }
  const fire = () => {
    const due = timers.filter((t) => t.atMs <= nowMs).sort((a, b) => a.atMs - b.atMs)
    timers = timers.filter((t) => !due.includes(t))
    for (const t of due) t.fn()
  }
  return {
    connections: new BrokerConnections(clock, (id, epoch) => lost.push([id, epoch])),
    lost,
    timers: () => timers.length,
    run(ms: number) {
      for (const endMs = nowMs + ms; nowMs < endMs; nowMs += 5) fire()
    },
    stand(ms: number) {
      nowMs += ms
    },
  }
}

test('a broker is lost shortly after its connection has closed', () => {
  const { connections, lost, run } = stage()
  const gone = new Gone()
  connections.heartbeat(1, 7, gone)
  run(60_000)
  gone.tell()
  run(50)
  expect(lost).toEqual([[1, 7]])
})

test('one that was gone before its heartbeat was answered is lost as well', () => {
  const { connections, lost, run } = stage()
  const gone = new Gone()
  gone.tell()
  connections.heartbeat(1, 7, gone)
  run(50)
  expect(lost).toEqual([[1, 7]])
})

test('one that is heard over another connection meanwhile is not', () => {
  const { connections, lost, run } = stage()
  const [first, second] = [new Gone(), new Gone()]
  connections.heartbeat(1, 7, first)
  first.tell()
  connections.heartbeat(1, 7, second)
  run(1_000)
  expect(lost).toEqual([])
})

test.each([
  ['noticed before', true],
  ['noticed after', false],
])('connections that close while this process stands still say nothing, %s its timers', (_, before) => {
  const { connections, lost, run, stand } = stage()
  const gone = new Gone()
  connections.heartbeat(1, 7, gone)
  run(3_000)
  stand(15_000)
  if (before) gone.tell()
  run(20)
  if (!before) gone.tell()
  run(1_000)
  expect(lost).toEqual([])
  const again = new Gone()
  connections.heartbeat(1, 7, again)
  run(5_000)
  again.tell()
  run(50)
  expect(lost).toEqual([[1, 7]])
})

test('nothing is watched, and no timer runs, once all brokers have left or the node stops', () => {
  const { connections, lost, run, timers } = stage()
  const gone = new Gone()
  connections.heartbeat(1, 7, gone)
  connections.forget(1)
  expect(timers()).toBe(0)
  connections.heartbeat(1, 8, gone)
  connections.close()
  gone.tell()
  run(1_000)
  expect([timers(), lost]).toEqual([0, []])
})
