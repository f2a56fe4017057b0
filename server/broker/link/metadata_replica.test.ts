import { describe, expect, test } from 'vitest'
import { simEnv } from '../../env/sim.ts'
import { LogManager } from '../../log/log_manager.ts'
import { logDirConfig } from '../../log/testing.ts'
import { Configs } from '../../metadata/configs.ts'
import { type MetadataRecord, metadataRecord, metadataRecordCodec } from '../../metadata/record_codec.ts'
import { encodeSnapshot } from '../../metadata/snapshot.ts'
import { plain, testUuid } from '../../metadata/testing.ts'
import { buildBatch } from '../../records/build_batch.ts'
import { logger } from '../../rpc/logger.ts'
import { MetadataReplica } from './metadata_replica.ts'

/** One batch of the leader's log. */
const batch = (baseOffset: number, partitionLeaderEpoch: number, ...records: MetadataRecord[]): Buffer =>
  buildBatch(
    records.map((r) => metadataRecordCodec.encode(r)),
    { timestamp: 1_000 + baseOffset, baseOffset, partitionLeaderEpoch },
  )

const topic = (n: number) => metadataRecord('TopicRecord', { name: `t${n}`, topicId: testUuid(n) })
const removal = (n: number) => metadataRecord('RemoveTopicRecord', { topicId: testUuid(n) })
const config = (name: string, value: string | null) =>
  metadataRecord('ConfigRecord', { resourceType: 4, resourceName: '', name, value })
const unchanged = {
  ...{ isr: null, replicas: null, removingReplicas: null, addingReplicas: null, directories: null },
  ...{ eligibleLeaderReplicas: null, lastKnownElr: null, leaderRecoveryState: -1 },
}
const newLeader = metadataRecord('PartitionChangeRecord', {
  ...unchanged,
  ...{ partitionId: 0, topicId: testUuid(0), leader: 1 },
})
const newPartition = metadataRecord('PartitionRecord', {
  ...{ partitionId: 0, topicId: testUuid(0), replicas: [1], isr: [1], removingReplicas: [], addingReplicas: [] },
  ...{ leader: 1, leaderRecoveryState: 0, leaderEpoch: 0, partitionEpoch: 0, directories: [] },
  ...{ eligibleLeaderReplicas: null, lastKnownElr: null },
})
const begin = metadataRecord('BeginTransactionRecord', { name: null })
const end = metadataRecord('EndTransactionRecord', {})
const abort = metadataRecord('AbortTransactionRecord', { reason: null })

async function stage(settings: Record<string, string> = {}) {
  const world = simEnv(1)
  let { env } = world
  const lines: string[] = []
  const told: string[] = []
  let replica!: MetadataReplica
  let logs!: LogManager
  const open = async () => {
    logs = LogManager.open({ env, dir: '/data', nodeId: 1, config: logDirConfig })
    replica = await world.time.runUntilSettled(
      MetadataReplica.open({
        env,
        configs: new Configs(1, new Map(Object.entries(settings))),
        logs,
        log: logger({ who: 'b', level: 'warn', nowMs: env.clock.now, write: (line) => lines.push(line) }),
      }),
    )
    replica.committed.subscribe((records) => {
      for (const { name } of records) told.push(name)
    })
  }
  await open()
  return {
    ...world,
    lines,
    told,
    get replica() {
      return replica
    },
    get topics() {
      return [...replica.committed.image.topics.keys()]
    },
    files: () => env.disk.list(replica.folder).map((f) => f.name),
    async reopen(how: 'kill' | 'crash' | 'stop') {
      replica.close()
      if (how === 'stop') await world.time.runUntilSettled(logs.close())
      world.machine[how === 'stop' ? 'kill' : how]()
      env = world.machine.boot()
      await open()
    },
  }
}

