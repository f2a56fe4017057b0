/**
 * One broker, put together: folder, metadata, partitions, coordinators, connections. It runs the controller as well
 * (process.roles=broker,controller). Nothing here knows of processes: the simulation starts the same thing.
 */
import { formatListener, parseListeners } from '../config/listeners.ts'
import { AlterPartitionHandler } from '../controller/apis/56_alter_partition.ts'
import { AllocateProducerIdsHandler } from '../controller/apis/67_allocate_producer_ids.ts'
import { AssignReplicasToDirsHandler } from '../controller/apis/73_assign_replicas_to_dirs.ts'
import { GroupCoordinator } from '../coordinator/group/coordinator.ts'
import type { Clock, Listener } from '../env/env.ts'
import type { BlockPool } from '../lib/block_pool.ts'
import { clusterIdOf, LogDirs } from '../log/log_dirs.ts'
import type { LogManager } from '../log/log_manager.ts'
import { Configs } from '../metadata/configs.ts'
import { resourceType } from '../metadata/image.ts'
import type { MetadataRecord } from '../metadata/record_codec.ts'
import { KafkaError } from '../protocol/errors.ts'
import { ClientQuotas, quotaWindowsOf } from '../quota/client_quotas.ts'
import { ConnectionQuotas } from '../quota/connection_quotas.ts'
import { ReplicaFetchers } from '../replication/fetcher/replica_fetchers.ts'
import type { AnswerMemory } from '../rpc/answer_memory.ts'
import { ClientConnections, newBlockPool } from '../rpc/client_connections.ts'
import { Dispatcher } from '../rpc/dispatch.ts'
import { type LeveledLogger, logger } from '../rpc/logger.ts'
import { StartError } from '../rpc/start_error.ts'
import { offered, served } from './apis/index.ts'
import type { BrokerOptions } from './broker_options.ts'
import type { BrokerState } from './broker_state.ts'
import { connectionSettingsOf } from './connection_settings.ts'
import type { ControllerLink } from './controller_link.ts'
import { Coordinators, OFFSETS_TOPIC } from './coordinators.ts'
import { DirectoryAssignments } from './directory_assignments.ts'
import { FetchSessions } from './fetch_sessions.ts'
import { groupConfigOf, groupTopicsOf } from './group_coordinator.ts'
import { ImageView } from './image_view.ts'
import { previousEpoch } from './life_before.ts'
import { BrokerLife } from './link/broker_life.ts'
import { openLocalLink } from './link/local.ts'
import { openRemoteLink } from './link/remote.ts'
import { logDirConfigOf } from './log_dir_config.ts'
import { BrokerMetrics } from './metrics.ts'
import { refuseMissingDirs } from './missing_dirs.ts'
import { Partitions } from './partitions.ts'
import { ProducerIds } from './producer_ids.ts'
import { Purgatory } from './purgatory.ts'
import { BrokerReplication } from './replication.ts'
import { RoomWatch } from './room_watch.ts'
import { serviceOf } from './service.ts'
import { ClientTelemetry } from './telemetry/telemetry.ts'
import { ThrottledReplication } from './throttled_replication.ts'

const LISTENER = 'PLAINTEXT'
/** Between attempts to tell the controller something. */
const LONGEST_PAUSE_MS = 1_000
/** A broker that wants to stop waits so long at most for others to lead what it leads. */
const LEAVE_TIMEOUT_MS = 30_000
/** And where there are no others. */
const LEAVE_ALONE_MS = 3_000
export async function startBroker(o: BrokerOptions): Promise<Broker> {
  const broker = new Broker(o)
  try {
    await broker.start()
  } catch (error) {
    await broker.abandon()
    throw error
  }
  return broker
}

