/**
 * Crashes from seeds, on the simulated disk: unsynced writes are lost, kept or torn one by one, names as well. The judge
 * knows what was appended and what was called durable; how the log manages is none of its business.
 */
import { describe, expect, test } from 'vitest'
import { SimRandom } from '../env/sim_random.ts'
import { readOffsetCheckpoint } from './checkpoint.ts'
import { REPLICATION_CHECKPOINT } from './file_names.ts'
import type { Log } from './log.ts'
import { LogManager } from './log_manager.ts'
import { type Bench, batch, bench, config, contents, expected, logDirConfig, NODE, produce } from './testing.ts'

const NOW = 1_735_689_600_000

/** Every file of the data folder with its bytes. */
function snapshotOf(b: Bench, folder = '/data'): Map<string, string> {
  const files = new Map<string, string>()
  for (const { name, directory } of b.env.disk.list(folder)) {
    const path = `${folder}/${name}`
    if (directory) for (const [p, bytes] of snapshotOf(b, path)) files.set(p, bytes)
    else files.set(path, b.env.disk.readFile(path)!.toString('latin1'))
  }
  return files
}

interface History {
  /** Values by offset: what was appended last there. */
  values: string[]
  /** The timestamp of each, in no order. */
  times: number[]
  /** Exclusive: up to here a sync has ended. */
  durable: number
  start: number
  /** The next sequence of the idempotent producer. */
  sequence: number
  /** Where the batch with a sequence was appended. */
  bySequence: { sequence: number; offset: number; n: number }[]
}

async function life(seed: number, broken: (log: Log) => void = () => {}): Promise<{ stops: number; cut: number }> {
  const random = new SimRandom(`log ${seed}`)
  const b = bench({
    seed,
    config: { segmentBytes: random.pick([1_500, 4_000, 20_000]), indexIntervalBytes: random.pick([0, 300, 4096]) },
    manager: { tailCacheBytes: random.pick([0, 3_000, 1e6]) },
  })
  const h: History = { values: [], times: [], durable: 0, start: 0, sequence: 0, bySequence: [] }
  let manager = b.open()
  let log = b.log(manager)
  broken(log)
  let stops = 0
  let cut = 0

  const append = () => {
    const n = 1 + random.int(4)
    const from = log.logEndOffset
    const idempotent = random.next() < 0.5
    const producer = idempotent ? { producerId: 3, producerEpoch: 0, baseSequence: h.sequence } : {}
    const codec = random.pick(['none', 'none', 'gzip'] as const)
    const timestamp = NOW + from * 10 - random.int(50)
    produce(log, batch(from, n, { padding: random.int(200), codec, timestamp, ...producer }), { leaderEpoch: stops })
    for (let i = 0; i < n; i++) {
      h.values[from + i] = `v${from + i}`
      h.times[from + i] = timestamp
    }
    h.values.length = from + n
    if (idempotent) {
      h.bySequence.push({ sequence: h.sequence, offset: from, n })
      h.sequence += n
    }
  }
  const startSync = () => {
    const to = log.logEndOffset
    const of = stops
    log.sync().then(
      () => {
        if (of === stops) h.durable = Math.max(h.durable, to)
      },
      () => {},
    )
  }
  const check = async () => {
    const end = log.logEndOffset
    expect(end, 'durable records are there').toBeGreaterThanOrEqual(h.durable)
    expect(end, 'nothing is there that was never appended').toBeLessThanOrEqual(Math.max(h.values.length, h.start))
    expect(log.logStartOffset, 'deleted records stay deleted').toBeGreaterThanOrEqual(h.start)
    const all = h.values.slice(log.logStartOffset, end).map((v, i) => `${log.logStartOffset + i}=${v}`)
    expect(await contents(b, log)).toEqual(all)
    for (let i = 0; i < 5; i++) {
      const from = log.logStartOffset + random.int(end - log.logStartOffset + 1)
      expect(await contents(b, log, from)).toEqual(all.slice(from - log.logStartOffset))
    }
    for (let i = 0; i < 5; i++) {
      const t = NOW + random.int(end * 10 + 20) - 10
      const offset = h.times.findIndex((x, k) => k >= log.logStartOffset && k < end && x >= t)
      const found = await b.wait(log.reader.offsetForTimestamp(t))
      expect(found).toEqual(offset < 0 ? undefined : { offset, timestamp: h.times[offset] })
    }
    // What the producer sent and the log still has is known to it as sent; what was lost is what it must send next.
    h.values.length = end
    h.bySequence = h.bySequence.filter((s) => s.offset < end)
    const last = h.bySequence.at(-1)
    h.sequence = last ? last.sequence + last.n : h.sequence
    if (last && last.offset >= log.logStartOffset) {
      const again = batch(last.offset, last.n, { producerId: 3, producerEpoch: 0, baseSequence: last.sequence })
      expect(produce(log, again)).toMatchObject({ baseOffset: last.offset, duplicate: true })
    }
  }

  for (let round = 0; round < 8; round++) {
    const steps = random.int(40)
    for (let i = 0; i < steps && !log.isOffline; i++) {
      const x = random.next()
      if (x < 0.6) append()
      else if (x < 0.8) startSync()
      else if (x < 0.9) await b.time.runFor(random.int(5))
      else if (x < 0.93) manager.checkpoint()
      else if (x < 0.95) await b.time.runFor(70_000)
      else if (x < 0.97 && h.durable > h.start) {
        const to = h.start + random.int(h.durable - h.start + 1)
        log.deleteRecordsBefore(to)
        h.start = Math.max(h.start, to)
      } else if (x < 0.98) log.rollNow()
    }
    const stop = random.pick(['crash', 'crash', 'crash', 'kill', 'close', 'within'] as const)
    stops++
    if (stop === 'close') {
      await b.wait(manager.close({ brokerEpoch: 17 }))
      h.durable = h.values.length
      if (random.next() < 0.5) b.crash()
    } else if (stop === 'within') {
      // The power goes in the middle of what a turn writes.
      let calls = 1 + random.int(6)
      b.machine.onDiskCall = () => {
        if (--calls === 0) b.crash()
      }
      try {
        for (let i = 0; i < 5 && calls > 0; i++) {
          append()
          if (random.next() < 0.3) log.rollNow()
        }
      } finally {
        b.machine.onDiskCall = () => {}
        if (calls > 0) b.crash()
      }
    } else b[stop]()
    // A second recovery, without anything written in between, changes nothing.
    manager = b.open()
    log = b.log(manager)
    cut += log.cutBytes
    const first = { end: log.logEndOffset, start: log.logStartOffset, files: logs(snapshotOf(b)) }
    manager.abandon()
    b.kill()
    manager = b.open()
    log = b.log(manager)
    expect({ end: log.logEndOffset, start: log.logStartOffset, files: logs(snapshotOf(b)) }).toEqual(first)
    expect(log.cutBytes).toBe(0)
    broken(log)
    await check()
  }
  return { stops, cut }
}

