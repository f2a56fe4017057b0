/** A controller as brokers and admin clients meet it: over its listener, on a simulated machine. */
import { describe, expect, test } from 'vitest'
import { supportedFeatures } from '../metadata/features.ts'
import { decodeSnapshot } from '../metadata/snapshot.ts'
import { errorCode, errorOf } from '../protocol/errors.ts'
import { Fetch } from '../protocol/messages/01_fetch.ts'
import { CreateTopics } from '../protocol/messages/19_create_topics.ts'
import { DescribeConfigs } from '../protocol/messages/32_describe_configs.ts'
import { IncrementalAlterConfigs } from '../protocol/messages/44_incremental_alter_configs.ts'
import { Vote } from '../protocol/messages/52_vote.ts'
import { BeginQuorumEpoch } from '../protocol/messages/53_begin_quorum_epoch.ts'
import { DescribeQuorum } from '../protocol/messages/55_describe_quorum.ts'
import { FetchSnapshot } from '../protocol/messages/59_fetch_snapshot.ts'
import { DescribeCluster } from '../protocol/messages/60_describe_cluster.ts'
import { BrokerRegistration } from '../protocol/messages/62_broker_registration.ts'
import { ControllerRegistration } from '../protocol/messages/70_controller_registration.ts'
import { ZERO_UUID } from '../protocol/schema.ts'
import { batches } from '../records/batch.ts'
import { createTopic, fetchRequest, heartbeat, join, type Peer, partitionOf, stage } from './testing.ts'

const bytesOf = (records: unknown): Buffer => (records as Buffer | null) ?? Buffer.alloc(0)
const endOf = (records: unknown): number => Math.max(...[...batches(bytesOf(records))].map((b) => b.nextOffset))

/** As a broker follows the log: what it asks next. */
const follow = async (peer: Peer, at: { offset: number; lastFetchedEpoch: number; leaderEpoch: number }) => {
  const p = partitionOf(await peer.ask(Fetch, fetchRequest(at)))
  return { ...p, errorCode: errorOf(p.errorCode), end: bytesOf(p.records).length > 0 ? endOf(p.records) : at.offset }
}

/** Snapshots come soon, and nothing of the log is kept behind them. */
const CUT = {
  'metadata.log.max.record.bytes.between.snapshots': '3000',
  'metadata.max.retention.bytes': '1',
  'metadata.log.segment.bytes': '8388608',
}

async function manyTopics(peer: Peer, from: number, to: number): Promise<void> {
  for (let i = from; i < to; i++) await peer.ask(CreateTopics, createTopic(`topic-${i}`, 1))
}