export class Broker implements BrokerState {
  readonly nodeId: number
  readonly log: LeveledLogger
  /** As given at the start, and what follows from it. */
  private readonly settings: Map<string, string>
  readonly configs: Configs
  readonly purgatory: Purgatory
  readonly telemetry: ClientTelemetry
  readonly fetchSessions: FetchSessions
  readonly quotas: ClientQuotas
  private readonly connectionQuotas: ConnectionQuotas
  readonly offered = offered()
  readonly producerIds: ProducerIds
  partitions!: Partitions
  metadata!: ImageView
  groups!: GroupCoordinator
  clusterId = ''
  private logs: LogDirs | undefined
  /** Ids of log dirs that have failed. */
  private readonly failedDirectories = new Set<string>()
  private listeners: Listener[] = []
  private readonly connections: ClientConnections
  private readonly blocks: BlockPool
  readonly metrics = new BrokerMetrics([...served.values()].map((h) => h.api))
  fetchers!: ReplicaFetchers
  private replication!: BrokerReplication
  private assignments!: DirectoryAssignments
  readonly throttled: ThrottledReplication
  private coordinators!: Coordinators
  private life: BrokerLife | undefined
  /** Where others may lead in its place. */
  private roomWatch: RoomWatch | undefined
  /** It is let in: groups are served from what it leads. */
  private coordinates = false
  private stopping = false
  private hasStarted = false
  /** Why it cannot follow its cluster any more. */
  private left: StartError | undefined
  /** Monotonic ms. */
  readonly startedMs: number

  constructor(private readonly o: BrokerOptions) {
    this.nodeId = o.nodeId
    this.startedMs = o.env.clock.monotonic()
    this.log = logger({
      who: `broker ${o.nodeId}`,
      level: o.logLevel ?? 'warn',
      nowMs: o.env.clock.now,
      write: o.write,
    })
    this.settings = new Map(o.settings)
    this.configs = new Configs(o.nodeId, this.settings)
    this.blocks = newBlockPool(o.spoilBlocks)
    this.purgatory = new Purgatory(o.env.clock)
    this.telemetry = new ClientTelemetry(o.env.clock, o.env.random, () => this.config['telemetry.max.bytes'])
    this.fetchSessions = new FetchSessions({
      slots: () => this.config['max.incremental.fetch.session.cache.slots'],
      ...o.env,
    })
    const windows = quotaWindowsOf(this.config)
    this.quotas = new ClientQuotas(windows, o.env.clock)
    this.throttled = new ThrottledReplication(this.configs, { clock: o.env.clock, nodeId: o.nodeId })
    this.connectionQuotas = new ConnectionQuotas({
      settings: connectionSettingsOf(this.configs, LISTENER),
      windows: windows.client,
      clock: o.env.clock,
      accept: (socket) => {
        this.metrics.connectionsAccepted++
        this.connections.accept(socket)
      },
      refused: (host, why) => this.log.warn(`a connection from ${host} is closed: ${why}`),
    })
    this.connections = new ClientConnections({
      clock: o.env.clock,
      handler: new Dispatcher(serviceOf(this)),
      settings: () => ({
        maxRequestBytes: this.config['socket.request.max.bytes'],
        maxIdleMs: this.config['connections.max.idle.ms'],
      }),
      blocks: this.blocks,
      left: (socket) => this.connectionQuotas.left(socket),
    })
    this.producerIds = new ProducerIds(async () => {
      const { errorCode, producerIdStart, producerIdLen } = await this.controller.ask(AllocateProducerIdsHandler, {
        brokerId: this.nodeId,
        brokerEpoch: this.brokerEpoch,
      })
      if (errorCode !== 0) throw new KafkaError('COORDINATOR_NOT_AVAILABLE')
      return { firstProducerId: producerIdStart, length: producerIdLen }
    })
  }

  get config() {
    return this.configs.broker
  }
  controller!: ControllerLink
  get clock(): Clock {
    return this.o.env.clock
  }
  /** What clients ask of it at this moment. */
  get load() {
    return this.connections.load
  }
  get answers(): AnswerMemory {
    return this.connections.answers
  }
  /** Of its registration, -1 before. */
  private get brokerEpoch(): number {
    return this.life?.brokerEpoch ?? -1
  }
  /** Where clients reach it. */
  get address(): { host: string; port: number } {
    return this.listeners[0]!
  }

