import { describe, expect, test } from 'vitest'
import type { Clock } from '../env/env.ts'
import type { Watcher } from '../replication/partition.ts'
import { Gone } from '../rpc/gone.ts'
import { Purgatory, type Watchable } from './purgatory.ts'

/** Time that the test moves. */
class ManualClock implements Clock {
  timers: { at: number; fn: () => void }[] = []
  t = 0
  now = () => this.t
  monotonic = () => this.t
  after(ms: number, fn: () => void) {
    const timer = { at: this.t + ms, fn }
    this.timers.push(timer)
    return () => {
      this.timers = this.timers.filter((x) => x !== timer)
    }
  }
  soon(fn: () => void) {
    this.after(0, fn)
  }
  advance(ms: number) {
    this.t += ms
    for (const timer of this.timers.filter((x) => x.at <= this.t)) timer.fn()
  }
}

class Grows implements Watchable {
  watchers = new Set<Watcher>()
  watch(watcher: Watcher) {
    this.watchers.add(watcher)
  }
  unwatch(watcher: Watcher) {
    this.watchers.delete(watcher)
  }
  grow(bytes: number) {
    for (const w of this.watchers) w.grown(bytes)
  }
}

async function check(o: {
  bytes: number
  waitMs: number
  when: (p: Grows, q: Grows, clock: ManualClock, c: Gone) => void
  ends: boolean
}) {
  const [p, q, clock, c] = [new Grows(), new Grows(), new ManualClock(), new Gone()]
  let ended = false
  void new Purgatory(clock).wait([p, q], o.bytes, o.waitMs, c).then(() => {
    ended = true
  })
  o.when(p, q, clock, c)
  await Promise.resolve()
  expect(ended).toBe(o.ends)
  if (ended) expect([p.watchers.size, q.watchers.size, clock.timers.length]).toEqual([0, 0, 0])
}

const both = (first: number, second: number) => (p: Grows, q: Grows) => {
  p.grow(first)
  q.grow(second)
}

describe('a parked fetch', () => {
  test('is answered when its partitions together have grown enough', () =>
    check({ bytes: 100, waitMs: 500, when: both(60, 40), ends: true }))
  test('waits on while there is less than it wants', () =>
    check({ bytes: 100, waitMs: 500, when: (p) => p.grow(99), ends: false }))
  test('is answered when its time is over, with what there is', () =>
    check({ bytes: 100, waitMs: 500, when: (_p, _q, clock) => clock.advance(500), ends: true }))
  test('is forgotten when its client is gone', () =>
    check({ bytes: 100, waitMs: 500, when: (_p, _q, _clock, c) => c.tell(), ends: true }))
  test('ends at once when a partition fails', () =>
    check({ bytes: 100, waitMs: 500, when: (p) => p.grow(Number.POSITIVE_INFINITY), ends: true }))

  test('is not parked at all when its client has gone meanwhile', async () => {
    const [p, clock, c] = [new Grows(), new ManualClock(), new Gone()]
    c.tell()
    await new Purgatory(clock).wait([p], 1, 2 ** 31 - 1, c)
    expect([p.watchers.size, clock.timers.length]).toEqual([0, 0])
  })
})
