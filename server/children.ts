/** The processes of a start, as the supervisor is to start them: which there are, with which settings, in which order. Pure but for paths. */
import { resolve } from 'node:path'
import type { LifeTold } from './broker/life_before.ts'
import type { BrokerSettings } from './broker_process.ts'
import { controllerDirOf, type Folders, logDirsOf, metadataDirOf } from './cluster_folders.ts'
import { CONTROLLER_ID, type Stage } from './cluster_plan.ts'
import { formatListener, parseListeners } from './config/listeners.ts'
import type { Settings } from './config/settings.ts'
import type { ConsoleSettings } from './console_process.ts'
import type { ControllerSettings } from './controller_process.ts'
import type { NodeMetricsSettings } from './node_metrics.ts'
import type { ResizeSettings } from './resize_process.ts'
import type { ChildSpec } from './supervised_child.ts'

export interface Surroundings {
  /** The folder that holds package.json. */
  readonly root: string
  readonly version: string
  readonly development: boolean
  /** Where the controller is to listen; only asked for where one is started. */
  readonly controllerPort: number
}

type Texts = readonly (readonly [string, string])[]

/** Kafka's own sample server.properties sets it so: a group on a laptop need not wait for members that never come. */
const STARTING_POINT: Texts = [['group.initial.rebalance.delay.ms', '0']]

/**
 * V8 counts the bytes of requests, which are outside its heap, as if they had to be marked; with a live heap of 8 MB it began
 * a full collection every few tens of MB of traffic. A heap that may grow to five times its live size ends that. The young
 * generation, which frees most of those bytes, stays small.
 */
const BROKER_NODE_FLAGS = ['--max-semi-space-size=16', '--heap-growing-percent=400', '--expose-gc']
/** It serves few and small requests. */
const CONTROLLER_NODE_FLAGS = ['--max-semi-space-size=2', '--expose-gc']

/** Who is asked to end first. */
const TURN = { resize: 0, console: 1, broker: 2, controller: 3 } as const

/**
 * What a cluster of several begins with where nothing else is set: topics that outlive any broker, as those are set up whom others rely on.
 * Kafka's own values are for one broker, and its internal topics could not be made with two.
 */
function replicationFor(brokers: number): Texts {
  const factor = String(Math.min(3, brokers))
  const minIsr = String(minInsyncReplicasFor(brokers))
  return [
    ['default.replication.factor', factor],
    ['min.insync.replicas', minIsr],
    ['offsets.topic.replication.factor', factor],
    ['transaction.state.log.replication.factor', factor],
    ['transaction.state.log.min.isr', minIsr],
    ['share.coordinator.state.topic.replication.factor', factor],
    ['share.coordinator.state.topic.min.isr', minIsr],
  ]
}

const minInsyncReplicasFor = (brokers: number): number => (brokers > 2 ? 2 : 1)

/** What is set for all nodes; what each has for itself goes before it. */
export function commonSettings({ kafka }: Settings, brokers: number): Map<string, string> {
  return new Map([...STARTING_POINT, ...(brokers > 1 ? replicationFor(brokers) : []), ...kafka])
}

const idOf = (nodeId: number): string => `broker-${nodeId}`
export const CONTROLLER = 'controller'
const CONSOLE = 'console'
const RESIZE = 'resize'

export function foldersOf({ weir, kafka }: Settings): Folders {
  const metadataDir = kafka.get('metadata.log.dir')
  return {
    dataDir: resolve(weir.DATA_DIR),
    logDirs: (kafka.get('log.dirs') ?? kafka.get('log.dir') ?? weir.DATA_DIR)
      .split(',')
      .map((path) => path.trim())
      .filter((path) => path !== '')
      .map((path) => resolve(path)),
    metadataDir: metadataDir === undefined ? undefined : resolve(metadataDir),
  }
}

/** `asked`: so many brokers it will be in the end. */
export function childrenOf(settings: Settings, stage: Stage, asked: number, around: Surroundings): ChildSpec[] {
  const { brokers, controller, resize } = stage
  const ids = brokers.map(idOf)
  return [
    ...(controller ? [controllerChild(settings, stage, asked, around)] : []),
    ...brokers.map((nodeId) => brokerChild(settings, stage, { nodeId, asked }, around)),
    ...(resize ? [resizeChild(settings, stage, asked)] : []),
    consoleChild(settings, {
      around,
      brokers: brokers.filter((id) => !resize?.leave.includes(id)),
      controllers: controller ? [CONTROLLER_ID] : [],
      bootstrap: (started) => addressesOf(settings, brokers, started),
      // One answers for all, and tells of the others.
      mayStart: (isReady) => ids.some(isReady),
    }),
  ]
}