  async start(): Promise<void> {
    const { env, nodeId } = this.o
    this.listeners = await this.listen()
    this.noteOwnSettings()
    const openLink = this.isController ? openLocalLink : openRemoteLink
    this.controller = await openLink({
      env,
      nodeId,
      configs: this.configs,
      log: this.log,
      clusterId: clusterIdOf(env.disk, this.allDirs),
      openLogs: (clusterId) => this.openLogs(clusterId).metadata,
      onDown: (error) => void this.leave(error),
    })
    const logs = this.logs!
    this.clusterId = logs.clusterId
    const { image } = this.controller
    this.configs.follow(image)
    this.quotas.follow(image)
    this.connectionQuotas.follow(image)
    this.metadata = new ImageView(image, LISTENER, nodeId, this.failedDirectories, env.random)
    this.throttled.follow(image)
    this.fetchers = new ReplicaFetchers({
      env,
      nodeId,
      brokerEpoch: () => (this.brokerEpoch < 0 ? undefined : this.brokerEpoch),
      addressOf: (id) => image.brokers.get(id)?.endPoints.find((e) => e.name === LISTENER),
      config: () => this.config,
      throttle: this.throttled.follower,
      blocks: this.blocks,
      warn: (line) => this.log.warn(line),
    })
    this.replication = new BrokerReplication({
      clock: env.clock,
      nodeId,
      brokerEpoch: () => this.brokerEpoch,
      image,
      configs: this.configs,
      metrics: this.metrics,
      log: this.log,
      ask: (request) => this.controller.ask(AlterPartitionHandler, request),
    })
    this.assignments = new DirectoryAssignments({
      clock: env.clock,
      nodeId,
      brokerEpoch: () => this.brokerEpoch,
      ask: (request) => this.controller.ask(AssignReplicasToDirsHandler, request),
      warn: (line) => this.log.warn(line),
    })
    this.partitions = new Partitions({
      nodeId,
      image,
      replicationOf: this.replication.of,
      logs,
      configs: this.configs,
      clock: env.clock,
      syncAcksAll: this.o.syncAcksAll,
      metrics: this.metrics,
      log: this.log,
      fetchers: this.fetchers,
      onPlaced: (p) => this.assignments.put(p),
      onMade: () => {
        this.assignments.tell()
        if (this.coordinates) void this.coordinators.follow()
      },
    })
    this.groups = new GroupCoordinator({
      config: groupConfigOf(this.configs),
      clock: env.clock,
      random: env.random,
      topics: groupTopicsOf(image),
      numPartitions: () => this.coordinators.numPartitions ?? this.config['offsets.topic.num.partitions'],
      logLine: (line) => this.log.info(line),
      onShardDown: (index, error) => this.coordinators.isDown(index, error),
    })
    this.coordinators = new Coordinators({
      image,
      groups: this.groups,
      ledOf: (topic) => this.partitions.ledOf(topic),
      clock: env.clock,
      log: this.log,
      onLoaded: (tookMs) => this.metrics.coordinatorLoads.observe(tookMs / 1000),
    })
    this.telemetry.subscriptions.follow(image.configs.get(resourceType.clientMetrics))
    this.controller.subscribe((records, o) => this.follow(records, o))
    const life = new BrokerLife({
      controller: this.controller,
      clock: env.clock,
      log: this.log,
      nodeId,
      clusterId: this.clusterId,
      incarnationId: env.random.uuid(),
      directoryIds: logs.online.map((d) => d.directoryId),
      previousBrokerEpoch: previousEpoch(logs, this.o.lifeBefore),
      onRegistered: () => this.tellLife(),
      rack: this.config['broker.rack'],
      endpoint: { name: LISTENER, ...this.advertised() },
      settings: () => ({
        heartbeatIntervalMs: this.config['broker.heartbeat.interval.ms'],
        longestPauseMs: LONGEST_PAUSE_MS,
        registrationTimeoutMs: this.config['initial.broker.registration.timeout.ms'],
      }),
    })
    this.life = life
    const onChange = (isFull: boolean) => life.setTakesNothing(isFull)
    if (!this.isController) this.roomWatch = new RoomWatch({ clock: env.clock, log: this.log, onChange })
    if (this.left) throw this.left
    await life.start()
    this.fetchers.registered()
    refuseMissingDirs(image, nodeId, logs)
    for (const topic of image.topics.values()) this.partitions.reconcile(topic)
    this.assignments.tell()
    this.setStraysAside()
    await this.partitions.syncRecovered()
    // Where others may serve meanwhile nobody is to wait for what this broker still does.
    if (!this.isAlone) this.connections.serve()
    await life.unfence()
    // From here on: while groups are loaded more may come to be led here.
    this.coordinates = true
    await this.coordinators.follow()
    logs.startTasks()
    this.replication.startChecks(this.partitions)
    if (this.left) throw this.left
    this.connections.serve()
    this.hasStarted = true
  }

