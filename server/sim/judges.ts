/**
 * The judges: each reads a history, knows nothing of brokers, and says in words what should not have happened.
 * Topics called `durable…` are written with acks=all by idempotent producers alone; others by anyone. One is compacted.
 */
import { SESSION_MS } from './consumer_member.ts'
import { COMPACTED, type Event, keyOf, type TimedEvent, type TopicPartition } from './history.ts'

export type Judge = (history: readonly TimedEvent[]) => string[]

const durable = (at: TopicPartition) => at.startsWith('durable')
const compacted = (at: TopicPartition) => at.startsWith(`${COMPACTED}/`)

export const judges: Record<string, Judge> = {
  /** Invariants 1 and 6: also what was acknowledged with acks=1, as long as only processes died. */
  'an acknowledged record is where it was acknowledged': (history) => {
    const wrong: string[] = []
    const lastLossMs = Math.max(-1, ...history.filter(({ event: e }) => losesUnsynced(e)).map((e) => e.ms))
    const values = new Map<TopicPartition, { byOffset: Map<number, string>; all: Set<string>; logStart: number }>()
    for (const e of of(history, 'contents')) {
      values.set(e.at, { byOffset: new Map(e.records), all: new Set(e.records.map((r) => r[1])), logStart: e.logStart })
    }
    // Nothing could be read at all: that is for another judge.
    if (values.size === 0) return []
    for (const { ms, event: e } of history) {
      if (e.kind !== 'acknowledged' || (!e.durable && ms <= lastLossMs) || compacted(e.at)) continue
      const found = values.get(e.at)
      if (found === undefined) wrong.push(`${e.at} cannot be read, and ${e.value} was acknowledged there`)
      else if (e.offset === null) {
        if (found.logStart === 0 && !found.all.has(e.value))
          wrong.push(`${e.at}: ${e.value} was acknowledged and is gone`)
      } else if (e.offset >= found.logStart && found.byOffset.get(e.offset) !== e.value) {
        const there = found.byOffset.get(e.offset) ?? 'nothing'
        wrong.push(`${e.at}: ${e.value} was acknowledged at ${e.offset}, where there is ${there}`)
      }
    }
    return wrong
  },

  /** Invariant 18. */
  'of every key of a compacted topic the last record stays': (history) => {
    const acknowledged = new Map<string, Extract<Event, { kind: 'acknowledged' }> & { offset: number }>()
    for (const e of of(history, 'acknowledged')) {
      const { offset } = e
      const key = `${e.at} ${keyOf(e.value)}`
      if (offset !== null && compacted(e.at) && offset > (acknowledged.get(key)?.offset ?? -1))
        acknowledged.set(key, { ...e, offset })
    }
    return last(history).flatMap(({ at, records, logStart }) => {
      const lastOffsets = new Map(records.map(([offset, value]) => [`${at} ${keyOf(value)}`, offset]))
      return [...acknowledged]
        .filter(([key, e]) => e.at === at && e.offset >= logStart && e.offset > (lastOffsets.get(key) ?? -1))
        .map(
          ([key, { offset, value }]) => `${key}: ${value} was acknowledged at ${offset}, nothing of its key is there`,
        )
    })
  },

  /** Invariant 2. What was not synced may come again as something else; everything below an acks=all record is synced. */
  'an offset has one value for ever': (history) => {
    const wrong: string[] = []
    const known = new Map<TopicPartition, Map<number, { value: string; settled: boolean }>>()
    const settledTo = new Map<TopicPartition, number>()
    const see = (at: TopicPartition, offset: number, value: string, settled: boolean) => {
      let offsets = known.get(at)
      if (offsets === undefined) known.set(at, (offsets = new Map()))
      const before = offsets.get(offset)
      if (before !== undefined && before.value !== value && before.settled) {
        wrong.push(`${at}: offset ${offset} was ${before.value} and is ${value}`)
      }
      offsets.set(offset, { value, settled: settled || (before?.value === value && before.settled) })
    }
    for (const { event: e } of history) {
      if (e.kind === 'acknowledged' && e.durable && e.offset !== null) {
        see(e.at, e.offset, e.value, true)
        settledTo.set(e.at, Math.max(settledTo.get(e.at) ?? 0, e.offset + 1))
      } else if (e.kind === 'read') {
        see(e.at, e.offset, e.value, durable(e.at) || e.offset < (settledTo.get(e.at) ?? 0))
      } else if (e.kind === 'contents') {
        for (const [offset, value] of e.records) see(e.at, offset, value, true)
      }
    }
    return wrong
  },

  /** Invariant 5. */
  'an idempotent producer writes nothing twice': (history) =>
    last(history).flatMap((e) => {
      const seen = new Map<string, number>()
      const wrong: string[] = []
      for (const [offset, value] of e.records) {
        const before = seen.get(value)
        if (before !== undefined && idempotent(value)) wrong.push(`${e.at}: ${value} is at ${before} and at ${offset}`)
        seen.set(value, offset)
      }
      return wrong
    }),

  /** Invariant 4. */
  "an idempotent producer's records keep their order": (history) =>
    last(history).flatMap((e) => {
      const latest = new Map<string, number>()
      const wrong: string[] = []
      for (const [offset, value] of e.records) {
        if (!idempotent(value)) continue
        const { producer, number } = parse(value)
        if (number < (latest.get(producer) ?? -1))
          wrong.push(`${e.at}: ${value} at ${offset} stands behind ${producer}-${latest.get(producer)}`)
        latest.set(producer, number)
      }
      return wrong
    }),

  /** A broker that says so has lost what it knew of the producer, or what the producer wrote. */
  'no producer is told that its sequence is wrong': (history) =>
    of(history, 'refused')
      .filter((e) => e.error === 'OUT_OF_ORDER_SEQUENCE_NUMBER')
      .map((e) => `${e.at}: ${e.value} was refused as out of order`),

  'nothing is read that nobody sent': (history) => {
    const sent = new Set<string>()
    const wrong: string[] = []
    const see = (at: TopicPartition, offset: number, value: string) => {
      if (!sent.has(`${at} ${value}`)) wrong.push(`${at}: nobody sent ${value}, read at ${offset}`)
    }
    for (const { event: e } of history) {
      if (e.kind === 'sent') sent.add(`${e.at} ${e.value}`)
      else if (e.kind === 'read') see(e.at, e.offset, e.value)
      else if (e.kind === 'corrupt') wrong.push(`${e.at}: what came for offset ${e.offset} is broken`)
      else if (e.kind === 'contents') for (const [offset, value] of e.records) see(e.at, offset, value)
    }
    return wrong
  },

  /** Invariants 3 and 11. */
  'a reader skips nothing and sees nothing twice': (history) => {
    const wrong: string[] = []
    const next = new Map<string, number>()
    // What compaction has taken away is no gap; what is there in the end was there before.
    const kept = new Map(last(history).map((e) => [e.at, new Set(e.records.map(([offset]) => offset))]))
    const skipped = (at: TopicPartition, from: number, to: number): boolean => {
      for (let offset = from; offset < to; offset++) if (kept.get(at)?.has(offset) ?? true) return true
      return false
    }
    for (const { event: e } of history) {
      if (e.kind === 'seek') next.set(`${e.reader} ${e.at}`, e.offset)
      else if (e.kind === 'read') {
        const key = `${e.reader} ${e.at}`
        const expected = next.get(key)
        const fine = compacted(e.at)
          ? e.offset >= (expected ?? 0) && !skipped(e.at, expected ?? e.offset, e.offset)
          : e.offset === (expected ?? e.offset)
        if (!fine) wrong.push(`${key}: offset ${e.offset} came, ${expected} was next`)
        next.set(key, e.offset + 1)
      } else if (e.kind === 'contents' && compacted(e.at)) {
        e.records.forEach(([offset], i) => {
          if (i > 0 && offset <= e.records[i - 1]![0]) wrong.push(`${e.at}: offset ${offset} comes late`)
        })
      } else if (e.kind === 'contents') {
        e.records.forEach(([offset], i) => {
          if (offset !== e.logStart + i) wrong.push(`${e.at}: offset ${offset} stands where ${e.logStart + i} belongs`)
        })
        if (e.records.length !== e.highWatermark - e.logStart) {
          wrong.push(`${e.at}: ${e.records.length} records from ${e.logStart} to ${e.highWatermark}`)
        }
      }
    }
    return wrong
  },

  /** Invariant 7. A high watermark may have stood on what was not synced only where acks=1 is used. */
  'the high watermark and the log start never go back': (history) => {
    const wrong: string[] = []
    const high = new Peaks()
    const start = new Peaks()
    for (const { ms, event: e } of history) {
      if (e.kind === 'watermarks' || e.kind === 'contents') {
        const askedMs = e.kind === 'watermarks' ? e.askedMs : ms
        const least = { high: high.at(e.at, askedMs), start: start.at(e.at, askedMs) }
        if (e.highWatermark < least.high)
          wrong.push(`${e.at}: the high watermark went back from ${least.high} to ${e.highWatermark}`)
        if (e.logStart < least.start)
          wrong.push(`${e.at}: the log start went back from ${least.start} to ${e.logStart}`)
        if (durable(e.at)) high.add(e.at, ms, e.highWatermark)
        start.add(e.at, ms, e.logStart)
      } else if (e.kind === 'deleted') start.add(e.at, ms, e.logStart)
      else if (e.kind === 'acknowledged' && e.durable && e.offset !== null) high.add(e.at, ms, e.offset + 1)
    }
    return wrong
  },

  /** Invariant 14. Each group commits growing offsets; answers of two members may overtake each other. */
  'a committed offset never goes back': (history) => {
    const wrong: string[] = []
    const committed = new Map<string, number>()
    const sent = new Map<string, number>()
    for (const { event: e } of history) {
      if (e.kind === 'commit sent') raise(sent, `${e.group} ${e.at}`, e.offset)
      else if (e.kind === 'committed') raise(committed, `${e.group} ${e.at}`, e.offset)
      else if (e.kind === 'offset fetched') {
        const key = `${e.group} ${e.at}`
        const least = committed.get(key) ?? -1
        if (e.offset < least) wrong.push(`${key}: ${least} was committed, ${e.offset} is there`)
        if (e.offset > (sent.get(key) ?? -1)) wrong.push(`${key}: nobody committed ${e.offset}`)
        // What has been seen stays, answered or not.
        raise(committed, key, e.offset)
      }
    }
    return wrong
  },

  /** Of a consumer group: until its owner has given it up, or was not heard of for a session. */
  'a partition belongs to one member': (history) => {
    const wrong: string[] = []
    const heardMs = new Map<string, number>()
    const owners = new Map<string, string>()
    for (const { ms, event: e } of history) {
      if (e.kind === 'heard') heardMs.set(`${e.group} ${e.member}`, e.sentMs)
      else if (e.kind === 'took') {
        const key = `${e.group} ${e.at}`
        const other = owners.get(key)
        const alive = other !== undefined && ms < (heardMs.get(`${e.group} ${other}`) ?? -1) + SESSION_MS
        if (alive && other !== e.member) wrong.push(`${key}: ${e.member} took what ${other} still has`)
        owners.set(key, e.member)
      } else if (e.kind === 'gave up' && owners.get(`${e.group} ${e.at}`) === e.member) {
        owners.delete(`${e.group} ${e.at}`)
      }
    }
    return wrong
  },

  'a producer id is given once': (history) => {
    const seen = new Set<number>()
    return of(history, 'producer id').flatMap(({ id }) => {
      if (seen.has(id)) return [`producer id ${id} was given twice`]
      seen.add(id)
      return []
    })
  },

  'a topic that was created stays, under its id': (history) => {
    const wrong: string[] = []
    const created = new Map<string, string>()
    const sent = new Set<string>()
    const createdMs = new Map<string, number>()
    for (const { ms, event: e } of history) {
      if (e.kind === 'topic creation sent') sent.add(e.topic)
      else if (e.kind === 'topic created') {
        created.set(e.topic, e.topicId)
        createdMs.set(e.topic, ms)
      } else if (e.kind === 'topics listed') {
        for (const [topic, topicId] of created) {
          const known = createdMs.get(topic)! <= e.askedMs
          if (e.topics[topic] !== topicId && (known || e.topics[topic] !== undefined))
            wrong.push(`topic ${topic} (${topicId}) is ${e.topics[topic] ?? 'gone'}`)
        }
        for (const [topic, topicId] of Object.entries(e.topics)) {
          if (!sent.has(topic)) wrong.push(`nobody created topic ${topic}`)
          created.set(topic, topicId)
          createdMs.set(topic, Math.min(createdMs.get(topic) ?? ms, ms))
        }
      }
    }
    return wrong
  },

  /** Invariant 22. */
  'a second recovery changes nothing': (history) => {
    const first = new Map<TopicPartition, string>()
    return of(history, 'contents').flatMap((e) => {
      const { recovery: _, ...all } = e
      // It may have been compacted meanwhile.
      const rest = compacted(e.at) ? { ...all, records: [] } : all
      const now = JSON.stringify(rest)
      const before = first.get(e.at)
      first.set(e.at, now)
      return before === undefined || before === now ? [] : [`${e.at}: recovery ${e.recovery} found something else`]
    })
  },

  'in peace it starts and serves': (history) => [
    ...of(history, 'stuck').map((e) => e.what),
    ...of(history, 'threw').map((e) => `the broker threw ${e.error}`),
  ],
}

