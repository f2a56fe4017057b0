/** For tests: a metadata log in memory, a controller on it, requests as they come from the wire, and dialogues as text. */
import type { Clock, Random } from '../env/env.ts'
import { SimRandom } from '../env/sim_random.ts'
import type { Api } from '../protocol/api.ts'
import { decode, encode } from '../protocol/codec.ts'
import type { BrokerRegistration } from '../protocol/messages/62_broker_registration.ts'
import type { Fields, Infer, Input, Message } from '../protocol/schema.ts'
import { decodeRecords, RecordBatch } from '../records/batch.ts'
import type { StateLog } from '../state/log.ts'
import { bootstrapRecords } from './bootstrap.ts'
import type { ConfigRules } from './config_rules.ts'
import type { ControllerSettings } from './context.ts'
import { MetadataController } from './controller.ts'
import { supportedFeatures } from './features.ts'
import type { MetadataImage } from './image.ts'
import { type MetadataRecord, metadataRecordCodec } from './record_codec.ts'

/** Commits each append at once, or, while `held`, when told to. */
export class MemoryLog implements StateLog {
  readonly batches: Buffer[] = []
  highWatermark = 0
  held = false
  private readonly listeners = new Set<(highWatermark: number, error?: Error) => void>()

  constructor(private readonly leaderEpoch = 1) {}

  get endOffset(): number {
    const last = this.batches.at(-1)
    return last === undefined ? 0 : new RecordBatch(last).nextOffset
  }
  append(bytes: Buffer): number {
    const batch = new RecordBatch(bytes)
    batch.baseOffset = this.endOffset
    batch.partitionLeaderEpoch = this.leaderEpoch
    this.batches.push(bytes)
    if (!this.held) this.commit()
    return batch.nextOffset
  }
  commit(): void {
    this.highWatermark = this.endOffset
    for (const fn of [...this.listeners]) fn(this.highWatermark)
  }
  fail(error: Error): void {
    for (const fn of [...this.listeners]) fn(this.highWatermark, error)
  }
  onHighWatermark(listener: (highWatermark: number, error?: Error) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }
}

export const testSettings: ControllerSettings = {
  clusterId: 'cluster-of-the-tests--',
  nodeId: 1,
  listenerName: 'CONTROLLER',
  numPartitions: 1,
  defaultReplicationFactor: 1,
  deleteTopicEnable: true,
  minInsyncReplicas: 1,
  uncleanLeaderElectionEnable: false,
  uncleanLeaderElectionIntervalMs: 300_000,
  brokerSessionTimeoutMs: 9_000,
  leaderImbalanceCheckIntervalMs: 300_000,
}

/** Everything may be set to anything. */
export const anyConfig: ConfigRules = {
  problem: () => undefined,
  isList: () => true,
  defaultValue: () => null,
  effectiveTopicConfigs: () => [],
}

const stoppedClock: Clock = { now: () => 1_700_000_000_000, monotonic: () => 0, after: () => () => {}, soon: () => {} }

export interface TestController {
  readonly controller: MetadataController
  readonly log: MemoryLog
  readonly random: Random
}

/** A controller in its term, on what `log` holds; without any brokers unless the log has them. */
export async function startController(
  options: {
    log?: MemoryLog
    settings?: Partial<ControllerSettings>
    configRules?: ConfigRules
    seed?: number
    bootstrap?: readonly MetadataRecord[]
    clock?: Clock
  } = {},
): Promise<TestController> {
  const log = options.log ?? new MemoryLog()
  const random = new SimRandom(options.seed ?? 1)
  const controller = new MetadataController({
    log,
    clock: options.clock ?? stoppedClock,
    random,
    leaderEpoch: 1,
    settings: { ...testSettings, ...options.settings },
    configRules: options.configRules ?? anyConfig,
  })
  controller.load(undefined, [...log.batches])
  await controller.start(options.bootstrap ?? bootstrapRecords())
  return { controller, log, random }
}

/** `byte`, sixteen times. */
export const testUuid = (byte: number): string => Buffer.alloc(16, byte).toString('base64url')

export const registration = (
  brokerId: number,
  change: Partial<Infer<typeof BrokerRegistration.request>> = {},
): Infer<typeof BrokerRegistration.request> => ({
  brokerId,
  clusterId: testSettings.clusterId,
  incarnationId: testUuid(100 + brokerId),
  listeners: [{ name: 'PLAINTEXT', host: `broker${brokerId}`, port: 9092, securityProtocol: 0 }],
  features: supportedFeatures(),
  rack: null,
  isMigratingZkBroker: false,
  logDirs: [testUuid(brokerId)],
  previousBrokerEpoch: -1,
  ...change,
})

/** Registers brokers and lets them serve. */
export async function addBrokers({ controller }: TestController, ...ids: number[]): Promise<void> {
  for (const brokerId of ids) {
    const { brokerEpoch } = await controller.registerBroker(registration(brokerId))
    await controller.brokerHeartbeat({
      brokerId,
      brokerEpoch,
      currentMetadataOffset: brokerEpoch,
      wantFence: false,
      wantShutDown: false,
      offlineLogDirs: [],
      cordonedLogDirs: null,
    })
  }
}

/** As a handler gets it from a client that speaks this version: what the version lacks has its default. */
export const fromWire = <Q extends Fields>(
  api: Api<Q, any>,
  version: number,
  request: Input<Message<Q>>,
): Infer<Message<Q>> => decode(api.request, version, encode(api.request, version, request)) as Infer<Message<Q>>

/** Records of the log from `from` on, as Kafka's names and JSON. */
export function recordLines(log: MemoryLog, from = 0): string[] {
  return log.batches.flatMap((bytes) => {
    const batch = new RecordBatch(bytes)
    if (batch.isControl) return []
    return decodeRecords(batch).flatMap(({ key, value, offset }) => {
      if (offset < from) return []
      const { name, version, data } = metadataRecordCodec.decode(key, value)!
      return [`${name} v${version} ${JSON.stringify(data)}`]
    })
  })
}

/** Everything in an image, comparable. */
export const plain = (image: MetadataImage): unknown =>
  JSON.parse(
    JSON.stringify(
      {
        brokers: [...image.brokers.values()],
        controllers: [...image.controllers.values()],
        topics: [...image.topics.values()],
        topicNames: [...image.topicNames].sort(),
        configs: [...image.configs].flatMap(([type, byName]) =>
          [...byName].map(([name, values]) => [type, name, [...values].sort()]),
        ),
        features: [...image.features].sort(),
        nextProducerId: image.nextProducerId,
        clientQuotas: [...image.clientQuotas].map(([key, { values }]) => [key, [...values]]),
        scramCredentials: [...image.scramCredentials],
        acls: [...image.acls],
        delegationTokens: [...image.delegationTokens],
      },
      undefined,
      0,
    ),
  )
