import { expect, test } from 'vitest'
import type { TopicMetadata } from '../../client/metadata.ts'
import { Figures } from './figures.ts'
import { beforeAndSince, filled, filledSinceFirst, upToNow } from './metrics.ts'
import { MAX_SERIES, Recent } from './recent.ts'

const topic = (name: string, partitions: number, topicId = `id of ${name}`): TopicMetadata => ({
  name,
  topicId,
  isInternal: false,
  partitions: Array.from({ length: partitions }, (_, partition) => ({
    partition,
    leader: 1,
    leaderEpoch: 0,
    replicas: [1],
    isr: [1],
    offlineReplicas: [],
    error: null,
  })),
  error: null,
  at: 0,
})

test('a rate is the difference of two looks over the time between them', () => {
  const f = new Figures()
  f.see([topic('a', 2)], 0)
  f.observeEnd({ topic: 'a', partition: 0 }, 100, 1000)
  expect(f.topic('a')).toMatchObject({ recordsInPerSecond: null, records: null })
  f.observeEnd({ topic: 'a', partition: 1 }, 0, 1000)
  f.observeEnd({ topic: 'a', partition: 0 }, 150, 3000)
  f.observeEnd({ topic: 'a', partition: 1 }, 10, 2000)
  expect(f.topic('a')!.recordsInPerSecond).toBe(25 + 10)
  f.observeStart({ topic: 'a', partition: 0 }, 50)
  f.observeStart({ topic: 'a', partition: 1 }, 0)
  expect(f.topic('a')!.records).toBe(110)
})

test('a replica that was moved away no longer counts', () => {
  const on = (replicas: number[]) => {
    const t = topic('a', 1)
    return [{ ...t, partitions: t.partitions.map((p) => ({ ...p, replicas })) }]
  }
  const f = new Figures()
  f.see(on([1, 2]), 0)
  f.observeSizes(
    [1, 2].map((broker) => ({ topic: 'a', partition: 0, broker, sizeBytes: 100 })),
    () => 1,
    1000,
  )
  expect(f.totals().sizeBytes).toBe(200)
  f.see(on([1]), 2000)
  expect(f.totals().sizeBytes).toBe(100)
})

test('a topic deleted and made anew under its name starts from nothing, and never has a negative rate', () => {
  const f = new Figures()
  f.see([topic('a', 1)], 0)
  f.observeEnd({ topic: 'a', partition: 0 }, 1000, 1000)
  f.see([topic('a', 1, 'another id')], 1500)
  f.observeEnd({ topic: 'a', partition: 0 }, 5, 2000)
  expect(f.topic('a')!.recordsInPerSecond).toBe(5 / 2)
  f.observeEnd({ topic: 'a', partition: 0 }, 3, 3000)
  expect(f.topic('a')!.recordsInPerSecond).toBe(0)
})

test('what a new topic holds at the first look has come in since the last list; what comes back after an incomplete list has not', () => {
  const f = new Figures()
  f.see([topic('old', 1)], 0)
  f.see([topic('old', 1), topic('new', 1)], 1000)
  const look = (name: string, end: number, sizeBytes: number, at: number) => {
    f.observeEnd({ topic: name, partition: 0 }, end, at)
    f.observeSizes([{ topic: name, partition: 0, broker: 1, sizeBytes }], () => 1, at)
  }
  look('old', 1000, 1000, 2000)
  look('new', 40, 400, 2000)
  expect(f.topic('old')).toMatchObject({ recordsInPerSecond: 0, bytesInPerSecond: 0 })
  expect(f.topic('new')).toMatchObject({ recordsInPerSecond: 20, bytesInPerSecond: 200 })
  f.see([topic('new', 1)], 3000)
  f.see([topic('old', 1), topic('new', 1)], 4000)
  look('old', 1001, 1001, 5000)
  expect(f.topic('old')).toMatchObject({ recordsInPerSecond: 0, bytesInPerSecond: 0 })
})

test('bytes are counted on the leader, sizes over all replicas, and deleted segments are not negative growth', () => {
  const f = new Figures()
  f.see([topic('a', 1)], 0)
  const look = (sizes: [number, number][], at: number) =>
    f.observeSizes(
      sizes.map(([broker, sizeBytes]) => ({ topic: 'a', partition: 0, broker, sizeBytes })),
      () => 1,
      at,
    )
  f.observeEnd({ topic: 'a', partition: 0 }, 10, 1000)
  look(
    [
      [1, 1000],
      [2, 900],
    ],
    1000,
  )
  look(
    [
      [1, 3000],
      [2, 2900],
    ],
    2000,
  )
  expect(f.topic('a')).toMatchObject({ sizeBytes: 5900, bytesInPerSecond: 2000 })
  look(
    [
      [1, 500],
      [2, 2900],
    ],
    3000,
  )
  expect(f.topic('a')!.bytesInPerSecond).toBe(0)
})