export interface Conviction {
  readonly judge: string
  readonly what: string
}

export const judge = (history: readonly TimedEvent[]): Conviction[] =>
  Object.entries(judges).flatMap(([name, judge]) => judge(history).map((what) => ({ judge: name, what })))

const losesUnsynced = (e: Event) => e.kind === 'crash' || e.kind === 'disk error'

const of = <K extends Event['kind']>(history: readonly TimedEvent[], kind: K): Extract<Event, { kind: K }>[] =>
  history.flatMap(({ event }) => (event.kind === kind ? [event as Extract<Event, { kind: K }>] : []))

const raise = (map: Map<string, number>, key: string, to: number) => map.set(key, Math.max(map.get(key) ?? -1, to))

/** The highest value that was known at a time: answers overtake each other, so what was asked earlier may be lower. */
class Peaks {
  private readonly seen = new Map<TopicPartition, { ms: number; value: number }[]>()
  add(at: TopicPartition, ms: number, value: number): void {
    const peaks = this.seen.get(at)
    if (peaks === undefined) this.seen.set(at, [{ ms, value }])
    else if (value > peaks.at(-1)!.value) peaks.push({ ms, value })
  }
  at(at: TopicPartition, ms: number): number {
    return this.seen.get(at)?.findLast((p) => p.ms <= ms)?.value ?? 0
  }
}

/** The last contents of each partition. */
const last = (history: readonly TimedEvent[]) => [...new Map(of(history, 'contents').map((e) => [e.at, e])).values()]

/** Values are `producer-number`; those of idempotent producers begin with `i`. */
const idempotent = (value: string) => value.startsWith('i')
function parse(value: string): { producer: string; number: number } {
  const at = value.lastIndexOf('-')
  return { producer: value.slice(0, at), number: Number(value.slice(at + 1)) }
}
