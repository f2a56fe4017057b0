/**
 * The controller of a quorum of one: commands run on the metadata log, each method answers one request. What it has decided
 * counts for the next command at once; `image` and those who subscribe see it when it is committed.
 */
import type { Clock } from '../env/env.ts'
import { errorCode, KafkaError } from '../protocol/errors.ts'
import { RecordBatch } from '../records/batch.ts'
import type { StateLog } from '../state/log.ts'
import { type Machine, Runtime } from '../state/runtime.ts'
import { BrokerSessions } from './broker_sessions.ts'
import { activate } from './commands/activate.ts'
import { allocateProducerIds } from './commands/allocate_producer_ids.ts'
import { alterClientQuotas } from './commands/alter_client_quotas.ts'
import { alterConfigs, incrementalAlterConfigs } from './commands/alter_configs.ts'
import { alterPartition } from './commands/alter_partition.ts'
import { alterPartitionReassignments } from './commands/alter_partition_reassignments.ts'
import { assignReplicasToDirs } from './commands/assign_replicas_to_dirs.ts'
import { balanceLeaders, electUncleanly } from './commands/balance_leaders.ts'
import { brokerHeartbeat } from './commands/broker_heartbeat.ts'
import { createPartitions } from './commands/create_partitions.ts'
import { createTopics } from './commands/create_topics.ts'
import { deleteTopics } from './commands/delete_topics.ts'
import { electOnRequest } from './commands/elect_on_request.ts'
import { fenceBroker } from './commands/fence_broker.ts'
import { AGAIN } from './commands/leadership.ts'
import { beginNewTerms, registerBroker } from './commands/register_broker.ts'
import { registerController } from './commands/register_controller.ts'
import { unregisterBroker } from './commands/unregister_broker.ts'
import { updateFeatures } from './commands/update_features.ts'
import {
  type ChargePartitions,
  type ControllerContext,
  type ControllerSettings,
  MAX_BATCH_BYTES,
  type MetadataCommand,
} from './context.ts'
import { leaderChangeBatch } from './control_batch.ts'
import { toRecords } from './image/to_records.ts'
import { MetadataImage } from './image.ts'
import { QuorumRecords } from './quorum_records.ts'
import { type MetadataRecord, metadataRecordCodec } from './record_codec.ts'
import { encodeSnapshot, type Snapshot, type SnapshotId } from './snapshot.ts'
import { Upkeep } from './upkeep.ts'

export interface ControllerOptions extends ControllerContext {
  readonly log: StateLog
  readonly clock: Clock
  /** Of this term, see `quorum.ts`. The log writes it into every batch. */
  readonly leaderEpoch: number
  /** Called once if the controller goes down: with the log's error, or with a bug. */
  readonly onDown?: (error: Error) => void
  /** Keeps a snapshot. It is offered one when so many bytes of log have come since the last, or after so long if any have. */
  readonly snapshots?: {
    readonly everyBytes: number
    /** 0: only the bytes count. */
    readonly everyMs: number
    write(id: SnapshotId, file: Buffer): void
    /** It could not be kept. The log has everything; the next one is offered after as many bytes again. */
    failed?(error: Error): void
  }
}

/** Committed, in the order of the log. The image has seen them all. `wentBack`: they undo what was told before, which the controllers have lost. */
export type Subscriber = (records: readonly MetadataRecord[], o?: { readonly wentBack: boolean }) => void

type Args<F extends (...args: any[]) => unknown> = Parameters<F>[0]

interface Uncommitted {
  readonly record: MetadataRecord
  readonly at: { offset: number; timestampMs: number }
  /** Of the term that wrote it. */
  readonly epoch: number
}

export class MetadataController {
  /** Committed: what may be told. Readers must not change it. */
  readonly image = new MetadataImage()
  private readonly decided = new MetadataImage()
  private readonly runtime: Runtime<MetadataImage & Machine<MetadataRecord>, MetadataRecord>
  private readonly subscribers = new Set<Subscriber>()
  private uncommitted: Uncommitted[] = []
  private bytesSinceSnapshot = 0
  /** Monotonic ms. */
  private lastSnapshotMs: number
  private quorumRecords = new QuorumRecords()
  /** Of what is being applied, and of the last record in `image`. */
  private epoch = 0
  private imageEpoch = 0
  private readonly sessions: BrokerSessions
  private readonly upkeep: Upkeep