test('lag is ends minus commits, never below zero, and unknown without commits', () => {
  const f = new Figures()
  f.see([topic('a', 2)], 0)
  f.seeGroups(['g', 'empty'])
  f.observeEnd({ topic: 'a', partition: 0 }, 100, 0)
  f.observeEnd({ topic: 'a', partition: 1 }, 10, 0)
  f.observeCommits(
    'g',
    [
      { topic: 'a', partition: 0, offset: 40 },
      { topic: 'a', partition: 1, offset: 12 },
      { topic: 'gone', partition: 0, offset: 5 },
    ],
    0,
  )
  expect(f.lag('g')).toBe(60)
  expect(f.lag('g', 'gone')).toBeNull()
  expect(f.lag('empty')).toBeNull()
  expect(f.topLag(5)).toEqual([{ groupId: 'g', lag: 60 }])
  expect(f.lagByTopic().get('a')).toEqual({ groups: 1, lag: 60 })
})

test('records out are what commits advanced by; a reset back is not negative reading', () => {
  const f = new Figures()
  f.see([topic('a', 1)], 0)
  f.seeGroups(['g'])
  f.observeEnd({ topic: 'a', partition: 0 }, 1000, 0)
  const commit = (offset: number, at: number) => f.observeCommits('g', [{ topic: 'a', partition: 0, offset }], at)
  commit(0, 0)
  commit(500, 2000)
  expect(f.rates().recordsOutPerSecond).toBe(250)
  commit(0, 3000)
  expect(f.rates().recordsOutPerSecond).toBeCloseTo(500 / 3)
  for (let at = 4000; at <= 13_000; at += 1000) commit(0, at)
  expect(f.rates().recordsOutPerSecond).toBe(0)
})

test('a group that was not looked at for long, as while its broker was away, has moved evenly since', () => {
  const f = new Figures()
  f.see([topic('a', 1)], 0)
  f.seeGroups(['g'])
  f.observeEnd({ topic: 'a', partition: 0 }, 1000, 0)
  const commit = (offset: number, at: number) => f.observeCommits('g', [{ topic: 'a', partition: 0, offset }], at)
  commit(0, 0)
  commit(600, 60_000)
  expect(f.rates().recordsOutPerSecond).toBe(10)
  commit(600, 61_000)
  expect(f.rates().recordsOutPerSecond).toBe(0)
})

test('lag in time is that of the oldest record that is not committed, over all partitions of the topic', () => {
  const f = new Figures()
  f.see([topic('a', 2)], 0)
  f.seeGroups(['g'])
  const commit = (...offsets: number[]) =>
    f.observeCommits(
      'g',
      offsets.map((offset, partition) => ({ topic: 'a', partition, offset })),
      0,
    )
  const ends = (at: number, ...offsets: number[]) =>
    offsets.forEach((end, partition) => {
      f.observeEnd({ topic: 'a', partition }, end, at)
    })
  ends(0, 100, 100)
  commit(100, 100)
  expect(f.lagSeconds('g', 'a', 0)).toBe(0)
  ends(10_000, 200, 100)
  ends(20_000, 300, 110)
  expect(f.lagSeconds('g', 'a', 30_000)).toBe(30)
  commit(200, 100)
  expect(f.lagSeconds('g', 'a', 30_000)).toBe(20)
  commit(300, 110)
  expect(f.lagSeconds('g', 'a', 30_000)).toBe(0)
  expect(f.lagSeconds('g', 'nowhere', 30_000)).toBeNull()
})

test('a group that commits every 5 s reads at an even rate, not in peaks', () => {
  const f = new Figures()
  f.see([topic('a', 1)], 0)
  f.seeGroups(['g'])
  f.observeEnd({ topic: 'a', partition: 0 }, 100_000, 0)
  const rates: number[] = []
  for (let second = 0; second <= 40; second++) {
    f.observeCommits('g', [{ topic: 'a', partition: 0, offset: Math.floor(second / 5) * 500 }], second * 1000)
    if (second > 15) rates.push(f.rates().recordsOutPerSecond!)
  }
  expect(new Set(rates)).toEqual(new Set([100]))
})

