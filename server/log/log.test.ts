import { describe, expect, test } from 'vitest'
import { everyNth } from '../env/sim_disk.ts'
import { SimRandom } from '../env/sim_random.ts'
import { KafkaError } from '../protocol/errors.ts'
import { batches, RecordBatch } from '../records/batch.ts'
import { buildBatch } from '../records/build_batch.ts'
import { encodeMessage } from '../records/message_set.ts'
import type { AppendResult } from './append_item.ts'
import type { Log } from './log.ts'
import { decodeProducerSnapshot } from './producer_snapshot.ts'
import { type Bench, batch, bench, contents, expected, produce } from './testing.ts'

const NOW = 1_735_689_600_000

/** The name of the error that `fn` answers with. */
function answer(fn: () => unknown): string {
  try {
    fn()
    return 'accepted'
  } catch (e) {
    if (!(e instanceof KafkaError)) throw e
    return e.error
  }
}

function outcome<T>(result: AppendResult | Error, of: (result: AppendResult) => T): T | string {
  if (!(result instanceof Error)) return of(result)
  return result instanceof KafkaError ? result.error : result.name
}

describe('appending', () => {
  test('offsets and leader epoch are written into the batches, the rest stays as it came', () => {
    const b = bench()
    const log = b.log(b.open())
    const sent = batch(0, 3)
    const copy = Buffer.from(sent)
    expect(produce(log, batch(7, 2), { leaderEpoch: 4 })).toEqual({
      baseOffset: 0,
      lastOffset: 1,
      logAppendTimeMs: -1,
      logStartOffset: 0,
      duplicate: false,
    })
    expect(produce(log, sent, { leaderEpoch: 5 })).toMatchObject({ baseOffset: 2, lastOffset: 4 })
    const [read] = log.read({ offset: 0, maxBytes: 1e6 }) as Buffer[]
    const [, second] = batches(read!)
    expect(second!).toMatchObject({ baseOffset: 2, partitionLeaderEpoch: 5, isValid: true })
    expect(second!.bytes().subarray(16)).toEqual(copy.subarray(16))
  })

  test('items of one turn succeed or fail alone, and what succeeds is one write', () => {
    const b = bench()
    const log = b.log(b.open())
    produce(log, batch(0))
    const writes: string[] = []
    b.machine.onDiskCall = (kind) => kind === 'write' && writes.push(kind)
    const corrupt = batch(5)
    corrupt[corrupt.length - 1]! ^= 1
    const results = log.append(
      [batch(1), corrupt, null, batch(2, 2)].map((records) => ({ records, produceVersion: 9 })),
      { leaderEpoch: 0, nowMs: NOW },
    )
    expect(results.map((r) => outcome(r, ({ baseOffset }) => baseOffset))).toEqual([
      1,
      'CORRUPT_MESSAGE',
      'INVALID_RECORD',
      2,
    ])
    expect(writes).toEqual(['write'])
    expect(log.logEndOffset).toBe(4)
  })

  test('an item whose check ends in a bug of ours fails alone, and the log stays online', () => {
    const b = bench()
    const log = b.log(b.open())
    const good = log.config
    log.config = Object.create(good, {
      maxMessageBytes: {
        get() {
          throw new RangeError('Maximum call stack size exceeded')
        },
      },
    })
    const [result] = log.append([{ records: batch(0), produceVersion: 9 }], { leaderEpoch: 0, nowMs: NOW })
    expect(result).toBeInstanceOf(RangeError)
    log.config = good
    expect(produce(log, batch(0))).toMatchObject({ baseOffset: 0 })
  })

  test('a batch that no segment can hold is refused', () => {
    const b = bench({ config: { segmentBytes: 500 } })
    const log = b.log(b.open())
    expect(answer(() => produce(log, batch(0, 1, { padding: 600 })))).toBe('RECORD_LIST_TOO_LARGE')
    expect(log.logEndOffset).toBe(0)
  })

  test('segments roll by size, and reading goes across them', async () => {
    const b = bench({ config: { segmentBytes: 1000 } })
    const log = b.log(b.open())
    for (let i = 0; i < 40; i++) produce(log, batch(i, 1, { padding: 100 }))
    expect(log.segmentOffsets.length).toBeGreaterThan(5)
    expect(await contents(b, log)).toEqual(expected(0, 40))
  })

  test('segments roll by the time between their records', () => {
    const b = bench({ config: { segmentMs: 1000 } })
    const log = b.log(b.open())
    for (const ms of [0, 900, 1000, 1001, 1500]) produce(log, batch(0, 1, { timestamp: NOW + ms }))
    expect(log.segmentOffsets.length).toBe(2)
  })

  test('a segment rolls when its index is full', () => {
    const b = bench({ config: { segmentIndexBytes: 8 * 6, indexIntervalBytes: 0 } })
    const log = b.log(b.open())
    for (let i = 0; i < 20; i++) produce(log, batch(i))
    expect(log.segmentOffsets.length).toBe(3)
  })

  test('a failed write takes the log offline for good, and nothing more is acknowledged', async () => {
    for (const kind of ['write', 'open', 'sync'] as const) {
      const b = bench({ config: { segmentBytes: 1000 } })
      const manager = b.open()
      const log = b.log(manager)
      produce(log, batch(0))
      await b.wait(log.sync())
      b.env.disk.options.faults = everyNth(1, 'EIO', [kind])
      const acked: number[] = []
      for (let i = 1; i < 30; i++) {
        try {
          const { baseOffset } = produce(log, batch(i, 1, { padding: 100 }))
          await b.wait(log.sync())
          acked.push(baseOffset)
        } catch (e) {
          expect(e).toMatchObject({ error: 'KAFKA_STORAGE_ERROR' })
        }
      }
      expect(log.isOffline).toBe(true)
      b.env.disk.options.faults = () => undefined
      expect(answer(() => produce(log, batch(0)))).toBe('KAFKA_STORAGE_ERROR')
      expect(answer(() => log.read({ offset: 0, maxBytes: 1 }))).toBe('KAFKA_STORAGE_ERROR')
      await expect(b.wait(log.sync())).rejects.toMatchObject({ error: 'KAFKA_STORAGE_ERROR' })
      b.crash()
      const again = b.log(b.open())
      expect(again.logEndOffset).toBeGreaterThan(Math.max(0, ...acked))
      expect(await contents(b, again)).toEqual(expected(0, again.logEndOffset))
    }
  })
})