describe("a broker's replica of the metadata log", () => {
  test('counts what is below the high watermark, and the rest when that has passed it', async () => {
    const s = await stage()
    s.replica.append(Buffer.concat([batch(0, 1, topic(1)), batch(1, 1, topic(2))]), 1)
    expect(s.topics).toEqual(['t1'])
    expect(s.replica.position).toEqual({ offset: 2, lastEpoch: 1, highWatermark: 1 })
    s.replica.append(null, 2)
    expect(s.topics).toEqual(['t1', 't2'])
    expect(s.told).toEqual(['TopicRecord', 'TopicRecord'])
    expect(s.replica.appliedOffset).toBe(1)
  })

  test('tells of a metadata transaction when it has ended, and never if it is aborted', async () => {
    const s = await stage()
    s.replica.append(batch(0, 1, begin, topic(1)), 2)
    expect([s.topics, s.told]).toEqual([[], []])
    s.replica.append(batch(2, 1, end), 3)
    expect(s.topics).toEqual(['t1'])
    expect(s.told).toEqual(['BeginTransactionRecord', 'TopicRecord', 'EndTransactionRecord'])
    s.replica.append(batch(3, 1, begin, topic(2), abort), 6)
    expect(s.topics).toEqual(['t1'])
    expect(s.told).toHaveLength(3)
  })

  test.each(['kill', 'stop'] as const)(
    'has after a %s what it had; what was not known to be committed waits to be told',
    async (how) => {
      const s = await stage()
      s.replica.append(Buffer.concat([batch(0, 1, topic(1)), batch(1, 2, topic(2))]), 2)
      await s.reopen(how)
      expect(s.replica.position).toEqual({ offset: 2, lastEpoch: 2, highWatermark: -1 })
      expect(s.topics).toEqual([])
      s.replica.append(null, 2)
      expect(s.topics).toEqual(['t1', 't2'])
    },
  )

  test('cuts its end where the leader of a later epoch has another', async () => {
    const s = await stage()
    s.replica.append(Buffer.concat([batch(0, 1, topic(1)), batch(1, 1, topic(2)), batch(2, 2, topic(3))]), 1)
    // The leader of epoch 3 has nothing of epoch 2, and of epoch 1 up to offset 2.
    await s.time.runUntilSettled(s.replica.truncate({ epoch: 1, endOffset: 2 }))
    expect(s.replica.position).toEqual({ offset: 2, lastEpoch: 1, highWatermark: 1 })
    await s.time.runUntilSettled(s.replica.truncate({ epoch: 1, endOffset: 1 }))
    s.replica.append(batch(1, 3, topic(4)), 2)
    expect(s.topics).toEqual(['t1', 't4'])
    expect(s.lines).toEqual([])
  })

  test('goes back with controllers that have lost what they had committed, and says so', async () => {
    const s = await stage()
    s.replica.append(Buffer.concat([batch(0, 1, topic(1)), batch(1, 1, topic(2))]), 2)
    await s.time.runUntilSettled(s.replica.truncate({ epoch: 1, endOffset: 1 }))
    expect(s.lines.join()).toContain('it has lost changes')
    s.replica.append(batch(1, 2, topic(3)), 2)
    expect(s.topics).toEqual(['t1', 't3'])
    expect(s.told).toContain('RemoveTopicRecord')
  })

  test('goes back no further than it must, and lets nobody believe that the rest is gone', async () => {
    const s = await stage()
    s.replica.append(Buffer.concat([batch(0, 1, topic(1)), batch(1, 1, topic(2)), batch(2, 1, topic(3))]), 3)
    s.told.length = 0
    await s.time.runUntilSettled(s.replica.truncate({ epoch: 1, endOffset: 2 }))
    expect(s.told.filter((name) => name === 'RemoveTopicRecord')).toHaveLength(1)
    expect(s.topics).toEqual(['t1', 't2'])
    expect(s.replica.appliedOffset).toBe(1)
  })

  test('goes back to nothing if it must, and makes no snapshot of that', async () => {
    const s = await stage({ 'metadata.log.max.snapshot.interval.ms': '1000' })
    s.replica.append(Buffer.concat([batch(0, 1, topic(1)), batch(1, 1, topic(2))]), 2)
    await s.time.runUntilSettled(s.replica.truncate({ epoch: 1, endOffset: 0 }))
    expect(s.topics).toEqual([])
    await s.time.runFor(600_000)
    expect(s.files().filter((f) => f.endsWith('.checkpoint'))).toEqual([])
  })

  const snapshotOf = (endOffset: number, epoch: number, ...records: MetadataRecord[]) => ({
    id: { endOffset, epoch },
    file: encodeSnapshot(records, { epoch, lastContainedLogTimestamp: 5_000, timestamp: 6_000 }),
  })

  test('takes a snapshot in place of everything, and those who follow hear what is gone with it', async () => {
    const s = await stage()
    s.replica.append(batch(0, 1, topic(1), topic(2), config('a', '1'), config('b', '1')), 4)
    s.told.length = 0
    const { id, file } = snapshotOf(100, 3, topic(2), topic(3), config('b', '2'))
    s.replica.install(id, file)
    expect(s.topics).toEqual(['t2', 't3'])
    expect(s.told).toEqual(['RemoveTopicRecord', 'ConfigRecord', 'TopicRecord', 'TopicRecord', 'ConfigRecord'])
    expect([...s.replica.committed.image.configsOf(4, '')]).toEqual([['b', '2']])
    expect(s.replica.position).toEqual({ offset: 100, lastEpoch: 3, highWatermark: 100 })
    s.replica.append(batch(100, 3, topic(4)), 101)
    expect(s.topics).toEqual(['t2', 't3', 't4'])
    await s.reopen('kill')
    expect(s.topics).toEqual(['t2', 't3'])
    s.replica.append(null, 101)
    expect(s.topics).toEqual(['t2', 't3', 't4'])
  })

  test('goes back to the snapshot of controllers that have lost what they had committed, for good', async () => {
    const s = await stage({ 'metadata.log.max.record.bytes.between.snapshots': '1' })
    s.replica.append(batch(0, 1, topic(1), topic(2)), 2)
    expect(s.files()).toContain('00000000000000000002-0000000001.checkpoint')
    const { id, file } = snapshotOf(1, 3, topic(3))
    s.replica.install(id, file)
    expect(s.topics).toEqual(['t3'])
    expect(s.lines.join()).toContain('it has lost changes')
    await s.reopen('kill')
    expect([s.topics, s.replica.position.offset]).toEqual([['t3'], 1])
  })

  test('refuses a snapshot that is not whole, and has what it had', async () => {
    const s = await stage()
    s.replica.append(batch(0, 1, topic(1)), 1)
    const { id, file } = snapshotOf(100, 3, topic(2))
    expect(() => s.replica.install(id, file.subarray(0, file.length - 20))).toThrow('cannot be read')
    expect(s.topics).toEqual(['t1'])
    expect(s.replica.position.offset).toBe(1)
  })

  test('is the old one or the new one after a crash at any step of taking a snapshot', async () => {
    for (let at = 0; ; at++) {
      const s = await stage()
      s.replica.append(batch(0, 1, topic(1)), 1)
      await s.time.runFor(1_000)
      let calls = 0
      let crashed = false
      s.machine.onDiskCall = () => {
        if (calls++ !== at) return
        crashed = true
        s.machine.crash()
      }
      const { id, file } = snapshotOf(100, 3, topic(2))
      try {
        s.replica.install(id, file)
      } catch {
        // It died in the middle.
      }
      s.machine.onDiskCall = () => {}
      await s.reopen('crash')
      const { offset, lastEpoch } = s.replica.position
      if (offset === 100) expect([s.topics, lastEpoch], `call ${at}`).toEqual([['t2'], 3])
      else expect([s.topics, offset <= 1], `call ${at}`).toEqual([[], true])
      if (!crashed) {
        expect(offset).toBe(100)
        return
      }
    }
  })

  describe('that finds no room on its disk', () => {
    const full = async (settings: Record<string, string> = {}) => {
      const s = await stage(settings)
      s.replica.append(Buffer.concat([batch(0, 1, topic(1)), batch(1, 1, topic(2))]), 1)
      s.machine.changeDisk({ faults: ({ kind }) => (kind === 'write' || kind === 'open' ? 'ENOSPC' : undefined) })
      return s
    }
    const makeRoom = async (s: Awaited<ReturnType<typeof full>>) => {
      s.machine.changeDisk({})
      await s.time.runFor(1_000)
      s.replica.append(null, -1)
    }

    test('follows all the same, and has it on disk soon after there is room', async () => {
      const s = await full()
      s.replica.append(batch(2, 1, topic(3)), 3)
      expect([s.topics, s.replica.position]).toEqual([
        ['t1', 't2', 't3'],
        { offset: 3, lastEpoch: 1, highWatermark: 3 },
      ])
      s.replica.append(batch(3, 2, topic(4)), 3)
      s.replica.append(Buffer.concat([batch(4, 2, topic(5)), batch(5, 3, topic(6))]), 5)
      expect(s.topics).toEqual(['t1', 't2', 't3', 't4', 't5'])
      expect(s.replica.position).toEqual({ offset: 6, lastEpoch: 3, highWatermark: 5 })
      await makeRoom(s)
      expect(s.replica.position).toEqual({ offset: 6, lastEpoch: 3, highWatermark: 5 })
      s.replica.append(batch(6, 3, topic(7)), 5)
      await s.reopen('kill')
      expect([s.topics, s.replica.position.offset, s.replica.position.lastEpoch]).toEqual([
        ['t1', 't2', 't3', 't4', 't5'],
        7,
        3,
      ])
      s.replica.append(null, 7)
      expect(s.topics).toEqual(['t1', 't2', 't3', 't4', 't5', 't6', 't7'])
      expect(s.lines.filter((line) => !line.includes('takes no more'))).toEqual([])
    })

    test('writes what is not committed itself, without a snapshot, where it lacks nothing else', async () => {
      const s = await full()
      s.replica.append(batch(2, 1, topic(3)), 2)
      await makeRoom(s)
      expect(s.files().filter((f) => f.endsWith('.checkpoint'))).toEqual([])
      await s.reopen('kill')
      expect(s.replica.position.offset).toBe(3)
    })

    test('fetches after a restart what it had in memory only', async () => {
      const s = await full()
      s.replica.append(batch(2, 1, topic(3)), 3)
      s.machine.changeDisk({})
      await s.reopen('kill')
      expect([s.topics, s.replica.position.offset]).toEqual([[], 2])
      s.replica.append(batch(2, 1, topic(3)), 3)
      expect(s.topics).toEqual(['t1', 't2', 't3'])
    })

    test('waits with the snapshot until a metadata transaction has ended', async () => {
      const s = await full()
      s.replica.append(batch(2, 1, begin, topic(3)), 4)
      await makeRoom(s)
      expect(s.files().filter((f) => f.endsWith('.checkpoint'))).toEqual([])
      s.replica.append(batch(4, 1, end), 5)
      await makeRoom(s)
      await s.reopen('kill')
      expect([s.topics, s.replica.position.offset]).toEqual([['t1', 't2', 't3'], 5])
    })

    test('takes no batch that does not follow, or is broken', async () => {
      const s = await full()
      s.replica.append(batch(2, 1, topic(3)), 3)
      expect(() => s.replica.append(batch(2, 1, topic(4)), 3)).toThrow('cannot follow')
      const broken = batch(3, 1, topic(4))
      broken[broken.length - 1]! ^= 1
      expect(() => s.replica.append(broken, 4)).toThrow()
      expect([s.topics, s.replica.position.offset]).toEqual([['t1', 't2', 't3'], 3])
    })

    test('forgets what the leader of a later epoch does not have, and nothing that is committed', async () => {
      const s = await full()
      s.replica.append(Buffer.concat([batch(2, 1, topic(3)), batch(3, 1, topic(4))]), 3)
      await s.time.runUntilSettled(s.replica.truncate({ epoch: 1, endOffset: 3 }))
      expect(s.replica.position).toEqual({ offset: 3, lastEpoch: 1, highWatermark: 3 })
      s.replica.append(batch(3, 2, topic(5)), 4)
      expect(s.topics).toEqual(['t1', 't2', 't3', 't5'])
      await makeRoom(s)
      await s.reopen('kill')
      expect([s.topics, s.replica.position]).toEqual([
        ['t1', 't2', 't3', 't5'],
        { offset: 4, lastEpoch: 2, highWatermark: -1 },
      ])
    })

    test('goes back with controllers that have lost what they had committed', async () => {
      const s = await full()
      s.replica.append(Buffer.concat([batch(2, 1, topic(3)), batch(3, 1, topic(4))]), 3)
      const diverging = { epoch: 1, endOffset: 2 }
      while (s.replica.position.offset > 2) await s.time.runUntilSettled(s.replica.truncate(diverging))
      expect(s.lines.join()).toContain('it has lost changes')
      s.replica.append(batch(2, 2, topic(5)), 3)
      expect(s.topics).toEqual(['t1', 't2', 't5'])
      await makeRoom(s)
      await s.reopen('kill')
      expect(s.topics).toEqual(['t1', 't2', 't5'])
    })

    test('knows what a snapshot says for which there is no room either', async () => {
      const s = await full()
      const { id, file } = snapshotOf(100, 3, topic(2), topic(3))
      s.replica.install(id, file)
      expect([s.topics, s.replica.position]).toEqual([['t2', 't3'], { offset: 100, lastEpoch: 3, highWatermark: 100 }])
      s.replica.append(batch(100, 4, topic(4)), 101)
      expect(s.topics).toEqual(['t2', 't3', 't4'])
      await makeRoom(s)
      await s.reopen('kill')
      expect([s.topics, s.replica.position]).toEqual([
        ['t2', 't3', 't4'],
        { offset: 101, lastEpoch: 4, highWatermark: -1 },
      ])
    })

    test('is as before or has it all after a crash at any step of writing what was missing', async () => {
      for (let at = 0; ; at++) {
        const s = await full()
        await s.time.runFor(1_000)
        s.replica.append(batch(2, 1, topic(3)), 3)
        s.replica.append(batch(3, 1, topic(4)), 3)
        s.machine.changeDisk({})
        await s.time.runFor(1_000)
        let calls = 0
        let crashed = false
        s.machine.onDiskCall = () => {
          if (calls++ !== at) return
          crashed = true
          s.machine.crash()
        }
        try {
          s.replica.append(null, -1)
        } catch {
          // It died in the middle.
        }
        s.machine.onDiskCall = () => {}
        await s.reopen('crash')
        const { offset } = s.replica.position
        s.replica.append(null, offset)
        expect(s.topics, `call ${at}`).toEqual(['t1', 't2', 't3', 't4'].slice(0, offset))
        if (!crashed) {
          expect(offset).toBeGreaterThanOrEqual(3)
          return
        }
      }
    })
  })

  test.each(['5000', '12000'])(
    'makes snapshots of its own and starts from the newest; kept are %s bytes',
    async (kept) => {
      const s = await stage({
        'internal.metadata.log.segment.bytes': '2000',
        'metadata.log.max.record.bytes.between.snapshots': '3000',
        'metadata.max.retention.bytes': kept,
        'metadata.max.retention.ms': '-1',
      })
      let offset = 0
      const add = (...records: MetadataRecord[]) => {
        s.replica.append(batch(offset, 1, ...records), offset + records.length)
        offset += records.length
      }
      add(topic(0), newPartition)
      for (let n = 1; n <= 100; n++) {
        // Each change raises an epoch: to apply one twice shows.
        add(topic(n), config('c', String(n)), newLeader)
        if (n > 5) add(removal(n - 5))
      }
      expect(s.replica.committed.image.partition('t0', 0)!.leaderEpoch).toBe(100)
      const checkpoints = s.files().filter((f) => f.endsWith('.checkpoint'))
      expect(checkpoints.length).toBeGreaterThan(0)
      expect(s.files()).not.toContain('00000000000000000000.log')
      const before = plain(s.replica.committed.image)
      await s.reopen('kill')
      s.replica.append(null, offset)
      expect(plain(s.replica.committed.image)).toEqual(before)
    },
  )
})
