/**
 * A controller that is a node of its own (process.roles=controller), put together: folder, quorum of one voter, listener. Brokers follow its
 * log by Fetch, send their heartbeats and pass on what clients want. Nothing here knows of processes: the simulation starts the same thing.
 */
import { formatListener, parseListeners } from '../config/listeners.ts'
import type { Texts } from '../config/resolve.ts'
import type { Clock, Env, Listener } from '../env/env.ts'
import { LogManager } from '../log/log_manager.ts'
import { Configs } from '../metadata/configs.ts'
import type { MetadataController } from '../metadata/controller.ts'
import { supportedFeatures } from '../metadata/features.ts'
import type { MetadataRecord } from '../metadata/record_codec.ts'
import { METADATA_VERSION } from '../metadata/record_versions.ts'
import { KafkaError } from '../protocol/errors.ts'
import { ClientQuotas, quotaWindowsOf } from '../quota/client_quotas.ts'
import type { AnswerMemory } from '../rpc/answer_memory.ts'
import { ApiMeter } from '../rpc/api_meter.ts'
import { ClientConnections, newBlockPool } from '../rpc/client_connections.ts'
import { Dispatcher } from '../rpc/dispatch.ts'
import { type LeveledLogger, type LogLevel, logger } from '../rpc/logger.ts'
import { StartError } from '../rpc/start_error.ts'
import { offered, served } from './apis/served.ts'
import { BrokerConnections } from './broker_connections.ts'
import type { ControllerState, Endpoint } from './controller_state.ts'
import { FetchedLog } from './fetched_log.ts'
import { type LocalQuorum, openQuorum } from './local_quorum.ts'
import { Observers } from './observers.ts'
import { serviceOf } from './service.ts'

export interface ControllerNodeOptions {
  readonly env: Env
  readonly nodeId: number
  /** Its folder, unless metadata.log.dir names another. */
  readonly dataDir: string
  /** Where to listen, unless `listeners` says so. Port 0 picks a free one. */
  readonly host: string
  readonly port: number
  /** Kafka's settings as given at the start. */
  readonly settings: Texts
  /** What is written: by default failures and what should be looked into. */
  readonly logLevel?: LogLevel
  readonly write: (line: string) => void
  /**
   * Called once, with why, if it can decide nothing more: its log has failed, or we have a bug. It answers what it can until it is
   * stopped; another start goes on with all that it has told.
   */
  readonly onDown?: (error: Error) => void
  /** Overwrites memory that is given back for the next use, so that a wrong use of it is seen: for tests and the simulation. */
  readonly spoilBlocks?: boolean
}

const DEFAULT_LISTENER = 'CONTROLLER'
const PLAINTEXT = 0

/** Rejects with a StartError, a LogDirError or an Error: one sentence each. */
export async function startController(o: ControllerNodeOptions): Promise<ControllerNode> {
  const node = new ControllerNode(o)
  try {
    await node.start()
  } catch (error) {
    await node.abandon()
    throw error
  }
  return node
}

export class ControllerNode implements ControllerState {
  readonly nodeId: number
  readonly log: LeveledLogger
  readonly observers: Observers
  readonly brokers: BrokerConnections
  readonly quotas: ClientQuotas
  readonly offered = offered()
  /** What is counted of requests, by API key. */
  readonly meters: ReadonlyMap<number, ApiMeter> = new Map(
    [...served].map(([key, { api }]) => [key, new ApiMeter(api)]),
  )
  clusterId = ''
  directoryId = ''
  metadataLog!: FetchedLog
  private readonly settings: Map<string, string>
  readonly configs: Configs
  private readonly blocks
  private readonly connections: ClientConnections
  private listener: Listener | undefined
  private logs: LogManager | undefined
  private quorum: LocalQuorum | undefined
  private stopping = false

