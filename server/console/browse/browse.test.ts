import { expect, test } from 'vitest'
import { KafkaError } from '../../protocol/errors.ts'
import { type BrowseEvent, type BrowseInput, browseInput, type RecordRow } from '../shapes/record.ts'
import { browse } from './browse.ts'
import { encodeCursor } from './cursor.ts'
import { type FakeRecord, FakeSource } from './fake_source.ts'
import { live } from './live.ts'

const ask = (more: Partial<BrowseInput>): BrowseInput =>
  browseInput.parse({ cluster: 'default', topic: 't', from: { kind: 'oldest' }, ...more })

/** `p@o` of what came, and the last event. */
async function page(source: FakeSource, more: Partial<BrowseInput>, monotonicMs = () => 0) {
  const events: BrowseEvent[] = []
  const signal = new AbortController().signal
  for await (const e of browse(ask(more), { source, signal, monotonicMs })) events.push(e)
  const done = events.at(-1)!
  if (done.type !== 'done') throw new Error('did not end with done')
  const rows = events.flatMap((e) => (e.type === 'batch' ? e.records : []))
  return { at: rows.map((r) => `${r.partition}@${r.offset}`), rows, done, events }
}

/** Offsets from..to, one a second, beginning at second `t0`, every `step` seconds. */
const run = (from: number, to: number, t0 = 0, step = 1): FakeRecord[] =>
  Array.from({ length: to - from }, (_, i) => ({
    offset: from + i,
    timestampMs: (t0 + i * step) * 1000,
    value: `v${from + i}`,
  }))

const newest = { kind: 'newest' } as const
const oldest = { kind: 'oldest' } as const

test('oldest first merges partitions by time and keeps each in its order', async () => {
  const source = new FakeSource().partition(0, run(0, 4, 0, 2)).partition(1, run(0, 4, 1, 2))
  const { at, done } = await page(source, { from: oldest })
  expect(at).toEqual(['0@0', '1@0', '0@1', '1@1', '0@2', '1@2', '0@3', '1@3'])
  expect(done).toMatchObject({ stop: 'end', next: null, previous: null, progress: { scannedRecords: 8, matched: 8 } })
})

test('newest first is the reverse, also where a partition’s own timestamps are out of order', async () => {
  const source = new FakeSource().partition(0, run(0, 4, 0, 2)).partition(1, run(0, 4, 1, 2))
  expect((await page(source, { from: newest })).at).toEqual(['1@3', '0@3', '1@2', '0@2', '1@1', '0@1', '1@0', '0@0'])
  const odd = new FakeSource().partition(0, [
    { offset: 0, timestampMs: 9 },
    { offset: 1, timestampMs: 1 },
    { offset: 2, timestampMs: 5 },
  ])
  expect((await page(odd, { from: newest })).at).toEqual(['0@2', '0@1', '0@0'])
})

test('the newest page of a long partition reads its end, not all of it', async () => {
  const source = new FakeSource().partition(0, run(0, 100_000))
  source.recordsPerChunk = 1000
  const { at, done } = await page(source, { from: newest, limit: 50 })
  expect(at).toHaveLength(50)
  expect(at[0]).toBe('0@99999')
  expect(done.progress.scannedRecords).toBe(50)
  expect(done).toMatchObject({ stop: 'full', previous: null })
})

test('windows widen over what compaction has emptied, and end by offset, not by an empty fetch', async () => {
  const source = new FakeSource().partition(
    0,
    [
      { offset: 3, timestampMs: 3 },
      { offset: 40_000, timestampMs: 40 },
    ],
    { end: 100_000 },
  )
  source.emptyFetches = 1
  const { at, done } = await page(source, { from: newest })
  expect(at).toEqual(['0@40000', '0@3'])
  expect(done.stop).toBe('end')
  expect(source.fetches.length).toBeLessThan(60)
})

test('a partition that is empty behind its start offset ends at once', async () => {
  const source = new FakeSource().partition(0, [], { start: 500, end: 500 }).partition(1, run(0, 2))
  const { at, done } = await page(source, { from: newest })
  expect(at).toEqual(['1@1', '1@0'])
  expect(done.progress.partitions[0]).toEqual({
    partition: 0,
    startOffset: 500,
    endOffset: 500,
    scannedFrom: 500,
    scannedTo: 500,
  })
  expect(source.fetches.every((f) => f.partition === 1)).toBe(true)
})

