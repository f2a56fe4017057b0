/** Fetch sessions by themselves; `fetch.test.ts` has them behind requests. */
import { describe, expect, test } from 'vitest'
import { KafkaError } from '../protocol/errors.ts'
import { ZERO_UUID } from '../protocol/schema.ts'
import type { Watcher } from '../replication/partition.ts'
import { type FetchAnswer, FetchSessions } from './fetch_sessions.ts'

const MINUTES = 60_000

/** A partition whose end and start the test moves. */
class Source {
  looks = 0
  readonly watchers = new Set<Watcher>()
  logStartOffset = 0
  constructor(public highWatermark = 0) {}
  hasDataAt = (offset: number) => offset < this.highWatermark
  watch = (w: Watcher) => void this.watchers.add(w)
  unwatch = (w: Watcher) => void this.watchers.delete(w)
  grow(bytes = 100) {
    this.highWatermark++
    for (const w of this.watchers) w.grown(bytes)
  }
}

function start(o: { slots?: number } = {}) {
  let [nowMs, id] = [0, 100]
  const sessions = new FetchSessions({
    slots: () => o.slots ?? 10,
    clock: { monotonic: () => nowMs },
    random: { int: () => id++ },
  })
  const logs = new Map<string, Source>()
  const log = (name: string) => {
    if (!logs.has(name)) logs.set(name, new Source())
    return logs.get(name)!
  }
  /** `t/0@5` is partition 0 of t from offset 5. */
  const request = (sessionId: number, sessionEpoch: number, wanted = '', forgotten = '') => ({
    sessionId,
    sessionEpoch,
    topics: words(wanted).map(([topic, partition, offset]) => ({
      topic,
      topicId: ZERO_UUID,
      partitions: [{ ...defaults, partition, fetchOffset: offset }],
    })),
    forgottenTopicsData: words(forgotten).map(([topic, p]) => ({ topic, topicId: ZERO_UUID, partitions: [p] })),
  })
  /** What is told: the names of partitions, with `!` in error and `*` with records. */
  const fetch = (...[id, epoch, wanted, forgotten, left]: [number, number, string?, string?, number?]) => {
    const context = sessions.open(request(id, epoch, wanted, forgotten), 12)
    let room = left ?? 1000
    const answers = context.wanted().map((w): FetchAnswer => {
      const source = logs.get(`${w.topic}/${w.partition}`)
      if (!source) return { wanted: w, source, bytes: 0, answer: { errorCode: 3, highWatermark: -1 } }
      source.looks++
      const bytes = source.hasDataAt(w.fetchOffset) && room > 0 ? 100 : 0
      room -= bytes
      return { wanted: w, source, bytes, answer: { errorCode: 0, ...offsets(source) } }
    })
    const { told, sessionId } = context.conclude(answers)
    const names = told.map((t) => `${t.wanted.key}${t.answer.errorCode ? '!' : t.bytes ? '*' : ''}`)
    return [sessionId, ...names.map((n) => n.replace(/^(\d+)\/(\w+)/, '$2/$1'))].join(' ')
  }
  const error = (...args: Parameters<typeof fetch>) => {
    try {
      return fetch(...args)
    } catch (e) {
      return (e as KafkaError).error
    }
  }
  return { sessions, log, fetch, error, after: (ms: number) => void (nowMs += ms), request }
}

const defaults = {
  currentLeaderEpoch: -1,
  partitionMaxBytes: 1000,
  lastFetchedEpoch: -1,
  logStartOffset: -1,
  replicaDirectoryId: ZERO_UUID,
  highWatermark: 0,
}
const offsets = ({ highWatermark, logStartOffset }: Source) => ({ highWatermark, logStartOffset })
const words = (text: string): [string, number, number][] =>
  text
    .split(' ')
    .filter(Boolean)
    .map((w) => [w.split('/')[0]!, Number(w.split('/')[1]!.split('@')[0]), Number(w.split('@')[1] ?? 0)])