describe('the metadata log by Fetch', () => {
  test('brings all that is committed, with the high watermark, the leader and where it is', async () => {
    const s = stage()
    const node = await s.start()
    const { leaderEpoch } = node.metadataLog
    const answer = await s.peer('broker1').ask(Fetch, fetchRequest({ offset: 0, leaderEpoch }))
    const p = partitionOf(answer)
    expect(p.errorCode).toBe(errorCode.NONE)
    expect(p.highWatermark).toBe(node.metadataLog.highWatermark)
    expect(endOf(p.records)).toBe(p.highWatermark)
    expect(p.currentLeader).toEqual({ leaderId: 3000, leaderEpoch })
    expect(answer.nodeEndpoints).toEqual([{ nodeId: 3000, host: 'controller', port: 9093, rack: null }])
  })

  test('a fetch that finds nothing waits, and is answered when something is committed', async () => {
    const s = stage()
    const node = await s.start()
    const { leaderEpoch, highWatermark } = node.metadataLog
    const at = { offset: highWatermark, lastFetchedEpoch: leaderEpoch, leaderEpoch }
    const waiting = s.peer('broker1').send(Fetch, fetchRequest({ ...at, maxWaitMs: 5_000 }))
    let answered = false
    waiting.then(() => (answered = true))
    await s.sim.time.runFor(1_000)
    expect(answered).toBe(false)
    const epoch = await join(s.peer('broker2'), 2, node.clusterId)
    await s.sim.time.runFor(10)
    expect(answered).toBe(true)
    expect(partitionOf(await waiting).highWatermark).toBeGreaterThan(epoch)
  })

  test('a fetch that waits is answered with nothing when its time is over', async () => {
    const s = stage()
    const node = await s.start()
    const { leaderEpoch, highWatermark } = node.metadataLog
    const at = { offset: highWatermark, lastFetchedEpoch: leaderEpoch, leaderEpoch }
    const p = partitionOf(await s.peer('broker1').ask(Fetch, fetchRequest({ ...at, maxWaitMs: 500 })))
    expect(p).toMatchObject({ errorCode: errorCode.NONE, highWatermark })
    expect(bytesOf(p.records)).toHaveLength(0)
  })

  test('who does not know the high watermark hears of it at once (v18)', async () => {
    const s = stage()
    const node = await s.start()
    const { leaderEpoch, highWatermark } = node.metadataLog
    const at = { offset: highWatermark, lastFetchedEpoch: leaderEpoch, leaderEpoch, maxWaitMs: 60_000 }
    const peer = s.peer('broker1')
    await peer.ask(Fetch, fetchRequest({ offset: 0, leaderEpoch }))
    const beforeMs = node.clock.monotonic()
    await peer.ask(Fetch, fetchRequest({ ...at, highWatermark: highWatermark - 1 }), 18)
    expect(node.clock.monotonic() - beforeMs).toBeLessThan(100)
  })

  test.each([
    ['an older epoch', (epoch: number) => epoch - 1, 'FENCED_LEADER_EPOCH'],
    ['a newer epoch', (epoch: number) => epoch + 1, 'UNKNOWN_LEADER_EPOCH'],
  ])('%s is refused', async (_, epochOf, error) => {
    const s = stage()
    const { metadataLog } = await s.start()
    const leaderEpoch = epochOf(metadataLog.leaderEpoch)
    const p = partitionOf(await s.peer('broker1').ask(Fetch, fetchRequest({ offset: 0, leaderEpoch })))
    expect(errorOf(p.errorCode)).toBe(error)
    expect(p.currentLeader).toEqual({ leaderId: 3000, leaderEpoch: metadataLog.leaderEpoch })
  })

  test('a log that parts from the leader’s is told where', async () => {
    const s = stage()
    const first = await s.start()
    const endOfFirst = first.metadataLog.highWatermark
    const epoch = first.metadataLog.leaderEpoch
    await s.stop()
    const second = await s.start()
    const { leaderEpoch } = second.metadataLog
    expect(leaderEpoch).toBe(epoch + 1)
    const peer = s.peer('broker1')
    const ahead = await follow(peer, { offset: endOfFirst + 3, lastFetchedEpoch: epoch, leaderEpoch })
    expect(ahead.divergingEpoch).toEqual({ epoch, endOffset: endOfFirst })
    const whole = await follow(peer, { offset: endOfFirst, lastFetchedEpoch: epoch, leaderEpoch })
    expect(whole.divergingEpoch).toEqual({ epoch: -1, endOffset: -1 })
    expect(whole.end).toBe(second.metadataLog.highWatermark)
  })

  test('a request of another cluster, or for another topic, is refused', async () => {
    const s = stage()
    const { metadataLog } = await s.start()
    const { leaderEpoch } = metadataLog
    const peer = s.peer('broker1')
    const other = await peer.ask(Fetch, fetchRequest({ offset: 0, leaderEpoch, clusterId: 'another' }))
    expect(errorOf(other.errorCode)).toBe('INCONSISTENT_CLUSTER_ID')
    const request = fetchRequest({ offset: 0, leaderEpoch })
    const topics = [{ ...request.topics[0]!, topicId: 'BBBBBBBBBBBBBBBBBBBBBA' }]
    expect(errorOf((await peer.ask(Fetch, { ...request, topics })).errorCode)).toBe('INVALID_REQUEST')
  })

  test('a clean stop answers those who wait, and a kill ends their connections', async () => {
    const s = stage()
    const { metadataLog } = await s.start()
    const { leaderEpoch, highWatermark: offset } = metadataLog
    const at = { offset, lastFetchedEpoch: leaderEpoch, leaderEpoch, maxWaitMs: 60_000 }
    const waiting = s.peer('broker1').send(Fetch, fetchRequest(at))
    await s.sim.time.runFor(100)
    await s.stop()
    expect(errorOf(partitionOf(await waiting).errorCode)).toBe('BROKER_NOT_AVAILABLE')
    await s.start()
    const { metadataLog: next } = s.node
    const now = { offset: next.highWatermark, lastFetchedEpoch: next.leaderEpoch, leaderEpoch: next.leaderEpoch }
    const gone = s
      .peer('broker2')
      .send(Fetch, fetchRequest({ ...now, maxWaitMs: 60_000 }))
      .catch((e) => e.error)
    await s.sim.time.runFor(100)
    s.machine.kill()
    expect(await s.wait(gone)).toBe('NETWORK_EXCEPTION')
  })
})

