/** The rules of the ISR and of the high watermark, one by one; `simulation.test.ts` has them together. */
import { describe, expect, test } from 'vitest'
import { KafkaError } from '../protocol/errors.ts'
import { type IsrChange, LeaderState } from './leader_state.ts'

const LAG_MS = 1000

/** Broker 1 leads, 2 and 3 follow; each with an epoch that is ten times its id. */
function start(o: { isr?: number[]; logEndOffset?: number } = {}) {
  const at = { logEndOffset: o.logEndOffset ?? 10, nowMs: 0, lagTimeMaxMs: LAG_MS }
  const epochs = new Map([1, 2, 3].map((id) => [id, id * 10]))
  const stopping = new Set<number>()
  const state = new LeaderState(1, {
    isAlive: (id) => epochs.has(id),
    isActive: (id) => epochs.has(id) && !stopping.has(id),
    epochOf: (id) => epochs.get(id),
  })
  const term = { leaderEpoch: 5, partitionEpoch: 8, replicas: [1, 2, 3], isr: o.isr ?? [1, 2, 3] }
  state.begin(term, at.logEndOffset, at.nowMs)
  const fetch = (id: number, fetchOffset: number, highWatermark = 0, brokerEpoch = id * 10): IsrChange | undefined =>
    state.fetched(
      state.fetchingFollower(id, brokerEpoch, true),
      { fetchOffset, logStartOffset: 0, brokerEpoch },
      highWatermark,
      at,
    )
  const ids = (change: IsrChange | undefined) => change && [change.kind, ...change.isr.map((m) => m.brokerId)].join(' ')
  return {
    state,
    at,
    term,
    epochs,
    stopping,
    fetch,
    wants: (...args: Parameters<typeof fetch>) => ids(fetch(...args)),
    shrinks: () => ids(state.shrink(at)),
    to: (minIsr = 1) => state.replicatedTo(at, minIsr),
  }
}

const errorOf = (fn: () => unknown): string => {
  try {
    fn()
  } catch (e) {
    if (e instanceof KafkaError) return e.error
  }
  return 'NONE'
}

describe('the high watermark', () => {
  test('is where all in sync have everything, and unknown to move before each has fetched', () => {
    const { fetch, to } = start()
    expect(to()).toBe(-1)
    fetch(2, 10)
    expect(to()).toBe(-1)
    fetch(3, 7)
    expect(to()).toBe(7)
  })

  test.each(['refused', 'taken out'])(
    'does not wait for one that has caught up and was %s by the controller before it gets on',
    (how) => {
      const { state, term, fetch, wants, to, at } = start({ isr: how === 'refused' ? [1] : [1, 2] })
      if (how === 'refused') state.answered(fetch(2, 10)!, { error: 'INELIGIBLE_REPLICA' })
      else {
        fetch(2, 10)
        state.begin({ ...term, partitionEpoch: 9, isr: [1] }, 10, 0)
      }
      at.logEndOffset = 12
      expect(to()).toBe(12)
      expect(wants(2, 10, 10), 'it is not proposed again at once').toBeUndefined()
      at.nowMs = 500
      const again = fetch(2, 10, 10)
      expect(
        again?.isr.map((m) => m.brokerId),
        'but after a while',
      ).toEqual([1, 2])
      state.answered(again!, { error: 'INELIGIBLE_REPLICA' })
      at.nowMs = 501
      expect(to()).toBe(12)
      expect(wants(2, 11, 12)).toBeUndefined()
      expect(to(), 'it gets on').toBe(11)
    },
  )

  test('waits for one that has caught up and may come in, not for one that lags, is fenced or stops', () => {
    const { state, fetch, to, at, epochs, stopping } = start({ isr: [1] })
    expect(to()).toBe(10)
    state.answered(fetch(2, 10)!, { error: 'OPERATION_NOT_ATTEMPTED' })
    at.logEndOffset = 12
    expect(to()).toBe(10)
    stopping.add(2)
    expect(to()).toBe(12)
    stopping.delete(2)
    epochs.delete(2)
    expect(to()).toBe(12)
    epochs.set(2, 21)
    expect(to()).toBe(12)
    epochs.set(2, 20)
    expect(to()).toBe(10)
    at.nowMs = LAG_MS + 1
    expect(to()).toBe(12)
  })

  test('stands while fewer are in sync than min.insync.replicas asks for; more than there are replicas it cannot ask for', () => {
    const { to, state } = start({ isr: [1] })
    expect([to(2), to(1)]).toEqual([undefined, 10])
    expect([2, 3, 9].map((n) => state.effectiveMinIsr(n))).toEqual([2, 3, 3])
  })
})