/** The console alone, on a cluster that others run. */
export const consoleOnly = (settings: Settings, around: Surroundings, existing: readonly string[]): ChildSpec[] => [
  consoleChild(settings, { around, brokers: [], controllers: [], bootstrap: () => existing }),
]

function controllerChild(settings: Settings, { takesOver }: Stage, asked: number, around: Surroundings): ChildSpec {
  const { weir } = settings
  const folders = foldersOf(settings)
  return {
    id: CONTROLLER,
    name: 'The controller',
    role: 'controller',
    nodeId: CONTROLLER_ID,
    answersAs: String(CONTROLLER_ID),
    nodeFlags: CONTROLLER_NODE_FLAGS,
    environment: { UV_THREADPOOL_SIZE: '2' },
    stopTurn: TURN.controller,
    stopMs: 10_000,
    settings: (started): ControllerSettings => ({
      nodeId: CONTROLLER_ID,
      dataDir: controllerDirOf(folders),
      port: keptPort(started.get(CONTROLLER), around.controllerPort),
      kafka: [...commonSettings(settings, asked)],
      logLevel: weir['weir.log.level'],
      metrics: metricsOf(settings, around, asked),
      ...(takesOver && { takesOverFrom: { nodeId: 1, dir: metadataDirOf(folders, 1) ?? logDirsOf(folders, 1)[0]! } }),
    }),
  }
}

function brokerChild(
  settings: Settings,
  { controller, takesOver, givesBack, resize }: Stage,
  { nodeId, asked }: { nodeId: number; asked: number },
  around: Surroundings,
): ChildSpec {
  const { weir, kafka } = settings
  const folders = foldersOf(settings)
  const id = idOf(nodeId)
  const kafkaId = Number(kafka.get('node.id') ?? nodeId)
  const leaves = resize?.leave.includes(nodeId) ?? false
  return {
    id,
    name: `Broker ${kafkaId}`,
    role: 'broker',
    nodeId: kafkaId,
    answersAs: String(kafkaId),
    nodeFlags: BROKER_NODE_FLAGS,
    // Node's own four would let reads wait behind the syncs of four partitions.
    environment: { UV_THREADPOOL_SIZE: kafka.get('num.io.threads') ?? '8' },
    stopTurn: TURN.broker,
    stopMs: 30_000,
    dispensable: leaves,
    // Otherwise it waits for the controller by itself. But what that makes out of this broker's folder must not change meanwhile.
    ...(takesOver && { mayStart: (isReady: (id: string) => boolean) => isReady(CONTROLLER) }),
    settings: (started, left): BrokerSettings => ({
      nodeId: kafkaId,
      dataDirs: logDirsOf(folders, nodeId),
      host: weir.HOST,
      port: keptPort(started.get(id), counted(weir.KAFKA_PORT, nodeId)),
      kafka: [
        ...commonSettings(settings, asked),
        ...ownListeners(kafka, nodeId),
        ...metadataDir(metadataDirOf(folders, nodeId)),
        ...(controller ? joining(keptPort(started.get(CONTROLLER), around.controllerPort)) : []),
        ...(leaves ? [['cordoned.log.dirs', '*'] as const] : []),
      ],
      syncAcksAll: weir['weir.acks.all.sync'],
      logLevel: weir['weir.log.level'],
      // Its port is the controller's, or nobody's, once it has left.
      metrics: { ...metricsOf(settings, around, nodeId - 1), ...(leaves && { port: null }) },
      lifeBefore: left as LifeTold | undefined,
      ...(givesBack && { takesBackFrom: { nodeId: CONTROLLER_ID, dir: controllerDirOf(folders) } }),
    }),
  }
}

const joining = (controllerPort: number): Texts => [
  ['process.roles', 'broker'],
  ['controller.quorum.voters', `${CONTROLLER_ID}@127.0.0.1:${controllerPort}`],
  ['controller.listener.names', 'CONTROLLER'],
]

const metadataDir = (dir: string | undefined): Texts => (dir === undefined ? [] : [['metadata.log.dir', dir]])

