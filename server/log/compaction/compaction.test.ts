/**
 * Compaction of random histories against a model that keeps every record that was ever appended: what must survive, what must
 * be gone, and what must be as it was.
 */
import { describe, expect, test } from 'vitest'
import { SimRandom } from '../../env/sim_random.ts'
import { buildBatch } from '../../records/build_batch.ts'
import type { Log } from '../log.ts'
import { type Bench, bench, produce } from '../testing.ts'
import { cleanableOf } from './cleanable.ts'
import { batchesOf, compactOnce, type Held, recordsOf } from './testing.ts'

const NOW = 1_735_689_600_000
const DAY = 86_400_000

interface Producer {
  readonly producerId: number
  sequence: number
}

/** One log, all that was appended to it, and what it holds now. */
class Trial {
  readonly random: SimRandom
  readonly b: Bench
  readonly appended = new Map<number, Held>()
  private readonly producers: Producer[]
  private readonly keys: string[]
  now = NOW
  log: Log
  manager

  constructor(seed: number | string) {
    this.random = new SimRandom(`compaction ${seed}`)
    const { random } = this
    this.b = bench({
      seed,
      config: {
        cleanupPolicy: random.pick([['compact'], ['compact'], ['compact', 'delete']]),
        segmentBytes: random.pick([2_500, 4_000, 10_000]),
        indexIntervalBytes: random.pick([0, 300, 4096]),
        minCleanableDirtyRatio: 0,
        deleteRetentionMs: DAY,
        retentionMs: -1,
      },
      manager: { tailCacheBytes: random.pick([0, 0, 3_000]) },
    })
    this.producers = [7, 8].map((producerId) => ({ producerId, sequence: 0 }))
    const longKeys = random.chance(0.3)
    this.keys = Array.from({ length: random.pick([1, 5, 40]) }, (_, i) => `key${i}${longKeys ? '.'.repeat(60) : ''}`)
    this.manager = this.b.open()
    this.log = this.b.log(this.manager)
  }

  append(): void {
    const { random, log } = this
    const n = 1 + random.int(random.pick([1, 4, 12]))
    const base = log.logEndOffset
    const records = Array.from({ length: n }, (_, i) => ({
      key: Buffer.from(random.pick(this.keys)),
      value: random.chance(0.25) ? null : Buffer.from(`v${base + i}${'.'.repeat(random.int(60))}`),
      timestamp: this.now + random.int(1000) - 500,
      headers: random.chance(0.2) ? [{ key: 'h', value: Buffer.from('x') }] : [],
    }))
    const producer = random.chance(0.5) ? random.pick(this.producers) : undefined
    const idempotent = producer && {
      producerId: producer.producerId,
      producerEpoch: 0,
      baseSequence: producer.sequence,
    }
    if (producer) producer.sequence += n
    const codec = random.pick(['none', 'none', 'gzip', 'lz4', 'snappy'] as const)
    produce(log, buildBatch(records, { timestamp: this.now, codec, ...idempotent }), { nowMs: this.now })
    for (const [i, r] of records.entries()) {
      const value = r.value?.toString() ?? null
      this.appended.set(base + i, { ...r, offset: base + i, key: r.key.toString(), value })
    }
    this.now += 10
  }

  async compact(): Promise<number | undefined> {
    const { random } = this
    const before = await batchesOf(this.b, this.log, this.log.logStartOffset)
    const target = cleanableOf(this.log, this.now)
    const done = await compactOnce(this.b, this.log, {
      nowMs: this.now,
      mapBytes: random.pick([1, 2 ** 24]),
      ioBytes: random.pick([100, 1000, 65_536]),
    })
    if (!done) return undefined
    expect(done.endOffset).toBeGreaterThan(target!.firstDirtyOffset)
    expect(done.endOffset).toBeLessThanOrEqual(target!.firstUncleanableOffset)
    const after = await batchesOf(this.b, this.log, this.log.logStartOffset)
    const beyond = (all: typeof before) =>
      all.filter((x) => x.baseOffset >= done.endOffset).map((x) => x.bytes().toString('latin1'))
    expect(beyond(after)).toEqual(beyond(before))
    // Timestamps that are told from a delete horizon take more bytes than those of the batch's first record.
    for (const s of this.log.segments.all) expect(s.size).toBeLessThan(this.log.config.segmentBytes * 1.5)
    return done.endOffset
  }