const logs = (files: Map<string, string>) => [...files].filter(([name]) => name.endsWith('.log')).sort()

describe('crashes', () => {
  test('whatever a crash leaves, what was synced is there, nothing else appears, and a second recovery changes nothing', async () => {
    let stops = 0
    let cut = 0
    for (let seed = 1; seed <= 150; seed++) {
      try {
        const run = await life(seed)
        stops += run.stops
        cut += run.cut
      } catch (e) {
        throw new Error(`seed ${seed}`, { cause: e })
      }
    }
    expect(stops).toBe(1200)
    expect(cut).toBeGreaterThan(10_000)
  })

  test('the judge convicts a log that calls records durable without syncing them', async () => {
    const lying = (log: Log) => {
      log.sync = () => Promise.resolve()
    }
    let convicted = 0
    for (let seed = 1; seed <= 20; seed++) await life(seed, lying).catch(() => convicted++)
    expect(convicted).toBeGreaterThan(15)
  })
})

describe('repairing', () => {
  const prepare = async (stop: 'close' | 'kill') => {
    const b = bench({ config: { segmentBytes: 2000, indexIntervalBytes: 200 }, manager: { tailCacheBytes: 0 } })
    const manager = b.open()
    const log = b.log(manager)
    for (let i = 0; i < 60; i++) {
      produce(log, batch(i, 1, { padding: 50, producerId: 4, producerEpoch: 0, baseSequence: i, timestamp: NOW + i }))
    }
    await b.wait(log.sync())
    if (stop === 'close') await b.wait(manager.close())
    b.kill()
    return { b, dir: log.dir }
  }
  const check = async (b: Bench) => {
    const log = b.log(b.open())
    expect(await contents(b, log)).toEqual(expected(0, 60))
    expect(await contents(b, log, 33)).toEqual(expected(33, 60))
    expect(await b.wait(log.reader.offsetForTimestamp(NOW + 44))).toEqual({ offset: 44, timestamp: NOW + 44 })
    expect(await b.wait(log.reader.maxTimestamp())).toEqual({ offset: 59, timestamp: NOW + 59 })
    const again = batch(59, 1, { producerId: 4, producerEpoch: 0, baseSequence: 59 })
    expect(produce(log, again)).toMatchObject({ baseOffset: 59, duplicate: true })
    expect(log.endOffsetForEpoch(0)).toEqual({ epoch: 0, endOffset: 60 })
  }

  for (const stop of ['close', 'kill'] as const) {
    for (const kind of ['.index', '.timeindex', '.snapshot', 'leader-epoch-checkpoint', 'partition.metadata']) {
      for (const damage of ['removed', 'cut', 'overwritten'] as const) {
        test(`after a ${stop}, ${kind} files ${damage} are made anew`, async () => {
          const { b, dir } = await prepare(stop)
          const { disk } = b.env
          for (const { name } of disk.list(dir)) {
            if (!name.endsWith(kind)) continue
            const path = `${dir}/${name}`
            const bytes = disk.readFile(path)!
            if (damage === 'removed') disk.remove(path)
            else if (damage === 'cut') disk.replaceFile(path, bytes.subarray(0, bytes.length - 3))
            else disk.replaceFile(path, Buffer.alloc(bytes.length, 0xee))
          }
          await check(b)
        })
      }
    }

    test(`after a ${stop}, damaged checkpoints of the log dir change nothing`, async () => {
      for (const damage of ['removed', 'noise'] as const) {
        const { b } = await prepare(stop)
        for (const name of ['recovery-point', 'log-start', 'replication'].map((n) => `/data/${n}-offset-checkpoint`)) {
          if (damage === 'removed') b.env.disk.remove(name)
          else b.env.disk.replaceFile(name, Buffer.from('0\n3\nhello'))
        }
        await check(b)
      }
    })
  }

  test('a torn tail of any length is cut to the last whole batch', async () => {
    const { b, dir } = await prepare('kill')
    const path = `${dir}/${b.env.disk
      .list(dir)
      .map((f) => f.name)
      .filter((n) => n.endsWith('.log'))
      .sort()
      .at(-1)}`
    const whole = b.env.disk.readFile(path)!
    const size = whole.readInt32BE(8) + 12
    for (let cut = 1; cut < whole.length; cut += 13) {
      b.env.disk.replaceFile(path, whole.subarray(0, whole.length - cut))
      b.kill()
      const manager = b.open()
      const log = b.log(manager)
      const left = Math.floor((whole.length - cut) / size) * size
      expect(b.env.disk.readFile(path)!.length).toBe(left)
      expect(await contents(b, log)).toEqual(expected(0, log.logEndOffset))
      manager.abandon()
    }
  })

  test('after an unclean stop a flipped bit cuts the log, and is never served', async () => {
    const { b, dir } = await prepare('kill')
    const path = `${dir}/${b.env.disk
      .list(dir)
      .map((f) => f.name)
      .filter((n) => n.endsWith('.log'))
      .sort()
      .at(-1)}`
    const whole = b.env.disk.readFile(path)!
    const size = whole.readInt32BE(8) + 12
    for (let i = 0; i < whole.length; i += 11) {
      // Base offset and leader epoch are outside the checksum.
      if (i % size < 8 || (i % size >= 12 && i % size < 16)) continue
      const bad = Buffer.from(whole)
      bad[i]! ^= 0x10
      b.env.disk.replaceFile(path, bad)
      b.kill()
      const manager = b.open()
      const log = b.log(manager)
      expect(b.env.disk.readFile(path)!.length).toBe(Math.floor(i / size) * size)
      expect(await contents(b, log)).toEqual(expected(0, log.logEndOffset))
      manager.abandon()
    }
  })
})