  constructor(private readonly options: ControllerOptions) {
    const { log, clock, onDown, settings } = options
    this.sessions = new BrokerSessions({
      timeoutMs: settings.brokerSessionTimeoutMs,
      own: settings.nodeId,
      now: () => clock.monotonic(),
    })
    this.upkeep = new Upkeep({
      clock,
      sessions: this.sessions,
      settings,
      fence: (brokerId) => this.fence(brokerId, this.decided.brokers.get(brokerId)?.brokerEpoch ?? -1),
      balanceLeaders: () => this.run(balanceLeaders(this.options)),
      electUncleanly: () => this.run(electUncleanly(this.options)),
    })
    this.lastSnapshotMs = clock.monotonic()
    const apply = this.decided.apply.bind(this.decided)
    this.decided.apply = (record, at) => {
      apply(record, at)
      this.uncommitted.push({ record, at, epoch: this.epoch })
    }
    // Before the runtime, which sends the answers: who is told of a topic finds it in the image.
    log.onHighWatermark((highWatermark) => this.publish(highWatermark))
    this.runtime = new Runtime({
      state: this.decided,
      log: limited(log, (bytes) => {
        this.bytesSinceSnapshot += bytes
      }),
      codec: metadataRecordCodec,
      clock,
      onDown: (error) => {
        this.upkeep.stop()
        onDown?.(error)
      },
    })
  }

  /**
   * Takes what the folder holds: the newest snapshot, if there is one, and the batches of the log (from the snapshot's end on;
   * earlier ones are passed over). All of it is committed: a lone voter's log is what it has synced.
   */
  load(snapshot: (Snapshot & SnapshotId) | undefined, batches: Iterable<Buffer>): void {
    if (snapshot !== undefined) {
      this.epoch = snapshot.epoch
      this.quorumRecords = snapshot.quorum
      const at = { offset: snapshot.endOffset - 1, timestampMs: snapshot.lastContainedLogTimestamp }
      for (const record of snapshot.records) this.decided.apply(record, at)
    }
    const from = snapshot?.endOffset ?? 0
    for (const batch of batches) {
      const view = new RecordBatch(batch)
      if (view.nextOffset <= from) continue
      this.epoch = view.partitionLeaderEpoch
      this.quorumRecords.take(view)
      this.runtime.loadBatch(batch)
      this.bytesSinceSnapshot += batch.length
    }
    this.decided.kraftVersion = this.image.kraftVersion = this.quorumRecords.kraftVersion
    this.publish(Number.POSITIVE_INFINITY)
  }

  /** Begins the term. Resolves when its first records are durable; commands may be given before. */
  async start(bootstrap: readonly MetadataRecord[]): Promise<void> {
    const { settings, clock, log } = this.options
    this.epoch = this.options.leaderEpoch
    const batch = leaderChangeBatch(settings.nodeId, clock.now())
    log.append(batch)
    this.runtime.loadBatch(batch)
    this.sessions.begin(this.decided.brokers.values())
    this.upkeep.start()
    await this.run(activate(bootstrap, this.options))
  }

  get settings(): ControllerSettings {
    return this.options.settings
  }

  /** `fn` is called with what is committed from now on. Returns what ends that. */
  subscribe(fn: Subscriber): () => void {
    this.subscribers.add(fn)
    return () => this.subscribers.delete(fn)
  }

  /** Why it is down, if it is. */
  get error(): Error | undefined {
    return this.runtime.error
  }

  createTopics(request: Args<typeof createTopics>, charge?: ChargePartitions) {
    return this.run(createTopics(request, this.options, charge))
  }
  deleteTopics(request: Args<typeof deleteTopics>, charge?: ChargePartitions) {
    return this.run(deleteTopics(request, this.options, charge))
  }
  createPartitions(request: Args<typeof createPartitions>, charge?: ChargePartitions) {
    return this.run(createPartitions(request, this.options, charge))
  }
  alterConfigs(request: Args<typeof alterConfigs>) {
    return this.run(alterConfigs(request, this.options))
  }
  incrementalAlterConfigs(request: Args<typeof incrementalAlterConfigs>) {
    return this.run(incrementalAlterConfigs(request, this.options))
  }
  alterClientQuotas(request: Args<typeof alterClientQuotas>) {
    return this.run(alterClientQuotas(request))
  }
  allocateProducerIds(request: Args<typeof allocateProducerIds>) {
    return this.run(allocateProducerIds(request))
  }
  electOnRequest(request: Args<typeof electOnRequest>) {
    return this.run(electOnRequest(request, this.options))
  }
  alterPartition(request: Args<typeof alterPartition>) {
    return this.run(alterPartition(request, this.options, this.sessions))
  }
  alterPartitionReassignments(request: Args<typeof alterPartitionReassignments>) {
    return this.run(alterPartitionReassignments(request, this.options))
  }
  updateFeatures(request: Args<typeof updateFeatures>) {
    return this.run(updateFeatures(request, this.options))
  }
  registerController(request: Args<typeof registerController>) {
    return this.run(registerController(request))
  }
  unregisterBroker(brokerId: number): Promise<void> {
    return this.whole(unregisterBroker(brokerId, this.options, this.sessions))
  }

