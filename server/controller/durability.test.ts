/** What a controller keeps through kills, losses of power, and disks that are full or fail. */
import { describe, expect, test } from 'vitest'
import { errorOf } from '../protocol/errors.ts'
import { Fetch } from '../protocol/messages/01_fetch.ts'
import { CreateTopics } from '../protocol/messages/19_create_topics.ts'
import { createTopic, fetchRequest, heartbeat, join, partitionOf, stage } from './testing.ts'

/** Snapshots come soon, and nothing of the log is kept behind them. */
const CUT = {
  'metadata.log.max.record.bytes.between.snapshots': '3000',
  'metadata.max.retention.bytes': '1',
  'metadata.log.segment.bytes': '8388608',
}

describe('a controller that is killed, or loses its power, again and again', () => {
  test.each(['kill', 'crash'] as const)('has all that it acknowledged (%s)', async (how) => {
    const s = stage({ seed: 7 })
    const made: string[] = []
    let clusterId = ''
    let epoch = 0
    for (let life = 0; life < 6; life++) {
      const node = await s.start(CUT)
      clusterId ||= node.clusterId
      expect(node.clusterId).toBe(clusterId)
      expect(node.metadataLog.leaderEpoch).toBeGreaterThan(epoch)
      epoch = node.metadataLog.leaderEpoch
      expect([...node.controller.image.topics.keys()]).toEqual(expect.arrayContaining(made))
      const peer = s.peer(`broker-${life}`)
      await join(peer, 1, clusterId, { incarnationId: `CCCCCCCCCCCCCCCCCCCC${life}A` })
      for (let i = 0; i < 10; i++) {
        const name = `life-${life}-${i}`
        const { topics } = await peer.ask(CreateTopics, createTopic(name, 1))
        if (topics[0]!.errorCode === 0) made.push(name)
      }
      expect(made).toHaveLength((life + 1) * 10)
      s.machine[how]()
    }
  })
})

describe('the disk of a controller', () => {
  test('that is full refuses changes, and takes them again once there is room; who follows and beats is served', async () => {
    let full = false
    const s = stage({ disk: { faults: ({ kind }) => (full && kind === 'write' ? 'ENOSPC' : undefined) } })
    const node = await s.start()
    const peer = s.peer('broker1')
    const epoch = await join(peer, 1, node.clusterId)
    const { leaderEpoch } = node.metadataLog
    full = true
    const refused = await peer.ask(CreateTopics, createTopic('orders', 1))
    expect(errorOf(refused.topics[0]!.errorCode)).toBe('KAFKA_STORAGE_ERROR')
    expect(await heartbeat(peer, 1, epoch)).toMatchObject({ errorCode: 0, isFenced: false })
    expect(partitionOf(await peer.ask(Fetch, fetchRequest({ offset: 0, leaderEpoch }))).errorCode).toBe(0)
    full = false
    const taken = await peer.ask(CreateTopics, createTopic('orders', 1))
    expect(taken.topics[0]!.errorCode).toBe(0)
    s.machine.crash()
    expect((await s.start()).controller.image.topic('orders')).toBeDefined()
  })

  test('that fails a sync ends what it decides, not what it has told; the next start goes on with what is on the disk', async () => {
    let broken = false
    const s = stage({ disk: { faults: ({ kind }) => (broken && kind === 'sync' ? 'EIO' : undefined) } })
    const node = await s.start()
    const peer = s.peer('broker1')
    await join(peer, 1, node.clusterId)
    await peer.ask(CreateTopics, createTopic('orders', 1))
    broken = true
    const lost = await peer.ask(CreateTopics, createTopic('payments', 1))
    expect(lost.topics[0]!.errorCode).not.toBe(0)
    expect(node.controller.image.topic('payments')).toBeUndefined()
    broken = false
    const after = await peer.ask(CreateTopics, createTopic('refunds', 1))
    expect(after.topics[0]!.errorCode).not.toBe(0)
    expect(s.lines.some((line) => /the metadata log failed/.test(line))).toBe(true)
    s.machine.crash()
    const { image } = (await s.start()).controller
    expect([image.topic('orders') !== undefined, image.topic('refunds')]).toEqual([true, undefined])
  })

  test.each(Array.from({ length: 12 }, (_, seed) => seed))(
    'that fails a sync makes it say so, and what it is told after a start survives a loss of power (seed %i)',
    async (seed) => {
      let broken = false
      const s = stage({ seed, disk: { faults: ({ kind }) => (broken && kind === 'sync' ? 'EIO' : undefined) } })
      const { clusterId } = await s.start()
      const peer = s.peer('broker1')
      await join(peer, 1, clusterId)
      await peer.ask(CreateTopics, createTopic('orders', 1))
      broken = true
      await peer.ask(CreateTopics, createTopic('payments', 1))
      expect(s.downs).toHaveLength(1)
      // What was not synced is still what a process reads, and no later sync of it brings it to the disk.
      s.machine.kill()
      broken = false
      await s.start()
      const again = s.peer('broker1-again')
      await join(again, 1, clusterId, { incarnationId: 'CCCCCCCCCCCCCCCCCCCCCA' })
      const told = [...s.node.controller.image.topics.keys()]
      await again.ask(CreateTopics, createTopic('refunds', 1))
      s.machine.crash()
      const { image } = (await s.start()).controller
      expect([...image.topics.keys()]).toEqual([...told, 'refunds'])
    },
  )
})