describe('a follower comes in', () => {
  test('when it has what is committed and what this leader began with', () => {
    const { wants } = start({ isr: [1] })
    expect(wants(2, 9)).toBe(undefined)
    expect(wants(2, 10, 11)).toBe(undefined)
    expect(wants(2, 10, 10)).toBe('expand 1 2')
  })

  test('one at a time', () => {
    const { wants, state } = start({ isr: [1] })
    expect([wants(2, 10), wants(3, 10)]).toEqual(['expand 1 2', undefined])
    expect([state.isr, state.maximalIsr, state.mayBeAlone]).toEqual([[1], [1, 2], true])
  })

  test('not if it is fenced, stops, or has restarted since it was registered', () => {
    const { wants, epochs, stopping } = start({ isr: [1] })
    stopping.add(2)
    expect(wants(2, 10)).toBe(undefined)
    stopping.delete(2)
    epochs.delete(2)
    expect(wants(2, 10)).toBe(undefined)
    epochs.set(2, 19)
    expect(wants(2, 10)).toBe(undefined)
    epochs.set(2, 20)
    expect(wants(2, 10)).toBe('expand 1 2')
  })

  test('also if its version tells no broker epoch', () => {
    const { fetch } = start({ isr: [1] })
    expect(fetch(2, 10, 0, -1)?.isr).toEqual([
      { brokerId: 1, brokerEpoch: 10 },
      { brokerId: 2, brokerEpoch: -1 },
    ])
  })
})

describe('a follower goes out', () => {
  test('when it has not caught up for replica.lag.time.max.ms', () => {
    const { fetch, shrinks, at } = start()
    fetch(2, 10)
    fetch(3, 9)
    at.nowMs = LAG_MS
    expect(shrinks()).toBe(undefined)
    at.nowMs++
    expect(shrinks()).toBe('shrink 1 2')
  })

  test('not while it has at each fetch what there was at the one before', () => {
    const { fetch, shrinks, at } = start()
    for (let i = 0; i < 10; i++) {
      for (const id of [2, 3]) fetch(id, at.logEndOffset - 1)
      at.nowMs += LAG_MS / 2
      at.logEndOffset++
    }
    expect(shrinks()).toBe(undefined)
    // Now it falls behind, a little more each time.
    for (let i = 0; i < 4; i++) {
      fetch(2, at.logEndOffset - 1)
      fetch(3, 20)
      at.nowMs += LAG_MS / 2
      at.logEndOffset++
    }
    expect(shrinks()).toBe('shrink 1 2')
  })

  test('and is waited for until the controller has said yes, as is the disk', () => {
    const { state, fetch, to, at } = start({ isr: [1, 2] })
    fetch(2, 6)
    at.nowMs = LAG_MS + 1
    const change = state.shrink(at)!
    expect([to(), state.mayBeAlone, state.isr]).toEqual([6, true, [1, 2]])
    expect(state.answered(change, { leaderEpoch: 5, partitionEpoch: 9, isr: [1] })).toBe('changed')
    expect([to(), state.isr, state.partitionEpoch]).toEqual([10, [1], 9])
  })
})