test('pages follow each other by cursor in both directions without a gap or a repetition', async () => {
  for (const from of [oldest, newest]) {
    const source = new FakeSource()
      .partition(0, run(0, 57))
      .partition(1, run(10, 40, 5), { start: 10 })
      .partition(2, [])
    source.partition(2, [], { start: 0, end: 0 })
    const forth: string[][] = []
    let last = await page(source, { from, limit: 9 })
    for (;;) {
      forth.push(last.at)
      if (last.done.next === null) break
      last = await page(source, { from, limit: 9, cursor: last.done.next })
    }
    const all = forth.flat()
    expect(new Set(all).size).toBe(87)
    expect(all).toHaveLength(87)
    const back: string[] = []
    let cursor = last.done.previous
    while (cursor !== null) {
      const p: Awaited<ReturnType<typeof page>> = await page(source, { from, limit: 9, cursor })
      back.push(...p.at)
      cursor = p.done.next
    }
    const before = all.slice(0, all.length - forth.at(-1)!.length)
    expect(back).toEqual(before.reverse())
  }
})

test('the other way from the first page begins where it began', async () => {
  const source = new FakeSource().partition(0, run(0, 100))
  const first = await page(source, { from: { kind: 'offset', offset: 50 }, limit: 5 })
  expect(first.at).toEqual(['0@50', '0@51', '0@52', '0@53', '0@54'])
  const before = await page(source, { from: { kind: 'offset', offset: 50 }, limit: 3, cursor: first.done.previous })
  expect(before.at).toEqual(['0@49', '0@48', '0@47'])
})

test('a page forwards that was at the end goes on with what has come since', async () => {
  const source = new FakeSource().partition(0, run(0, 3))
  const first = await page(source, { from: newest, limit: 2 })
  source.partition(0, run(0, 5))
  const again = await page(source, { from: newest, limit: 10, cursor: first.done.next })
  expect(again.at).toEqual(['0@0'])
  expect((await page(source, { from: newest, cursor: again.done.previous })).at).toEqual(['0@1', '0@2', '0@3', '0@4'])
})

test('a cursor behind what retention has deleted says so and goes on with what is left', async () => {
  const source = new FakeSource().partition(0, run(0, 20))
  const { done } = await page(source, { from: oldest, limit: 5 })
  source.partition(0, run(10, 20), { start: 10 })
  const next = await page(source, { from: oldest, limit: 2, cursor: done.next })
  expect(next.at).toEqual(['0@10', '0@11'])
  expect(next.done.notes).toMatchObject([{ code: 'retention-moved', partition: 0 }])
})

test('retention that moves while a page is being read is told, and the page ends', async () => {
  for (const from of [oldest, newest]) {
    const source = new FakeSource().partition(0, run(0, 20))
    let moved = false
    source.beforeFetch = () => {
      if (!moved) source.partition(0, run(15, 20), { start: 15 })
      moved = true
    }
    const { at, done } = await page(source, { from })
    expect(at.sort()).toEqual(['0@15', '0@16', '0@17', '0@18', '0@19'])
    expect(done).toMatchObject({ stop: 'end', notes: [{ code: 'retention-moved' }] })
  }
})

test('from a time, to a time', async () => {
  const source = new FakeSource().partition(0, run(0, 10))
  const { at } = await page(source, { from: { kind: 'timestamp', timestampMs: 3000 }, untilMs: 6000 })
  expect(at).toEqual(['0@3', '0@4', '0@5', '0@6'])
  const late = await page(source, { from: { kind: 'timestamp', timestampMs: 60_000 } })
  expect(late.at).toEqual([])
  expect(late.done.previous).not.toBeNull()
})

test('records that stand at the wrong place for their time are left out of a time range, and the page says so', async () => {
  const source = new FakeSource().partition(0, [
    { offset: 0, timestampMs: 1000 },
    { offset: 1, timestampMs: 5000 },
    { offset: 2, timestampMs: 2000 },
    { offset: 3, timestampMs: 6000 },
  ])
  const { at, done } = await page(source, { from: { kind: 'timestamp', timestampMs: 4000 } })
  expect(at).toEqual(['0@1', '0@3'])
  expect(done.notes.map((n) => n.code)).toEqual(['timestamps-unordered'])
})