  constructor(private readonly o: ControllerNodeOptions) {
    const { env } = o
    this.nodeId = o.nodeId
    this.log = logger({
      who: `controller ${o.nodeId}`,
      level: o.logLevel ?? 'warn',
      nowMs: env.clock.now,
      write: o.write,
    })
    this.settings = new Map(o.settings)
    this.configs = new Configs(o.nodeId, this.settings)
    this.blocks = newBlockPool(o.spoilBlocks)
    this.observers = new Observers(env.clock)
    this.brokers = new BrokerConnections(env.clock, (brokerId, brokerEpoch) => this.brokerLost(brokerId, brokerEpoch))
    this.quotas = new ClientQuotas(quotaWindowsOf(this.config), env.clock)
    this.connections = new ClientConnections({
      clock: env.clock,
      handler: new Dispatcher(serviceOf(this, this.meters)),
      settings: () => ({
        maxRequestBytes: this.config['socket.request.max.bytes'],
        maxIdleMs: this.config['connections.max.idle.ms'],
      }),
      blocks: this.blocks,
    })
  }

  get clock(): Clock {
    return this.o.env.clock
  }
  get config() {
    return this.configs.broker
  }
  get controller(): MetadataController {
    return this.quorum!.controller
  }
  /** Where it listens. */
  get address(): Endpoint {
    const { host, port } = this.listener!
    return { host, port }
  }
  /** What clients of it ask at this moment. */
  get load() {
    return this.connections.load
  }
  get answers(): AnswerMemory {
    return this.connections.answers
  }
  /** controller.listener.names, the first. */
  private get listenerName(): string {
    return this.config['controller.listener.names']?.[0] ?? DEFAULT_LISTENER
  }

  /** The controllers' listeners need not be in it, as in Kafka, where nobody has set it. */
  private get protocolMap(): string {
    const map = this.config['listener.security.protocol.map']
    return this.settings.has('listener.security.protocol.map') ? map : `${map},${this.listenerName}:PLAINTEXT`
  }

  async start(): Promise<void> {
    const { env, nodeId } = this.o
    this.refuseOtherVoters()
    this.listener = await this.listen()
    this.noteOwnSettings()
    this.logs = LogManager.open({
      env,
      dir: this.dir,
      nodeId,
      config: this.config,
      blocks: this.blocks,
      onLine: (line) => this.log.warn(line),
    })
    this.clusterId = this.logs.clusterId
    this.directoryId = this.logs.directoryId
    this.quorum = await openQuorum({
      env,
      nodeId,
      configs: this.configs,
      logs: this.logs,
      onDown: (error) => {
        this.log.error(`the metadata log failed, so nothing can be changed until the next start: ${error.message}`)
        // Before that it is the start that fails.
        if (this.quorum !== undefined) this.o.onDown?.(error)
      },
      onSnapshotFailed: (error) => this.log.warn(`a snapshot of the metadata could not be kept: ${error.message}`),
    })
    const { controller, partition, leaderEpoch, snapshots } = this.quorum
    this.metadataLog = new FetchedLog(partition, nodeId, leaderEpoch, snapshots, env.clock)
    this.configs.follow(controller.image)
    this.quotas.follow(controller.image)
    controller.subscribe((records) => this.follow(records))
    await this.registerSelf()
    this.logs.startTasks()
    this.connections.serve()
  }

  /** A clean stop: what has been decided is answered, the log is closed, the next start scans nothing. */
  async stop(): Promise<void> {
    if (this.stopping) return
    this.stopping = true
    await this.listener!.close()
    this.brokers.close()
    this.metadataLog.close()
    this.connections.finish()
    this.quorum!.close(new KafkaError('NOT_CONTROLLER'))
    await this.logs!.close()
    this.connections.destroy('the controller stops')
  }

  /** After a failed start: gives back what was taken. */
  async abandon(): Promise<void> {
    await this.listener?.close()
    this.connections.destroy('the controller could not start')
    this.quorum?.close(new KafkaError('NOT_CONTROLLER'))
    this.logs?.abandon()
  }