describe('an answer of the controller', () => {
  const proposed = () => {
    const s = start({ isr: [1] })
    return { ...s, change: s.fetch(2, 10)! }
  }

  test('is outdated once the metadata has said more', () => {
    const { state, term, change } = proposed()
    state.begin({ ...term, partitionEpoch: 9, isr: [1, 3] }, 10, 0)
    expect(state.answered(change, { leaderEpoch: 5, partitionEpoch: 9, isr: [1, 2] })).toBe('outdated')
    expect(state.isr).toEqual([1, 3])
  })

  test('is still waited for when the metadata says again what is known', () => {
    const { state, term, change } = proposed()
    expect(state.begin(term, 10, 0)).toBe(false)
    expect(state.begin({ ...term, partitionEpoch: 7 }, 10, 0)).toBe(false)
    expect([state.isPending(change), state.maximalIsr]).toEqual([true, [1, 2]])
  })

  test.each([
    ['OPERATION_NOT_ATTEMPTED', 'rejected', [1]],
    ['INELIGIBLE_REPLICA', 'rejected', [1]],
    ['FENCED_LEADER_EPOCH', 'waits', [1, 2]],
    ['INVALID_UPDATE_VERSION', 'waits', [1, 2]],
    ['NEW_LEADER_ELECTED', 'waits', [1, 2]],
    ['UNKNOWN_TOPIC_ID', 'waits', [1, 2]],
    ['UNKNOWN_SERVER_ERROR', 'again', [1, 2]],
  ] as const)('%s: %s', (error, end, maximalIsr) => {
    const { state, change } = proposed()
    expect([state.answered(change, { error }), state.maximalIsr]).toEqual([end, maximalIsr])
  })
})

describe('a fetch', () => {
  test('of a broker that is no replica, or of a life that is over, is refused', () => {
    const { state, epochs } = start()
    expect(errorOf(() => state.fetchingFollower(4, 40, true))).toBe('UNKNOWN_LEADER_EPOCH')
    expect(errorOf(() => state.fetchingFollower(4, 40, false))).toBe('NOT_LEADER_OR_FOLLOWER')
    epochs.set(2, 21)
    expect(errorOf(() => state.fetchingFollower(2, 20, true))).toBe('NOT_LEADER_OR_FOLLOWER')
    expect(errorOf(() => state.fetchingFollower(2, 22, true))).toBe('NONE')
  })
})

test('a new epoch of the same leader knows what its followers have, and gives those in sync their time anew', () => {
  const { state, term, fetch, at, shrinks, to } = start()
  fetch(2, 10)
  fetch(3, 8)
  at.nowMs = LAG_MS * 5
  state.begin({ ...term, leaderEpoch: 6, partitionEpoch: 9 }, 10, at.nowMs)
  expect([to(), shrinks()]).toEqual([8, undefined])
  at.nowMs += LAG_MS + 1
  expect(shrinks()).toBe('shrink 1 2')
})

test('after epochs of which this leader has not heard nobody is known to have anything: another may have led, and cut them', () => {
  const { state, term, fetch, to } = start()
  fetch(2, 10)
  fetch(3, 10)
  expect(to()).toBe(10)
  state.begin({ ...term, leaderEpoch: 7, partitionEpoch: 10 }, 12, 0)
  expect(to()).toBe(-1)
  fetch(2, 12)
  fetch(3, 8)
  expect(to()).toBe(8)
})

test('replicas that are taken away are forgotten, those that are added begin with nothing', () => {
  const { state, term, fetch, epochs } = start()
  fetch(3, 10)
  epochs.set(4, 40)
  state.begin({ ...term, partitionEpoch: 9, replicas: [1, 2, 4], isr: [1, 2] }, 10, 0)
  expect([...state.followers].map((f) => [f.brokerId, f.logEndOffset])).toEqual([
    [2, -1],
    [4, -1],
  ])
})

test('the low watermark is that of the replicas on living brokers', () => {
  const { state, fetch, epochs, at } = start()
  fetch(2, 10)
  state.fetched(state.fetchingFollower(3, 30, true), { fetchOffset: 10, logStartOffset: 4, brokerEpoch: 30 }, 0, at)
  expect(state.lowWatermark(6)).toBe(0)
  epochs.delete(2)
  expect(state.lowWatermark(6)).toBe(4)
  epochs.delete(3)
  expect(state.lowWatermark(6)).toBe(6)
})
