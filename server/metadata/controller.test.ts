import { expect, test } from 'vitest'
import { SimRandom } from '../env/sim_random.ts'
import type { KafkaError } from '../protocol/errors.ts'
import { CreateTopics } from '../protocol/messages/19_create_topics.ts'
import { DeleteTopics } from '../protocol/messages/20_delete_topics.ts'
import { CreatePartitions } from '../protocol/messages/37_create_partitions.ts'
import { IncrementalAlterConfigs } from '../protocol/messages/44_incremental_alter_configs.ts'
import { decodeRecords, RecordBatch } from '../records/batch.ts'
import { bootstrapRecords } from './bootstrap.ts'
import { MetadataController } from './controller.ts'
import { toRecords } from './image/to_records.ts'
import { MetadataImage } from './image.ts'
import { metadataRecordCodec } from './record_codec.ts'
import { decodeSnapshot } from './snapshot.ts'
import {
  addBrokers,
  anyConfig,
  fromWire,
  MemoryLog,
  plain,
  registration,
  startController,
  testSettings,
  testUuid,
} from './testing.ts'

const create = (name: string, numPartitions = 1) =>
  fromWire(CreateTopics, 7, { topics: [{ name, numPartitions, replicationFactor: 1, assignments: [], configs: [] }] })

/** What a crash at this moment would find: the log read from its bytes. */
function replay(log: MemoryLog): MetadataImage {
  const image = new MetadataImage()
  for (const bytes of log.batches) {
    const batch = new RecordBatch(bytes)
    if (batch.isControl) continue
    for (const { key, value, offset, timestamp } of decodeRecords(batch)) {
      image.apply(metadataRecordCodec.decode(key, value)!, { offset, timestampMs: timestamp })
    }
  }
  return image
}

test('an answer and the image wait until the records are committed', async () => {
  const t = await startController()
  await addBrokers(t, 1)
  t.log.held = true
  const seen: string[] = []
  t.controller.subscribe((records) => seen.push(...records.map((r) => r.name)))
  void t.controller.createTopics(create('a')).then(() => {
    seen.push(t.controller.image.topic('a') ? 'answered, and it is there' : 'answered too early')
  })
  await new Promise(setImmediate)
  expect(seen).toEqual([])
  expect(t.controller.image.topics.size).toBe(0)
  t.log.commit()
  await new Promise(setImmediate)
  expect(seen).toEqual(['TopicRecord', 'PartitionRecord', 'answered, and it is there'])
})

test('a command sees what the one before has decided, committed or not', async () => {
  const t = await startController()
  await addBrokers(t, 1)
  t.log.held = true
  const first = t.controller.createTopics(create('a'))
  const second = t.controller.createTopics(create('a'))
  t.log.commit()
  expect((await first).topics[0]!.errorCode).toBe(0)
  expect((await second).topics[0]!.errorCode).toBe(36)
})

test('when the log fails, all who wait are told, and nobody sees what was not committed', async () => {
  const t = await startController()
  await addBrokers(t, 1)
  t.log.held = true
  const answer = t.controller.createTopics(create('a'))
  t.log.fail(new Error('the disk is full'))
  await expect(answer).rejects.toThrow('the disk is full')
  await expect(t.controller.createTopics(create('b'))).rejects.toThrow('the disk is full')
  expect(t.controller.image.topics.size).toBe(0)
  expect(t.controller.error?.message).toBe('the disk is full')
})

test('a new start finds everything, and begins with the change of leader', async () => {
  const t = await startController()
  await addBrokers(t, 1)
  await t.controller.createTopics(create('a', 3))
  const before = plain(t.controller.image)
  const length = t.log.batches.length
  const again = await startController({ log: t.log })
  expect(plain(again.controller.image)).toEqual(before)
  expect(t.log.batches.slice(length).map((b) => new RecordBatch(b).isControl)).toEqual([true])
})

test('a broker that comes back leads again; after an unclean end in a new term, after a clean one in the same', async () => {
  const t = await startController()
  await addBrokers(t, 1)
  await t.controller.createTopics(create('a', 2))
  const { brokerEpoch } = t.controller.image.brokers.get(1)!
  const epochs = () => t.controller.image.topic('a')!.partitions.map((p) => [p.leader, p.leaderEpoch])
  await t.controller.registerBroker(registration(1, { incarnationId: testUuid(2), previousBrokerEpoch: brokerEpoch }))
  expect(epochs()).toEqual([
    [1, 0],
    [1, 0],
  ])
  await t.controller.registerBroker(registration(1, { incarnationId: testUuid(3) }))
  expect(epochs()).toEqual([
    [1, 1],
    [1, 1],
  ])
})