  /** `end`: up to there (exclusive) it is compacted; tombstones may be gone if they are older than `gone`. */
  async check(end: number, tombstonesGoneBelow = 0): Promise<void> {
    const held = await recordsOf(this.b, this.log)
    const last = new Map<string, number>()
    for (const r of this.appended.values()) if (r.offset < end) last.set(r.key!, r.offset)
    const offsets = new Set<number>()
    for (const r of held) {
      expect(offsets.has(r.offset)).toBe(false)
      offsets.add(r.offset)
      expect(r).toEqual(this.appended.get(r.offset))
      if (r.offset < end) expect(last.get(r.key!)).toBe(r.offset)
    }
    for (const r of this.appended.values()) {
      if (r.offset >= end) expect(offsets.has(r.offset)).toBe(true)
      else if (last.get(r.key!) !== r.offset) continue
      else if (r.value !== null || r.offset >= tombstonesGoneBelow) expect(offsets.has(r.offset)).toBe(true)
    }
    for (let i = 0; i < 5 && this.log.logEndOffset > 0; i++) {
      const from = this.random.int(this.log.logEndOffset)
      const seen = await recordsOf(this.b, this.log, from, this.random.pick([1, 300, 1e6]))
      expect(seen).toEqual(held.filter((r) => r.offset >= from))
    }
  }

  /** A repetition of each producer's last batch is known, its next one is taken. */
  checkProducers(): void {
    for (const p of this.producers) {
      const known = this.log.activeProducers.get(p.producerId)
      if (p.sequence > 0) expect(known?.batches.at(-1)?.lastSequence).toBe(p.sequence - 1)
    }
  }

  restart(how: 'crash' | 'kill'): void {
    this.b[how]()
    this.manager = this.b.open()
    const { cleanedTo } = this.log
    this.log = this.b.log(this.manager)
    this.log.cleanedTo = Math.min(cleanedTo, this.log.logEndOffset)
  }
}

describe('compaction of random histories', () => {
  test.each(Array.from({ length: 60 }, (_, i) => i))('keeps the last value of every key, seed %i', async (seed) => {
    const t = new Trial(seed)
    let end = 0
    for (let round = 0; round < 4; round++) {
      for (let i = t.random.int(60); i > 0; i--) t.append()
      await t.b.wait(t.log.sync())
      await t.b.wait(t.log.sync())
      end = (await t.compact()) ?? end
      await t.check(end)
      if (t.random.chance(0.5)) {
        await t.b.wait(t.log.sync())
        t.restart(t.random.pick(['crash', 'kill']))
        await t.check(end)
      }
      t.checkProducers()
    }
  })

  test.each([1, 2, 3, 4, 5, 6])('takes tombstones away after their time, seed %i', async (seed) => {
    const t = new Trial(`tombstones ${seed}`)
    const fill = async () => {
      for (let i = 30 + t.random.int(30); i > 0; i--) t.append()
      await t.b.wait(t.log.sync())
      await t.b.wait(t.log.sync())
    }
    await fill()
    let end = 0
    for (let next = await t.compact(); next !== undefined; next = await t.compact()) end = next
    await t.check(end)
    const first = end
    t.now += DAY - 1000
    await fill()
    for (let next = await t.compact(); next !== undefined; next = await t.compact()) end = next
    // Those of the first round are a moment short of their day.
    await t.check(end)
    t.now += 2000
    await fill()
    for (let next = await t.compact(); next !== undefined; next = await t.compact()) end = next
    await t.check(end, first)
    const held = await recordsOf(t.b, t.log)
    expect(held.filter((r) => r.value === null && r.offset < first)).toEqual([])
    t.checkProducers()
  })
})