  /** A clean stop: what is in the handlers is answered, logs are closed, the next start scans nothing. */
  async stop(): Promise<void> {
    if (this.stopping) return
    this.stopping = true
    this.roomWatch?.stop()
    // While it serves on: clients go over to those who lead next.
    if (!this.isAlone && this.config['controlled.shutdown.enable']) await this.takeLeave()
    for (const listener of this.listeners) await listener.close()
    this.connectionQuotas.close()
    this.connections.finish()
    // What is written is acknowledged: a client that was told otherwise would write it a second time after the restart.
    this.partitions.stopMoves()
    this.fetchers.stop()
    await this.partitions.settled()
    this.groups.close()
    this.partitions.retireAll(new KafkaError('NOT_LEADER_OR_FOLLOWER'))
    await this.takeLeave()
    this.replication.stop()
    this.assignments.stop()
    this.controller.close()
    // From here on the marker of a clean stop says it, or nobody.
    this.o.onLife?.(undefined)
    await this.logs!.close({ brokerEpoch: this.brokerEpoch })
    this.connections.destroy('the broker stops')
  }

  /** Whoever opens the folder next, or leads next, need not wait for this broker to be missed. */
  private async takeLeave(): Promise<void> {
    const { isAlone } = this
    await this.life?.controlledShutdown({ timeoutMs: isAlone ? LEAVE_ALONE_MS : LEAVE_TIMEOUT_MS, isAlone })
  }

  /**
   * It hears nothing more of its cluster: others lead what it led, and what it took or told would be as nothing. As far as clients can see
   * it is gone, until it is started anew.
   */
  private async leave({ message }: Error): Promise<void> {
    this.left = new StartError(`Broker ${this.nodeId} cannot follow the metadata of its cluster: ${message}`)
    this.roomWatch?.stop()
    this.life?.giveUp(this.left)
    this.fetchers?.stop()
    this.partitions?.retireAll(new KafkaError('NOT_LEADER_OR_FOLLOWER'))
    this.connectionQuotas.close()
    this.connections.destroy('the broker has left its cluster')
    for (const listener of this.listeners) await listener.close()
    if (this.hasStarted && !this.stopping) this.o.onDown?.(this.left)
  }

  /** Nobody else serves: there is nobody to hand anything over to. */
  private get isAlone(): boolean {
    for (const id of this.controller.image.brokers.keys()) {
      if (id !== this.nodeId && this.controller.image.isActive(id)) return false
    }
    return true
  }

  /** `process.roles` names the controller too, or nothing. */
  private get isController(): boolean {
    return this.config['process.roles']?.includes('controller') ?? true
  }

  /** After a failed start: gives back what was taken. */
  async abandon(): Promise<void> {
    for (const listener of this.listeners) await listener.close()
    this.connectionQuotas.close()
    this.connections.destroy('the broker could not start')
    this.roomWatch?.stop()
    this.life?.stop()
    this.fetchers?.stop()
    this.replication?.stop()
    this.assignments?.stop()
    this.controller?.close()
    this.logs?.abandon()
  }

  /** Folders of no cluster yet become that one's. */
  private openLogs(clusterId: string | undefined): LogDirs {
    this.logs = LogDirs.open({
      env: this.o.env,
      dirs: this.dataDirs,
      ...(clusterId !== undefined && { clusterId }),
      ...(this.config['metadata.log.dir'] && { metadataDir: this.config['metadata.log.dir'] }),
      cordoned: () => this.config['cordoned.log.dirs'],
      onOffline: (dir, cause) => this.dirFailed(dir, cause),
      onNoRoom: (dir) => this.roomWatch?.noRoom(dir),
      nodeId: this.nodeId,
      config: logDirConfigOf(() => this.config),
      blocks: this.blocks,
      onSynced: (tookMs) => this.metrics.syncs.observe(tookMs / 1000),
      onLine: (line) => this.log.warn(line),
    })
    return this.logs
  }

