import { expect, test } from 'vitest'
import type { Run, RunEvent } from '../../../../server/console/shapes/lab.ts'
import { at, timelineOf } from './timeline-rows.ts'

const head = { startedAtMs: 10_000, topic: 'lab', watched: 'orders' } as Run['head']
const run = (events: readonly unknown[], more: Partial<Run> = {}): Run => ({
  head,
  events: events as RunEvent[],
  seconds: [],
  summary: null,
  ...more,
})
const none = { cutOff: 'no', slowDiskMs: 0, fullDisk: false }

test('a state lasts until the next one of the same subject, the last until the end', () => {
  const { processes } = timelineOf(
    run([
      { kind: 'process', atMs: 10_000, process: 'broker-1', state: 'running' },
      { kind: 'process', atMs: 10_000, process: 'broker-2', state: 'running' },
      { kind: 'process', atMs: 12_000, process: 'broker-1', state: 'stopped' },
    ]),
    15_000,
  )
  const broker = processes.get('broker-1')!
  expect(broker).toEqual([
    { fromMs: 10_000, toMs: 12_000, value: 'running' },
    { fromMs: 12_000, toMs: 15_000, value: 'stopped' },
  ])
  expect([at(broker, 11_999), at(broker, 12_000), at(broker, 9_000)]).toEqual(['running', 'stopped', undefined])
  expect(processes.get('broker-2')).toHaveLength(1)
})

test('faults are bands only while there are any, and only of those that had some', () => {
  const { faults } = timelineOf(
    run([
      { kind: 'faults', atMs: 10_000, process: 'broker-1', faults: none },
      { kind: 'faults', atMs: 10_000, process: 'broker-2', faults: none },
      { kind: 'faults', atMs: 11_000, process: 'broker-1', faults: { ...none, fullDisk: true } },
      { kind: 'faults', atMs: 13_000, process: 'broker-1', faults: none },
    ]),
    15_000,
  )
  expect([...faults]).toEqual([['broker-1', [{ fromMs: 11_000, toMs: 13_000, value: { ...none, fullDisk: true } }]]])
})

test('a step lasts from its beginning to its end, one that goes on until now, and one that was skipped is none', () => {
  const { steps } = timelineOf(
    run([
      { kind: 'step', atMs: 10_000, step: 0, state: 'running', found: {} },
      { kind: 'step', atMs: 10_500, step: 0, state: 'passed', found: {} },
      { kind: 'step', atMs: 10_500, step: 1, state: 'running', found: {} },
      { kind: 'step', atMs: 10_500, step: 2, state: 'skipped', found: {} },
    ]),
    12_000,
  )
  expect(steps).toEqual([
    { fromMs: 10_000, toMs: 10_500, value: { step: 0, state: 'passed' } },
    { fromMs: 10_500, toMs: 12_000, value: { step: 1, state: 'running' } },
  ])
})

test('errors are counted by the second, under the name of the most frequent', () => {
  const error = (atMs: number, code: string) => ({ kind: 'error', atMs, partition: 0, code })
  const { errors } = timelineOf(
    run([error(10_100, 'A'), error(10_200, 'B'), error(10_900, 'B'), error(12_000, 'A')]),
    0,
  )
  expect(errors).toEqual([
    { fromMs: 10_000, toMs: 11_000, value: { count: 3, code: 'B' } },
    { fromMs: 12_000, toMs: 13_000, value: { count: 1, code: 'A' } },
  ])
})

test('a second tells which partitions took no write', () => {
  const seconds = [
    { atMs: 10_000, acks: [3, 4] },
    { atMs: 11_000, acks: [0, 4] },
  ]
  expect(timelineOf(run([], { seconds }), 12_000).seconds.map((s) => s.value)).toEqual([
    { good: true, without: [] },
    { good: false, without: [0] },
  ])
})

test('partitions stand under their topics, the lab’s first, also where none is known yet', () => {
  const partition = (topic: string, number: number, leader: number) => ({
    kind: 'partition',
    atMs: 10_000,
    topic,
    partition: number,
    leader,
    leaderEpoch: 0,
    isr: [],
    replicas: [],
  })
  const { topics } = timelineOf(run([partition('orders', 0, 2), partition('orders', 1, 3)]), 12_000)
  expect([...topics.keys()]).toEqual(['lab', 'orders'])
  expect([...topics.get('orders')!].map(([number, bands]) => [number, bands[0]!.value.leader])).toEqual([
    [0, 2],
    [1, 3],
  ])
})