test('a filter looks into key, value and headers, with and without case, and counts what it scanned', async () => {
  const source = new FakeSource().partition(0, [
    { offset: 0, timestampMs: 0, key: 'Grüße', value: 'x' },
    { offset: 1, timestampMs: 1, key: null, value: 'say grüße' },
    {
      offset: 2,
      timestampMs: 2,
      value: 'x',
      headers: [
        ['trace', 'GRÜSSE'],
        ['h', null],
      ],
    },
    { offset: 3, timestampMs: 3, value: null, headers: [['grüße', null]] },
    { offset: 4, timestampMs: 4, value: 'nothing' },
  ])
  const find = async (text: string, more = {}) =>
    (await page(source, { filter: { text, in: ['key', 'value', 'headers'], caseSensitive: false, ...more } })).at
  expect(await find('grüße')).toEqual(['0@0', '0@1', '0@3'])
  expect(await find('Grüße', { caseSensitive: true })).toEqual(['0@0'])
  expect(await find('grüße', { in: ['value'] })).toEqual(['0@1'])
  expect(await find('grüsse', { in: ['headers'] })).toEqual(['0@2'])
  const { done } = await page(source, { filter: { text: 'no such', in: ['value'], caseSensitive: false } })
  expect(done).toMatchObject({ stop: 'end', progress: { scannedRecords: 5, matched: 0 } })
})

test('a search that has spent its bytes or its time stops, says which, and goes on by cursor', async () => {
  const records = run(0, 1000).map((r) => ({ ...r, value: r.offset === 500 ? 'needle' : 'hay' }))
  const source = new FakeSource().partition(0, records)
  const filter = { text: 'needle', in: ['value' as const], caseSensitive: false }
  for (const [budget, stop] of [
    [{ maxBytes: 5000 }, 'bytes'],
    [{ maxMs: 8 }, 'time'],
  ] as const) {
    for (const from of [oldest, newest]) {
      let clock = 0
      const tick = () => clock++
      let p = await page(source, { from, filter, ...budget }, tick)
      const found = [...p.at]
      let pages = 1
      expect(p.done.stop === stop || found.length > 0).toBe(true)
      for (; p.done.next !== null && pages < 500; pages++) {
        p = await page(source, { from, filter, ...budget, cursor: p.done.next }, tick)
        found.push(...p.at)
      }
      expect(found).toEqual(['0@500'])
      expect(pages).toBeGreaterThan(1)
    }
  }
})

test('a partition without a leader is left out, named, and read by the next page once it is back', async () => {
  const source = new FakeSource().partition(0, run(0, 3)).partition(1, run(0, 3))
  source.beforeFetch = () => source.broken.set(1, new KafkaError('LEADER_NOT_AVAILABLE'))
  const { at, done } = await page(source, { from: oldest })
  expect(at).toEqual(['0@0', '0@1', '0@2'])
  expect(done.notes).toMatchObject([{ code: 'no-leader', partition: 1 }])
  source.beforeFetch = () => {}
  source.broken.clear()
  expect((await page(source, { from: oldest, cursor: done.next })).at).toEqual(['1@0', '1@1', '1@2'])
})

test('a partition that neither brings anything nor moves is given up after some fetches', async () => {
  const source = new FakeSource().partition(0, run(0, 3)).partition(1, run(0, 3))
  const fetch = source.fetch.bind(source)
  source.fetch = async (asks) =>
    (await fetch(asks)).map((c) => (c.partition === 1 ? { ...c, records: [], nextOffset: 0 } : c))
  const { at, done } = await page(source, { from: oldest })
  expect(at).toEqual(['0@0', '0@1', '0@2'])
  expect(done.notes).toMatchObject([{ code: 'no-leader', partition: 1 }])
})

test('rows come in batches of at most a hundred', async () => {
  const source = new FakeSource().partition(0, run(0, 250))
  source.recordsPerChunk = 250
  const { events } = await page(source, { from: oldest, limit: 250 })
  expect(events.flatMap((e) => (e.type === 'batch' ? [e.records.length] : []))).toEqual([100, 100, 50])
})