  private refuseOtherVoters(): void {
    const others = this.config['controller.quorum.voters'].filter((voter) => !voter.startsWith(`${this.nodeId}@`))
    if (others.length === 0) return
    throw new StartError(
      `controller.quorum.voters names ${others.join(',')}, but this controller is the only voter of its quorum: name ${this.nodeId}@host:port alone, or use Apache Kafka's controllers.`,
    )
  }

  private get dir(): string {
    return this.config['metadata.log.dir'] ?? this.o.dataDir
  }

  private async listen(): Promise<Listener> {
    const { env, settings } = this.o
    const configured = settings.has('listeners')
      ? parseListeners('listeners', this.config.listeners, this.protocolMap)
      : [{ name: this.listenerName, host: this.o.host, port: this.o.port, securityProtocol: 'PLAINTEXT' as const }]
    if (typeof configured === 'string') throw new StartError(configured)
    const [at, ...others] = configured
    if (at === undefined || others.length > 0 || at.name !== this.listenerName || at.securityProtocol !== 'PLAINTEXT') {
      throw new StartError(
        `listeners of a controller must name exactly one listener, ${this.listenerName}://host:port, as controller.listener.names says; this is ${this.config.listeners.join(',')}.`,
      )
    }
    const host = at.host || '0.0.0.0'
    try {
      return await env.network.listen({ host, port: at.port }, (socket) => this.connections.accept(socket))
    } catch (error) {
      throw new StartError(listenSentence(error as Error & { code?: string }, host, at.port))
    }
  }

  /** What brokers and other controllers are told to connect to. */
  get endpoint(): Endpoint {
    const { host, port } = this.address
    const advertised = this.config['advertised.listeners'] ?? []
    const parsed = parseListeners('advertised.listeners', advertised, this.protocolMap)
    const own = typeof parsed === 'string' ? undefined : parsed.find((l) => l.name === this.listenerName)
    if (own?.host) return { host: own.host, port: own.port || port }
    return { host: host === '0.0.0.0' || host === '::' ? 'localhost' : host, port }
  }

  /** So that whoever asks for its settings is shown what they are, not Kafka's defaults. */
  private noteOwnSettings(): void {
    const own: [string, string][] = [
      ['process.roles', 'controller'],
      ['node.id', String(this.nodeId)],
      ['log.dirs', this.o.dataDir],
      ['controller.listener.names', this.listenerName],
      ['listeners', formatListener({ name: this.listenerName, ...this.address })],
    ]
    for (const [name, text] of own) if (!this.settings.has(name)) this.settings.set(name, text)
  }

  /** What DescribeCluster and features tell of it is taken from its registration, as of any other's (KIP-919). */
  private async registerSelf(): Promise<void> {
    if (this.controller.image.metadataVersion < METADATA_VERSION.v3_7_0) return
    await this.controller.registerController({
      controllerId: this.nodeId,
      incarnationId: this.o.env.random.uuid(),
      zkMigrationReady: false,
      listeners: [{ name: this.listenerName, ...this.endpoint, securityProtocol: PLAINTEXT }],
      features: supportedFeatures(),
    })
  }

  private brokerLost(brokerId: number, brokerEpoch: number): void {
    this.log.info(`broker ${brokerId} has closed its connection without taking leave: it is fenced`)
    this.controller.brokerLost(brokerId, brokerEpoch).catch((error: Error) => {
      this.log.warn(`broker ${brokerId} is gone, and could not be fenced at once: ${error.message}`)
    })
  }

  private follow(records: readonly MetadataRecord[]): void {
    const { image } = this.controller
    if (records.some(({ name }) => name === 'ConfigRecord')) this.configs.follow(image)
    if (records.some(({ name }) => name === 'ClientQuotaRecord')) this.quotas.follow(image)
  }
}

function listenSentence(error: Error & { code?: string }, host: string, port: number): string {
  if (error.code === 'EADDRINUSE') return `Port ${port} on ${host} is in use; give the controller another in listeners.`
  if (error.code === 'EACCES') return `Port ${port} may not be used by this user; give the controller one above 1023.`
  return `The controller cannot listen on ${host}:${port}: ${error.message}`
}