test('a broker of another cluster, or one that lacks a feature in use, is refused', async () => {
  const { controller } = await startController()
  const refused = (change: Parameters<typeof registration>[1]) =>
    controller.registerBroker(registration(1, change)).catch((e: KafkaError) => e.error)
  expect(await refused({ clusterId: 'another' })).toBe('INCONSISTENT_CLUSTER_ID')
  expect(await refused({ features: [] })).toBe('UNSUPPORTED_VERSION')
})

test('a heartbeat of an earlier life is refused, one that lags behind is not let in', async () => {
  const { controller } = await startController()
  const { brokerEpoch } = await controller.registerBroker(registration(1))
  const beat = (epoch: number, currentMetadataOffset: number) =>
    controller.brokerHeartbeat({
      brokerId: 1,
      brokerEpoch: epoch,
      currentMetadataOffset,
      wantFence: false,
      wantShutDown: false,
      offlineLogDirs: [],
      cordonedLogDirs: null,
    })
  await expect(beat(brokerEpoch - 1, brokerEpoch)).rejects.toMatchObject({ error: 'STALE_BROKER_EPOCH' })
  expect(await beat(brokerEpoch, brokerEpoch - 1)).toMatchObject({ isCaughtUp: false, isFenced: true })
  expect(await beat(brokerEpoch, brokerEpoch)).toMatchObject({ isCaughtUp: true, isFenced: false })
  expect(controller.image.isActive(1)).toBe(true)
})

test('no two blocks of producer ids overlap, over restarts too', async () => {
  const t = await startController()
  await addBrokers(t, 1)
  const take = async (c: MetadataController) => {
    const { brokerEpoch } = c.image.brokers.get(1)!
    return (await c.allocateProducerIds({ brokerId: 1, brokerEpoch })).producerIdStart
  }
  expect([await take(t.controller), await take(t.controller)]).toEqual([0, 1000])
  expect(await take((await startController({ log: t.log })).controller)).toBe(2000)
})

test('a snapshot is offered after so many bytes, and with the log behind it gives the same image', async () => {
  const written: { endOffset: number; epoch: number; file: Buffer }[] = []
  const log = new MemoryLog()
  const controller = new MetadataController({
    log,
    clock: { now: () => 7, monotonic: () => 0, after: () => () => {}, soon: () => {} },
    random: new SimRandom(1),
    leaderEpoch: 1,
    settings: testSettings,
    configRules: anyConfig,
    snapshots: { everyBytes: 2000, everyMs: 0, write: (id, file) => written.push({ ...id, file }) },
  })
  controller.load(undefined, [])
  await controller.start([...decodeSnapshot((await startController()).controller.snapshot().file).records])
  await addBrokers({ controller, log, random: new SimRandom(1) }, 1)
  for (let i = 0; i < 30; i++) await controller.createTopics(create(`t${i}`))
  expect(written.length).toBeGreaterThan(1)
  const { endOffset, epoch, file } = written.at(-1)!
  const again = new MetadataController({
    log,
    clock: { now: () => 7, monotonic: () => 0, after: () => () => {}, soon: () => {} },
    random: new SimRandom(2),
    leaderEpoch: 2,
    settings: testSettings,
    configRules: anyConfig,
  })
  again.load({ endOffset, epoch, ...decodeSnapshot(file) }, log.batches)
  expect(plain(again.image)).toEqual(plain(controller.image))
  expect(again.snapshot().id).toEqual({ endOffset: log.endOffset, epoch: 1 })
})

test('a snapshot is offered after so long, if there is news, and not otherwise', async () => {
  let nowMs = 0
  const written: number[] = []
  const log = new MemoryLog()
  const controller = new MetadataController({
    log,
    clock: { now: () => 7, monotonic: () => nowMs, after: () => () => {}, soon: () => {} },
    random: new SimRandom(1),
    leaderEpoch: 1,
    settings: testSettings,
    configRules: anyConfig,
    snapshots: { everyBytes: 1e9, everyMs: 3_600_000, write: ({ endOffset }) => written.push(endOffset) },
  })
  controller.load(undefined, [])
  await controller.start(bootstrapRecords())
  nowMs += 3_599_999
  controller.offerSnapshot()
  expect(written).toEqual([])
  nowMs += 1
  controller.offerSnapshot()
  nowMs += 3_600_000
  controller.offerSnapshot()
  expect(written).toEqual([log.endOffset])
})

