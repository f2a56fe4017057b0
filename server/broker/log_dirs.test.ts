/** Several log dirs, and what happens when one of them fails, as a client sees it. */
import { describe, expect, test } from 'vitest'
import type { DiskCall } from '../env/sim_disk.ts'
import { errorCode } from '../protocol/errors.ts'
import { Produce } from '../protocol/messages/00_produce.ts'
import { Fetch } from '../protocol/messages/01_fetch.ts'
import { ListOffsets } from '../protocol/messages/02_list_offsets.ts'
import { Metadata } from '../protocol/messages/03_metadata.ts'
import { CreateTopics } from '../protocol/messages/19_create_topics.ts'
import { DeleteTopics } from '../protocol/messages/20_delete_topics.ts'
import { DescribeLogDirs } from '../protocol/messages/35_describe_log_dirs.ts'
import { buildBatch } from '../records/build_batch.ts'
import { stage } from './testing.ts'

const NOW = 1_735_689_600_000
const DIRS = { 'log.dirs': '/a,/b,/c' }

/** A broker with three log dirs, of which one may be told to fail. */
function threeDirs(seed = 1) {
  let broken: { dir: string; kinds: readonly DiskCall[]; code: string } | undefined
  const s = stage({
    seed,
    disk: {
      faults: ({ kind, path }) =>
        broken && path.startsWith(broken.dir) && broken.kinds.includes(kind) ? broken.code : undefined,
    },
  })
  const create = async (name: string, numPartitions = 1) => {
    const topics = [{ name, numPartitions, replicationFactor: 1, assignments: [], configs: [] }]
    const answer = await s.ask(CreateTopics, 7, { topics, timeoutMs: 1000 })
    await s.sim.time.runFor(20)
    return answer.topics[0]!.errorCode
  }
  const produce = async (name: string, index: number, value: string) => {
    const records = buildBatch([{ key: null, value: Buffer.from(value) }], { timestamp: NOW })
    const topicData = [{ name, partitionData: [{ index, records }] }]
    const answer = await s.ask(Produce, 7, { acks: -1, timeoutMs: 1000, topicData })
    return answer.responses[0]!.partitionResponses[0]!.errorCode
  }
  const end = async (name: string, partitionIndex: number) => {
    const topics = [{ name, partitions: [{ partitionIndex, timestamp: -1 }] }]
    const answer = await s.ask(ListOffsets, 1, { replicaId: -1, topics })
    const p = answer.topics[0]!.partitions[0]!
    return p.errorCode || p.offset
  }
  const fetch = async (topic: string, partition: number) => {
    const partitions = [{ partition, fetchOffset: 0, partitionMaxBytes: 1e6 }]
    const answer = await s.ask(Fetch, 11, { maxWaitMs: 0, minBytes: 0, maxBytes: 1e6, topics: [{ topic, partitions }] })
    const p = answer.responses[0]!.partitions[0]!
    return p.errorCode || Buffer.concat([p.records ?? []].flat() as Buffer[]).toString('latin1')
  }
  return {
    ...s,
    create,
    produce,
    end,
    fetch,
    get broker() {
      return s.broker
    },
    /** Partitions by dir, and what is wrong with it. */
    dirs: async () => {
      const { results } = await s.ask(DescribeLogDirs, 4, { topics: null })
      return Object.fromEntries(
        results.map((r) => [
          r.logDir,
          r.errorCode || r.topics.flatMap((t) => t.partitions.map((p) => `${t.name}-${p.partitionIndex}`)).sort(),
        ]),
      )
    },
    leaders: async (name: string) => {
      const { topics } = await s.ask(Metadata, 9, { topics: [{ name }] })
      return topics[0]!.partitions
        .map((p) => [p.partitionIndex, p.leaderId, p.errorCode, p.offlineReplicas])
        .sort((a, b) => Number(a[0]) - Number(b[0]))
    },
    breaks: (dir: string, code = 'EIO', kinds: readonly DiskCall[] = ['write', 'sync', 'syncDirectory']) => {
      broken = { dir, code, kinds }
    },
    mends: () => {
      broken = undefined
    },
    recorded: (name: string) =>
      s.broker.controller.image.topic(name)!.partitions.map((p) => s.broker.logDirPath(p.directories[0]!)),
  }
}

