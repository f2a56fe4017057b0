/** When the cleaner works, on what, how fast, and when it lets go. */
import { expect, test } from 'vitest'
import { batches } from '../../records/batch.ts'
import type { Log } from '../log.ts'
import type { LogConfig } from '../log_config.ts'
import { type Bench, batch, bench, config, produce, TOPIC_ID } from '../testing.ts'
import { type CleanerConfig, LogCleaner } from './log_cleaner.ts'
import { recordsOf } from './testing.ts'

const NOW = 1_735_689_600_000

const defaults: CleanerConfig = {
  'log.cleaner.enable': true,
  'log.cleaner.threads': 1,
  'log.cleaner.backoff.ms': 15_000,
  'log.cleaner.dedupe.buffer.size': 2 ** 27,
  'log.cleaner.io.buffer.load.factor': 0.9,
  'log.cleaner.io.buffer.size': 524_288,
  'log.cleaner.io.max.bytes.per.second': Number.MAX_VALUE,
}

function cleaner(o: { seed?: number; settings?: Partial<CleanerConfig> } = {}) {
  const b = bench({ seed: o.seed ?? 1, manager: { tailCacheBytes: 0 } })
  const manager = b.open()
  const settings = { ...defaults, ...o.settings } as { -readonly [K in keyof CleanerConfig]: CleanerConfig[K] }
  const lines: string[] = []
  const cleaned: string[] = []
  const made = new LogCleaner({
    clock: b.env.clock,
    random: b.env.random,
    config: settings,
    logs: () => manager.all,
    onCleaned: async (log) => {
      cleaned.push(`${log.name} to ${log.cleanedTo}`)
      await manager.keepCleaned(log)
    },
    onLine: (line) => lines.push(line),
  })
  const open = (topic: string, more: Partial<LogConfig> = {}): Log =>
    manager.open(topic, 0, {
      topicId: TOPIC_ID,
      config: config({ cleanupPolicy: ['compact'], segmentBytes: 2000, ...more }),
    })
  return { b, manager, cleaner: made, settings, lines, cleaned, open }
}

/** Appends `n` records with the same few keys; each ten are about a segment. */
async function fill(b: Bench, log: Log, n: number, o: { timestamp?: number } = {}): Promise<void> {
  for (let i = 0; i < n; i++) produce(log, batch(i % 3, 1, { padding: 100, timestamp: o.timestamp ?? NOW }))
  await b.wait(log.sync())
  await b.wait(log.sync())
}

const valueCount = async (b: Bench, log: Log) => (await recordsOf(b, log)).length

test('a log is compacted when its dirty part is large enough, and again only when it has grown so far', async () => {
  const { b, cleaner: c, cleaned, open } = cleaner()
  const log = open('a', { minCleanableDirtyRatio: 0.5 })
  await fill(b, log, 100)
  c.start()
  await b.time.runFor(1000)
  expect(cleaned).toHaveLength(1)
  expect(await valueCount(b, log)).toBeLessThan(20)
  expect(log.sizeInBytes).toBeLessThan(5000)
  await fill(b, log, 3)
  await b.time.runFor(60_000)
  expect(cleaned).toHaveLength(1)
  await fill(b, log, 100)
  await b.time.runFor(16_000)
  expect(cleaned).toHaveLength(2)
  await b.wait(c.stop())
})

test('the dirtiest log comes first', async () => {
  const { b, cleaner: c, cleaned, open } = cleaner()
  const [clean, dirty] = [open('clean'), open('dirty')]
  await fill(b, clean, 100)
  await fill(b, dirty, 100)
  clean.cleanedTo = 30
  c.start()
  await b.time.runFor(1000)
  expect(cleaned.map((line) => line.split(' ')[0])).toEqual(['dirty-0', 'clean-0'])
  await b.wait(c.stop())
})