describe('a fetch session', () => {
  test('tells everything first, then only what is new', () => {
    const { log, fetch } = start()
    log('a/0')
    log('b/0').grow()
    expect(fetch(0, 0, 'a/0 b/0')).toBe('101 a/0 b/0*')
    expect(fetch(101, 1, 'b/0@1')).toBe('101')
    log('a/0').grow()
    expect(fetch(101, 2)).toBe('101 a/0*')
    // Not read on: told again.
    expect(fetch(101, 3)).toBe('101 a/0*')
    log('b/0').logStartOffset = 1
    expect(fetch(101, 4, 'a/0@1 b/0@1')).toBe('101 b/0')
  })

  test('looks at nothing that has not changed, and at everything twice a second', () => {
    const { log, fetch, after } = start()
    const names = Array.from({ length: 50 }, (_, i) => `t/${i}`)
    for (const n of names) log(n)
    fetch(0, 0, names.join(' '))
    const looks = () => names.reduce((sum, n) => sum + log(n).looks, 0)
    expect(looks()).toBe(50)
    log('t/7').grow()
    expect(fetch(101, 1)).toBe('101 t/7*')
    expect(looks()).toBe(51)
    log('t/9').logStartOffset = 1
    expect(fetch(101, 2, 't/7@1')).toBe('101')
    after(500)
    expect(fetch(101, 3)).toBe('101 t/9')
    expect(looks()).toBe(102)
  })

  test('is told once by a partition that grows while nobody asks', () => {
    const { log, fetch } = start()
    log('a/0')
    fetch(0, 0, 'a/0')
    expect(log('a/0').watchers.size).toBe(1)
    log('a/0').grow()
    expect(log('a/0').watchers.size).toBe(0)
    expect(fetch(101, 1)).toBe('101 a/0*')
  })

  test('gives each partition its turn where one answer has no room for all', () => {
    const { log, fetch } = start()
    for (const n of ['a/0', 'a/1', 'a/2']) {
      log(n)
      log(n).grow()
    }
    expect(fetch(0, 0, 'a/0 a/1 a/2', '', 1)).toBe('101 a/0* a/1 a/2')
    const turns = [1, 2, 3, 4].map((epoch) => fetch(101, epoch, '', '', 1))
    // The first order is that of the request, as in Kafka.
    expect(turns).toEqual(['101 a/0*', '101 a/1*', '101 a/2*', '101 a/0*'])
  })

  test('tells an error as long as it lasts, and everything once it is over', () => {
    const { log, fetch } = start()
    log('a/0')
    expect(fetch(0, 0, 'a/0 b/0')).toBe('101 a/0 b/0!')
    expect(fetch(101, 1)).toBe('101 b/0!')
    log('b/0')
    expect(fetch(101, 2)).toBe('101 b/0')
    expect(fetch(101, 3)).toBe('101')
  })

  test('forgets partitions, and ends when none is left', () => {
    const { sessions, log, fetch, error } = start()
    log('a/0')
    log('b/0')
    fetch(0, 0, 'a/0 b/0')
    log('a/0').grow()
    expect(fetch(101, 1, '', 'a/0 c/0')).toBe('101')
    expect(log('a/0').watchers.size).toBe(0)
    expect(fetch(101, 2, '', 'b/0')).toBe('0')
    expect([sessions.size, sessions.totalPartitions, log('b/0').watchers.size]).toEqual([0, 0, 0])
    expect(error(101, 3)).toBe('FETCH_SESSION_ID_NOT_FOUND')
  })

  test('is asked in order, by one kind of name, and under an id that there is', () => {
    const { sessions, log, error, request } = start()
    log('a/0')
    expect(error(0, 0, 'a/0')).toBe('101 a/0')
    expect(error(101, 2)).toBe('INVALID_FETCH_SESSION_EPOCH')
    expect(error(102, 1)).toBe('FETCH_SESSION_ID_NOT_FOUND')
    expect(() => sessions.open(request(101, 1), 13)).toThrow(new KafkaError('FETCH_SESSION_TOPIC_ID_ERROR'))
    expect(error(101, 1)).toBe('101')
  })

  test('ends when its client begins another or none', () => {
    const { sessions, log, fetch, error } = start()
    log('a/0')
    fetch(0, 0, 'a/0')
    expect(fetch(101, 0, 'a/0')).toBe('102 a/0')
    expect(error(101, 1)).toBe('FETCH_SESSION_ID_NOT_FOUND')
    expect(fetch(102, -1, 'a/0')).toBe('0 a/0')
    expect(sessions.size).toBe(0)
  })

  test('that has moved on answers an earlier fetch with an error, and wakes it', () => {
    const { sessions, log, fetch, request } = start()
    log('a/0')
    fetch(0, 0, 'a/0')
    const earlier = sessions.open(request(101, 1), 12)
    const woken: number[] = []
    for (const w of earlier.watched([])) w.watch({ grown: (bytes) => void woken.push(bytes) })
    const later = sessions.open(request(101, 2), 12)
    for (const w of later.watched([])) w.watch({ grown: () => {} })
    expect(woken).toEqual([Number.POSITIVE_INFINITY])
    expect(earlier.conclude([])).toEqual({ errorCode: 71, sessionId: 101, told: [] })
    expect(later.conclude([]).errorCode).toBe(0)
  })

  test('that waits is told every growth, and wakes when it is closed', () => {
    const { sessions, log, fetch, request } = start()
    log('a/0')
    log('b/0')
    fetch(0, 0, 'a/0 b/0')
    const woken: number[] = []
    for (const w of sessions.open(request(101, 1), 12).watched([]))
      w.watch({ grown: (bytes) => void woken.push(bytes) })
    log('a/0').grow(10)
    log('a/0').grow(20)
    log('b/0').grow(30)
    fetch(101, -1)
    expect(woken).toEqual([10, 20, 30, Number.POSITIVE_INFINITY])
  })
})