  private async listen(): Promise<Listener[]> {
    const { env, host, port } = this.o
    const configured = this.o.settings.has('listeners')
      ? parseListeners('listeners', this.config.listeners, this.config['listener.security.protocol.map'])
      : [{ name: LISTENER, host, port, securityProtocol: 'PLAINTEXT' as const }]
    if (typeof configured === 'string') throw new StartError(configured)
    const clients = configured.filter((l) => l.name !== 'CONTROLLER')
    const other = clients.find((l) => l.securityProtocol !== 'PLAINTEXT' || l.name !== LISTENER)
    if (other || clients.length !== 1) {
      throw new StartError(
        `listeners must name exactly one listener, PLAINTEXT://host:port; this is ${this.config.listeners.join(',')}.`,
      )
    }
    const at = clients[0]!
    try {
      return [
        await env.network.listen({ host: at.host || '0.0.0.0', port: at.port }, (socket) =>
          this.connectionQuotas.offer(socket),
        ),
      ]
    } catch (error) {
      throw new StartError(listenSentence(error as Error & { code?: string }, at.host || '0.0.0.0', at.port))
    }
  }

  /** So that whoever asks for this broker's settings is shown what they are, not Kafka's defaults. */
  private noteOwnSettings(): void {
    const own: [string, string][] = [
      ['process.roles', 'broker,controller'],
      ['node.id', String(this.nodeId)],
      ['broker.id', String(this.nodeId)],
      ['log.dirs', this.dataDirs.join(',')],
      ['listeners', formatListener({ name: LISTENER, ...this.address })],
      ['advertised.listeners', formatListener({ name: LISTENER, ...this.advertised() })],
    ]
    for (const [name, text] of own) if (!this.settings.has(name)) this.settings.set(name, text)
  }

  /** What clients are told to connect to. */
  private advertised(): { host: string; port: number } {
    const { host, port } = this.address
    const setting = this.config['advertised.listeners']
    if (setting?.length) {
      const parsed = parseListeners('advertised.listeners', setting, this.config['listener.security.protocol.map'])
      if (typeof parsed === 'string') throw new StartError(parsed)
      const own = parsed.find((l) => l.name === LISTENER)
      if (!own?.host)
        throw new StartError(`advertised.listeners must name PLAINTEXT://host:port, not ${setting.join(',')}.`)
      return { host: own.host, port: own.port || port }
    }
    // Every interface is no address to connect to; the machine's own name is the best that can be said without being told.
    return { host: host === '0.0.0.0' || host === '::' ? 'localhost' : host, port }
  }

  /** Takes over what the metadata log has committed, before whoever asked for it is answered. */
  private follow(records: readonly MetadataRecord[], o?: { readonly wentBack: boolean }): void {
    const { image } = this.controller
    if (o?.wentBack) this.partitions.wentBack()
    const changed = new Set<string>()
    const configured = new Set<string>()
    let quotasChanged = false
    const brokers = new Set<number>()
    const removed: { name: string; topicId: string }[] = []
    for (const { name, data } of records) {
      switch (name) {
        case 'TopicRecord':
        case 'PartitionRecord':
        case 'PartitionChangeRecord':
          changed.add(data.topicId)
          break
        case 'ClearElrRecord':
          // Raises the epochs of partitions; without a name, of all topics.
          for (const topic of image.topics.values()) {
            if (data.topicName === '' || data.topicName === topic.name) changed.add(topic.topicId)
          }
          break
        case 'RemoveTopicRecord': {
          const topic = this.partitions.topicOf(data.topicId)
          if (topic !== undefined) removed.push({ name: topic, topicId: data.topicId })
          break
        }
        case 'ConfigRecord':
          if (data.resourceType === resourceType.topic) configured.add(data.resourceName)
          else if (data.resourceType === resourceType.clientMetrics) {
            this.telemetry.subscriptions.follow(image.configs.get(resourceType.clientMetrics))
          } else if (data.resourceType === resourceType.broker) {
            this.configs.follow(image)
            this.connections.closeSilent(this.connectionQuotas.settingsChanged())
            this.fetchers.settingsChanged()
            for (const topic of image.topics.keys()) configured.add(topic)
          }
          break
        case 'ClientQuotaRecord':
          quotasChanged = true
          break
        case 'RegisterBrokerRecord':
        case 'UnregisterBrokerRecord':
        case 'BrokerRegistrationChangeRecord':
        case 'FenceBrokerRecord':
        case 'UnfenceBrokerRecord':
          this.metadata.brokersChanged()
          brokers.add('brokerId' in data ? data.brokerId : data.id)
          break
      }
    }
    if (quotasChanged) {
      this.quotas.follow(image)
      this.connectionQuotas.follow(image)
    }
    if (removed.some(({ name }) => name === OFFSETS_TOPIC)) this.coordinators.topicDeleted()
    for (const { name, topicId } of removed) this.partitions.remove(name, topicId)
    this.partitions.changed(changed)
    for (const id of brokers) this.fetchers.leaderChanged(id)
    if (brokers.size > 0) this.replication.brokersChanged(this.partitions)
    this.assignments.tell()
    this.throttled.topicsChanged(configured)
    this.throttled.topicsChanged(removed.map(({ name }) => name))
    this.partitions.configsChanged(configured)
    if (removed.length > 0 && !o?.wentBack) {
      this.groups
        .onTopicsDeleted(removed)
        .catch((error) => this.log.warn(`offsets of deleted topics may be left: ${error.message}`))
    }
    if (this.coordinates && [...changed].some((id) => image.topicNames.get(id) === OFFSETS_TOPIC)) {
      void this.coordinators.follow()
    }
  }