describe('a full disk', () => {
  test('refuses what does not fit and keeps the rest: reads go on, and appends when there is room again', async () => {
    for (const code of ['ENOSPC', 'EDQUOT', 'EMFILE']) {
      for (const kind of ['write', 'open'] as const) {
        const random = new SimRandom(7)
        const b = bench({ config: { segmentBytes: 1000, indexIntervalBytes: 100 } })
        const log = b.log(b.open())
        const sent: number[] = []
        const send = (i: number) => {
          const producer = { producerId: 5, producerEpoch: 0, baseSequence: sent.length }
          // Three of one turn: with a segment of their own, or two.
          const item = { records: batch(i, 1, { padding: 100, ...producer }), produceVersion: 9 }
          const [result] = log.append([item], { leaderEpoch: 0, nowMs: NOW })
          if (result instanceof Error) throw result
          sent.push(i)
        }
        for (let i = 0; i < 200; i++) {
          const broken = random.chance(0.4)
          b.env.disk.options.faults = everyNth(1, code, broken ? [kind] : [])
          if (!broken) send(i)
          else if (answer(() => send(i)) !== 'accepted') {
            await b.wait(Promise.resolve(log.read({ offset: 0, maxBytes: 1, minOneBatch: true }))).catch(() => {})
          }
          if (random.chance(0.1)) await b.time.runFor(10)
        }
        b.env.disk.options.faults = () => undefined
        expect(log.isOffline).toBe(false)
        expect(sent.length).toBeGreaterThan(50)
        expect(sent.length).toBeLessThan(200)
        const values = sent.map((i, offset) => `${offset}=v${i}`)
        expect(await contents(b, log)).toEqual(values)
        await b.wait(log.sync())
        b.crash()
        const again = b.log(b.open())
        expect([await contents(b, again), again.cutBytes]).toEqual([values, 0])
        await b.wait(again.close())
      }
    }
  })

  test('lets records be deleted, which makes room, and says so only when it is noted where the log starts', () => {
    const b = bench({ config: { segmentBytes: 500, fileDeleteDelayMs: 0 } })
    const log = b.log(b.open())
    for (let i = 0; i < 20; i++) produce(log, batch(i, 1, { padding: 100 }))
    b.env.disk.options.faults = everyNth(1, 'ENOSPC', ['write'])
    expect(answer(() => log.deleteRecordsBefore(11))).toBe('KAFKA_STORAGE_ERROR')
    expect([log.isOffline, log.segmentOffsets[0]]).toEqual([false, log.logStartOffset])
    expect(log.logStartOffset).toBe(10)
    b.env.disk.options.faults = () => undefined
    expect(answer(() => log.deleteRecordsBefore(11))).toBe('accepted')
    expect(log.logStartOffset).toBe(11)
    b.kill()
    expect(b.log(b.open()).logStartOffset).toBe(11)
  })

  test('lets go what is too old, all but the segment that no other can follow for want of room', () => {
    const b = bench({ config: { segmentBytes: 500, fileDeleteDelayMs: 0, retentionMs: 1000 } })
    const log = b.log(b.open())
    for (let i = 0; i < 20; i++) produce(log, batch(i, 1, { padding: 100 }))
    const segments = log.segmentOffsets
    const later = { nowMs: NOW + 5_000, highWatermark: 20 }
    b.env.disk.options.faults = everyNth(1, 'ENOSPC', ['write', 'create'])
    expect(log.deleteOldSegments(later)).toBe(segments.length - 1)
    expect([log.isOffline, log.segmentOffsets, log.logEndOffset]).toEqual([false, segments.slice(-1), 20])
    expect(log.deleteOldSegments(later)).toBe(0)
    b.env.disk.options.faults = () => undefined
    expect(log.deleteOldSegments(later)).toBe(1)
    expect([log.logStartOffset, log.logEndOffset]).toEqual([20, 20])
  })

  test('lets a log be cut, as one has to that no longer leads', async () => {
    for (const bytes of [1000, 100_000]) {
      const b = bench({ config: { segmentBytes: bytes, indexIntervalBytes: 50, fileDeleteDelayMs: 0 } })
      const log = b.log(b.open())
      for (let i = 0; i < 20; i++) produce(log, batch(i, 1, { padding: 100 }))
      b.env.disk.options.faults = everyNth(1, 'ENOSPC', ['write'])
      for (const end of [17, 9]) {
        log.truncateTo(end)
        expect([log.isOffline, await contents(b, log)]).toEqual([false, expected(0, end)])
      }
      b.env.disk.options.faults = () => undefined
      for (let i = 9; i < 15; i++) produce(log, batch(i, 1, { padding: 100 }))
      expect(await contents(b, log)).toEqual(expected(0, 15))
      await b.wait(log.sync())
      b.crash()
      expect(await contents(b, b.log(b.open()))).toEqual(expected(0, 15))
    }
  })

  test('lets a log begin anew, as a follower has to whose leader has deleted what comes next', async () => {
    for (const kinds of [['write'], ['write', 'create']] as const) {
      for (const start of [30, 20, 17, 5, 0]) {
        const b = bench({ config: { segmentBytes: 1000, indexIntervalBytes: 50, fileDeleteDelayMs: 0 } })
        const log = b.log(b.open())
        for (let i = 0; i < 20; i++) produce(log, batch(i, 1, { padding: 100 }))
        await b.wait(log.sync())
        b.env.disk.options.faults = everyNth(1, 'ENOSPC', kinds)
        log.truncateFullyAndStartAt(start)
        expect([log.isOffline, log.logStartOffset, log.logEndOffset, log.segmentOffsets]).toEqual([
          ...[false, start, start],
          [start],
        ])
        expect(answer(() => produce(log, batch(start)))).toBe('KAFKA_STORAGE_ERROR')
        b.env.disk.options.faults = () => undefined
        for (let i = start; i < start + 9; i++) produce(log, batch(i, 1, { padding: 100 }))
        await b.wait(log.sync())
        b.crash()
        expect(await contents(b, b.log(b.open()))).toEqual(expected(start, start + 9))
      }
    }
  })

  test('that fills up while a rolled segment waits for its index costs no log', async () => {
    const b = bench({ config: { segmentBytes: 500 } })
    const log = b.log(b.open())
    // One batch a segment: there is nothing to write into its offset index.
    for (let i = 0; i < 3; i++) produce(log, batch(i, 1, { padding: 400 }))
    b.env.disk.options.faults = everyNth(1, 'ENOSPC', ['create', 'write'])
    await b.wait(log.sync())
    await b.time.runFor(1000)
    expect([log.isOffline, log.recoveryPoint]).toEqual([false, 0])
    b.env.disk.options.faults = () => undefined
    await b.wait(log.sync())
    expect(log.recoveryPoint).toBe(3)
  })

  test('takes back a whole turn, across segments, when its end finds no room', () => {
    const b = bench({ config: { segmentBytes: 1000 } })
    const log = b.log(b.open())
    produce(log, batch(0, 1, { padding: 300 }))
    const items = () => [1, 2, 3, 4, 5].map((i) => ({ records: batch(i, 1, { padding: 300 }), produceVersion: 9 }))
    let writes = 0
    b.env.disk.options.faults = ({ kind, path }) =>
      kind === 'write' && path.endsWith('.log') && ++writes === 2 ? 'ENOSPC' : undefined
    expect(answer(() => log.append(items(), { leaderEpoch: 0, nowMs: NOW }))).toBe('KAFKA_STORAGE_ERROR')
    expect([log.logEndOffset, log.segmentOffsets]).toEqual([1, [0]])
    b.env.disk.options.faults = () => undefined
    expect(log.append(items(), { leaderEpoch: 0, nowMs: NOW }).map((r) => outcome(r, (x) => x.baseOffset))).toEqual([
      1, 2, 3, 4, 5,
    ])
    expect(log.segmentOffsets).toEqual([0, 2, 4])
  })

  test('a producer whose first batch it refused begins again, and not with what it had sent meanwhile', () => {
    const b = bench()
    const log = b.log(b.open())
    const send = (from: number) => () =>
      produce(log, batch(from, 2, { producerId: 5, producerEpoch: 0, baseSequence: from }))
    b.env.disk.options.faults = everyNth(1, 'ENOSPC', ['write'])
    expect(answer(send(0))).toBe('KAFKA_STORAGE_ERROR')
    b.env.disk.options.faults = () => undefined
    expect(answer(send(2))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
    expect([answer(send(0)), answer(send(2))]).toEqual(['accepted', 'accepted'])
    expect(log.logEndOffset).toBe(4)
  })
})

describe('noise', () => {
  test('whatever a producer sends, it is answered, the log stays online, and what it holds can be read', async () => {
    const random = new SimRandom('noise')
    const b = bench({ config: { segmentBytes: 20_000, maxMessageBytes: 10_000 } })
    const log = b.log(b.open())
    let accepted = 0
    for (let i = 0; i < 4000; i++) {
      const codec = random.pick(['none', 'none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)
      const ids =
        random.next() < 0.5 ? { producerId: random.int(3), producerEpoch: 0, baseSequence: random.int(5) } : {}
      let records = batch(i, 1 + random.int(5), { codec, padding: random.int(300), ...ids })
      const changes = random.int(4)
      for (let k = 0; k < changes; k++) records[random.int(records.length)]! ^= 1 << random.int(8)
      if (random.next() < 0.1) records = records.subarray(0, random.int(records.length))
      // Most changes would be found by the checksum alone.
      if (records.length > 61 && random.next() < 0.8) {
        records.writeInt32BE(records.length - 12, 8)
        records.writeUInt32BE(new RecordBatch(records).computeCrc(), 17)
      }
      const [result] = log.append([{ records, produceVersion: random.int(14) }], { leaderEpoch: 0, nowMs: NOW })
      if (!(result instanceof Error)) accepted++
    }
    expect(accepted).toBeGreaterThan(500)
    expect(log.isOffline).toBe(false)
    let offset = 0
    while (offset < log.logEndOffset) {
      const parts = await b.wait(Promise.resolve(log.read({ offset, maxBytes: 5000, minOneBatch: true })))
      for (const x of parts.flatMap((p) => [...batches(p)])) {
        expect([x.isValid, x.baseOffset]).toEqual([true, offset])
        offset = x.nextOffset
      }
    }
    for (const t of [0, NOW, NOW * 2]) await b.wait(log.reader.offsetForTimestamp(t))
    await b.wait(log.reader.maxTimestamp())
    await b.wait(log.sync())
    b.crash()
    expect(b.log(b.open()).logEndOffset).toBe(offset)
  })

  test('messages of the old formats are appended as batches', async () => {
    const b = bench()
    const log = b.log(b.open())
    const records = encodeMessage({ key: null, value: Buffer.from('v0'), timestamp: -1 }, 7, {
      magic: 0,
      codec: 'none',
    })
    log.append([{ records, produceVersion: 1 }], { leaderEpoch: 2, nowMs: NOW })
    expect(await contents(b, log)).toEqual(['0=v0'])
  })
})

describe('syncing', () => {
  test('callers of one moment share one sync, later ones share the next', async () => {
    const b = bench()
    const log = b.log(b.open())
    produce(log, batch(0))
    await b.wait(log.sync())
    let syncs = 0
    b.machine.onDiskCall = (kind) => void (kind === 'sync' && syncs++)
    produce(log, batch(1))
    const first = [log.sync(), log.sync(), log.sync()]
    produce(log, batch(2))
    const second = [log.sync(), log.sync()]
    await b.wait(Promise.all(first))
    expect([syncs, log.recoveryPoint]).toEqual([1, 2])
    await b.wait(Promise.all(second))
    expect([syncs, log.recoveryPoint]).toEqual([2, 3])
    await b.wait(log.sync())
    expect(syncs).toBe(2)
  })

  test('flush.messages and flush.ms sync without being asked', async () => {
    const byCount = bench({ config: { flushMessages: 3 } })
    const one = byCount.log(byCount.open())
    produce(one, batch(0, 2))
    expect(one.flushDue).toBe(false)
    await byCount.time.runFor(100)
    expect(one.recoveryPoint).toBe(0)
    produce(one, batch(2))
    expect(one.flushDue).toBe(true)
    await byCount.time.runFor(100)
    expect(one.recoveryPoint).toBe(3)

    const byTime = bench({ config: { flushMs: 1000 } })
    const two = byTime.log(byTime.open())
    produce(two, batch(0))
    await byTime.time.runFor(900)
    expect(two.recoveryPoint).toBe(0)
    await byTime.time.runFor(200)
    expect(two.recoveryPoint).toBe(1)
  })

  test('a segment that was rolled is synced in the background', async () => {
    const b = bench({ config: { segmentBytes: 500 } })
    const log = b.log(b.open())
    for (let i = 0; i < 10; i++) produce(log, batch(i, 1, { padding: 100 }))
    await b.time.runFor(100)
    expect(log.recoveryPoint).toBe(10)
  })
})

describe('reading', () => {
  const read = async (b: Bench, log: ReturnType<Bench['log']>, o: Parameters<typeof log.read>[0]) => {
    const parts = await b.wait(Promise.resolve(log.read(o)))
    return parts.flatMap((p) => [...batches(p)].map((x) => `${x.baseOffset}-${x.lastOffset}`))
  }

  for (const kind of ['hot', 'cold'] as const) {
    const prepare = () => {
      const b = bench({ manager: kind === 'cold' ? { tailCacheBytes: 0 } : {}, config: { indexIntervalBytes: 100 } })
      const log = b.log(b.open())
      for (let i = 0; i < 30; i += 3) produce(log, batch(i, 3))
      return { b, log, size: batch(20, 3).length }
    }

    test(`${kind}: an offset inside a batch gives the whole batch`, async () => {
      const { b, log } = prepare()
      expect((await read(b, log, { offset: 7, maxBytes: 1e6 }))[0]).toBe('6-8')
      expect((await read(b, log, { offset: 29, maxBytes: 1e6 }))[0]).toBe('27-29')
    })

    test(`${kind}: only whole batches come, and no more than asked for`, async () => {
      const { b, log, size } = prepare()
      expect(await read(b, log, { offset: 12, maxBytes: 2 * size })).toEqual(['12-14', '15-17'])
      expect(await read(b, log, { offset: 12, maxBytes: 3 * size - 1 })).toEqual(['12-14', '15-17'])
      expect(await read(b, log, { offset: 12, maxBytes: 10 })).toEqual([])
      expect(await read(b, log, { offset: 12, maxBytes: 0, minOneBatch: true })).toEqual(['12-14'])
    })

    test(`${kind}: nothing at or beyond the offset given as the end`, async () => {
      const { b, log } = prepare()
      expect(await read(b, log, { offset: 12, maxBytes: 1e6, maxOffset: 18 })).toEqual(['12-14', '15-17'])
      expect(await read(b, log, { offset: 12, maxBytes: 1e6, maxOffset: 12, minOneBatch: true })).toEqual([])
      expect(await read(b, log, { offset: 30, maxBytes: 1e6, minOneBatch: true })).toEqual([])
    })

    test(`${kind}: OFFSET_OUT_OF_RANGE outside the log`, () => {
      const { log } = prepare()
      log.deleteRecordsBefore(5)
      expect(answer(() => log.read({ offset: 4, maxBytes: 1e6 }))).toBe('OFFSET_OUT_OF_RANGE')
      expect(answer(() => log.read({ offset: 31, maxBytes: 1e6 }))).toBe('OFFSET_OUT_OF_RANGE')
      expect(answer(() => log.read({ offset: -1, maxBytes: 1e6 }))).toBe('OFFSET_OUT_OF_RANGE')
    })

    test(`${kind}: batches of every size come back, from every offset`, async () => {
      const b = bench({
        manager: kind === 'cold' ? { tailCacheBytes: 0 } : {},
        config: { segmentBytes: 2e6, maxMessageBytes: 2e6 },
      })
      const log = b.log(b.open())
      for (const padding of [0, 10, 5000, 300_000, 1, 4097, 700_000, 20_000, 0, 0]) {
        produce(log, batch(log.logEndOffset, 2, { padding }))
      }
      for (let offset = 0; offset < 20; offset++) {
        for (const maxBytes of [1, 5000, 100_000, 1e7]) {
          const got = await read(b, log, { offset, maxBytes, minOneBatch: true })
          expect(got[0]).toBe(`${offset - (offset % 2)}-${offset - (offset % 2) + 1}`)
        }
      }
    })
  }

  test('the tail is read from memory, and what is not there any more from the disk', () => {
    const b = bench({ manager: { tailCacheBytes: 2000 } })
    const log = b.log(b.open())
    for (let i = 0; i < 50; i++) produce(log, batch(i, 1, { padding: 100 }))
    expect(log.read({ offset: 49, maxBytes: 1e6 })).toBeInstanceOf(Array)
    expect(log.read({ offset: 0, maxBytes: 1e6 })).toBeInstanceOf(Promise)
  })

  test('an index that does not fit the log is mended when it is used', async () => {
    const b = bench({ config: { segmentBytes: 3000, indexIntervalBytes: 200 }, manager: { tailCacheBytes: 0 } })
    const log = b.log(b.open())
    for (let i = 0; i < 60; i++) produce(log, batch(i, 1, { padding: 100 }))
    const path = `${log.dir}/00000000000000000000.index`
    const index = b.env.disk.readFile(path)!
    for (let i = 4; i < index.length; i += 8) index.writeUInt32BE(index.readUInt32BE(i) + 177, i)
    b.env.disk.replaceFile(path, index)
    expect(await contents(b, log)).toEqual(expected(0, 60))
  })
})

describe('looking up', () => {
  const prepare = (codec: 'none' | 'gzip' = 'none') => {
    const b = bench({ config: { segmentBytes: 1200, indexIntervalBytes: 150 } })
    const log = b.log(b.open())
    // Not in order: batches of three whose times go forth and back.
    const times = [10, 30, 20, 5, 50, 40, 41, 42, 43, 44, 12, 60, 59, 60, 60, 90, 1, 2, 3, 100]
    for (const t of times) {
      const records = [t, t + 3, t + 1].map((x) => ({ key: null, value: Buffer.alloc(50), timestamp: NOW + x }))
      produce(log, buildBatch(records, { timestamp: 0, codec }))
    }
    const all = times.flatMap((t, i) => [t, t + 3, t + 1].map((x, k) => ({ offset: i * 3 + k, timestamp: NOW + x })))
    return { b, log, all }
  }

  test.each(['none', 'gzip'] as const)(
    'by time: the first record at or after it, as a scan finds it (%s)',
    async (codec) => {
      const { b, log, all } = prepare(codec)
      for (let t = -2; t < 106; t++) {
        const found = await b.wait(log.reader.offsetForTimestamp(NOW + t))
        expect(found).toEqual(all.find((r) => r.timestamp >= NOW + t))
      }
      log.deleteRecordsBefore(20)
      expect(await b.wait(log.reader.offsetForTimestamp(0))).toEqual(all[20])
    },
  )

  test('the latest record', async () => {
    const { b, log, all } = prepare()
    const latest = Math.max(...all.map((r) => r.timestamp))
    expect(await b.wait(log.reader.maxTimestamp())).toEqual(all.find((r) => r.timestamp === latest))
    const empty = bench()
    expect(await empty.wait(empty.log(empty.open()).reader.maxTimestamp())).toBe(undefined)
  })

  test('the end of an epoch is the start of the next', () => {
    const b = bench()
    const log = b.log(b.open())
    for (const leaderEpoch of [1, 1, 3, 7]) produce(log, batch(0, 2), { leaderEpoch })
    expect([0, 1, 2, 3, 6, 7, 8, -1].map((e) => Object.values(log.endOffsetForEpoch(e)))).toEqual([
      [0, 0],
      [1, 4],
      [1, 4],
      [3, 6],
      [3, 6],
      [7, 8],
      [-1, -1],
      [-1, -1],
    ])
  })
})

describe('idempotent producers', () => {
  const from = (
    baseSequence: number,
    n = 1,
    o: { producerId?: number; producerEpoch?: number; timestamp?: number } = {},
  ) => batch(baseSequence, n, { producerId: 9, producerEpoch: 0, baseSequence, ...o })

  test('a batch sent again gets the offsets of the first time, for each of the last five', () => {
    const b = bench()
    const log = b.log(b.open())
    for (let i = 0; i < 7; i++) produce(log, from(i * 2, 2))
    for (let i = 2; i < 7; i++) {
      expect(produce(log, from(i * 2, 2))).toMatchObject({ baseOffset: i * 2, lastOffset: i * 2 + 1, duplicate: true })
    }
    expect(answer(() => produce(log, from(2, 2)))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
    expect(log.logEndOffset).toBe(14)
  })

  test('duplicates and gaps are seen within one turn as well', () => {
    const b = bench()
    const log = b.log(b.open())
    const results = log.append(
      [from(0), from(0), from(2), from(1)].map((records) => ({ records, produceVersion: 9 })),
      { leaderEpoch: 0, nowMs: NOW },
    )
    expect(results.map((r) => outcome(r, ({ baseOffset, duplicate }) => [baseOffset, duplicate]))).toEqual([
      [0, false],
      [0, true],
      'OUT_OF_ORDER_SEQUENCE_NUMBER',
      [1, false],
    ])
  })

  test('an unknown producer may start anywhere, a new epoch at 0 only, an old epoch not at all', () => {
    const b = bench()
    const log = b.log(b.open())
    produce(log, from(17))
    expect(answer(() => produce(log, from(19)))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
    expect(answer(() => produce(log, from(18, 1, { producerEpoch: 1 })))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
    produce(log, from(0, 1, { producerEpoch: 1 }))
    expect(answer(() => produce(log, from(18)))).toBe('INVALID_PRODUCER_EPOCH')
  })

  test('sequences go on at 0 after 2^31 - 1, also inside a batch', () => {
    const b = bench()
    const log = b.log(b.open())
    const last = 2 ** 31 - 1
    produce(log, from(last - 1, 4))
    expect(produce(log, from(last - 1, 4))).toMatchObject({ baseOffset: 0, duplicate: true })
    produce(log, from(2))
    produce(log, batch(0, 1, { producerId: 8, producerEpoch: 0, baseSequence: last }))
    produce(log, batch(0, 1, { producerId: 8, producerEpoch: 0, baseSequence: 0 }))
  })

  test('what is known of producers survives a clean stop, a kill and a crash', async () => {
    for (const stop of ['close', 'kill', 'crash'] as const) {
      const b = bench({ config: { segmentBytes: 700 } })
      let manager = b.open()
      let log = b.log(manager)
      for (let round = 0; round < 4; round++) {
        for (let i = 0; i < 5; i++) produce(log, from(round * 5 + i))
        await b.wait(log.sync())
        if (stop === 'close') await b.wait(manager.close())
        else b[stop]()
        manager = b.open()
        log = b.log(manager)
        expect(manager.clean).toBe(stop === 'close')
        expect(produce(log, from(round * 5 + 4))).toMatchObject({ baseOffset: round * 5 + 4, duplicate: true })
        expect(answer(() => produce(log, from(round * 5 + 6)))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
      }
    }
  })

  test('what is known of a producer with old records survives as well: what it repeats is not written twice', async () => {
    for (const stop of ['close', 'kill', 'crash'] as const) {
      const b = bench()
      const manager = b.open()
      const log = b.log(manager)
      const old = () => from(0, 1, { timestamp: NOW - 30 * 86_400_000 })
      const nowMs = b.env.clock.now()
      produce(log, old(), { nowMs })
      log.expireProducers(nowMs + 1000)
      expect(produce(log, old(), { nowMs })).toMatchObject({ duplicate: true })
      await b.wait(log.sync())
      if (stop === 'close') await b.wait(manager.close())
      else b[stop]()
      expect(produce(b.log(b.open()), old(), { nowMs })).toMatchObject({ duplicate: true })
    }
  })

  test('the snapshot of a new segment knows nothing of what is in it', () => {
    const b = bench({ config: { segmentBytes: 300 } })
    const log = b.log(b.open())
    for (let i = 0; i < 20; i++) produce(log, from(i))
    const names = b.env.disk.list(log.dir).flatMap(({ name }) => (name.endsWith('.snapshot') ? [name] : []))
    expect(names.length).toBeGreaterThan(3)
    for (const name of names) {
      const [entry] = decodeProducerSnapshot(b.env.disk.readFile(`${log.dir}/${name}`)!)!
      expect(entry!.batches.at(-1)!.lastOffset).toBe(Number(name.slice(0, 20)) - 1)
    }
  })

  test('a producer that has not written for producer.id.expiration.ms is forgotten', () => {
    const b = bench()
    const log = b.log(b.open())
    produce(log, from(5))
    log.expireProducers(NOW + 86_400_000)
    produce(log, from(50))
  })

  test('an open transaction holds the last stable offset back until its marker is behind the high watermark', () => {
    const b = bench()
    const log = b.log(b.open())
    produce(log, batch(0))
    produce(log, batch(1, 2, { producerId: 9, producerEpoch: 0, baseSequence: 0, transactional: true }))
    expect(log.lastStableOffset(3)).toBe(1)
    expect(answer(() => produce(log, from(2)))).toBe('INVALID_TXN_STATE')
    const marker = buildBatch([{ key: Buffer.from([0, 0, 0, 1]), value: Buffer.from([0, 0, 0, 0, 0, 0]) }], {
      timestamp: NOW,
      producerId: 9,
      producerEpoch: 0,
      control: true,
      transactional: true,
    })
    log.append([{ records: marker, produceVersion: undefined }], { leaderEpoch: 0, nowMs: NOW })
    expect(log.lastStableOffset(3)).toBe(1)
    expect(log.lastStableOffset(4)).toBe(4)
  })
})

describe('retention', () => {
  const limits = (n: number, config: Parameters<typeof bench>[0] & object = {}) => {
    const b = bench({ config: { segmentBytes: 1000, ...config.config } })
    const log = b.log(b.open())
    for (let i = 0; i < n; i++) produce(log, batch(i, 1, { padding: 100, timestamp: NOW + i * 1000 }))
    return { b, log }
  }
  const expire = (log: Log, nowMs: number, highWatermark = log.logEndOffset) =>
    log.deleteOldSegments({ nowMs, highWatermark })

  test('goes no further than the high watermark, and by age no further than the first segment that is young enough', () => {
    const { log } = limits(40, { config: { retentionMs: 10_000 } })
    const bases = log.segmentOffsets
    expect(expire(log, NOW + 1e9, bases[2]! + 1)).toBe(2)
    expect(log.logStartOffset).toBe(bases[2])
    // Up to the one whose newest record is ten seconds old.
    expect(expire(log, NOW + 30_000)).toBe(bases.findLastIndex((base) => base <= 20) - 2)
  })

  test('keeps at least retention.bytes', () => {
    const { log } = limits(40, { config: { retentionBytes: 2500 } })
    expect(expire(log, NOW)).toBeGreaterThan(0)
    expect(log.sizeInBytes).toBeGreaterThanOrEqual(2500)
    expect(log.sizeInBytes).toBeLessThan(3500)
  })

  test('-1 is no limit, and a limit may be changed while the log is open', () => {
    const { log } = limits(40, { config: { retentionMs: -1, retentionBytes: -1 } })
    expect(expire(log, NOW + 1e12)).toBe(0)
    log.config = { ...log.config, retentionMs: 0 }
    expect(expire(log, NOW + 1e12)).toBeGreaterThan(3)
    expect([log.logStartOffset, log.segmentOffsets]).toEqual([40, [40]])
    // An active segment without records is not old, however old.
    expect(expire(log, NOW + 2e12)).toBe(0)
  })

  test('removes what is before the log’s start also where the policy is to compact', async () => {
    const { b, log } = limits(40, { config: { cleanupPolicy: ['compact'] } })
    await b.wait(log.sync())
    b.env.disk.replaceFile('/data/log-start-offset-checkpoint', Buffer.from('0\n1\nt 0 25\n'))
    b.kill()
    const again = b.log(b.open())
    expect([again.logStartOffset, again.segmentOffsets[0]]).toEqual([25, 0])
    expect(expire(again, NOW)).toBeGreaterThan(2)
    expect(again.segmentOffsets[0]).toBeLessThanOrEqual(25)
    expect(await contents(b, again)).toEqual(expected(25, 40))
  })

  test('what is deleted is renamed at once, stays for file.delete.delay.ms, and goes at the next start', async () => {
    const { b, log } = limits(40, { config: { retentionMs: 0, fileDeleteDelayMs: 5_000 } })
    const deleted = () => b.env.disk.list('/data/t-0').filter((f) => f.name.endsWith('.deleted')).length
    expire(log, NOW + 1e9)
    expect(deleted()).toBeGreaterThan(5)
    await b.time.runFor(4_000)
    expect(deleted()).toBeGreaterThan(5)
    await b.time.runFor(2_000)
    expect(deleted()).toBe(0)
    for (let i = 0; i < 40; i++) produce(log, batch(i, 1, { padding: 100 }))
    expire(log, NOW + 1e9)
    expect(deleted()).toBeGreaterThan(5)
    b.kill()
    b.log(b.open())
    expect(deleted()).toBe(0)
  })
})

describe('rolling by time', () => {
  test('goes by segment.ms less a part of segment.jitter.ms and by the records’ own time; no record, no roll', async () => {
    const rolledAfterMs = (segmentJitterMs: number, seed: number) => {
      const b = bench({ seed, config: { segmentMs: 10_000, segmentJitterMs } })
      const log = b.log(b.open())
      let ms = -100
      while (log.segmentOffsets.length < 2) {
        ms += 100
        produce(log, batch(0, 1, { timestamp: NOW + ms }), { nowMs: NOW + ms })
      }
      return ms
    }
    expect(rolledAfterMs(0, 1)).toBe(10_100)
    const jittered = [1, 2, 3, 4, 5].map((seed) => rolledAfterMs(5_000, seed))
    expect(Math.min(...jittered)).toBeGreaterThanOrEqual(5_000)
    expect(new Set(jittered).size).toBeGreaterThan(2)
    const b = bench({ config: { segmentMs: 10_000 } })
    const log = b.log(b.open())
    produce(log, batch(0, 1, { timestamp: NOW }))
    await b.time.runFor(100_000)
    expect(log.segmentOffsets).toEqual([0])
  })

  test('does not begin anew with a restart', async () => {
    const b = bench({ config: { segmentMs: 10_000 } })
    const manager = b.open()
    produce(b.log(manager), batch(0, 1, { timestamp: NOW }))
    await b.wait(manager.close())
    b.kill()
    const log = b.log(b.open())
    produce(log, batch(1, 1, { timestamp: NOW + 10_001 }), { nowMs: NOW + 10_001 })
    expect(log.segmentOffsets).toEqual([0, 1])
  })
})

describe('cutting', () => {
  const filled = (more = {}) => {
    const b = bench({ config: { segmentBytes: 1000, ...more } })
    const manager = b.open()
    const log = b.log(manager)
    for (let i = 0; i < 40; i++) produce(log, batch(i, 1, { padding: 100, timestamp: NOW + i * 1000 }))
    return { b, manager, log }
  }
  const files = (b: Bench, log: { dir: string }) => b.env.disk.list(log.dir).map((f) => f.name)

  test('deleted records are gone, whole segments of them from the disk, and stay gone after a crash', async () => {
    const { b, log } = filled()
    await b.wait(log.sync())
    const before = log.sizeInBytes
    log.deleteRecordsBefore(25)
    expect(await contents(b, log)).toEqual(expected(25, 40))
    expect(log.sizeInBytes).toBeLessThan(before / 2)
    await b.time.runFor(61_000)
    expect(files(b, log).filter((f) => f.endsWith('.deleted'))).toEqual([])
    b.crash()
    const again = b.log(b.open())
    expect(again.logStartOffset).toBe(25)
    expect(await contents(b, again)).toEqual(expected(25, 40))
  })

  test('retention.bytes keeps the newest segments', () => {
    const { log } = filled({ retentionBytes: 2000 })
    const deleted = log.deleteOldSegments({ nowMs: NOW, highWatermark: 40 })
    expect(deleted).toBeGreaterThan(2)
    expect(log.sizeInBytes).toBeGreaterThanOrEqual(2000)
    expect(log.sizeInBytes).toBeLessThan(3000)
    expect(log.deleteOldSegments({ nowMs: NOW, highWatermark: 40 })).toBe(0)
  })

  test('retention.ms goes by the newest record of a segment, and may empty the log', async () => {
    const { b, log } = filled({ retentionMs: 10_000 })
    expect(log.deleteOldSegments({ nowMs: NOW + 20_000, highWatermark: 3 })).toBe(0)
    log.deleteOldSegments({ nowMs: NOW + 30_000, highWatermark: 40 })
    const first = log.logStartOffset
    expect(first).toBeGreaterThan(10)
    expect(first).toBeLessThanOrEqual(20)
    expect(await contents(b, log)).toEqual(expected(first, 40))
    log.deleteOldSegments({ nowMs: NOW + 100_000, highWatermark: 40 })
    expect([log.logStartOffset, log.logEndOffset, log.sizeInBytes]).toEqual([40, 40, 0])
    expect(produce(log, batch(40)).baseOffset).toBe(40)
  })

  test('a compacted topic keeps everything', () => {
    const { log } = filled({ retentionMs: 0, retentionBytes: 0, cleanupPolicy: ['compact'] })
    expect(log.deleteOldSegments({ nowMs: NOW + 1e9, highWatermark: 40 })).toBe(0)
  })

  test('truncating at any offset leaves what was before, and the log goes on from there', async () => {
    for (const to of [39, 20, 7, 1, 0]) {
      const { b, log } = filled()
      log.truncateTo(to)
      expect(log.logEndOffset).toBe(to)
      expect(await contents(b, log)).toEqual(expected(0, to))
      produce(log, batch(to))
      await b.wait(log.sync())
      b.crash()
      const again = b.log(b.open())
      expect(await contents(b, again)).toEqual(expected(0, to + 1))
    }
  })

  test('a cut at the very end takes away epochs that have no records, as a leader begins them that is replaced before it writes', () => {
    const b = bench()
    const log = b.log(b.open())
    produce(log, batch(0, 3))
    const epoch = log.latestEpoch!
    log.epochs.assign(epoch + 3, log.logEndOffset)
    log.truncateTo(log.logEndOffset)
    expect([log.latestEpoch, log.logEndOffset]).toEqual([epoch, 3])
  })

  test('truncating forgets what producers did after it', () => {
    const b = bench()
    const log = b.log(b.open())
    for (let i = 0; i < 4; i++) produce(log, batch(i, 1, { producerId: 1, producerEpoch: 0, baseSequence: i }))
    log.truncateTo(2)
    expect(produce(log, batch(2, 1, { producerId: 1, producerEpoch: 0, baseSequence: 2 })).baseOffset).toBe(2)
  })

  test('a follower takes batches as its leader has them', async () => {
    const { b, manager, log } = filled()
    const follower = b.log(manager, 'f')
    for (const part of (await b.wait(Promise.resolve(log.read({ offset: 0, maxBytes: 1e6 })))) as Buffer[]) {
      follower.appendAsFollower(Buffer.from(part))
    }
    expect(await contents(b, follower)).toEqual(expected(0, 40))
    expect(() => follower.appendAsFollower(batch(0))).toThrow(RangeError)
    expect(follower.isOffline).toBe(false)
  })
})