describe('several log dirs', () => {
  test('new partitions go where the fewest are, and the metadata is told', async () => {
    const s = threeDirs()
    await s.start(DIRS)
    expect(await s.create('t', 7)).toBe(errorCode.NONE)
    const dirs = await s.dirs()
    expect(
      Object.values(dirs)
        .map((names) => (names as string[]).length)
        .sort(),
    ).toEqual([2, 2, 3])
    const byDir = s.recorded('t').map((dir, i) => (dirs[dir!] as string[]).includes(`t-${i}`))
    expect(byDir).toEqual([true, true, true, true, true, true, true])
    expect(s.broker.controller.image.brokers.get(1)!.logDirs).toHaveLength(3)
    for (let i = 0; i < 7; i++) expect(await s.produce('t', i, 'x')).toBe(errorCode.NONE)
    await s.stop()
    const files = (dir: string) =>
      s
        .disk()
        .list(dir)
        .map((f) => f.name)
    for (const dir of ['/a', '/b', '/c']) {
      expect(files(dir)).toEqual(
        expect.arrayContaining(['meta.properties', '.kafka_cleanshutdown', 'recovery-point-offset-checkpoint']),
      )
    }
    expect([files('/a').includes('__cluster_metadata-0'), files('/b').includes('__cluster_metadata-0')]).toEqual([
      true,
      false,
    ])
    await s.start(DIRS)
    expect(await s.dirs()).toEqual(dirs)
    for (let i = 0; i < 7; i++) expect(await s.end('t', i)).toBe(1)
    expect(s.lines).toEqual([])
  })

  test('a dir may be added, and gets what is new; one that is cordoned gets nothing', async () => {
    const s = threeDirs()
    await s.start({ 'log.dirs': '/a' })
    await s.create('old', 2)
    await s.stop()
    await s.start({ ...DIRS, 'cordoned.log.dirs': '/b' })
    await s.create('new', 2)
    expect(await s.dirs()).toEqual({ '/a': ['old-0', 'old-1'], '/b': [], '/c': ['new-0', 'new-1'] })
    const { results } = await s.ask(DescribeLogDirs, 5, { topics: null })
    expect(results.map((r) => [r.logDir, r.isCordoned])).toEqual([
      ['/a', false],
      ['/b', true],
      ['/c', false],
    ])
  })

  test('the metadata log has its own dir if metadata.log.dir says so, with partitions or without', async () => {
    for (const dir of ['/b', '/meta']) {
      const s = threeDirs()
      const settings = { 'log.dirs': '/a,/b', 'metadata.log.dir': dir }
      await s.start(settings)
      await s.create('t', 2)
      expect(await s.dirs()).toEqual({ '/a': ['t-0'], '/b': ['t-1'] })
      expect(s.disk().exists(`${dir}/__cluster_metadata-0`)).toBe(true)
      await s.stop()
      await s.start(settings)
      expect(await s.dirs()).toEqual({ '/a': ['t-0'], '/b': ['t-1'] })
      await s.stop()
      await expect(s.start({ 'log.dirs': '/a,/b' }))
        .rejects.toThrow(dir === '/b' ? /The metadata log is in \/b, but metadata.log.dir is \/a/ : /./)
        .catch(() => expect(dir).toBe('/meta'))
    }
  })

  test('are refused in a sentence where they do not fit together', async () => {
    const s = threeDirs()
    await s.start({ 'log.dirs': '/a,/b' })
    await s.create('t', 2)
    await s.stop()
    const disk = s.disk()
    await expect(s.start({ 'log.dirs': '/a,/a' })).rejects.toThrow(/log.dirs names \/a twice/)
    await expect(s.start({ 'log.dirs': '/a,/c' })).rejects.toThrow(
      /^The log dir with directory.id=\S+, which holds t-1, is not among \/a,\/c; mount it/,
    )
    const meta = disk.readFile('/b/meta.properties')!.toString()
    disk.replaceFile(
      '/b/meta.properties',
      Buffer.from(meta.replace(/cluster.id=.*/, 'cluster.id=AAAAAAAAAAAAAAAAAAAAAA')),
    )
    await expect(s.start({ 'log.dirs': '/a,/b' })).rejects.toThrow(/\/b belongs to the cluster A+, but \/a to/)
    disk.replaceFile('/b/meta.properties', Buffer.from(meta.replace('node.id=1', 'node.id=2')))
    await expect(s.start({ 'log.dirs': '/a,/b' })).rejects.toThrow(/\/b belongs to node 2, not 1/)
    disk.replaceFile('/b/meta.properties', disk.readFile('/a/meta.properties')!)
    await expect(s.start({ 'log.dirs': '/a,/b' })).rejects.toThrow(/\/a and \/b have the same directory.id/)
    disk.replaceFile('/b/meta.properties', Buffer.from(meta))
    disk.mkdir('/b/t-0')
    await expect(s.start({ 'log.dirs': '/a,/b' })).rejects.toThrow(/t-0 is in \/a and in \/b; keep/)
    disk.remove('/b/t-0')
    await s.start({ 'log.dirs': '/a,/b' })
    expect(await s.leaders('t')).toEqual([
      [0, 1, 0, []],
      [1, 1, 0, []],
    ])
  })

  test('a partition that somebody has moved by hand is where it is found', async () => {
    const s = threeDirs()
    await s.start({ 'log.dirs': '/a,/b' })
    await s.create('t', 2)
    await s.produce('t', 0, 'x')
    await s.stop()
    s.disk().rename('/a/t-0', '/b/t-0')
    await s.start({ 'log.dirs': '/a,/b' })
    expect([await s.dirs(), await s.end('t', 0)]).toEqual([{ '/a': [], '/b': ['t-0', 't-1'] }, 1])
    await s.sim.time.runFor(20)
    expect(s.recorded('t')).toEqual(['/b', '/b'])
  })
})