describe('the room for fetch sessions', () => {
  test('is made by who was not used for two minutes', () => {
    const { log, fetch, error, after } = start({ slots: 2 })
    log('a/0')
    fetch(0, 0, 'a/0')
    fetch(0, 0, 'a/0')
    after(1.5 * MINUTES)
    fetch(101, 1)
    expect(fetch(0, 0, 'a/0')).toBe('0 a/0')
    after(1 * MINUTES)
    expect(fetch(0, 0, 'a/0')).toBe('103 a/0')
    expect(error(102, 1)).toBe('FETCH_SESSION_ID_NOT_FOUND')
    expect(fetch(101, 2)).toBe('101')
  })

  test('is made by the smallest that is older than two minutes, for a larger one', () => {
    const { log, fetch, error, after } = start({ slots: 2 })
    for (const n of ['a/0', 'a/1', 'a/2']) log(n)
    fetch(0, 0, 'a/0 a/1')
    fetch(0, 0, 'a/0')
    for (const epoch of [1, 2, 3]) {
      after(1 * MINUTES)
      fetch(101, epoch)
      fetch(102, epoch)
    }
    expect(fetch(0, 0, 'a/0')).toBe('0 a/0')
    expect(fetch(0, 0, 'a/0 a/1 a/2')).toBe('103 a/0 a/1 a/2')
    expect(error(102, 4)).toBe('FETCH_SESSION_ID_NOT_FOUND')
    expect(log('a/0').watchers.size).toBe(2)
  })

  test('is none with no slots: clients send whole requests', () => {
    const { log, fetch } = start({ slots: 0 })
    log('a/0')
    expect(fetch(0, 0, 'a/0')).toBe('0 a/0')
    expect(log('a/0').watchers.size).toBe(0)
  })
})
