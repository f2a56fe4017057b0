/**
 * What Apache Kafka 4.3.1 has left of a topic with transactions: committed ones, aborted ones that reach over segments and over
 * each other, one that is open. Five producers, 22 offsets, four segments.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { SimRandom } from '../env/sim_random.ts'
import { batches } from '../records/batch.ts'
import type { Log } from './log.ts'
import { decodeProducerSnapshot } from './producer_snapshot.ts'
import { type Bench, bench, filesOf } from './testing.ts'

const files = filesOf(readFileSync(new URL('testdata/apache_kafka_4.3.1.transactions.ndjson.gz', import.meta.url)))
const named = (suffix: string) => [...files].filter(([name]) => name.endsWith(suffix)).map(([, bytes]) => bytes)
const kafkasIndex = Buffer.concat(named('.txnindex'))
const kafkasLog = Buffer.concat(named('.log'))

/** `[producer, first offset, marker, last stable offset]`, as Kafka's own tool shows them. */
const ABORTED = [
  [1, 3, 6, 5],
  [2, 5, 11, 12],
  [1, 12, 14, 15],
  [1, 19, 21, 17],
]
const STABLE = 17
const END = 22

/** A log dir with Kafka's partition in it, but for what `without` names. */
function opened(o: { clean: boolean; without?: RegExp; config?: Parameters<typeof bench>[0] }): { b: Bench; log: Log } {
  const b = bench(o.config)
  b.env.disk.mkdir('/data/t-0')
  for (const [name, bytes] of files) {
    if (name !== 'partition.metadata' && !o.without?.test(name)) b.env.disk.replaceFile(`/data/t-0/${name}`, bytes)
  }
  b.env.disk.replaceFile(
    '/data/meta.properties',
    Buffer.from('version=1\nnode.id=1\ncluster.id=AAAAAAAAAAAAAAAAAAAAAA\n'),
  )
  if (o.clean) b.env.disk.replaceFile('/data/.kafka_cleanshutdown', Buffer.from('{"version":0,"brokerEpoch":1}'))
  return { b, log: b.log(b.open()) }
}

const aborted = (log: Log, from = 0, to = END) =>
  log.abortedTransactions(from, to).map((t) => [t.producerId, t.firstOffset, t.lastOffset, t.lastStableOffset])

/** All of the log's index as it is on the disk. */
function indexOnDisk(b: Bench): Buffer {
  const names = b.env.disk.list('/data/t-0').map((f) => f.name)
  const paths = names.filter((name) => name.endsWith('.txnindex')).sort()
  return Buffer.concat(paths.map((name) => b.env.disk.readFile(`/data/t-0/${name}`)!))
}

