import { describe, expect, test } from 'vitest'
import type { Connection } from '../env/env.ts'
import { ConnectionQuotas, type ConnectionSettings } from './connection_quotas.ts'

const INT_MAX = 2 ** 31 - 1
const unlimited: ConnectionSettings = {
  maxConnections: INT_MAX,
  maxPerIp: INT_MAX,
  perIpOverrides: '',
  maxCreationRate: INT_MAX,
  backlog: 50,
}

class FakeSocket {
  state = 'open'
  paused = false
  onClose = () => {}
  readonly remote: { host: string; port: number }
  constructor(host: string) {
    this.remote = { host, port: 1 }
  }
  pause = () => void (this.paused = true)
  resume = () => void (this.paused = false)
  destroy = () => void (this.state = 'closed')
}

function start(limits: Partial<ConnectionSettings>) {
  let nowMs = 0
  let timers: { atMs: number; fn: () => void }[] = []
  let settings = { ...unlimited, ...limits }
  const accepted = new Set<Connection>()
  const quotas = new ConnectionQuotas({
    settings: () => settings,
    windows: { samples: 11, windowMs: 1000 },
    clock: {
      monotonic: () => nowMs,
      after(ms, fn) {
        const timer = { atMs: nowMs + ms, fn }
        timers.push(timer)
        return () => {
          timers = timers.filter((t) => t !== timer)
        }
      },
    },
    accept: (socket) => accepted.add(socket),
    refused: () => {},
  })
  const connect = (n: number, host = '1.1.1.1') =>
    Array.from({ length: n }, () => {
      const socket = new FakeSocket(host)
      quotas.offer(socket as unknown as Connection)
      return socket
    })
  const stateOf = (s: FakeSocket) => {
    if (accepted.has(s as unknown as Connection)) return s.paused ? 'accepted but paused' : 'in'
    return s.state === 'closed' ? 'closed' : s.paused ? 'waits' : 'read without being accepted'
  }
  return {
    quotas,
    connect,
    states: (sockets: FakeSocket[]) => sockets.map(stateOf).join(' '),
    leave(s: FakeSocket) {
      accepted.delete(s as unknown as Connection)
      s.state = 'closed'
      quotas.left(s as unknown as Connection)
    },
    set(more: Partial<ConnectionSettings>) {
      settings = { ...settings, ...more }
      return quotas.settingsChanged()
    },
    advance(ms: number) {
      const endMs = nowMs + ms
      for (;;) {
        const next = timers.filter((t) => t.atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0]
        if (!next) break
        timers = timers.filter((t) => t !== next)
        nowMs = next.atMs
        next.fn()
      }
      nowMs = endMs
    },
  }
}

const ipQuota = (ip: string | null, rate: number) => ({
  clientQuotas: new Map([
    ['', { entity: [{ entityType: 'ip', entityName: ip }], values: new Map([['connection_creation_rate', rate]]) }],
  ]),
})

describe('a connection', () => {
  test('waits where there are as many as there may be, until one leaves', () => {
    const c = start({ maxConnections: 2 })
    const sockets = c.connect(4)
    expect(c.states(sockets)).toBe('in in waits waits')
    c.leave(sockets[0]!)
    expect(c.states(sockets.slice(1))).toBe('in in waits')
    expect(c.set({ maxConnections: 3 })).toBe(0)
    expect(c.states(sockets.slice(1))).toBe('in in in')
    expect(c.set({ maxConnections: 1 })).toBe(2)
  })

  test('that gives up waiting makes room for the next', () => {
    const c = start({ maxConnections: 1 })
    const sockets = c.connect(3)
    sockets[1]!.onClose()
    c.leave(sockets[0]!)
    expect(c.states(sockets.slice(2))).toBe('in')
  })

  test('is closed where more wait than the backlog holds', () => {
    const c = start({ maxConnections: 1, backlog: 2 })
    expect(c.states(c.connect(4))).toBe('in waits waits closed')
  })

  test('is closed where its address has as many as it may have', () => {
    const c = start({ maxPerIp: 2, perIpOverrides: '2.2.2.2:1, localhost:0,::1:3' })
    expect(c.states(c.connect(3))).toBe('in in closed')
    expect(c.states(c.connect(2, '2.2.2.2'))).toBe('in closed')
    expect(c.states(c.connect(1, '::ffff:127.0.0.1'))).toBe('closed')
    expect(c.states(c.connect(4, '::1'))).toBe('in in in closed')
  })

  test('waits where they come faster than they may', () => {
    const c = start({ maxCreationRate: 2 })
    const sockets = c.connect(24)
    const open = () =>
      c
        .states(sockets)
        .split(' ')
        .filter((s) => s === 'in').length
    // What ten windows allow comes at once.
    expect(open()).toBe(20)
    c.advance(1000)
    expect(open()).toBe(22)
    expect(c.states(sockets.slice(22))).toBe('waits waits')
    c.advance(2000)
    expect(open()).toBe(24)
  })

  test('of an address that comes faster than its quota is closed a little later, and others come in', () => {
    const c = start({})
    c.quotas.follow(ipQuota('1.1.1.1', 1))
    expect(c.states(c.connect(10))).toBe(Array(10).fill('in').join(' '))
    const late = c.connect(1)
    expect(c.states(late)).toBe('waits')
    expect(c.states(c.connect(1, '2.2.2.2'))).toBe('in')
    c.advance(1000)
    expect(c.states(late)).toBe('closed')
    c.advance(11_000)
    expect(c.states(c.connect(1))).toBe('in')
  })

  test('of any address has the quota of the default', () => {
    const c = start({})
    c.quotas.follow(ipQuota(null, 1))
    expect(c.states(c.connect(11, '3.3.3.3').slice(9))).toBe('in waits')
    c.quotas.follow({ clientQuotas: new Map() })
    expect(c.states(c.connect(1, '3.3.3.3'))).toBe('in')
  })
})