  /** The quorum as DescribeQuorum shows it: one voter, who knows everything there is, at this moment (ms since the epoch). */
  get quorum() {
    const { settings, leaderEpoch, log, clock } = this.options
    return {
      leaderId: settings.nodeId,
      /** Undefined where the voters are a fixed list. */
      leaderDirectoryId: this.quorumRecords.voters?.find((v) => v.nodeId === settings.nodeId)?.directoryId,
      leaderEpoch,
      highWatermark: log.highWatermark,
      logEndOffset: this.runtime.appliedOffset,
      nowMs: clock.now(),
    }
  }

  async registerBroker(request: Args<typeof registerBroker>) {
    const { brokerEpoch, terms } = await this.whole(registerBroker(request, this.options, this.live))
    for (let left = terms; left.length > 0; ) left = await this.run(beginNewTerms(request.brokerId, left))
    return { throttleTimeMs: 0, errorCode: errorCode.NONE, brokerEpoch }
  }

  async brokerHeartbeat(request: Args<typeof brokerHeartbeat>) {
    const reply = await this.whole(brokerHeartbeat(request, this.options, this.live))
    this.upkeep.watch()
    return reply
  }

  /** The process of this broker, in the life of this epoch, is known to be gone: it is fenced, if it is not already. */
  async brokerLost(brokerId: number, brokerEpoch: number): Promise<void> {
    await this.fence(brokerId, brokerEpoch)
  }

  assignReplicasToDirs(request: Args<typeof assignReplicasToDirs>) {
    return this.run(assignReplicasToDirs(request, this.options))
  }

  /** Ends its life here: all who wait are told `error`. */
  stop(error: Error): void {
    this.upkeep.stop()
    this.runtime.unload(error)
  }

  /** The committed image as a snapshot file, and what it is to be called. */
  snapshot(): { id: SnapshotId; file: Buffer } {
    const { image, options } = this
    const epoch = this.imageEpoch
    const at = { epoch, lastContainedLogTimestamp: image.lastTimestampMs, timestamp: options.clock.now() }
    const file = encodeSnapshot(toRecords(image), at, this.quorumRecords.records)
    return { id: { endOffset: image.nextOffset, epoch }, file }
  }

  private run<A>(command: MetadataCommand<A>): Promise<A> {
    const reply = this.runtime.run(command)
    // A log that commits within the append has said so before the records were applied.
    this.publish(this.options.log.highWatermark)
    return reply
  }

  private async whole<A>(command: MetadataCommand<A | typeof AGAIN>): Promise<A> {
    for (;;) {
      const reply = await this.run(command)
      if (reply !== AGAIN) return reply as A
    }
  }

  private fence(brokerId: number, brokerEpoch: number): Promise<boolean> {
    return this.whole(fenceBroker({ brokerId, brokerEpoch }, this.options, this.sessions))
  }

  private get live() {
    return { sessions: this.sessions, endOffset: () => this.runtime.appliedOffset }
  }

  private publish(highWatermark: number): void {
    let n = 0
    while (n < this.uncommitted.length && this.uncommitted[n]!.at.offset < highWatermark) n++
    if (n === 0) return
    const committed = this.uncommitted.splice(0, n)
    for (const { record, at, epoch } of committed) {
      this.image.apply(record, at)
      this.imageEpoch = epoch
    }
    const records = committed.map((c) => c.record)
    for (const fn of this.subscribers) fn(records)
    this.offerSnapshot()
  }

  /** Offers a snapshot if one is due. Asked after every change, and by who watches the time. */
  offerSnapshot(): void {
    const { snapshots, clock } = this.options
    if (snapshots === undefined || this.bytesSinceSnapshot === 0) return
    const nowMs = clock.monotonic()
    const late = snapshots.everyMs > 0 && nowMs - this.lastSnapshotMs >= snapshots.everyMs
    if (this.bytesSinceSnapshot < snapshots.everyBytes && !late) return
    // Not within a transaction: its records are in no image yet.
    if (this.uncommitted.length > 0 || this.image.transaction !== undefined) return
    this.bytesSinceSnapshot = 0
    this.lastSnapshotMs = nowMs
    try {
      const { id, file } = this.snapshot()
      snapshots.write(id, file)
    } catch (error) {
      snapshots.failed?.(error as Error)
    }
  }
}

/** `log`, which takes no batch that is too large, with every append reported. */
const limited = (log: StateLog, appended: (bytes: number) => void): StateLog => ({
  append(batch) {
    if (batch.length > MAX_BATCH_BYTES) {
      throw new KafkaError(
        'RECORD_LIST_TOO_LARGE',
        `The request would write ${batch.length} bytes of metadata at once, more than the ${MAX_BATCH_BYTES} that may be: ask for less at a time.`,
      )
    }
    const endOffset = log.append(batch)
    appended(batch.length)
    return endOffset
  },
  get highWatermark() {
    return log.highWatermark
  },
  onHighWatermark: (listener) => log.onHighWatermark(listener),
})
