/** For tests: a controller and the brokers that it decides for, which do what they are told. */
import { SimTime } from '../env/sim_clock.ts'
import { errorOf } from '../protocol/errors.ts'
import { CreateTopics } from '../protocol/messages/19_create_topics.ts'
import { IncrementalAlterConfigs } from '../protocol/messages/44_incremental_alter_configs.ts'
import { AlterPartitionReassignments } from '../protocol/messages/45_alter_partition_reassignments.ts'
import { AlterPartition } from '../protocol/messages/56_alter_partition.ts'
import type { ControllerSettings } from './context.ts'
import type { PartitionImage } from './image.ts'
import { fromWire, type MemoryLog, registration, startController, type TestController } from './testing.ts'

/** A controller that is no broker, and what brokers and clients do. */
export async function cluster(
  o: { brokers: number[]; minInsyncReplicas?: number; log?: MemoryLog; settings?: Partial<ControllerSettings> },
  time = new SimTime(),
) {
  const settings = { nodeId: 3000, minInsyncReplicas: o.minInsyncReplicas ?? 1, ...o.settings }
  const t: TestController = await startController({
    settings,
    clock: time.clock({ dead: false }),
    ...(o.log && { log: o.log }),
  })
  const { controller, log } = t
  const epochs = new Map<number, number>()
  const c = {
    time,
    controller,
    log,
    epochOf: (brokerId: number) => epochs.get(brokerId)!,
    async register(brokerId: number, change: Parameters<typeof registration>[1] = {}) {
      const { brokerEpoch } = await controller.registerBroker(registration(brokerId, change))
      epochs.set(brokerId, brokerEpoch)
    },
    beat: (brokerId: number, change: Partial<Parameters<typeof controller.brokerHeartbeat>[0]> = {}) =>
      controller.brokerHeartbeat({
        brokerId,
        brokerEpoch: epochs.get(brokerId)!,
        currentMetadataOffset: log.endOffset - 1,
        wantFence: false,
        wantShutDown: false,
        offlineLogDirs: [],
        cordonedLogDirs: null,
        ...change,
      }),
    async join(...ids: number[]) {
      for (const id of ids) {
        await c.register(id)
        await c.beat(id)
      }
    },
    /** A new life; `clean` if the one before was stopped as it should be. */
    async restart(brokerId: number, clean: boolean) {
      const previousBrokerEpoch = clean ? epochs.get(brokerId)! : -1
      await c.register(brokerId, { incarnationId: t.random.uuid(), previousBrokerEpoch })
      await c.beat(brokerId)
    },
    crash: (brokerId: number) => controller.brokerLost(brokerId, epochs.get(brokerId)!),
    async create(name: string, ...replicas: number[][]) {
      const assignments = replicas.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds }))
      const topic = { name, numPartitions: -1, replicationFactor: -1, assignments, configs: [] }
      const { topics } = await controller.createTopics(fromWire(CreateTopics, 7, { topics: [topic] }))
      if (topics[0]!.errorMessage !== null) throw new Error(topics[0]!.errorMessage)
    },
    partition: (topic: string, id = 0): PartitionImage => controller.image.partition(topic, id)!,
    state: (topic: string, id = 0) => {
      const { leader, isr, eligibleLeaderReplicas: elr, lastKnownElr: last } = c.partition(topic, id)
      return { leader, isr, elr, last }
    },
    /** The leader's proposal, and what came of it. */
    async propose(topic: string, isr: number[], change: Record<string, unknown> = {}, partitionIndex = 0) {
      const { topicId } = controller.image.topic(topic)!
      const p = c.partition(topic, partitionIndex)
      const partition = {
        partitionIndex,
        leaderEpoch: p.leaderEpoch,
        partitionEpoch: p.partitionEpoch,
        leaderRecoveryState: 0,
        newIsrWithEpochs: isr.map((brokerId) => ({ brokerId, brokerEpoch: epochs.get(brokerId) ?? -1 })),
        ...change,
      }
      const request = {
        brokerId: p.leader,
        brokerEpoch: epochs.get(p.leader)!,
        topics: [{ topicId, partitions: [partition] }],
      }
      const reply = await controller.alterPartition(fromWire(AlterPartition, 3, request))
      return errorOf(reply.topics[0]!.partitions[0]!.errorCode)
    },
    async move(topic: string, replicas: number[] | null, allowReplicationFactorChange = true, partitionIndex = 0) {
      const topics = [{ name: topic, partitions: [{ partitionIndex, replicas }] }]
      const request = fromWire(AlterPartitionReassignments, 1, { allowReplicationFactorChange, topics })
      const reply = await controller.alterPartitionReassignments(request)
      return errorOf(reply.responses[0]!.partitions[0]!.errorCode)
    },
    set: (type: number, resourceName: string, name: string, value: string) =>
      controller.incrementalAlterConfigs(
        fromWire(IncrementalAlterConfigs, 1, {
          resources: [{ resourceType: type, resourceName, configs: [{ name, configOperation: 0, value }] }],
          validateOnly: false,
        }),
      ),
  }
  await c.join(...o.brokers)
  return c
}
