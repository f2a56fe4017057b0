/** Moving a partition to another log dir while it is served, as a client sees it. */
import { describe, expect, test } from 'vitest'
import { SimRandom } from '../env/sim_random.ts'
import { errorCode } from '../protocol/errors.ts'
import { Produce } from '../protocol/messages/00_produce.ts'
import { Fetch } from '../protocol/messages/01_fetch.ts'
import { CreateTopics } from '../protocol/messages/19_create_topics.ts'
import { DeleteTopics } from '../protocol/messages/20_delete_topics.ts'
import { DeleteRecords } from '../protocol/messages/21_delete_records.ts'
import { AlterReplicaLogDirs } from '../protocol/messages/34_alter_replica_log_dirs.ts'
import { DescribeLogDirs } from '../protocol/messages/35_describe_log_dirs.ts'
import { batches, decodeRecords } from '../records/batch.ts'
import { buildBatch } from '../records/build_batch.ts'
import { stage } from './testing.ts'

const SETTINGS = { 'log.dirs': '/a,/b' }

async function twoDirs(o: { seed?: number; configs?: Record<string, string> } = {}) {
  let broken: string | undefined
  const s = stage({
    seed: o.seed ?? 1,
    disk: {
      syncMs: { low: 1, high: 4 },
      faults: ({ kind, path }) => (broken && path.startsWith(broken) && /write|sync/.test(kind) ? 'EIO' : undefined),
    },
  })
  await s.start(SETTINGS)
  const configs = Object.entries({ 'internal.segment.bytes': '4000', ...o.configs }).map(([name, value]) => ({
    name,
    value,
  }))
  const topics = [{ name: 't', numPartitions: 1, replicationFactor: 1, assignments: [], configs }]
  await s.ask(CreateTopics, 7, { topics, timeoutMs: 1000 })
  await s.sim.time.runFor(20)
  const send = (
    value: string,
    producer: { producerId?: number; producerEpoch?: number; baseSequence?: number } = {},
  ) => {
    const records = buildBatch([{ key: null, value: Buffer.from(value) }], {
      timestamp: 1_735_689_600_000,
      ...producer,
    })
    return { acks: -1, timeoutMs: 1000, topicData: [{ name: 't', partitionData: [{ index: 0, records }] }] }
  }
  const produce = async (value: string, producer = {}) => {
    const answer = await s.ask(Produce, 7, send(value, producer))
    return answer.responses[0]!.partitionResponses[0]!.errorCode
  }
  const where = async () => {
    const { results } = await s.ask(DescribeLogDirs, 4, { topics: null })
    return results.map((r) =>
      r.topics.flatMap((t) => t.partitions.map((p) => (p.isFutureKey ? 'future' : 'here'))).join(),
    )
  }
  return {
    ...s,
    send,
    produce,
    where,
    async move(path: string, topic = 't') {
      const dirs = [{ path, topics: [{ name: topic, partitions: [0] }] }]
      const { results } = await s.ask(AlterReplicaLogDirs, 2, { dirs })
      return results[0]!.partitions[0]!.errorCode
    },
    /** Until the move is over. */
    async moved(to = '/b') {
      for (let i = 0; i < 500; i++) {
        await s.sim.time.runFor(20)
        if ((await where()).join('|') === (to === '/b' ? '|here' : 'here|')) return
      }
      throw new Error(`it is not moved: ${await where()}`)
    },
    breaks: (dir: string | undefined) => {
      broken = dir
    },
    async values(from = 0): Promise<string[]> {
      const found: string[] = []
      for (let offset = from; ; ) {
        const partitions = [{ partition: 0, fetchOffset: offset, partitionMaxBytes: 1e6 }]
        const request = { maxWaitMs: 0, minBytes: 0, maxBytes: 1e6, topics: [{ topic: 't', partitions }] }
        const p = (await s.ask(Fetch, 11, request)).responses[0]!.partitions[0]!
        if (p.errorCode !== 0) throw new Error(String(p.errorCode))
        const all = [...batches(p.records as Buffer)]
        if (all.length === 0) return found
        for (const b of all) for (const r of decodeRecords(b)) found.push(`${r.offset}=${r.value}`)
        offset = all.at(-1)!.nextOffset
      }
    },
    get broker() {
      return s.broker
    },
  }
}