describe('the index of aborted transactions', () => {
  test('is read from where Apache Kafka has stopped cleanly', () => {
    const { log } = opened({ clean: true })
    expect(aborted(log)).toEqual(ABORTED)
    expect([log.logEndOffset, log.lastStableOffset(END)]).toEqual([END, STABLE])
    expect(log.activeProducers.get(4)).toMatchObject({ currentTxnFirstOffset: STABLE })
  })

  for (const [damage, without] of [
    ['without any index', /index$/],
    ['without indexes and snapshots', /(index|snapshot)$/],
    ['with all of them', /nothing/],
  ] as const) {
    test(`is the same to the byte after a crash, ${damage}`, async () => {
      const { b, log } = opened({ clean: false, without })
      expect(aborted(log)).toEqual(ABORTED)
      expect(log.lastStableOffset(END)).toBe(STABLE)
      await b.wait(log.sync())
      expect(indexOnDisk(b)).toEqual(kafkasIndex)
    })
  }

  test('is built anew where it is damaged, after a clean stop too', () => {
    for (const damage of [(x: Buffer) => x.subarray(0, -1), (x: Buffer) => Buffer.concat([x, Buffer.alloc(34)])]) {
      const { b } = opened({ clean: false })
      const path = '/data/t-0/00000000000000000010.txnindex'
      b.env.disk.replaceFile(path, damage(b.env.disk.readFile(path)!))
      b.env.disk.replaceFile('/data/.kafka_cleanshutdown', Buffer.from('{"version":0,"brokerEpoch":1}'))
      b.kill()
      expect(aborted(b.log(b.open()))).toEqual(ABORTED)
    }
  })

  test('says of every range what reaches into it', () => {
    const { log } = opened({ clean: true })
    for (let from = 0; from < END; from++) {
      for (let to = from; to <= END; to++) {
        const found = aborted(log, from, to)
        const needed = ABORTED.filter(([, first, last]) => first! < to && last! >= from)
        expect(found.filter(([, first]) => first! < to)).toEqual(needed)
        expect(found).toEqual(needed)
      }
    }
  })

  test('is written by an append as by Apache Kafka, wherever segments roll', async () => {
    for (const segmentBytes of [200, 500, 100_000]) {
      const b = bench({ config: { segmentBytes } })
      const log = b.log(b.open())
      for (const batch of batches(kafkasLog)) {
        const [result] = log.append([{ records: Buffer.from(batch.bytes()), produceVersion: undefined }], {
          leaderEpoch: 0,
          nowMs: 1_735_689_600_000,
        })
        expect(result).not.toBeInstanceOf(Error)
      }
      expect(aborted(log)).toEqual(ABORTED)
      expect(log.lastStableOffset(END)).toBe(STABLE)
      await b.wait(log.close())
      expect(indexOnDisk(b)).toEqual(kafkasIndex)
      b.crash()
      const again = b.log(b.open())
      expect([aborted(again), again.lastStableOffset(END)]).toEqual([ABORTED, STABLE])
    }
  })

  test('is taken back with an append that found no room', () => {
    const b = bench({ config: { segmentBytes: 500 } })
    const log = b.log(b.open())
    const random = new SimRandom(3)
    for (const batch of batches(kafkasLog)) {
      for (let tries = 0; ; tries++) {
        const full = random.chance(0.5) && tries < 5
        b.env.disk.options.faults = ({ kind }) => (full && kind === 'write' ? 'ENOSPC' : undefined)
        const items = [{ records: Buffer.from(batch.bytes()), produceVersion: undefined }]
        try {
          log.append(items, { leaderEpoch: 0, nowMs: 1_735_689_600_000 })
          break
        } catch (e) {
          expect(e).toMatchObject({ error: 'KAFKA_STORAGE_ERROR' })
        }
      }
    }
    expect([aborted(log), log.lastStableOffset(END)]).toEqual([ABORTED, STABLE])
  })

  test('is cut with the log, and the transactions that were complete after the cut are open again', () => {
    for (let offset = 1; offset < END; offset++) {
      const { log } = opened({ clean: true })
      log.truncateTo(offset)
      const end = log.logEndOffset
      expect(aborted(log, 0, end)).toEqual(ABORTED.filter(([, , marker]) => marker! < end))
      const open = ABORTED.filter(([, first, marker]) => first! < end && marker! >= end).map(([, first]) => first!)
      // Committed ones, and the one that is never ended.
      for (const [first, marker] of [
        [1, 4],
        [7, 9],
        [15, 16],
        [17, END],
      ] as const)
        if (first < end && marker >= end) open.push(first)
      expect(log.lastStableOffset(end)).toBe(Math.min(end, ...open))
    }
  })

  test('goes with its segment', async () => {
    const { b, log } = opened({ clean: true })
    log.deleteRecordsBefore(17)
    expect(aborted(log, 17)).toEqual(ABORTED.slice(3))
    await b.time.runFor(100_000)
    expect(indexOnDisk(b).length).toBe(34)
  })

  test('its producers are in the snapshot with the offset where their transaction began, as Kafka has them', async () => {
    const { b, log } = opened({ clean: false })
    await b.wait(log.close())
    const entries = (bytes: Buffer) =>
      decodeProducerSnapshot(bytes)!
        .map((e) => [e.producerId, e.epoch, e.currentTxnFirstOffset, e.coordinatorEpoch, e.batches.at(-1)!.lastOffset])
        .sort((x, y) => x[0]! - y[0]!)
    const name = '00000000000000000022.snapshot'
    expect(entries(b.env.disk.readFile(`/data/t-0/${name}`)!)).toEqual(entries(files.get(name)!))
  })
})