test('topics that are not compacted, the active segment and what is not synced are left alone', async () => {
  const { b, cleaner: c, cleaned, open } = cleaner()
  const deleted = open('deleted', { cleanupPolicy: ['delete'] })
  const small = open('small', { segmentBytes: 1e6 })
  await fill(b, deleted, 100)
  await fill(b, small, 100)
  const unsynced = open('unsynced')
  for (let i = 0; i < 100; i++) produce(unsynced, batch(i % 3, 1, { padding: 100 }))
  expect(unsynced.segments.count).toBeGreaterThan(3)
  // The disk is busy: nothing of it is safe yet.
  b.env.disk.options.syncMs = { low: 5000, high: 5001 }
  c.start()
  await b.time.runFor(1000)
  expect(cleaned).toEqual([])
  await b.time.runFor(100_000)
  expect(cleaned.map((line) => line.split(' ')[0])).toEqual(['unsynced-0'])
  await b.wait(c.stop())
})

test('min.compaction.lag.ms keeps records safe, max.compaction.lag.ms has them compacted however few they are', async () => {
  const { b, cleaner: c, cleaned, open } = cleaner()
  const now = b.env.clock.now()
  const young = open('young', { minCompactionLagMs: 60_000, minCleanableDirtyRatio: 0 })
  await fill(b, young, 100, { timestamp: now })
  const old = open('old', { maxCompactionLagMs: 60_000, minCleanableDirtyRatio: 1 })
  await fill(b, old, 100, { timestamp: now })
  c.start()
  await b.time.runFor(50_000)
  expect(cleaned).toEqual([])
  await b.time.runFor(30_000)
  expect(cleaned.map((line) => line.split(' ')[0]).sort()).toEqual(['old-0', 'young-0'])
  await b.wait(c.stop())
})

test('changed settings take effect: none, the pause, how many threads, bytes per second', async () => {
  const { b, cleaner: c, cleaned, settings, open } = cleaner({ settings: { 'log.cleaner.threads': 0 } })
  const log = open('a', { minCleanableDirtyRatio: 0.1 })
  await fill(b, log, 100)
  c.start()
  await b.time.runFor(20_000)
  expect(cleaned).toEqual([])
  settings['log.cleaner.threads'] = 1
  settings['log.cleaner.backoff.ms'] = 100
  settings['log.cleaner.io.max.bytes.per.second'] = 1000
  await b.time.runFor(15_000)
  // Two times some fifteen kilobytes are read.
  expect(cleaned).toEqual([])
  await b.time.runFor(30_000)
  expect(cleaned).toHaveLength(1)
  settings['log.cleaner.io.max.bytes.per.second'] = Number.MAX_VALUE
  await fill(b, log, 100)
  await b.time.runFor(200)
  expect(cleaned).toHaveLength(2)
  await b.wait(c.stop())
})

test('log.cleaner.enable=false: nothing is compacted', async () => {
  const { b, cleaner: c, cleaned, open } = cleaner({ settings: { 'log.cleaner.enable': false } })
  await fill(b, open('a'), 100)
  c.start()
  await b.time.runFor(60_000)
  expect(cleaned).toEqual([])
  await b.wait(c.stop())
})

test('a log that is damaged is told of once and left as it is; the others carry on', async () => {
  const { b, cleaner: c, cleaned, lines, open } = cleaner()
  const [bad, good] = [open('bad'), open('good')]
  await fill(b, bad, 100)
  await fill(b, good, 100)
  const path = bad.segments.all[2]!.logPath
  const size = bad.sizeInBytes
  const file = b.env.disk.open(path, 'write')
  file.write([Buffer.from([0xff])], 16)
  c.start()
  await b.time.runFor(120_000)
  expect(cleaned.map((line) => line.split(' ')[0])).toEqual(['good-0'])
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(/bad-0 cannot be compacted and will grow/)
  expect(bad.sizeInBytes).toBe(size)
  expect(b.env.disk.list('/data/bad-0').filter((f) => f.name.endsWith('.cleaned'))).toEqual([])
  await b.wait(c.stop())
})

test('damage in a record that compaction would write anew does not get a new checksum', async () => {
  const { b, cleaner: c, cleaned, lines, open } = cleaner()
  const log = open('bad')
  // Of every batch the second record goes.
  for (let i = 0; i < 60; i++) produce(log, batch(i, 2, { padding: 100 }))
  await b.wait(log.sync())
  await b.wait(log.sync())
  b.env.disk.open(log.segments.all[1]!.logPath, 'write').write([Buffer.from('#')], 200)
  c.start()
  await b.time.runFor(1000)
  expect(cleaned).toEqual([])
  expect(lines[0]).toMatch(/does not match its checksum/)
  await b.wait(c.stop())
})