  /**
   * Folders of partitions of which the metadata knows nothing are not opened. They are kept, as Kafka does: it may be the metadata
   * that was lost.
   */
  private setStraysAside(): void {
    for (const { dir, partition: p } of this.logs!.found()) {
      const { topic, partition } = p
      if (this.controller.image.partition(topic, partition)?.replicas.includes(this.nodeId)) continue
      const to = dir.setAside(topic, partition)
      this.log.warn(
        `${topic}-${partition} is a partition of no topic; it is kept as ${to}: remove it if it is not missed`,
      )
    }
    for (const dir of this.logs!.all) {
      for (const p of dir.futures.partitions) {
        if (this.controller.image.partition(p.topic, p.partition)) continue
        const to = dir.futures.setAside(p)
        this.log.warn(`${p.topic}-${p.partition} was being moved and is of no topic; what was copied is kept as ${to}`)
      }
    }
  }

  /** Of the log dir with this id, if it can be used. */
  logDirPath(directoryId: string): string | undefined {
    return this.logs?.find(directoryId)?.dir
  }

  private get allDirs(): readonly string[] {
    const metadataDir = this.config['metadata.log.dir']
    return metadataDir ? [metadataDir, ...this.dataDirs] : this.dataDirs
  }

  private get dataDirs(): readonly string[] {
    const { dataDir } = this.o
    return typeof dataDir === 'string' ? [dataDir] : dataDir
  }

  private dirFailed(dir: LogManager, cause: Error): void {
    this.failedDirectories.add(dir.directoryId)
    this.tellLife()
    this.partitions?.dirFailed(dir, cause)
    this.metadata?.brokersChanged()
    // Without the dir of its log a controller in this process decides nothing more.
    if (!this.isController || dir !== this.logs?.metadata) this.life?.dirFailed(dir.directoryId)
  }

  /** Where a disk has failed, what was written may be gone from the memory of the system as well. */
  private tellLife(): void {
    const { brokerEpoch } = this
    const isWhole = this.failedDirectories.size === 0 && brokerEpoch >= 0
    const directoryIds = this.logs?.all.map((d) => d.directoryId) ?? []
    this.o.onLife?.(isWhole ? { brokerEpoch, directoryIds } : undefined)
  }
}

function listenSentence(error: Error & { code?: string }, host: string, port: number): string {
  if (error.code === 'EADDRINUSE')
    return `Port ${port} on ${host} is in use; give the broker another with KAFKA_PORT or --kafka-port.`
  if (error.code === 'EACCES')
    return `Port ${port} may not be used by this user; choose one above 1023 with KAFKA_PORT.`
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return `${host} is no address of this machine; set HOST to one that is.`
  return `The broker cannot listen on ${host}:${port}: ${error.message}`
}
