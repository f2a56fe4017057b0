import { describe, expect, test } from 'vitest'
import { batch, bench } from '../log/testing.ts'
import { KafkaError } from '../protocol/errors.ts'
import { Partition } from './partition.ts'

const T = 1_735_689_600_000

/** A partition on a disk whose syncs take 10 ms, or fail. */
function start(o: { syncAcksAll?: boolean } = {}) {
  let failing = false
  const b = bench()
  b.machine.disk = {
    syncMs: { low: 10, high: 10 },
    faults: ({ kind }) => (failing && kind === 'sync' ? 'EIO' : undefined),
  }
  b.kill()
  const log = b.log(b.open())
  const partition = new Partition(log, 0, b.env.clock, { syncAcksAll: o.syncAcksAll ?? true })
  const answers: string[] = []
  return {
    partition,
    answers,
    after: (ms: number) => b.time.runFor(ms),
    wait: b.wait,
    failSyncs: () => {
      failing = true
    },
    produce: (name: string, records: Buffer, acks: number) => {
      partition.produce(records, { acks, version: 9, timeoutMs: 1000 }).then(
        (r) => void answers.push(`${name} at ${r.baseOffset}`),
        (e: KafkaError) => void answers.push(`${name} ${e.error}`),
      )
    },
  }
}

describe('a partition', () => {
  test('answers acks=all after the sync, acks=1 after the write; consumers see neither before it is safe', async () => {
    const { partition, produce, answers, after } = start()
    produce('all', batch(0), -1)
    await after(1)
    produce('one', batch(1), 1)
    await after(1)
    expect([answers, partition.highWatermark, partition.logEndOffset]).toEqual([['one at 1'], 0, 2])
    expect(partition.read({ offset: 0, maxBytes: 1000, minOneBatch: true })).toEqual([])
    await after(15)
    expect([answers, partition.highWatermark]).toEqual([['one at 1', 'all at 0'], 2])
  })

  test('shows acks=1 at once where no sync is awaited, and acks=all too where it need not be synced', async () => {
    const { partition, produce, answers, after } = start({ syncAcksAll: false })
    produce('one', batch(0), 1)
    produce('all', batch(1), -1)
    await after(1)
    expect([answers, partition.highWatermark]).toEqual([['one at 0', 'all at 1'], 2])
  })

  test('answers acks=1 after the sync as well where flush.messages demands it', async () => {
    const { partition, produce, answers, after } = start({ syncAcksAll: false })
    partition.log.config = { ...partition.log.config, flushMessages: 1 }
    produce('one', batch(0), 1)
    await after(1)
    expect([answers, partition.highWatermark]).toEqual([[], 0])
    await after(30)
    expect([answers, partition.highWatermark]).toEqual([['one at 0'], 1])
  })

  test('answers a repetition with the first offset, and not before the first is safe', async () => {
    const { produce, answers, after } = start()
    const once = () => batch(0, 1, { producerId: 7, producerEpoch: 0, baseSequence: 0 })
    produce('first', once(), -1)
    await after(1)
    produce('again', once(), -1)
    await after(1)
    expect(answers).toEqual([])
    await after(30)
    expect(answers).toEqual(['first at 0', 'again at 0'])
  })

  test('acknowledges nothing after a failed sync, and is offline from then on', async () => {
    const { partition, produce, answers, after, failSyncs } = start()
    failSyncs()
    const woken: number[] = []
    partition.watch({ grown: (bytes) => void woken.push(bytes) })
    produce('a', batch(0), -1)
    await after(1)
    produce('b', batch(1), -1)
    await after(30)
    produce('c', batch(2), 1)
    await after(1)
    expect(answers).toEqual(['a KAFKA_STORAGE_ERROR', 'b KAFKA_STORAGE_ERROR', 'c KAFKA_STORAGE_ERROR'])
    expect([partition.highWatermark, woken]).toEqual([0, [Number.POSITIVE_INFINITY]])
    expect(() => partition.read({ offset: 0, maxBytes: 1000, minOneBatch: true })).toThrow(KafkaError)
  })

  test('tells who waits for it what has become of it', async () => {
    const { partition, produce, answers, after } = start()
    produce('a', batch(0), -1)
    await after(1)
    partition.retire(new KafkaError('UNKNOWN_TOPIC_OR_PARTITION'))
    await after(30)
    expect([answers, partition.highWatermark]).toEqual([['a UNKNOWN_TOPIC_OR_PARTITION'], 0])
  })

  test('finds by time, and as the latest, only what is below the high watermark', async () => {
    const { partition, produce, after, wait } = start()
    produce('a', batch(0, 1, { timestamp: T }), -1)
    await after(30)
    produce('b', batch(1, 1, { timestamp: T + 5 }), -1)
    await after(1)
    expect(await wait(partition.firstAtOrAfter(T + 1))).toBeUndefined()
    expect(await wait(partition.maxTimestamp())).toBeUndefined()
    await after(30)
    expect(await wait(partition.firstAtOrAfter(T + 1))).toEqual({ offset: 1, timestamp: T + 5 })
    expect(await wait(partition.maxTimestamp())).toEqual({ offset: 1, timestamp: T + 5 })
  })
})