describe('snapshots', () => {
  test('and the log are told in small pieces while answers that nobody takes fill the memory', async () => {
    const s = stage()
    const node = await s.start({ 'metadata.log.max.record.bytes.between.snapshots': '200000' })
    const peer = s.peer('broker1')
    await join(peer, 1, node.clusterId)
    const partitions = { numPartitions: 1_000, replicationFactor: 1, assignments: [], configs: [] }
    for (let i = 0; i < 5; i++)
      await peer.ask(CreateTopics, { ...createTopic('t', 1), topics: [{ name: `t${i}`, ...partitions }] })
    const { leaderEpoch } = node.metadataLog
    const { snapshotId } = await follow(peer, { offset: 0, lastFetchedEpoch: 0, leaderEpoch })
    const sizes = async () => {
      const log = partitionOf(await peer.ask(Fetch, fetchRequest({ offset: 1, lastFetchedEpoch: 1, leaderEpoch })))
      const { topics } = await peer.ask(FetchSnapshot, snapshotRequest(snapshotId, 0, leaderEpoch, 1 << 20))
      return [bytesOf(log.records).length, bytesOf(topics[0]!.partitions[0]!.unalignedRecords).length] as const
    }
    for (const size of await sizes()) expect(size).toBeGreaterThan(150_000)
    node.answers.take(1 << 30)
    for (const size of await sizes()) expect(size).toBeLessThanOrEqual(64 * 1024)
  })

  test('who needs what is no longer in the log is sent to the newest snapshot, and gets it in pieces', async () => {
    const s = stage()
    const node = await s.start(CUT)
    const peer = s.peer('broker1')
    await join(peer, 1, node.clusterId)
    await manyTopics(peer, 0, 40)
    const { leaderEpoch } = node.metadataLog
    const p = await follow(peer, { offset: 0, lastFetchedEpoch: 0, leaderEpoch })
    expect(p.snapshotId.endOffset).toBeGreaterThan(10)
    const pieces: Buffer[] = []
    for (let position = 0, size = 1; position < size; ) {
      const { topics } = await peer.ask(FetchSnapshot, snapshotRequest(p.snapshotId, position, leaderEpoch, 1_000))
      const piece = topics[0]!.partitions[0]!
      expect(errorOf(piece.errorCode)).toBe('NONE')
      expect(bytesOf(piece.unalignedRecords).length).toBeLessThanOrEqual(1_000)
      pieces.push(bytesOf(piece.unalignedRecords))
      size = piece.size
      position += bytesOf(piece.unalignedRecords).length
    }
    const { records } = decodeSnapshot(Buffer.concat(pieces))
    const topics = records.filter((r) => r.name === 'TopicRecord').length
    expect(topics).toBeGreaterThan(0)
    const rest = await follow(peer, {
      offset: p.snapshotId.endOffset,
      lastFetchedEpoch: p.snapshotId.epoch,
      leaderEpoch,
    })
    expect(rest.divergingEpoch.epoch).toBe(-1)
    expect(rest.end).toBe(node.metadataLog.highWatermark)
    const more = [...batches(bytesOf(rest.records))].length
    expect(topics + more).toBeGreaterThanOrEqual(40)
  })

  test('what a folder was formatted with is no snapshot that a reader is sent to', async () => {
    const s = stage()
    await s.start()
    await s.stop()
    const { disk } = s
    const name = '00000000000000000000-0000000000.checkpoint'
    disk.replaceFile(`/controller/__cluster_metadata-0/${name}`, disk.readFile('/controller/bootstrap.checkpoint')!)
    const { metadataLog } = await s.start()
    const { leaderEpoch } = metadataLog
    const peer = s.peer('broker1')
    const p = await follow(peer, { offset: 0, lastFetchedEpoch: 0, leaderEpoch })
    expect([p.snapshotId.endOffset, p.end]).toEqual([-1, metadataLog.highWatermark])
    const { topics } = await peer.ask(FetchSnapshot, snapshotRequest({ endOffset: 0, epoch: 0 }, 0, leaderEpoch, 1_000))
    expect(errorOf(topics[0]!.partitions[0]!.errorCode)).toBe('SNAPSHOT_NOT_FOUND')
  })

  test.each([
    ['a snapshot that there is not', { endOffset: 7, epoch: 1 }, 0, 0, 'SNAPSHOT_NOT_FOUND'],
    ['a place behind its end', undefined, 1 << 24, 0, 'POSITION_OUT_OF_RANGE'],
    ['a place before its beginning', undefined, -1, 0, 'POSITION_OUT_OF_RANGE'],
    ['an older epoch', undefined, 0, -1, 'FENCED_LEADER_EPOCH'],
    ['a newer epoch', undefined, 0, 1, 'UNKNOWN_LEADER_EPOCH'],
  ])('%s is refused', async (_, id, position, epochOff, error) => {
    const s = stage()
    const node = await s.start(CUT)
    const peer = s.peer('broker1')
    await join(peer, 1, node.clusterId)
    await manyTopics(peer, 0, 20)
    const { leaderEpoch } = node.metadataLog
    const { snapshotId } = await follow(peer, { offset: 0, lastFetchedEpoch: 0, leaderEpoch })
    const request = snapshotRequest(id ?? snapshotId, position, leaderEpoch + epochOff, 1_000)
    const { topics } = await peer.ask(FetchSnapshot, request)
    expect(errorOf(topics[0]!.partitions[0]!.errorCode)).toBe(error)
  })
})