describe('a log dir that fails', () => {
  for (const kinds of [['write'], ['sync']] as DiskCall[][]) {
    test(`on ${kinds}: what is in it is led by nobody, the others serve on; the next start has it all again`, async () => {
      const s = threeDirs()
      await s.start(DIRS)
      await s.create('t', 3)
      for (const i of [0, 1, 2]) await s.produce('t', i, 'before')
      s.breaks('/b', 'EIO', kinds)
      const at = s.recorded('t').indexOf('/b')
      const other = s.recorded('t').indexOf('/c')
      expect(await s.produce('t', at, 'lost')).toBe(errorCode.KAFKA_STORAGE_ERROR)
      expect(await s.produce('t', at, 'lost')).toBe(errorCode.KAFKA_STORAGE_ERROR)
      expect(await s.fetch('t', at)).toBe(errorCode.KAFKA_STORAGE_ERROR)
      expect(await s.produce('t', other, 'after')).toBe(errorCode.NONE)
      await s.sim.time.runFor(50)
      expect(await s.leaders('t')).toEqual(
        [0, 1, 2].map((i) => (i === at ? [i, -1, errorCode.LEADER_NOT_AVAILABLE, [1]] : [i, 1, 0, []])),
      )
      expect(s.broker.controller.image.partition('t', at)!.leader).toBe(-1)
      expect((await s.dirs())['/b']).toBe(errorCode.KAFKA_STORAGE_ERROR)
      await s.create('u', 4)
      expect(new Set(s.recorded('u'))).toEqual(new Set(['/a', '/c']))
      expect(s.lines.filter((l) => /offline/.test(l))).toHaveLength(1)
      s.mends()
      await s.stop()
      s.machine.crash()
      await s.start(DIRS)
      expect(await s.leaders('t')).toEqual([0, 1, 2].map((i) => [i, 1, 0, []]))
      expect(await s.end('t', other)).toBe(2)
      expect(await s.produce('t', at, 'again')).toBe(errorCode.NONE)
      expect(await s.fetch('t', at)).toContain('before')
    })
  }

  test('that of the metadata: what is in others is served, nothing about topics can be changed', async () => {
    const s = threeDirs()
    await s.start(DIRS)
    await s.create('t', 3)
    s.breaks('/a')
    const at = s.recorded('t').indexOf('/a')
    expect(await s.create('u')).toBe(errorCode.KAFKA_STORAGE_ERROR)
    expect((await s.leaders('t'))[at]).toEqual([at, -1, errorCode.LEADER_NOT_AVAILABLE, [1]])
    for (const i of [0, 1, 2].filter((p) => p !== at)) expect(await s.produce('t', i, 'x')).toBe(errorCode.NONE)
    s.mends()
    await s.stop()
  })

  test('when the broker starts is left out; what is in it is led by nobody until a later start', async () => {
    const s = threeDirs()
    await s.start(DIRS)
    await s.create('t', 3)
    for (const i of [0, 1, 2]) await s.produce('t', i, 'x')
    const at = s.recorded('t').indexOf('/c')
    await s.stop()
    s.breaks('/c', 'EIO', ['list', 'read', 'write', 'open', 'mkdir'])
    await s.start(DIRS)
    expect(s.lines.join()).toMatch(/\/c is left out/)
    expect(await s.produce('t', at, 'y')).toBe(errorCode.KAFKA_STORAGE_ERROR)
    await s.sim.time.runFor(20)
    expect((await s.leaders('t'))[at]).toEqual([at, -1, errorCode.LEADER_NOT_AVAILABLE, [1]])
    expect(await s.dirs()).toMatchObject({ '/c': errorCode.KAFKA_STORAGE_ERROR })
    s.mends()
    await s.stop()
    await s.start(DIRS)
    expect(await s.end('t', at)).toBe(1)
    expect((await s.leaders('t'))[at]).toEqual([at, 1, 0, []])
  })

  test('a topic with partitions in it can be deleted; its folder is no topic’s at the next start', async () => {
    const s = threeDirs()
    await s.start(DIRS)
    await s.create('t', 3)
    s.breaks('/b', 'EIO', ['write', 'sync', 'rename', 'syncDirectory'])
    await s.produce('t', s.recorded('t').indexOf('/b'), 'x')
    await s.sim.time.runFor(20)
    const { responses } = await s.ask(DeleteTopics, 3, { topicNames: ['t'], timeoutMs: 1000 })
    expect(responses[0]!.errorCode).toBe(errorCode.NONE)
    s.mends()
    await s.stop()
    await s.start(DIRS)
    await s.create('t', 3)
    for (const i of [0, 1, 2]) expect(await s.produce('t', i, 'x')).toBe(errorCode.NONE)
  })

  test('a full disk refuses what is new and serves what is there, and takes records again by itself', async () => {
    const s = threeDirs()
    await s.start(DIRS)
    await s.create('t', 3)
    for (const i of [0, 1, 2]) await s.produce('t', i, 'before')
    s.breaks('/', 'ENOSPC', ['write'])
    for (const i of [0, 1, 2]) {
      expect(await s.produce('t', i, 'lost')).toBe(errorCode.KAFKA_STORAGE_ERROR)
      expect(await s.fetch('t', i)).toContain('before')
    }
    expect(await s.create('u')).toBe(errorCode.KAFKA_STORAGE_ERROR)
    expect(await s.leaders('t')).toEqual([0, 1, 2].map((i) => [i, 1, 0, []]))
    s.mends()
    for (const i of [0, 1, 2]) {
      expect(await s.produce('t', i, 'after')).toBe(errorCode.NONE)
      expect(await s.end('t', i)).toBe(2)
    }
    expect(await s.create('u')).toBe(errorCode.NONE)
    expect(s.lines.filter((l) => /offline/.test(l))).toEqual([])
    // A line a dir, not one an append.
    expect(s.lines.filter((l) => /takes no more until there is room/.test(l))).toHaveLength(3)
  })

  test('a topic whose logs could not be opened for want of room is deleted all the same, with what they hold', async () => {
    const s = threeDirs()
    await s.start(DIRS)
    await s.create('t', 3)
    for (const i of [0, 1, 2]) await s.produce('t', i, 'x')
    await s.stop()
    s.breaks('/b/t-', 'EMFILE', ['open'])
    await s.start(DIRS)
    expect((await s.leaders('t')).filter(([, leader]) => leader !== 1)).toEqual([])
    await s.ask(DeleteTopics, 5, { topicNames: ['t'], timeoutMs: 1000 })
    s.mends()
    const left = ['/a', '/b', '/c'].flatMap((dir) =>
      s
        .disk()
        .list(dir)
        .map((f) => f.name),
    )
    expect(left.filter((name) => /^t-\d+$/.test(name))).toEqual([])
  })
})
