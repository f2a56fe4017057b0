import { expect, test } from 'vitest'
import type { Event } from './history.ts'
import { judge, judges } from './judges.ts'

const at = 'durable/0'
const contents = (records: [number, string][], more: Partial<Extract<Event, { kind: 'contents' }>> = {}): Event => ({
  kind: 'contents',
  at,
  recovery: 1,
  logStart: 0,
  highWatermark: records.length,
  records,
  ...more,
})
const sent = (value: string): Event => ({ kind: 'sent', producer: 'i', at, value })
const acknowledged = (value: string, offset: number | null, durable = true): Event => ({
  kind: 'acknowledged',
  producer: 'i',
  at,
  value,
  offset,
  durable,
})
const read = (offset: number, value: string, where = at): Event => ({
  kind: 'read',
  reader: 'r',
  at: where,
  offset,
  value,
})
const convicted = (...events: Event[]) => [
  ...new Set(judge(events.map((event, ms) => ({ ms, event }))).map((c) => c.judge)),
]

const good: Event[] = [
  { kind: 'topic creation sent', topic: 'durable' },
  { kind: 'topic created', topic: 'durable', topicId: 'x' },
  { kind: 'producer id', id: 1 },
  sent('i-0'),
  sent('i-1'),
  acknowledged('i-0', 0),
  read(0, 'i-0'),
  { kind: 'took', group: 'g', member: 'a', at },
  { kind: 'gave up', group: 'g', member: 'a', at },
  { kind: 'took', group: 'g', member: 'b', at },
  { kind: 'commit sent', group: 'g', at, offset: 1 },
  { kind: 'committed', group: 'g', at, offset: 1 },
  { kind: 'watermarks', at, askedMs: 9, highWatermark: 1, logStart: 0 },
  { kind: 'crash' },
  acknowledged('i-1', 1),
  { kind: 'offset fetched', group: 'g', at, offset: 1 },
  { kind: 'topics listed', askedMs: 13, topics: { durable: 'x' } },
  contents([
    [0, 'i-0'],
    [1, 'i-1'],
  ]),
]

/** One history for each judge that only it has to convict, or it among others. */
const bad: Record<keyof typeof judges, Event[]> = {
  'an acknowledged record is where it was acknowledged': [sent('i-0'), acknowledged('i-0', 0), contents([])],
  'of every key of a compacted topic the last record stays': [
    { kind: 'sent', producer: 'i', at: 'durable-compacted/0', value: 'i-0' },
    { kind: 'acknowledged', producer: 'i', at: 'durable-compacted/0', value: 'i-0', offset: 0, durable: true },
    contents([[1, 'i-1']], { at: 'durable-compacted/0' }),
  ],
  'an offset has one value for ever': [sent('i-0'), sent('i-1'), read(0, 'i-0'), read(0, 'i-1')],
  'an idempotent producer writes nothing twice': [
    sent('i-0'),
    contents([
      [0, 'i-0'],
      [1, 'i-0'],
    ]),
  ],
  "an idempotent producer's records keep their order": [
    sent('i-0'),
    sent('i-1'),
    contents([
      [0, 'i-1'],
      [1, 'i-0'],
    ]),
  ],
  'no producer is told that its sequence is wrong': [
    { kind: 'refused', producer: 'i', at, value: 'i-0', error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' },
  ],
  'nothing is read that nobody sent': [read(0, 'i-0')],
  'a reader skips nothing and sees nothing twice': [sent('i-0'), read(0, 'i-0'), read(2, 'i-0')],
  'the high watermark and the log start never go back': [
    { kind: 'watermarks', at, askedMs: 0, highWatermark: 5, logStart: 2 },
    { kind: 'watermarks', at, askedMs: 1, highWatermark: 4, logStart: 2 },
  ],
  'a committed offset never goes back': [
    { kind: 'commit sent', group: 'g', at, offset: 5 },
    { kind: 'committed', group: 'g', at, offset: 5 },
    { kind: 'offset fetched', group: 'g', at, offset: 4 },
  ],
  'a partition belongs to one member': [
    { kind: 'heard', group: 'g', member: 'a', sentMs: 0 },
    { kind: 'took', group: 'g', member: 'a', at },
    { kind: 'took', group: 'g', member: 'b', at },
  ],
  'a producer id is given once': [
    { kind: 'producer id', id: 1 },
    { kind: 'producer id', id: 1 },
  ],
  'a topic that was created stays, under its id': [
    { kind: 'topic creation sent', topic: 'a' },
    { kind: 'topic created', topic: 'a', topicId: 'x' },
    { kind: 'topics listed', askedMs: 2, topics: {} },
  ],
  'a second recovery changes nothing': [sent('i-0'), contents([[0, 'i-0']]), contents([], { recovery: 2 })],
  'in peace it starts and serves': [{ kind: 'stuck', what: 'nobody answers' }],
}

test('a good history convicts nobody', () => {
  expect(convicted(...good)).toEqual([])
})

test.each(Object.keys(judges))('the judge "%s" convicts', (name) => {
  expect(convicted(...bad[name]!)).toContain(name)
})

test('acks=1 may lose what a crash takes, but not what a killed process had written', () => {
  const where = 'mixed/0'
  const one: Event = { kind: 'acknowledged', producer: 'p', at: where, value: 'p-0', offset: 0, durable: false }
  const events = (end: 'crash' | 'kill'): Event[] => [
    { kind: 'sent', producer: 'p', at: where, value: 'p-0' },
    one,
    { kind: end },
    contents([], { at: where }),
  ]
  expect(convicted(...events('crash'))).toEqual([])
  expect(convicted(...events('kill'))).toEqual(['an acknowledged record is where it was acknowledged'])
})

test('what was read before it was synced may change after a crash; below an acks=all record it may not', () => {
  const where = 'mixed/0'
  const mixed = (value: string): Event => ({ kind: 'sent', producer: 'p', at: where, value })
  const ack: Event = { kind: 'acknowledged', producer: 'p', at: where, value: 'p-2', offset: 1, durable: true }
  const start = [mixed('p-0'), mixed('p-1'), mixed('p-2')]
  expect(
    convicted(
      ...start,
      read(0, 'p-0', where),
      { kind: 'seek', reader: 'r', at: where, offset: 0 },
      read(0, 'p-1', where),
    ),
  ).toEqual([])
  expect(
    convicted(
      ...start,
      ack,
      read(0, 'p-0', where),
      { kind: 'seek', reader: 'r', at: where, offset: 0 },
      read(0, 'p-1', where),
    ),
  ).toContain('an offset has one value for ever')
})