const expected = (n: number, from = 0) => Array.from({ length: n - from }, (_, i) => `${from + i}=v${from + i}`)

describe('moving a partition', () => {
  test('goes on while it is written to, and the metadata is told where it is', async () => {
    const s = await twoDirs()
    for (let i = 0; i < 100; i++) await s.produce(`v${i}`)
    expect(await s.move('/b')).toBe(errorCode.NONE)
    const seen = new Set<string>()
    for (let i = 100; i < 200; i++) {
      expect(await s.produce(`v${i}`)).toBe(errorCode.NONE)
      seen.add((await s.where()).join('|'))
    }
    await s.moved()
    expect([...seen]).toContain('here|future')
    expect(await s.values()).toEqual(expected(200))
    await s.sim.time.runFor(50)
    expect(s.broker.logDirPath(s.broker.controller.image.partition('t', 0)!.directories[0]!)).toBe('/b')
    await s.stop()
    expect(
      s
        .disk()
        .list('/a')
        .filter((f) => f.directory && f.name.startsWith('t-0'))
        .map((f) => f.name.slice(-7)),
    ).toEqual(['-delete'])
    await s.start(SETTINGS)
    expect(await s.values()).toEqual(expected(200))
    await s.sim.time.runFor(1000)
    expect(
      s
        .disk()
        .list('/a')
        .filter((f) => f.name.startsWith('t-0')),
    ).toEqual([])
    expect(s.lines).toEqual([])
  })

  test('takes along where the log starts and what is known of producers whose records are gone', async () => {
    const s = await twoDirs()
    expect(await s.produce('v0', { producerId: 9, producerEpoch: 0, baseSequence: 0 })).toBe(0)
    for (let i = 1; i < 100; i++) await s.produce(`v${i}`)
    const partitions = [{ partitionIndex: 0, offset: 63 }]
    await s.ask(DeleteRecords, 2, { topics: [{ name: 't', partitions }], timeoutMs: 1000 })
    await s.move('/b')
    await s.moved()
    expect(await s.values(63)).toEqual(expected(100, 63))
    await expect(s.values(62)).rejects.toThrow(String(errorCode.OFFSET_OUT_OF_RANGE))
    expect(await s.produce('again', { producerId: 9, producerEpoch: 0, baseSequence: 5 })).toBe(
      errorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
    )
    s.machine.crash()
    await s.start(SETTINGS)
    expect(await s.values(63)).toEqual(expected(100, 63))
    await expect(s.values(62)).rejects.toThrow(String(errorCode.OFFSET_OUT_OF_RANGE))
    expect(await s.produce('again', { producerId: 9, producerEpoch: 0, baseSequence: 5 })).toBe(
      errorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
    )
  })

  test('ends when the dir where it is is named', async () => {
    const s = await twoDirs({ configs: {} })
    for (let i = 0; i < 200; i++) await s.produce(`v${i}`)
    expect([await s.move('/b'), await s.where()]).toEqual([0, ['here', 'future']])
    expect([await s.move('/a'), await s.where()]).toEqual([0, ['here', '']])
    await s.sim.time.runFor(100_000)
    expect([
      await s.where(),
      s
        .disk()
        .list('/b')
        .filter((f) => f.name.startsWith('t-0')),
    ]).toEqual([['here', ''], []])
    expect(await s.move('/b')).toBe(0)
    await s.moved()
    expect(await s.move('/a')).toBe(0)
    await s.moved('/a')
    expect(await s.values()).toEqual(expected(200))
  })

  test('is refused with Kafka’s errors', async () => {
    const s = await twoDirs()
    expect(await s.move('/nowhere')).toBe(errorCode.LOG_DIR_NOT_FOUND)
    expect(await s.move('/b', 'unknown')).toBe(errorCode.REPLICA_NOT_AVAILABLE)
    expect(await s.move('/b', 'x'.repeat(230))).toBe(errorCode.INVALID_TOPIC_EXCEPTION)
    // Where it will be made.
    const topics = ['unknown', 'other', 'another'].map((name) => ({
      name,
      numPartitions: 1,
      replicationFactor: 1,
      assignments: [],
      configs: [],
    }))
    for (const topic of topics) await s.ask(CreateTopics, 7, { topics: [topic], timeoutMs: 1000 })
    await s.sim.time.runFor(20)
    const { results } = await s.ask(DescribeLogDirs, 4, { topics: [{ topic: 'unknown', partitions: [0] }] })
    expect(results.map((r) => r.topics.length)).toEqual([0, 1])
  })

  test('goes with its topic', async () => {
    const s = await twoDirs()
    for (let i = 0; i < 200; i++) await s.produce(`v${i}`)
    await s.move('/b')
    await s.ask(DeleteTopics, 3, { topicNames: ['t'], timeoutMs: 1000 })
    await s.sim.time.runFor(100_000)
    for (const dir of ['/a', '/b'])
      expect(
        s
          .disk()
          .list(dir)
          .filter((f) => f.name.startsWith('t-0')),
      ).toEqual([])
    expect(s.lines).toEqual([])
  })

  test('to a disk that fails leaves it where it is', async () => {
    const s = await twoDirs()
    for (let i = 0; i < 200; i++) await s.produce(`v${i}`)
    s.breaks('/b')
    expect(await s.move('/b')).toBe(errorCode.KAFKA_STORAGE_ERROR)
    s.breaks(undefined)
    expect(await s.move('/b')).toBe(errorCode.NONE)
    s.breaks('/b')
    await s.sim.time.runFor(100)
    expect(await s.produce('v200')).toBe(errorCode.NONE)
    expect((await s.where())[0]).toBe('here')
    expect(s.lines.join('\n')).toMatch(/\/b is offline.*\n.*t-0 could not be moved to \/b/)
    s.breaks(undefined)
    await s.stop()
    s.machine.crash()
    await s.start(SETTINGS)
    expect(await s.values()).toEqual(expected(201))
    await s.moved()
    expect(await s.values()).toEqual(expected(201))
  })

  test('survives a crash or a kill at every call to the disk: nothing acknowledged is lost, and it ends', async () => {
    const random = new SimRandom(11)
    let ended = 0
    for (let seed = 1; seed <= 120; seed++) {
      const s = await twoDirs({ seed })
      let n = 0
      for (; n < 40; n++) await s.produce(`v${n}`)
      await s.move('/b')
      let calls = random.int(90)
      let over = false
      s.machine.onDiskCall = () => {
        if (calls-- === 0 && !over) {
          over = true
          s.machine[random.chance(0.5) ? 'crash' : 'kill']()
        }
      }
      const connection = await s.connect().catch(() => undefined)
      let acknowledged = n
      let sent = n
      // One at a time, so that values are in order.
      while (!over && connection && sent < 80) {
        const answer = connection.send(Produce, s.send(`v${sent++}`), { minVersion: 7, maxVersion: 7 }).then(
          (a) => a.responses[0]!.partitionResponses[0]!.errorCode,
          () => -1,
        )
        let code: number | undefined
        void answer.then((c) => {
          code = c
        })
        for (let i = 0; i < 300 && code === undefined && !over; i++) await s.sim.time.runFor(1)
        if (code === 0) acknowledged = sent
        else break
      }
      s.machine.onDiskCall = () => {}
      if (!over) {
        ended++
        s.machine.kill()
      }
      await s.start(SETTINGS)
      const values = await s.values()
      expect(values, `seed ${seed}`).toEqual(expected(values.length))
      expect(values.length, `seed ${seed}`).toBeGreaterThanOrEqual(acknowledged)
      await s.moved().catch(async () => {
        // It had not begun.
        expect(await s.where(), `seed ${seed}`).toEqual(['here', ''])
      })
      expect(await s.values(), `seed ${seed}`).toEqual(values)
      expect(await s.produce('more'), `seed ${seed}`).toBe(0)
    }
    expect(ended).toBeLessThan(60)
  }, 60_000)
})
