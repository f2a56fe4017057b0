/** A process or a machine that dies at any call to the disk while segments are replaced, or while a start settles what was left. */
import { expect, test } from 'vitest'
import { buildBatch } from '../../records/build_batch.ts'
import type { Log } from '../log.ts'
import { type Bench, bench, produce } from '../testing.ts'
import { compactOnce, type Held, recordsOf } from './testing.ts'

const NOW = 1_735_689_600_000
const KEYS = 6

/** Ten segments, of which nine may be compacted, into several. */
async function filled(seed: number, checkpoint: boolean) {
  const b = bench({
    seed: `swap ${seed}`,
    config: {
      cleanupPolicy: ['compact'],
      segmentBytes: 1500,
      indexIntervalBytes: 100,
      minCleanableDirtyRatio: 0,
      fileDeleteDelayMs: 1,
    },
    manager: { tailCacheBytes: 0 },
  })
  const manager = b.open()
  const log = b.log(manager)
  for (let i = 0; log.segments.count < 10; i++) {
    const records = Array.from({ length: 3 }, (_, k) => {
      const n = i * 3 + k
      // Every fifth key comes once.
      const key = Buffer.from(n % 5 === 0 ? `once${n}` : `k${n % KEYS}`)
      return { key, value: Buffer.from(`v${n}${'.'.repeat(60)}`) }
    })
    const batch = buildBatch(records, { timestamp: NOW, producerId: 9, producerEpoch: 0, baseSequence: i * 3 })
    produce(log, batch, { nowMs: NOW })
  }
  await b.wait(log.sync())
  await b.wait(log.sync())
  if (checkpoint) manager.checkpoint()
  return { b, log, manager, before: await recordsOf(b, log) }
}

async function check(b: Bench, log: Log, before: readonly Held[]): Promise<void> {
  const held = await recordsOf(b, log)
  const values = new Map(before.map((r) => [r.offset, r.value]))
  for (const r of held) expect(r.value).toBe(values.get(r.offset))
  const offsets = held.map((r) => r.offset)
  expect(offsets).toEqual([...new Set(offsets)].sort((x, y) => x - y))
  const last = new Map(before.map((r) => [r.key, r.offset]))
  for (const [key, offset] of last) expect(offsets, `the last of ${key}`).toContain(offset)
  expect(log.logEndOffset).toBe(before.length)
  expect(log.activeProducers.get(9)?.batches.at(-1)?.lastSequence).toBe(before.length - 1)
  for (const offset of [0, 7, before.length >> 1, before.length - 2]) {
    expect(await recordsOf(b, log, offset)).toEqual(held.filter((r) => r.offset >= offset))
  }
}

/** Runs `work` until it is done or the `n`th call to the disk, before which `end` comes. True if it came to that. */
async function dyingAt(b: Bench, n: number, end: 'crash' | 'kill', work: () => Promise<unknown>): Promise<boolean> {
  let calls = 0
  let died = false
  b.machine.onDiskCall = () => {
    if (died || calls++ < n) return
    died = true
    b[end]()
  }
  let done = false
  const over = () => {
    done = true
  }
  // It runs on to the end of its turn, on a disk that is nobody's.
  work().then(over, over)
  await b.time.runUntil(() => died || done)
  if (!died) await b.time.runFor(10)
  b.machine.onDiskCall = () => {}
  return died
}

const leftovers = (b: Bench): string[] =>
  b.env.disk
    .list('/data/t-0')
    .map((f) => f.name)
    .filter((name) => /\.(cleaned|swap|deleted)$/.test(name))

test.each(['crash', 'kill'] as const)('after a %s at any call of a compaction nothing is missing', async (end) => {
  let deaths = 0
  let renamed = 0
  for (let n = 0; ; n++) {
    const { b, log, before } = await filled(n, n % 2 === 0)
    if (!(await dyingAt(b, n, end, () => compactOnce(b, log, { nowMs: NOW })))) break
    deaths++
    if (leftovers(b).some((name) => name.endsWith('.swap'))) renamed++
    // Half of the starts die as well.
    if (n % 4 < 2) await dyingAt(b, (n * 7) % 23, end, async () => void b.log(b.open()))
    const again = b.log(b.open())
    expect(leftovers(b)).toEqual([])
    await check(b, again, before)
    // It goes on from there.
    await b.wait(again.sync())
    while (await compactOnce(b, again, { nowMs: NOW })) await check(b, again, before)
  }
  expect(deaths).toBeGreaterThan(60)
  expect(renamed).toBeGreaterThan(5)
})

test('what an interrupted swap has left is settled as Kafka does', async () => {
  const { b, log, manager } = await filled(0, true)
  await compactOnce(b, log, { nowMs: NOW })
  const bases = log.segmentOffsets
  const after = await recordsOf(b, log)
  await b.wait(manager.close())
  const { disk } = b.env
  const name = (base: number, suffix: string) => `/data/t-0/${String(base).padStart(20, '0')}${suffix}`
  // As if the names had not been given back, with an old segment that was not renamed yet in the middle of the new one.
  for (const kind of ['.log', '.index', '.timeindex'])
    disk.rename(name(bases[0]!, kind), name(bases[0]!, `${kind}.swap`))
  disk.open(name(bases[1]! - 2, '.log'), 'write').write([Buffer.from('an old one')], 0)
  // And one that was not finished: its `.swap` is of no use.
  disk.open(name(bases[2]!, '.index.cleaned'), 'write').close()
  disk.open(name(bases[2]!, '.log.swap'), 'write').close()
  b.kill()
  const again = b.log(b.open())
  expect(leftovers(b)).toEqual([])
  expect(again.segmentOffsets).toEqual(bases)
  expect(await recordsOf(b, again)).toEqual(after)
})