const snapshotRequest = (
  snapshotId: { endOffset: number; epoch: number },
  position: number,
  currentLeaderEpoch: number,
  maxBytes: number,
) => ({
  replicaId: 1,
  maxBytes,
  topics: [{ name: '__cluster_metadata', partitions: [{ partition: 0, currentLeaderEpoch, snapshotId, position }] }],
})

describe('the quorum', () => {
  test('tells who follows and how far, and forgets who has not come for five minutes', async () => {
    const s = stage()
    const node = await s.start()
    const { leaderEpoch, highWatermark } = node.metadataLog
    await s.peer('broker1').ask(Fetch, fetchRequest({ offset: 0, leaderEpoch, replicaId: 1 }))
    const at = { offset: highWatermark, lastFetchedEpoch: leaderEpoch, leaderEpoch }
    await s.peer('broker2').ask(Fetch, fetchRequest({ ...at, replicaId: 2 }))
    await s.peer('tool').ask(Fetch, fetchRequest({ ...at, replicaId: -1 }))
    const ask = async () => {
      const body = { topics: [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }] }
      const { topics, nodes } = await s.peer('admin').ask(DescribeQuorum, body)
      return { ...topics[0]!.partitions[0]!, nodes }
    }
    const { currentVoters, observers, nodes } = await ask()
    expect(currentVoters).toMatchObject([{ replicaId: 3000, logEndOffset: highWatermark }])
    expect(observers.map((o) => [o.replicaId, o.logEndOffset, o.lastCaughtUpTimestamp > 0])).toEqual([
      [1, 0, false],
      [2, highWatermark, true],
    ])
    expect(nodes).toEqual([{ nodeId: 3000, listeners: [{ name: 'CONTROLLER', host: 'controller', port: 9093 }] }])
    await s.sim.time.runFor(301_000)
    expect((await ask()).observers).toEqual([])
  })

  test('no candidate gets the vote of the only voter, and no stranger deposes it', async () => {
    const s = stage()
    const node = await s.start()
    const { leaderEpoch } = node.metadataLog
    const peer = s.peer('stranger')
    const partition = {
      ...{ partitionIndex: 0, replicaEpoch: leaderEpoch + 5, replicaId: 9, replicaDirectoryId: ZERO_UUID },
      ...{ voterDirectoryId: ZERO_UUID, lastOffsetEpoch: leaderEpoch, lastOffset: 1_000_000, preVote: false },
    }
    const topics = [{ topicName: '__cluster_metadata', partitions: [partition] }]
    const vote = await peer.ask(Vote, { clusterId: node.clusterId, voterId: 3000, topics })
    expect(vote.topics[0]!.partitions[0]).toMatchObject({
      errorCode: 0,
      voteGranted: false,
      leaderId: 3000,
      leaderEpoch,
    })
    const begun = await peer.ask(BeginQuorumEpoch, {
      clusterId: node.clusterId,
      voterId: 3000,
      topics: [
        {
          topicName: '__cluster_metadata',
          partitions: [{ partitionIndex: 0, voterDirectoryId: ZERO_UUID, leaderId: 9, leaderEpoch: leaderEpoch + 5 }],
        },
      ],
      leaderEndpoints: [],
    })
    expect(begun.topics[0]!.partitions[0]).toMatchObject({ errorCode: errorCode.INVALID_REQUEST, leaderId: 3000 })
    const p = partitionOf(await peer.ask(Fetch, fetchRequest({ offset: 0, leaderEpoch })))
    expect(p.errorCode).toBe(errorCode.NONE)
  })

  test('its controllers are told to who asks for them, its brokers are not (KIP-919)', async () => {
    const s = stage()
    const node = await s.start()
    const peer = s.peer('admin')
    const ask = (endpointType: number) =>
      peer.ask(DescribeCluster, {
        includeClusterAuthorizedOperations: false,
        endpointType,
        includeFencedBrokers: false,
      })
    expect(await ask(2)).toMatchObject({
      ...{ errorCode: 0, endpointType: 2, clusterId: node.clusterId, controllerId: 3000 },
      brokers: [{ brokerId: 3000, host: 'controller', port: 9093 }],
    })
    expect(errorOf((await ask(1)).errorCode)).toBe('MISMATCHED_ENDPOINT_TYPE')
    expect(errorOf((await ask(3)).errorCode)).toBe('UNSUPPORTED_ENDPOINT_TYPE')
  })
})