test('a base offset that is out of place, which no checksum covers, is damage as well', async () => {
  const { b, cleaner: c, cleaned, lines, open } = cleaner()
  const log = open('bad')
  await fill(b, log, 100)
  b.env.disk.open(log.segments.all[1]!.logPath, 'write').write([Buffer.from([1])], 4)
  c.start()
  await b.time.runFor(1000)
  expect(cleaned).toEqual([])
  expect(lines[0]).toMatch(/holds offset \d+ after/)
  await b.wait(c.stop())
})

test('a disk without room is told of, and tried again later', async () => {
  const { b, cleaner: c, cleaned, lines, open } = cleaner()
  const log = open('a')
  await fill(b, log, 100)
  let full = true
  b.env.disk.options.faults = ({ kind, path }) =>
    full && kind === 'write' && path.endsWith('.cleaned') ? 'ENOSPC' : undefined
  c.start()
  await b.time.runFor(60_000)
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(/cannot be compacted now/)
  expect(log.isOffline).toBe(false)
  expect(b.env.disk.list('/data/a-0').filter((f) => f.name.endsWith('.cleaned'))).toEqual([])
  full = false
  await b.time.runFor(600_000)
  expect(cleaned).toHaveLength(1)
  await b.wait(c.stop())
})

/** Runs the cleaner up to its `n`th disk call, then `then`. */
async function interrupted(n: number, then: (s: ReturnType<typeof cleaner> & { log: Log }) => Promise<void> | void) {
  const s = cleaner({ seed: n })
  const log = s.open('a')
  await fill(s.b, log, 100)
  let calls = 0
  s.b.machine.onDiskCall = () => void calls++
  s.cleaner.start()
  await s.b.time.runUntil(() => calls >= n, 5000)
  s.b.machine.onDiskCall = () => {}
  await then({ ...s, log })
  return s
}

test.each([1, 5, 9, 14, 20, 30, 40])('a clean stop while it works leaves no trace of it, at call %i', async (n) => {
  const { b, manager } = await interrupted(n, async ({ b, cleaner: c, manager }) => {
    await b.wait(c.stop())
    await b.wait(manager.close())
  })
  const names = b.env.disk.list('/data/a-0').map((f) => f.name)
  expect(names.filter((name) => /\.(cleaned|swap)$/.test(name))).toEqual([])
  expect(manager.clean).toBe(false)
  const again = b.open()
  expect(again.clean).toBe(true)
  const log = b.log(again, 'a')
  const held = await recordsOf(b, log)
  expect(new Set(held.map((r) => r.key))).toEqual(new Set(['k0', 'k1', 'k2']))
  expect(log.logEndOffset).toBe(100)
})

test.each([1, 5, 9, 14, 20, 30, 40])('a topic may be deleted while it works, and made anew, at call %i', async (n) => {
  await interrupted(n, async ({ b, manager, cleaner: c, open }) => {
    manager.delete('a', 0)
    const anew = open('a')
    await fill(b, anew, 100)
    await b.time.runFor(100_000)
    expect(anew.isOffline).toBe(false)
    expect(await valueCount(b, anew)).toBeLessThan(20)
    await b.wait(c.stop())
    expect(b.env.disk.list('/data').filter((f) => f.directory).length).toBe(1)
  })
})

test.each([1, 5, 9, 14, 20, 30, 40])(
  'records may be deleted and the log be cut while it works, at call %i',
  async (n) => {
    await interrupted(n, async ({ b, log, cleaner: c, lines }) => {
      if (n % 2 === 0) log.deleteRecordsBefore(47)
      else log.truncateTo(47)
      await b.time.runFor(100_000)
      const [start, end] = [log.logStartOffset, log.logEndOffset]
      expect([start, end]).toEqual(n % 2 === 0 ? [47, 100] : [0, 47])
      const held = await recordsOf(b, log)
      for (const r of held) expect(r.offset >= start && r.offset < end).toBe(true)
      expect(new Set(held.map((r) => r.key))).toEqual(new Set(['k0', 'k1', 'k2']))
      await fill(b, log, 60)
      await b.time.runFor(100_000)
      expect(await valueCount(b, log)).toBeLessThan(25)
      expect(lines).toEqual([])
      await b.wait(c.stop())
    })
  },
)