test('an unknown partition and a cursor that is none are answered in a sentence', async () => {
  const source = new FakeSource().partition(0, run(0, 3))
  await expect(page(source, { partitions: [0, 7] })).rejects.toThrow('The topic has no partition 7; it has 1.')
  for (const cursor of [
    'x',
    Buffer.from('{"d":"f","p":[]}').toString('base64url'),
    Buffer.from('{"d":"f","p":[[0,-1,2]]}').toString('base64url'),
  ]) {
    await expect(page(source, { cursor })).rejects.toThrow('The link’s position cannot be read.')
  }
})

test('an aborted page ends without another fetch', async () => {
  const source = new FakeSource().partition(0, run(0, 1000))
  const controller = new AbortController()
  source.beforeFetch = () => {
    if (source.fetches.length === 3) controller.abort()
  }
  const input = ask({ from: oldest, filter: { text: 'no such', in: ['value'], caseSensitive: false } })
  await expect(
    (async () => {
      for await (const _ of browse(input, { source, signal: controller.signal, monotonicMs: () => 0 }));
    })(),
  ).rejects.toThrow(/abort/)
  expect(source.fetches).toHaveLength(4)
})

// --- live ---

function tail(source: FakeSource, more: Partial<BrowseInput> = {}) {
  const controller = new AbortController()
  let clock = 0
  const stream = live(ask({ from: { kind: 'live' }, ...more }), {
    source,
    signal: controller.signal,
    monotonicMs: () => clock,
    pause: async () => {},
  })
  const next = async () => {
    const { value } = await stream.next()
    if (value?.type !== 'batch') throw new Error(`not a batch: ${value?.type}`)
    return {
      at: value.records.map((r: RecordRow) => `${r.partition}@${r.offset}`),
      dropped: value.dropped,
      id: value.id,
    }
  }
  return { stream, next, controller, advance: (ms: number) => (clock += ms) }
}

test('a live tail begins at the end and shows what comes, filtered', async () => {
  const source = new FakeSource().partition(0, run(0, 5)).partition(1, [])
  const { stream, next } = tail(source, { filter: { text: 'v6', in: ['value'], caseSensitive: false } })
  expect((await stream.next()).value).toMatchObject({ type: 'phase', phase: 'live', resumed: false })
  source.partition(0, run(0, 8))
  expect(await next()).toMatchObject({ at: ['0@6'], dropped: 0 })
})

test('a live tail that was interrupted goes on where it stopped', async () => {
  const source = new FakeSource().partition(0, run(0, 5))
  const first = tail(source)
  await first.stream.next()
  source.partition(0, run(0, 6))
  const { id } = await first.next()
  source.partition(0, run(0, 9))
  const second = tail(source, { lastEventId: id })
  expect((await second.stream.next()).value).toMatchObject({ resumed: true })
  expect((await second.next()).at).toEqual(['0@6', '0@7', '0@8'])
})

test('more than a table can show is counted, and the newest are shown', async () => {
  const source = new FakeSource().partition(0, [])
  source.recordsPerChunk = 5000
  const { stream, next, advance } = tail(source)
  await stream.next()
  source.partition(0, run(0, 1000))
  const first = await next()
  expect(first).toMatchObject({ dropped: 800 })
  expect((await next()).at.at(-1)).toBe('0@999')
  source.partition(0, run(0, 1010))
  expect(await next()).toMatchObject({ at: [], dropped: 10 })
  advance(1000)
  source.partition(0, run(0, 1020))
  expect(await next()).toMatchObject({ dropped: 0 })
})

test('a live tail whose place retention has deleted goes on with the first record there is', async () => {
  const source = new FakeSource().partition(0, run(0, 5))
  const { stream, next } = tail(source, {
    lastEventId: encodeCursor({ direction: 'forward', rests: [{ partition: 0, low: 2, high: null }] }),
  })
  await stream.next()
  source.partition(0, run(90, 92), { start: 90 })
  expect((await next()).at).toEqual(['0@90', '0@91'])
})

test('a live tail of a topic that has been deleted ends with the reason', async () => {
  const source = new FakeSource().partition(0, run(0, 5))
  const { stream } = tail(source)
  await stream.next()
  source.broken.set(0, new KafkaError('UNKNOWN_TOPIC_OR_PARTITION'))
  await expect(stream.next()).rejects.toThrow(KafkaError)
})