describe('a broker whose connection ends', () => {
  const leaders = (topics: Iterable<{ partitions: readonly { leader: number }[] }>) =>
    [...topics].flatMap((t) => t.partitions.map((p) => p.leader))

  async function twoBrokers(s: ReturnType<typeof stage>, settings: Record<string, string> = {}) {
    const node = await s.start(settings)
    const one = s.peer('broker1')
    const two = s.peer('broker2')
    const epochs = [await join(one, 1, node.clusterId), await join(two, 2, node.clusterId)] as const
    for (let i = 0; i < 8; i++) await one.ask(CreateTopics, createTopic(`topic-${i}`, 2))
    const beat = async () => {
      await heartbeat(one, 1, epochs[0])
      await heartbeat(two, 2, epochs[1])
    }
    await beat()
    return { node, one, two, epochs }
  }

  test('is fenced at once, and what it led is led by others', async () => {
    const s = stage()
    const { node, one } = await twoBrokers(s)
    expect(new Set(leaders(node.controller.image.topics.values()))).toEqual(new Set([1, 2]))
    one.hangUp()
    await s.sim.time.runFor(50)
    expect(node.controller.image.brokers.get(1)?.fenced).toBe(true)
    expect(new Set(leaders(node.controller.image.topics.values()))).toEqual(new Set([2]))
  })

  test('is let in again by its next heartbeat', async () => {
    const s = stage()
    const { node, one, epochs } = await twoBrokers(s)
    one.hangUp()
    await s.sim.time.runFor(50)
    expect(await heartbeat(one, 1, epochs[0])).toMatchObject({ errorCode: 0, isFenced: false })
    expect(node.controller.image.isActive(1)).toBe(true)
  })

  test('has merely connected anew if a heartbeat follows over another connection', async () => {
    const s = stage()
    const { node, one, epochs } = await twoBrokers(s)
    const fenced: boolean[] = []
    node.controller.subscribe(() => fenced.push(node.controller.image.brokers.get(1)!.fenced))
    const again = s.peer('broker1b')
    await heartbeat(again, 1, epochs[0])
    one.hangUp()
    await s.sim.time.runFor(50)
    expect(node.controller.image.isActive(1)).toBe(true)
    expect(fenced.includes(true)).toBe(false)
  })

  test('that was silent for connections.max.idle.ms, and was closed for it, has its session', async () => {
    const s = stage()
    const { node, epochs } = await twoBrokers(s, { 'connections.max.idle.ms': '500' })
    const fenced: boolean[] = []
    node.controller.subscribe(() => fenced.push(node.controller.image.brokers.get(1)!.fenced))
    const one = s.peer('broker1b')
    for (let i = 0; i < 5; i++) {
      await heartbeat(one, 1, epochs[0])
      await s.sim.time.runFor(2_000)
    }
    expect(fenced.includes(true)).toBe(false)
    expect(node.controller.image.isActive(1)).toBe(true)
    await s.sim.time.runFor(9_000)
    expect(node.controller.image.isActive(1)).toBe(false)
  })

  test('after it has taken leave, nothing follows from it', async () => {
    const s = stage()
    const { node, one, two, epochs } = await twoBrokers(s)
    let reply = await heartbeat(one, 1, epochs[0], { wantShutDown: true })
    for (let i = 0; i < 5 && !reply.shouldShutDown; i++) {
      await heartbeat(two, 2, epochs[1], { metadataOffset: node.metadataLog.highWatermark })
      reply = await heartbeat(one, 1, epochs[0], { wantShutDown: true })
    }
    expect(reply.shouldShutDown).toBe(true)
    const { highWatermark } = node.metadataLog
    one.hangUp()
    await s.sim.time.runFor(50)
    expect(node.metadataLog.highWatermark).toBe(highWatermark)
  })

  test('an older life’s connection says nothing about the new one', async () => {
    const s = stage()
    const { node, one } = await twoBrokers(s)
    one.hangUp()
    await s.sim.time.runFor(50)
    const newer = s.peer('broker1-again')
    await join(newer, 1, node.clusterId, { incarnationId: 'CCCCCCCCCCCCCCCCCCCCCA' })
    await s.sim.time.runFor(50)
    expect(node.controller.image.isActive(1)).toBe(true)
  })

  test('because the controller stops is not fenced', async () => {
    const s = stage()
    const { node } = await twoBrokers(s)
    const { image } = node.controller
    await s.stop()
    expect([image.isActive(1), image.isActive(2)]).toEqual([true, true])
    const again = await s.start()
    expect([again.controller.image.isActive(1), again.controller.image.isActive(2)]).toEqual([true, true])
  })

  test('is fenced when its session is over if the connection stays and says nothing', async () => {
    const s = stage()
    const { node, epochs } = await twoBrokers(s)
    const two = s.peer('broker2-hb')
    for (let i = 0; i < 6; i++) {
      await s.sim.time.runFor(2_000)
      await heartbeat(two, 2, epochs[1])
    }
    expect([node.controller.image.isActive(1), node.controller.image.isActive(2)]).toEqual([false, true])
  })
})