test('compact,delete: retention takes whole segments away while they are compacted', async () => {
  const { b, cleaner: c, open } = cleaner()
  const log = open('a', { cleanupPolicy: ['compact', 'delete'], retentionMs: 60_000, minCleanableDirtyRatio: 0.1 })
  const began = b.env.clock.now()
  for (let round = 0; round < 20; round++) {
    for (let i = 0; i < 30; i++) {
      const timestamp = b.env.clock.now()
      produce(log, batch(i % 2 === 0 ? 0 : round * 30 + i, 1, { padding: 100, timestamp }))
    }
    await b.wait(log.sync())
    await b.wait(log.sync())
    if (round === 3) c.start()
    await b.time.runFor(10_000)
    log.deleteOldSegments({ nowMs: b.env.clock.now(), highWatermark: log.logEndOffset })
  }
  expect(b.env.clock.now() - began).toBeGreaterThan(190_000)
  expect(log.logStartOffset).toBeGreaterThan(300)
  expect(await valueCount(b, log)).toBeGreaterThan(3)
  expect(log.isOffline).toBe(false)
  await b.wait(c.stop())
})

test('up to where each log is compacted is in a file of Kafka, and found there by the next start', async () => {
  const { b, cleaner: c, manager, open } = cleaner()
  const log = open('a')
  await fill(b, log, 100)
  c.start()
  await b.time.runFor(1000)
  await b.wait(c.stop())
  const { cleanedTo } = log
  expect(b.env.disk.readFile('/data/cleaner-offset-checkpoint')!.toString()).toBe(`0\n1\na 0 ${cleanedTo}\n`)
  expect(cleanedTo).toBe(log.segments.active.baseOffset)
  await b.wait(manager.close())
  const again = b.open()
  expect(b.log(again, 'a').cleanedTo).toBe(cleanedTo)
  again.delete('a', 0)
  await b.time.runFor(100)
  expect(b.env.disk.readFile('/data/cleaner-offset-checkpoint')!.toString()).toBe('0\n0\n')
})

test('who is reading while segments are replaced misses nothing', async () => {
  const { b, cleaner: c, open } = cleaner()
  const log = open('a', { fileDeleteDelayMs: 0 })
  await fill(b, log, 300)
  b.env.disk.options.readMs = { low: 1, high: 40 }
  const reads = Array.from({ length: 30 }, async (_, i) => {
    const offset = i * 10
    for (let n = 0; n < 20; n++) {
      const parts = await log.read({ offset, maxBytes: 400, minOneBatch: true })
      const first = parts[0]!.readBigInt64BE(0)
      // Whatever there was, there is a batch, at or after what was asked for or with it inside.
      expect(Number(first)).toBeGreaterThanOrEqual(Math.min(offset, log.segments.first.baseOffset))
    }
  })
  c.start()
  await b.wait(Promise.all(reads))
  await b.time.runFor(5000)
  await b.wait(c.stop())
  expect(log.sizeInBytes).toBeLessThan(10_000)
})

test('who reads on from where only empty batches are gets records with them', async () => {
  const { b, cleaner: c, open } = cleaner()
  const log = open('a')
  for (let i = 0; i < 100; i++) produce(log, batch(i < 2 ? i : 2, 1, { padding: 100 }))
  await fill(b, log, 3)
  c.start()
  await b.time.runFor(1000)
  await b.wait(c.stop())
  const [first] = log.segments.all
  const parts = await b.wait(Promise.resolve(log.read({ offset: 2, maxBytes: 10_000, minOneBatch: true })))
  const found = parts.flatMap((part) => [...batches(part)])
  expect(found[0]!.recordCount).toBe(0)
  expect(found[0]!.baseOffset).toBeGreaterThanOrEqual(first!.baseOffset)
  expect(found.at(-1)!.recordCount).toBe(1)
  // As much as was asked for, no more.
  const little = await b.wait(Promise.resolve(log.read({ offset: 2, maxBytes: 61, minOneBatch: true })))
  expect(little.flatMap((part) => [...batches(part)])).toHaveLength(1)
})