test('with many partitions, those that move are asked every time and the others in turn', () => {
  const f = new Figures()
  f.see(
    Array.from({ length: 1000 }, (_, i) => topic(`t${i}`, 10)),
    0,
  )
  f.observeEnd({ topic: 't500', partition: 3 }, 0, 0)
  f.observeEnd({ topic: 't500', partition: 3 }, 5, 1000)
  const seen = new Set<string>()
  for (let i = 0; i < 10; i++) {
    const chosen = f.choosePartitions(1000, 1001, new Set(['t7']))
    expect(chosen.length).toBeLessThanOrEqual(1011)
    expect(chosen.filter((k) => k.topic === 't500' && k.partition === 3)).toHaveLength(1)
    expect(chosen.filter((k) => k.topic === 't7')).toHaveLength(10)
    for (const k of chosen) seen.add(`${k.topic} ${k.partition}`)
  }
  expect(seen.size).toBeGreaterThan(9800)
})

test('the last fifteen minutes are kept in seconds, and what is drained is the mean, the highest and the count', () => {
  const recent = new Recent()
  const t0 = 1_700_000_000_000
  for (let i = 0; i < 1000; i++) recent.add('recordsIn', '', t0 + i * 1000, i)
  const now = t0 + 999_000
  const points = recent.read('recordsIn', '', 0, now + 1, now)
  expect(points).toHaveLength(900)
  expect(points[0]).toEqual([t0 + 100_000, 100, 100])
  expect(recent.drain()).toEqual([{ name: 'recordsIn', subject: '', mean: 499.5, highest: 999, samples: 1000 }])
  expect(recent.drain()).toEqual([])
  expect(recent.mean('recordsIn', '', 10_000, now)).toBe(994)
})

test('series without end do not fill the memory: the one silent longest goes', () => {
  const recent = new Recent()
  for (let i = 0; i <= MAX_SERIES; i++) recent.add('groupLag', `g${i}`, 1000 + i * 100, 1)
  expect(recent.has('groupLag', 'g0')).toBe(false)
  expect(recent.has('groupLag', 'g1')).toBe(true)
})

test('series that all have values do not push each other out: the later ones are not begun', () => {
  const recent = new Recent()
  for (const atMs of [1_000_000, 1_001_000, 1_002_000]) {
    for (let i = 0; i <= MAX_SERIES; i++) recent.add('groupLag', `g${i}`, atMs, 1)
  }
  expect(recent.read('groupLag', 'g0', 0, 1_010_000, 1_010_000)).toHaveLength(3)
  expect(recent.has('groupLag', `g${MAX_SERIES}`)).toBe(false)
  recent.add('groupLag', 'later', 1_063_000, 1)
  expect(recent.has('groupLag', 'later')).toBe(true)
})

test('a quiet topic is zero where the cluster was looked at, and unknown where it was not', () => {
  expect(
    filled(
      [[2000, 5, 5]],
      [
        [1000, 9, 9],
        [2000, 9, 9],
        [4000, 9, 9],
      ],
    ),
  ).toEqual([
    [1000, 0, 0],
    [2000, 5, 5],
    [4000, 0, 0],
  ])
})

test('the lag of a group is zero between its samples, unknown before the first, and after the last if it is not zero now', () => {
  const mask = [0, 1000, 2000, 3000, 4000].map((t) => [t, 5, 5] as const)
  const samples = [
    [1000, 7, 7],
    [3000, 2, 2],
  ] as const
  const between = [samples[0], [2000, 0, 0], samples[1]]
  expect(filledSinceFirst(samples, mask, false)).toEqual(between)
  expect(filledSinceFirst(samples, mask, true)).toEqual([...between, [4000, 0, 0]])
  expect(filledSinceFirst([], mask, true)).toHaveLength(5)
  expect(filledSinceFirst([], mask, false)).toEqual([])
})

test('after a restart a chart of the last minutes begins with what the store kept', () => {
  expect(
    beforeAndSince(
      [
        [0, 1, 1],
        [10_000, 2, 2],
        [20_000, 3, 3],
      ],
      [
        [15_000, 9, 9],
        [16_000, 9, 9],
      ],
    ),
  ).toEqual({
    stepMs: 1000,
    points: [
      [0, 1, 1],
      [10_000, 2, 2],
      [15_000, 9, 9],
      [16_000, 9, 9],
    ],
  })
})

test('a chart of hours reaches up to now, though the store is a step behind', () => {
  const recent = Array.from({ length: 30 }, (_, i) => [i * 1000, i, i] as const)
  expect(upToNow({ stepMs: 10_000, points: [[0, 4.5, 9]] }, recent).points).toEqual([
    [0, 4.5, 9],
    [10_000, 14.5, 19],
    [20_000, 24.5, 29],
  ])
  expect(upToNow({ stepMs: 60_000, points: [] }, recent).points).toEqual([[0, 14.5, 29]])
})