describe('its own settings', () => {
  test('are shown under its own id, and levels of its loggers can be changed', async () => {
    const s = stage()
    await s.start()
    const peer = s.peer('admin')
    const ask = async (resourceType: number, resourceName: string, configurationKeys: string[] | null) => {
      const resources = [{ resourceType, resourceName, configurationKeys }]
      const body = { resources, includeSynonyms: false, includeDocumentation: false }
      const { errorCode: code, configs } = (await peer.ask(DescribeConfigs, body)).results[0]!
      return code === 0 ? configs.map((c) => [c.name, c.value]) : errorOf(code)
    }
    expect(await ask(4, '3000', ['node.id', 'process.roles'])).toEqual([
      ['node.id', '3000'],
      ['process.roles', 'controller'],
    ])
    expect(await ask(4, '1', null)).toBe('INVALID_REQUEST')
    expect(await ask(8, '3000', null)).toEqual([['root', 'WARN']])
    const configs = [{ name: 'root', configOperation: 0, value: 'INFO' }]
    const resources = [{ resourceType: 8, resourceName: '3000', configs }]
    const changed = await peer.ask(IncrementalAlterConfigs, { resources, validateOnly: false })
    expect(changed.responses[0]!.errorCode).toBe(0)
    expect(await ask(8, '3000', null)).toEqual([['root', 'INFO']])
  })

  test('are changed as those of a broker are', async () => {
    const s = stage()
    const node = await s.start()
    const set = async (resourceName: string) => {
      const configs = [{ name: 'unclean.leader.election.enable', configOperation: 0, value: 'true' }]
      const resources = [{ resourceType: 4, resourceName, configs }]
      const changed = await s.peer('admin').ask(IncrementalAlterConfigs, { resources, validateOnly: false })
      return errorOf(changed.responses[0]!.errorCode)
    }
    expect(await set('3000')).toBe('NONE')
    expect(node.config['unclean.leader.election.enable']).toBe(true)
    expect(await set('3001')).toBe('INVALID_REQUEST')
  })
})

