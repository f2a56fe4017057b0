import { describe, expect, test } from 'vitest'
import { Lifecycle } from './lifecycle.ts'

const INTERVAL = 2_000
const notNeeded = () => false
const life = () => new Lifecycle(() => ({ heartbeatIntervalMs: INTERVAL, longestPauseMs: 1_000 }))
const answer = (o: { isCaughtUp?: boolean; isFenced?: boolean; shouldShutDown?: boolean } = {}) => ({
  ...{ throttleTimeMs: 0, errorCode: 0, isCaughtUp: true, isFenced: true, shouldShutDown: false },
  ...o,
})

function running(): Lifecycle {
  const l = life()
  l.onRegistered(7)
  l.onHeartbeat(answer())
  l.setReadyToUnfence()
  l.onHeartbeat(answer({ isFenced: false }))
  return l
}

describe('the life of a broker', () => {
  test('begins with a registration, waits until it knows of it, asks to be let in when it can lead', () => {
    const l = life()
    expect(l.due).toBe('registration')
    expect(l.onRegistered(7)).toBe(0)
    expect(l.heartbeat(1, 3, notNeeded)).toMatchObject({ brokerEpoch: 7, currentMetadataOffset: 3, wantFence: true })
    expect(l.onHeartbeat(answer({ isCaughtUp: false }))).toBe(10)
    expect(l.phase).toBe('starting')
    l.onHeartbeat(answer())
    expect(l.phase).toBe('recovery')
    l.setReadyToUnfence()
    expect(l.heartbeat(1, 9, notNeeded).wantFence).toBe(false)
    expect(l.onHeartbeat(answer({ isFenced: false }))).toBe(INTERVAL)
    expect(l.phase).toBe('running')
  })

  test('that is fenced goes on with heartbeats and asks to be let in again', () => {
    const l = running()
    l.onHeartbeat(answer({ isFenced: true }))
    expect([l.phase, l.due, l.heartbeat(1, 9, notNeeded).wantFence]).toEqual(['running', 'heartbeat', false])
  })

  test.each(['STALE_BROKER_EPOCH', 'BROKER_ID_NOT_REGISTERED'] as const)('registers anew on %s', (error) => {
    const l = running()
    l.onFailure(error)
    expect(l.due).toBe('registration')
    l.onRegistered(20)
    expect([l.phase, l.heartbeat(1, 20, notNeeded).brokerEpoch, l.heartbeat(1, 20, notNeeded).wantFence]).toEqual([
      'running',
      20,
      false,
    ])
  })

  test('waits longer after each failure, up to a bound, and not at all after an answer', () => {
    const l = running()
    const pauses = Array.from({ length: 7 }, () => l.onFailure('REQUEST_TIMED_OUT'))
    expect(pauses).toEqual([50, 100, 200, 400, 800, 1_000, 1_000])
    l.onHeartbeat(answer({ isFenced: false }))
    expect(l.onFailure('REQUEST_TIMED_OUT')).toBe(50)
  })

  test('ends when the controller lets it go, which it asks often', () => {
    const l = running()
    expect(l.beginControlledShutdown()).toBe(true)
    expect(l.heartbeat(1, 9, notNeeded).wantShutDown).toBe(true)
    expect(l.onHeartbeat(answer({ isFenced: false }))).toBe(50)
    expect(l.onHeartbeat(answer({ isFenced: false }))).toBe(50)
    l.onHeartbeat(answer({ shouldShutDown: true }))
    expect([l.phase, l.due]).toEqual(['shuttingDown', 'nothing'])
  })

  test('ends at once if the controller does not know it any more', () => {
    const l = running()
    l.beginControlledShutdown()
    l.onFailure('STALE_BROKER_EPOCH')
    expect(l.due).toBe('nothing')
  })

  test('that has not begun to serve asks nobody before it ends', () => {
    const l = life()
    l.onRegistered(7)
    expect(l.beginControlledShutdown()).toBe(false)
  })

  test('tells of every log dir that has failed, with each heartbeat', () => {
    const l = running()
    l.dirFailed('a')
    l.dirFailed('b')
    l.dirFailed('a')
    expect(l.heartbeat(1, 9, notNeeded).offlineLogDirs).toEqual(['a', 'b'])
  })
})

describe('a broker whose disk is full', () => {
  const wants = (l: Lifecycle, isNeeded = false) => l.heartbeat(1, 9, () => isNeeded).wantFence

  test('asks to be fenced, often, until there is room', () => {
    const l = running()
    expect(wants(l)).toBe(false)
    l.setTakesNothing(true)
    expect([wants(l), wants(l, true)]).toEqual([true, true])
    expect(l.onHeartbeat(answer({ isFenced: false }))).toBe(250)
    l.setTakesNothing(false)
    expect(wants(l)).toBe(false)
    expect(l.onHeartbeat(answer({ isFenced: false }))).toBe(INTERVAL)
  })

  test('takes that back where it is fenced and nobody else could lead something, and looks first from then on', () => {
    const l = running()
    l.setTakesNothing(true)
    expect(wants(l, true)).toBe(true)
    l.onHeartbeat(answer({ isFenced: true }))
    expect(wants(l, false)).toBe(true)
    expect(wants(l, true)).toBe(false)
    l.onHeartbeat(answer({ isFenced: false }))
    expect([wants(l, true), wants(l, false)]).toEqual([false, true])
    l.setTakesNothing(false)
    l.setTakesNothing(true)
    expect(wants(l, true)).toBe(true)
  })

  test('does not ask it while it starts or stops', () => {
    const l = life()
    l.onRegistered(7)
    l.onHeartbeat(answer())
    l.setTakesNothing(true)
    l.setReadyToUnfence()
    expect(wants(l)).toBe(false)
    l.onHeartbeat(answer({ isFenced: false }))
    expect(wants(l)).toBe(true)
    l.beginControlledShutdown()
    expect(wants(l)).toBe(false)
  })
})