describe('the log dir', () => {
  test('it is locked, and belongs to one cluster and one node', () => {
    const b = bench()
    const manager = b.open()
    expect(() => b.open()).toThrow('/data is in use by another process; stop it or use another folder.')
    manager.abandon()
    const other = (o: object) => () => LogManager.open({ ...base(b), ...o })
    expect(other({ nodeId: 2 })).toThrow('/data belongs to node 1, not 2; set node.id=1 or use another folder.')
    expect(other({ clusterId: 'C'.repeat(22) })).toThrow(/belongs to the cluster A+, not C+;/)
    expect(b.env.disk.readFile('/data/meta.properties')!.toString()).toMatch(
      /^version=1\ncluster\.id=A{22}\nnode\.id=1\ndirectory\.id=[\w-]{22}\n$/,
    )
    const again = LogManager.open({ ...base(b), clusterId: undefined })
    expect(again.clusterId).toBe('A'.repeat(22))
  })

  const base = (b: Bench) => ({ env: b.env, dir: '/data', ...NODE, config: logDirConfig })

  test('a clean stop leaves a marker with the broker epoch, and the next start uses it up', async () => {
    const b = bench()
    const manager = b.open()
    produce(b.log(manager), batch(0))
    await b.wait(manager.close({ brokerEpoch: 42 }))
    const next = b.open()
    expect([next.clean, next.previousBrokerEpoch]).toEqual([true, 42])
    b.crash()
    const third = b.open()
    expect([third.clean, third.previousBrokerEpoch]).toEqual([false, -1])
    expect(b.log(third).logEndOffset).toBe(1)
  })

  test('a high watermark that moves is written down every replica.high.watermark.checkpoint.interval.ms, a lone log is left alone', async () => {
    const b = bench()
    const manager = b.open()
    const [log, alone] = [b.log(manager), b.log(manager, 'alone')]
    for (const one of [log, alone]) produce(one, batch(0, 3))
    manager.startTasks()
    const noted = () => readOffsetCheckpoint(b.env.disk, `/data/${REPLICATION_CHECKPOINT}`)
    await b.time.runFor(5_500)
    expect(noted()).toEqual(new Map())
    log.highWatermark = 2
    await b.time.runFor(5_000)
    expect(noted().get('t-0')).toBe(2)
  })

  test('a stop for which there is no room is no clean one, and nothing else', async () => {
    const b = bench()
    const manager = b.open()
    produce(b.log(manager), batch(0))
    b.machine.changeDisk({ faults: ({ kind }) => (kind === 'write' ? 'ENOSPC' : undefined) })
    await b.wait(manager.close())
    b.machine.changeDisk({})
    const again = b.open()
    expect([again.clean, b.log(again).logEndOffset]).toEqual([false, 1])
  })

  test('after a clean stop nothing is scanned', async () => {
    const b = bench()
    const manager = b.open()
    const log = b.log(manager)
    for (let i = 0; i < 200; i++) produce(log, batch(i, 1, { padding: 10_000 }))
    await b.wait(manager.close())
    let bytes = 0
    const next = b.open()
    b.machine.onDiskCall = (kind) => void (kind === 'read' && bytes++)
    expect(b.log(next).logEndOffset).toBe(200)
    expect(bytes).toBeLessThan(15)
  })

  test('a deleted partition is gone at once, after a crash too, its files after file.delete.delay.ms, and it can be made again', async () => {
    const b = bench()
    const manager = b.open()
    const log = b.log(manager)
    produce(log, batch(0))
    await b.wait(log.sync())
    manager.delete('t', 0)
    expect(log.isOffline).toBe(true)
    const again = b.log(manager)
    expect(again.logEndOffset).toBe(0)
    expect(b.env.disk.list('/data').filter((f) => f.name.endsWith('-delete'))).toHaveLength(1)
    await b.time.runFor(61_000)
    expect(
      b.env.disk
        .list('/data')
        .filter((f) => f.directory)
        .map((f) => f.name),
    ).toEqual(['t-0'])
    manager.delete('t', 0)
    // When the turn is over, with the names of all that it deletes.
    await b.time.runFor(0)
    b.crash()
    const next = b.open()
    expect(next.found()).toEqual([])
    next.startTasks()
    await b.time.runFor(10)
    expect(b.env.disk.list('/data').filter((f) => f.directory)).toEqual([])
  })

  test('a clean stop leaves indexes beside a log that is still to be deleted: Kafka takes it for damaged without', async () => {
    const b = bench()
    const manager = b.open()
    produce(b.log(manager), batch(0))
    manager.delete('t', 0)
    await b.wait(manager.close())
    const folder = b.env.disk.list('/data').find((f) => f.name.endsWith('-delete'))!.name
    const names = b.env.disk.list(`/data/${folder}`).map((f) => f.name)
    const base = '0'.repeat(20)
    expect(names).toEqual(expect.arrayContaining([`${base}.index`, `${base}.log`, `${base}.timeindex`]))
  })

  test('a folder of a deleted topic of the same name is not taken over', async () => {
    const b = bench()
    const manager = b.open()
    produce(b.log(manager), batch(0))
    await b.wait(manager.close())
    const other = b.open().open('t', 0, { topicId: 'D'.repeat(22), config: config() })
    expect(other.logEndOffset).toBe(0)
  })

  test('retention runs by itself', async () => {
    const b = bench({ config: { segmentBytes: 500, retentionBytes: 1000 } })
    const manager = b.open()
    manager.startTasks()
    const log = b.log(manager)
    for (let i = 0; i < 30; i++) produce(log, batch(i, 1, { padding: 100 }))
    await b.time.runFor(301_000)
    expect(log.sizeInBytes).toBeLessThan(1600)
    expect(log.logStartOffset).toBeGreaterThan(10)
  })

  test('many partitions share few open files', async () => {
    const b = bench({ manager: { maxOpenFiles: 10 } })
    const manager = b.open()
    const all = Array.from({ length: 40 }, (_, i) => b.log(manager, `topic${i}`))
    for (let round = 0; round < 3; round++) {
      for (const log of all) produce(log, batch(round))
      await b.wait(Promise.all(all.map((log) => log.sync())))
    }
    b.crash()
    const next = b.open()
    for (let i = 0; i < 40; i++) expect(await contents(b, b.log(next, `topic${i}`))).toEqual(expected(0, 3))
  })
})