test('a snapshot that cannot be kept costs nobody an answer', async () => {
  const failures: string[] = []
  const log = new MemoryLog()
  const controller = new MetadataController({
    log,
    clock: { now: () => 7, monotonic: () => 0, after: () => () => {}, soon: () => {} },
    random: new SimRandom(1),
    leaderEpoch: 1,
    settings: testSettings,
    configRules: anyConfig,
    snapshots: {
      everyBytes: 1,
      everyMs: 0,
      write() {
        throw new Error('the disk is full')
      },
      failed: (error) => failures.push(error.message),
    },
  })
  controller.load(undefined, [])
  await controller.start(bootstrapRecords())
  await addBrokers({ controller, log, random: new SimRandom(1) }, 1)
  expect((await controller.createTopics(create('a'))).topics[0]!.errorCode).toBe(0)
  expect(failures[0]).toBe('the disk is full')
})

test('whatever is asked, the image is what replaying the log gives, and what its own snapshot gives', async () => {
  for (let seed = 0; seed < 60; seed++) {
    const random = new SimRandom(`commands ${seed}`)
    const t = await startController({ seed })
    await addBrokers(t, ...[1, 2, 3].slice(0, random.between(1, 3)))
    for (let i = 0; i < 25; i++) {
      const name = random.pick(['a', 'b', 'c', 'a.b', 'a_b', '..', ''])
      await random.pick([
        () =>
          t.controller.createTopics(
            fromWire(CreateTopics, 7, {
              topics: [
                {
                  name,
                  numPartitions: random.between(-2, 5),
                  replicationFactor: random.between(-2, 4),
                  assignments: [],
                  configs: [{ name: 'retention.ms', value: random.pick(['1', null]) }],
                },
              ],
              validateOnly: random.chance(0.2),
            }),
          ),
        () => t.controller.deleteTopics(fromWire(DeleteTopics, 5, { topicNames: [name], timeoutMs: 0 })),
        () =>
          t.controller.createPartitions(
            fromWire(CreatePartitions, 3, {
              topics: [{ name, count: random.between(0, 8), assignments: null }],
              timeoutMs: 0,
              validateOnly: false,
            }),
          ),
        () =>
          t.controller.incrementalAlterConfigs(
            fromWire(IncrementalAlterConfigs, 1, {
              resources: [
                {
                  resourceType: random.pick([2, 4, 32, 99]),
                  resourceName: random.pick([name, '', '1']),
                  configs: [
                    {
                      name: random.pick(['x', 'y']),
                      configOperation: random.between(0, 4),
                      value: random.pick(['1', '2,3', null]),
                    },
                  ],
                },
              ],
              validateOnly: false,
            }),
          ),
        () =>
          t.controller
            .registerBroker(registration(random.between(1, 4), { incarnationId: random.uuid() }))
            .catch((e: KafkaError) => expect(e.error).toBe('DUPLICATE_BROKER_REGISTRATION')),
      ])()
    }
    const image = plain(t.controller.image)
    expect(plain(replay(t.log)), `seed ${seed}`).toEqual(image)
    const again = new MetadataImage()
    for (const record of toRecords(t.controller.image)) again.apply(record, { offset: 0, timestampMs: 0 })
    expect(plain(again), `seed ${seed}`).toEqual(image)
    checkInvariants(t.controller.image, seed)
  }
})

function checkInvariants(image: MetadataImage, seed: number): void {
  for (const topic of image.topics.values()) {
    expect(image.topicNames.get(topic.topicId), `seed ${seed}`).toBe(topic.name)
    expect(topic.partitions.length).toBeGreaterThan(0)
    topic.partitions.forEach((p, i) => {
      expect(p.partitionId).toBe(i)
      expect(new Set(p.replicas).size).toBe(p.replicas.length)
      expect(p.isr.every((id) => p.replicas.includes(id))).toBe(true)
      expect(p.leader === -1 || p.isr.includes(p.leader)).toBe(true)
      expect(p.replicas.length).toBe(topic.partitions[0]!.replicas.length)
    })
  }
}