/** Broker n has the n-th port from the one that is set. */
function ownListeners(kafka: ReadonlyMap<string, string>, nodeId: number): Texts {
  return (['listeners', 'advertised.listeners'] as const).flatMap((name) => {
    const text = kafka.get(name)
    if (text === undefined || nodeId === 1) return []
    const parsed = parseListeners(
      name,
      text.split(','),
      kafka.get('listener.security.protocol.map') ?? 'PLAINTEXT:PLAINTEXT',
    )
    // The broker itself says what is wrong with it.
    if (typeof parsed === 'string') return []
    return [[name, parsed.map((l) => formatListener({ ...l, port: counted(l.port, nodeId) })).join(',')] as const]
  })
}

/** Of those that are not ready yet too, where it is known: who knows but the first may lose it before it has heard of the others. */
function addressesOf(
  { weir, kafka }: Settings,
  nodeIds: readonly number[],
  started: ReadonlyMap<string, readonly string[]>,
): string[] {
  const isKnown = weir.KAFKA_PORT !== 0 && !kafka.has('listeners') && !kafka.has('advertised.listeners')
  const host = weir.HOST.includes(':') ? `[${weir.HOST}]` : weir.HOST
  const expected = (nodeId: number) => (isKnown ? [`${host}:${counted(weir.KAFKA_PORT, nodeId)}`] : [])
  return nodeIds.flatMap((nodeId) => started.get(idOf(nodeId)) ?? expected(nodeId))
}

const counted = (port: number, nodeId: number): number => (port === 0 ? 0 : port + nodeId - 1)

function resizeChild(settings: Settings, { brokers, resize }: Stage, asked: number): ChildSpec {
  const ids = brokers.map(idOf)
  const common = commonSettings(settings, asked)
  const reaches = (started: ReadonlyMap<string, readonly string[]>) => addressesOf(settings, brokers, started)
  return {
    id: RESIZE,
    name: 'What moves the partitions',
    role: 'resize',
    nodeId: null,
    nodeFlags: CONTROLLER_NODE_FLAGS,
    stopTurn: TURN.resize,
    stopMs: 5_000,
    job: asked === 1 ? 'ends all' : 'others go on',
    mayStart: (isReady) => ids.some(isReady),
    reaches,
    settings: (started): ResizeSettings => ({
      ...resize!,
      bootstrap: reaches(started),
      brokerIds: brokers,
      leavingIds: resize!.leave.map(idOf),
      folders: foldersOf(settings),
      replicationFactor: Number(common.get('default.replication.factor') ?? 1),
      internalReplicationFactor: Number(common.get('offsets.topic.replication.factor') ?? 1),
      minInsyncReplicas: {
        before: minInsyncReplicasFor(resize!.grownFrom ?? brokers.length),
        now: Number(common.get('min.insync.replicas') ?? 1),
      },
    }),
  }
}

function consoleChild(
  { weir, kafka }: Settings,
  o: {
    around: Surroundings
    brokers: readonly number[]
    controllers: readonly number[]
    bootstrap(started: ReadonlyMap<string, readonly string[]>): readonly string[]
    mayStart?: ChildSpec['mayStart']
  },
): ChildSpec {
  return {
    id: CONSOLE,
    name: 'The console',
    role: 'console',
    nodeId: null,
    nodeFlags: [],
    stopTurn: TURN.console,
    stopMs: 10_000,
    ...(o.mayStart && { mayStart: o.mayStart }),
    reaches: o.bootstrap,
    settings: (started): Omit<ConsoleSettings, 'environment'> => ({
      host: weir.HOST,
      port: keptPort(started.get(CONSOLE), weir.PORT),
      dataDir: resolve(weir.DATA_DIR),
      bootstrap: o.bootstrap(started),
      embedded: o.brokers.length > 0,
      root: o.around.root,
      development: o.around.development,
      allowedHosts: weir['weir.allowed.hosts'] ?? [],
      brokers: o.brokers.map((nodeId) => String(kafka.get('node.id') ?? nodeId)),
      controllers: o.controllers.map(String),
      metricsDetail: weir['weir.metrics.detail'],
    }),
  }
}

/** `at`: how many ports after the one that is set. */
function metricsOf({ weir }: Settings, { version }: Surroundings, at: number): NodeMetricsSettings {
  const port = weir['weir.metrics.port']
  return {
    host: weir.HOST,
    port: port === null || port === 0 ? port : port + at,
    detail: weir['weir.metrics.detail'],
    allowedHosts: weir['weir.allowed.hosts'] ?? [],
    version,
  }
}

/** A free port is picked once: whoever was told of it finds the process there again after a restart. */
function keptPort(addresses: readonly string[] | undefined, asked: number): number {
  return Number(addresses?.[0]?.split(':').at(-1) ?? asked)
}