test('a change that nobody could fetch in one piece is refused, and nothing of it is made', async () => {
  const s = stage()
  const node = await s.start()
  const peer = s.peer('admin')
  const set = async (groups: number) => {
    const configs = [{ name: 'consumer.session.timeout.ms', configOperation: 0, value: '45000' }]
    const resources = Array.from({ length: groups }, (_, i) => ({
      resourceType: 32,
      resourceName: `${i}`.padEnd(30_000, 'g'),
      configs,
    }))
    const { responses } = await peer.ask(IncrementalAlterConfigs, { resources, validateOnly: false })
    return new Set(responses.map((r) => errorOf(r.errorCode)))
  }
  const { highWatermark } = node.metadataLog
  expect(await set(300)).toEqual(new Set(['RECORD_LIST_TOO_LARGE']))
  expect(node.metadataLog.highWatermark).toBe(highWatermark)
  expect(await set(250)).toEqual(new Set(['NONE']))
})

describe('a registration', () => {
  test.each([
    ['with a security protocol that there is not', 1, [{ name: 'PLAINTEXT', securityProtocol: 7 }]],
    [
      'that names a listener twice',
      1,
      [
        { name: 'A', securityProtocol: 0 },
        { name: 'A', securityProtocol: 0 },
      ],
    ],
    ['of a listener without a name', 1, [{ name: '', securityProtocol: 0 }]],
    ['of a node with an id below 0', -3, [{ name: 'A', securityProtocol: 0 }]],
  ])('%s is refused: Apache Kafka would not load the log', async (_, id, given) => {
    const s = stage()
    const node = await s.start()
    const { highWatermark } = node.metadataLog
    const listeners = given.map((l) => ({ ...l, host: 'somewhere', port: 9092 }))
    const common = { incarnationId: 'CCCCCCCCCCCCCCCCCCCCCA', listeners, features: supportedFeatures() }
    const broker = await s.peer('broker').ask(BrokerRegistration, {
      ...{ ...common, brokerId: id, clusterId: node.clusterId, rack: null, isMigratingZkBroker: false },
      ...{ logDirs: [], previousBrokerEpoch: -1 },
    })
    expect(errorOf(broker.errorCode)).toBe('INVALID_REQUEST')
    const controller = { ...common, controllerId: id, zkMigrationReady: false }
    const answer = await s.peer('controller2').ask(ControllerRegistration, controller)
    expect(errorOf(answer.errorCode)).toBe('INVALID_REQUEST')
    expect(node.metadataLog.highWatermark).toBe(highWatermark)
  })
})

describe('what cannot be', () => {
  test.each([
    [{ 'controller.quorum.voters': '3000@controller:9093,3001@other:9093' }, 'names 3001@other:9093'],
    [{ listeners: 'PLAINTEXT://controller:9092' }, 'CONTROLLER://host:port'],
    [{ listeners: 'CONTROLLER://controller:9093,PLAINTEXT://controller:9094' }, 'exactly one listener'],
    [{ listeners: 'OTHER://controller:9093' }, 'listener.security.protocol.map lacks'],
  ])('%o is said in one sentence', async (settings, sentence) => {
    await expect(stage().start(settings as Record<string, string>)).rejects.toThrow(sentence)
  })

  test('but another name of the listener can', async () => {
    const s = stage()
    const settings = { 'controller.listener.names': 'QUORUM', listeners: 'QUORUM://controller:9095' }
    const node = await s.start({ ...settings, 'advertised.listeners': 'QUORUM://elsewhere:19095' })
    expect(node.address).toEqual({ host: 'controller', port: 9095 })
    expect(node.endpoint).toEqual({ host: 'elsewhere', port: 19095 })
    expect(node.controller.image.controllers.get(3000)?.endPoints).toMatchObject([{ name: 'QUORUM', port: 19095 }])
  })

  test('a port that is taken, a folder that is in use or of another node', async () => {
    const s = stage()
    await s.start()
    await expect(s.start()).rejects.toThrow('Port 9093 on controller is in use')
    await expect(s.start({ listeners: 'CONTROLLER://controller:9094' })).rejects.toThrow('/controller is in use')
    s.machine.kill()
    s.disk.replaceFile('/controller/meta.properties', Buffer.from('version=1\nnode.id=3001\ncluster.id=x\n'))
    await expect(s.start()).rejects.toThrow('/controller belongs to node 3001')
  })
})
