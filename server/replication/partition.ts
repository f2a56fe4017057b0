/**
 * One partition as this broker holds it, leader or follower: its log, its high watermark, and who waits for it. What a leader knows
 * of its followers, and the rules of the ISR, are `leader_state.ts`; who fetches for a follower stands outside.
 *
 * Appends of one turn of the event loop are one write. With others in sync the high watermark is where all of them have everything,
 * whatever disks do, as in Kafka. Where the ISR may be the leader alone it moves with the log's end, but waits for the sync of
 * appends that must be durable (`acks=all`, the records of state machines): so whoever may see a record, or is told that it was
 * taken, sees nothing that the loss of one machine can take back.
 * A write that finds no room fails with KAFKA_STORAGE_ERROR and nothing else has happened. After any other failed write or
 * sync the partition is offline for good: every call fails so.
 */
import type { Clock } from '../env/env.ts'
import type { AppendItem, Log } from '../log/log.ts'
import type { LogConfig } from '../log/log_config.ts'
import { KafkaError } from '../protocol/errors.ts'
import { batches } from '../records/batch.ts'
import type { StateLog } from '../state/log.ts'
import { FollowerView } from './follower_view.ts'
import { IsrProposals } from './isr_proposals.ts'
import { type IsrChange, LeaderState, type Moment } from './leader_state.ts'
import { LowWatermark } from './low_watermark.ts'
import { OffsetWaiters } from './offset_waiters.ts'
import { PartitionLookups } from './partition_lookups.ts'
import type {
  AppendResult,
  FollowerRequest,
  LeaderAnswer,
  Leadership,
  PartitionOptions,
  ProduceOptions,
  Queued,
  Watcher,
} from './partition_options.ts'
import { refuseForNow } from './refused_writes.ts'
import { SyncGate } from './sync_gate.ts'
import type { TopicMeter } from './topic_meter.ts'
import { Turn } from './turn.ts'

export type { AppendResult, Leadership, Watcher } from './partition_options.ts'

/** A broker that stops waits so long for its followers. */
const SETTLE_MS = 1_000
const NOT_LEADER = () => new KafkaError('NOT_LEADER_OR_FOLLOWER')

export class Partition extends PartitionLookups implements StateLog {
  private queue: Queued[] = []
  private readonly watchers = new Set<Watcher>()
  /** What followers read. */
  readonly end: FollowerView
  private readonly listeners = new Set<(highWatermark: number, error?: Error) => void>()
  private readonly uncommitted: OffsetWaiters
  private readonly unsynced: OffsetWaiters
  readonly lowWatermark: LowWatermark
  private highWatermarkOffset: number
  /** Log size when the high watermark moved last: what has grown since is what watchers are told. */
  private bytesSeen = 0
  private readonly syncs: SyncGate
  /** Clients' records wait. */
  private held = false
  private offline: Error | undefined
  /** The followers. Undefined where this is the only replica, or follows. */
  private team: LeaderState | undefined
  private ledEpoch: number
  private knownEpoch: number
  private leader = -1
  private hasReplicas: boolean
  private readonly turn: Turn
  private readonly proposals: IsrProposals | undefined

  constructor(
    /** Another one once it has been moved to another log dir. */
    public log: Log,
    /** Of the term of leadership of a lone replica; -1 where the metadata has to say who leads. */
    leaderEpoch: number,
    private readonly clock: Clock,
    private readonly o: PartitionOptions,
  ) {
    super()
    this.turn = o.turn ?? new Turn(clock)
    this.ledEpoch = leaderEpoch
    this.knownEpoch = leaderEpoch
    this.uncommitted = new OffsetWaiters(clock)
    this.unsynced = new OffsetWaiters(clock)
    this.lowWatermark = new LowWatermark(clock, () => {
      const { logStartOffset } = this.log
      return this.team?.lowWatermark(logStartOffset) ?? logStartOffset
    })
    this.syncs = new SyncGate({
      log: () => this.log,
      clock,
      synced: (to) => {
        this.unsynced.passed(to)
        this.advance()
      },
      cutSynced: () => this.noteHighWatermark(),
      failed: (error) => void this.goOffline(error),
    })
    this.proposals = o.replication && new IsrProposals(o.replication, clock, () => this.isrChanged())
    this.hasReplicas = o.highWatermark !== undefined
    // What recovery of a lone replica has kept is what there is: nobody was told of anything beyond.
    this.highWatermarkOffset = Math.min(
      Math.max(o.highWatermark ?? log.logEndOffset, log.logStartOffset),
      log.logEndOffset,
    )
    this.noteHighWatermark()
    this.bytesSeen = log.bytesAppended
    this.end = new FollowerView(this)
  }

  get highWatermark(): number {
    return this.highWatermarkOffset
  }
  /** Exclusive end of what read_committed sees: where the first transaction begins that is not complete below the high watermark. */
  get lastStableOffset(): number {
    return this.log.lastStableOffset(this.highWatermarkOffset)
  }
  /** Exclusive end of what a reader sees. */
  protected endFor(readCommitted: boolean): number {
    return readCommitted ? this.lastStableOffset : this.highWatermarkOffset
  }
  get logStartOffset(): number {
    return this.log.logStartOffset
  }
  get logEndOffset(): number {
    return this.log.logEndOffset
  }
  get meter(): TopicMeter | undefined {
    return this.o.meter
  }
  /** Of this term of leadership, -1 while this broker does not lead. */
  get leaderEpoch(): number {
    return this.ledEpoch
  }
  get isLeader(): boolean {
    return this.ledEpoch >= 0
  }
  /** Of the latest leader that this broker has heard of, whoever it is. */
  get currentEpoch(): number {
    return this.knownEpoch
  }
  /** Node id of who leads, as far as this broker has heard; -1 if nobody does. */
  get leaderId(): number {
    return this.leader
  }
  /** What a leader knows of its followers; undefined where it is the only replica, or follows. */
  get followers(): LeaderState | undefined {
    return this.team
  }

  // --- who leads ---

  /**
   * This broker leads, says the metadata, or goes on to lead with another ISR. What is older than what is known already changes
   * nothing. The log must be open.
   */
  becomeLeader(term: Leadership): void {
    if (this.offline || term.leaderEpoch < this.knownEpoch) return
    const isNewTerm = term.leaderEpoch > this.ledEpoch
    const { replication } = this.o
    const hasFollowers = replication !== undefined && term.replicas.length > 1
    if (isNewTerm) {
      // Followers may have records of later epochs than any in this log: they find out by this where to cut them off.
      this.log.epochs.assign(term.leaderEpoch, this.log.logEndOffset)
      this.endWaits()
    }
    this.ledEpoch = term.leaderEpoch
    this.knownEpoch = term.leaderEpoch
    this.leader = replication?.nodeId ?? -1
    if (hasFollowers) {
      this.team ??= new LeaderState(replication.nodeId, replication.brokers)
      this.team.begin(term, this.log.logEndOffset, this.clock.monotonic())
    } else this.team = undefined
    this.isrChanged()
    this.lowWatermark.moved()
    this.hasReplicas = hasFollowers
    this.noteHighWatermark()
  }

  /**
   * Another broker leads, or nobody (-1). Who waits for what this broker has taken as leader is told NOT_LEADER_OR_FOLLOWER. An
   * epoch older than what is known changes nothing.
   */
  becomeFollower({ leaderId, leaderEpoch }: { leaderId: number; leaderEpoch: number }): void {
    if (this.offline || leaderEpoch < this.knownEpoch) return
    const isNewTerm = leaderEpoch > this.knownEpoch || this.isLeader || leaderId !== this.leader
    const wasLeader = this.isLeader
    this.ledEpoch = -1
    this.knownEpoch = leaderEpoch
    this.leader = leaderId
    this.team = undefined
    this.hasReplicas = true
    this.noteHighWatermark()
    if (wasLeader) this.failWaiting(NOT_LEADER())
    if (isNewTerm) this.endWaits()
  }

  private get isAloneOrMayBe(): boolean {
    return this.team === undefined || this.team.mayBeAlone
  }

  private get isUnderMinIsr(): boolean {
    return this.team?.isUnderMinIsr(this.log.config.minInsyncReplicas) === true
  }

  /** The ISR, or who may come into it, is another. */
  private isrChanged(): void {
    const { log } = this
    // What others held as well counts no more: the disk has to.
    if (this.hasReplicas && this.isAloneOrMayBe && this.o.syncAcksAll && log.recoveryPoint < log.logEndOffset) {
      this.wantSync()
    }
    this.advance()
  }

  /** For a leader, now and then: takes those out of the ISR who lag, and sees what has changed by time alone. */
  checkIsr(): void {
    if (this.offline || !this.team) return
    this.propose(this.team.shrink(this.moment()))
    this.advance()
  }

  /** The topic's settings are others now. */
  configChanged(config: LogConfig): void {
    this.log.config = config
    if (this.team) this.advance()
  }

  /** Brokers have come, gone or been fenced: nobody waits for those who will not come in. */
  brokersChanged(): void {
    if (!this.team) return
    this.advance()
    this.lowWatermark.moved()
  }

  private moment(): Moment {
    return {
      logEndOffset: this.log.logEndOffset,
      nowMs: this.clock.monotonic(),
      lagTimeMaxMs: this.o.replication!.lagTimeMaxMs(),
    }
  }

  private propose(change: IsrChange | undefined): void {
    if (!change) return
    // Until it is answered the disk has to count as well.
    if (change.kind === 'shrink') this.isrChanged()
    this.proposals!.propose(change, this.team!)
  }

  // --- writing ---

  /** Appends a client's record batches. Resolves when its `acks` is met; rejects with a KafkaError. */
  produce(records: Buffer | null, o: ProduceOptions): Promise<AppendResult> {
    if (this.offline) return Promise.reject(this.offline)
    if (!this.isLeader) return Promise.reject(NOT_LEADER())
    return new Promise((resolve, reject) => {
      const { acks } = o
      const durable = acks === -1 && this.o.syncAcksAll
      // A lone replica waits for its disk alone.
      const deadlineMs = this.team && acks === -1 ? this.clock.monotonic() + o.timeoutMs : undefined
      const answer =
        acks === -1
          ? (result: AppendResult) =>
              this.whenCommitted(result.lastOffset + 1, () => resolve(result), reject, deadlineMs)
          : resolve
      const item: AppendItem = { records, produceVersion: o.version }
      this.queue.push({ item, acks, durable, resolve: answer, reject })
      if (this.queue.length === 1) this.turn.write(this)
    })
  }

  /**
   * A state machine's batch: written at once, durable before the high watermark passes it. Throws NOT_ENOUGH_REPLICAS where that would
   * have to wait until more are in sync.
   */
  append(batch: Buffer): number {
    if (this.offline) throw this.offline
    if (!this.isLeader) throw NOT_LEADER()
    this.writeQueued()
    if (this.isUnderMinIsr) throw new KafkaError('NOT_ENOUGH_REPLICAS')
    const results = this.write([{ records: batch, produceVersion: undefined }])
    const result = results[0]!
    if (result instanceof Error) throw result
    if (this.isAloneOrMayBe) this.wantSync()
    if (this.end.isWatched) this.turn.tell(this.end)
    return result.lastOffset + 1
  }

  onHighWatermark(listener: (highWatermark: number, error?: Error) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** It is told whenever something has become readable, until it is taken out again, which it may do when it is told. */
  watch(watcher: Watcher): void {
    this.watchers.add(watcher)
  }
  unwatch(watcher: Watcher): void {
    this.watchers.delete(watcher)
  }

  // --- replication ---

  /**
   * A follower asks for what comes after all it has. Returns where its log parts from this one, if it does. After it has waited
   * (`isNews` false) it says nothing more about itself. Throws OFFSET_OUT_OF_RANGE, NOT_LEADER_OR_FOLLOWER, or UNKNOWN_LEADER_EPOCH
   * for one that is no replica.
   */
  followerFetches(r: FollowerRequest, isNews: boolean): { epoch: number; endOffset: number } | undefined {
    this.checkOnline()
    const { team } = this
    if (!this.isLeader) throw NOT_LEADER()
    if (!team) throw new KafkaError(r.currentLeaderEpoch >= 0 ? 'UNKNOWN_LEADER_EPOCH' : 'NOT_LEADER_OR_FOLLOWER')
    const follower = team.fetchingFollower(r.replicaId, r.brokerEpoch, r.currentLeaderEpoch >= 0)
    const diverging = r.lastFetchedEpoch >= 0 ? this.divergence(r.fetchOffset, r.lastFetchedEpoch) : undefined
    if (diverging) return diverging
    this.checkOffset(r.fetchOffset)
    if (!isNews) return undefined
    const at = this.moment()
    const { logEndOffset, logStartOffset } = follower
    const change = team.fetched(follower, r, this.highWatermarkOffset, at)
    if (change) this.propose(change)
    if (change || logEndOffset !== r.fetchOffset) this.advance()
    if (logStartOffset !== r.logStartOffset) this.lowWatermark.moved()
    return undefined
  }

  /**
   * Takes in what the leader has sent. Throws NOT_LEADER_OR_FOLLOWER if this broker leads, FENCED_LEADER_EPOCH if the answer is of
   * another term than the present one, CORRUPT_MESSAGE, KAFKA_STORAGE_ERROR.
   */
  appendFromLeader({ leaderEpoch, records, highWatermark, logStartOffset }: LeaderAnswer): void {
    this.checkFollows()
    if (leaderEpoch !== this.knownEpoch) throw new KafkaError('FENCED_LEADER_EPOCH')
    const { log } = this
    if (records && records.length > 0) {
      const { bytesAppended } = log
      // It was read at one who led no more, from what the next leader has written there: it may not join on to this log.
      for (const b of batches(records))
        if (b.partitionLeaderEpoch > leaderEpoch) throw new KafkaError('FENCED_LEADER_EPOCH')
      this.asOne(() => {
        this.startAsLeader(records)
        log.appendAsFollower(records)
      })
      this.o.meter?.replicated(log.bytesAppended - bytesAppended)
    }
    this.moveHighWatermark(Math.min(highWatermark, log.logEndOffset))
    const start = Math.min(logStartOffset, this.highWatermarkOffset)
    if (start > log.logStartOffset) this.asOne(() => log.deleteRecordsBefore(start))
  }

  /** The leader's log may start within a batch: then an empty follower's starts with that batch. */
  private startAsLeader(records: Buffer): void {
    const { log } = this
    if (log.logEndOffset !== log.logStartOffset) return
    for (const batch of batches(records)) {
      const { baseOffset, nextOffset } = batch
      if (baseOffset < log.logEndOffset && nextOffset > log.logEndOffset) log.truncateFullyAndStartAt(baseOffset)
      return
    }
  }

  /** Of a follower: forgets what is at and after `offset`, which the leader does not have; whole batches. Throws as `appendFromLeader`. */
  truncateTo(offset: number): void {
    this.checkFollows()
    this.asOne(() => this.log.truncateTo(offset))
    this.wasCut()
  }

  /** Of a follower that the leader can give nothing that joins on: forgets everything; the next record gets `offset`. */
  truncateFullyAndStartAt(offset: number): void {
    this.checkFollows()
    this.asOne(() => this.log.truncateFullyAndStartAt(offset))
    this.wasCut()
  }

  private checkFollows(): void {
    this.checkOnline()
    if (this.isLeader) throw NOT_LEADER()
  }

  /** Only here, and only of what no leader vouches for any more, does a high watermark go back. */
  private wasCut(): void {
    const { logStartOffset, logEndOffset } = this.log
    this.syncs.wasCut()
    this.highWatermarkOffset = Math.max(Math.min(this.highWatermarkOffset, logEndOffset), logStartOffset)
    this.noteHighWatermark()
    this.endWaits()
  }

  // --- reading ---

  hasDataAt(offset: number, readCommitted = false): boolean {
    return offset < this.endFor(readCommitted)
  }

  /**
   * Whole batches from the one that holds `offset` up to the high watermark, or to the last stable offset; a promise where the
   * disk is asked.
   */
  read(o: {
    offset: number
    maxBytes: number
    minOneBatch: boolean
    readCommitted?: boolean
  }): readonly Buffer[] | Promise<readonly Buffer[]> {
    this.checkOffset(o.offset)
    const maxOffset = this.endFor(o.readCommitted ?? false)
    if (o.offset >= maxOffset) return []
    return this.log.read({ offset: o.offset, maxBytes: o.maxBytes, minOneBatch: o.minOneBatch, maxOffset })
  }

  /**
   * Does a leader not know yet how far what it found at its election is committed? Until then nobody is told of an end.
   */
  get isCatchingUp(): boolean {
    return this.team !== undefined && this.team.epochStartOffset > this.highWatermarkOffset
  }

  // --- changing ---

  /** Moves the log's start up to `offset`, -1 for the high watermark. Returns how far replicas have to come. */
  deleteRecordsBefore(offset: number): number {
    this.checkOnline()
    const to = offset === -1 ? this.highWatermarkOffset : offset
    if (to < 0 || to > this.highWatermarkOffset) throw new KafkaError('OFFSET_OUT_OF_RANGE')
    this.log.deleteRecordsBefore(to)
    for (const watcher of this.watchers) watcher.grown(0)
    // Followers hear of it at once: somebody waits for them.
    this.end.endWaits()
    return to
  }

  /** Until `release` nothing of clients is appended: it waits. State machines are not held. */
  hold(): void {
    this.held = true
  }
  release(): void {
    if (!this.held) return
    this.held = false
    if (this.queue.length > 0) this.turn.write(this)
  }

  /** From now on this is its log: the same records up to the same end, all of them synced. Nothing may be on its way into the old one. */
  moveTo(log: Log): void {
    this.log = log
    this.bytesSeen = log.bytesAppended
    this.end.moved()
    this.noteHighWatermark()
  }

  /** Resolves when what has been appended is committed, or never will be. */
  settled(): Promise<void> {
    this.writeQueued()
    if (this.offline || !this.isLeader) return Promise.resolve()
    // Other replicas may be gone for good.
    const deadlineMs = this.team && this.clock.monotonic() + SETTLE_MS
    return new Promise((resolve) => this.whenCommitted(this.log.logEndOffset, resolve, () => resolve(), deadlineMs))
  }

  /** Nothing more may be done with this object: the topic is gone, or the broker stops. */
  retire(error: KafkaError): void {
    if (!this.offline) this.goOffline(error)
  }

  // --- inside ---

  protected checkOnline(): void {
    if (this.offline) throw this.offline
  }

  writeQueued(): void {
    let queue = this.queue
    if (queue.length === 0 || (this.held && !this.offline)) return
    this.queue = []
    if (this.offline) {
      for (const q of queue) q.reject(this.offline)
      return
    }
    if (this.isUnderMinIsr) {
      queue = refuseForNow(queue, this.log.activeProducers)
      if (queue.length === 0) return
    }
    let results: (AppendResult | Error)[]
    try {
      results = this.write(queue.map((q) => q.item))
    } catch (error) {
      for (const q of queue) q.reject(error as Error)
      return
    }
    // flush.messages: then nobody is answered before the sync, whatever acks says.
    const { flushDue } = this.log
    let durable = flushDue
    for (const [i, q] of queue.entries()) {
      const result = results[i]!
      if (result instanceof Error) q.reject(result)
      else {
        durable ||= q.durable && this.isAloneOrMayBe
        if (flushDue) this.unsynced.add(result.lastOffset + 1, () => q.resolve(result), q.reject)
        else q.resolve(result)
      }
    }
    if (durable) this.wantSync('now')
    if (!durable || this.team) this.advance()
    if (this.end.isWatched) this.turn.tell(this.end)
  }

  private write(items: AppendItem[]): (AppendResult | Error)[] {
    const { logEndOffset, bytesAppended } = this.log
    try {
      const results = this.log.append(items, { leaderEpoch: this.ledEpoch, nowMs: this.clock.now() })
      this.o.meter?.appended(this.log.logEndOffset - logEndOffset, this.log.bytesAppended - bytesAppended)
      return results
    } catch (error) {
      throw this.log.isOffline ? this.goOffline(error as Error) : error
    }
  }

  /** What fails here with the log fails with the partition. */
  private asOne(change: () => void): void {
    try {
      change()
    } catch (error) {
      throw this.log.isOffline ? this.goOffline(error as Error) : error
    }
  }

  /** By default when this turn is over, so that whatever else it writes shares the sync. */
  private wantSync(when: 'soon' | 'now' = 'soon'): void {
    this.syncs.want(when)
  }

  /** Moves the high watermark of a leader as far as it may go. */
  private advance(): void {
    if (!this.isLeader || this.offline) return
    let to = this.log.logEndOffset
    if (this.team) {
      const replicated = this.team.replicatedTo(this.moment(), this.log.config.minInsyncReplicas)
      if (replicated === undefined) return
      to = replicated
    }
    if (this.isAloneOrMayBe) to = Math.min(to, this.syncs.limit)
    this.moveHighWatermark(to)
  }

  private moveHighWatermark(to: number): void {
    if (to <= this.highWatermarkOffset || this.offline) return
    this.highWatermarkOffset = to
    if (this.hasReplicas) this.noteHighWatermark()
    this.uncommitted.passed(to)
    for (const listener of [...this.listeners]) listener(to)
    const grown = this.log.bytesAppended - this.bytesSeen
    this.bytesSeen = this.log.bytesAppended
    for (const watcher of this.watchers) watcher.grown(Math.max(grown, 1))
    if (this.team) this.end.highWatermarkMoved()
  }

  /** For the checkpoint and for retention. A lone replica's is its log's end. */
  private noteHighWatermark(): void {
    this.log.highWatermark = this.hasReplicas ? Math.min(this.highWatermarkOffset, this.syncs.sureTo) : undefined
  }

  private whenCommitted(
    endOffset: number,
    resolve: () => void,
    reject: (error: Error) => void,
    deadlineMs?: number,
  ): void {
    if (endOffset <= this.highWatermarkOffset) resolve()
    else if (!this.isLeader) reject(NOT_LEADER())
    else this.uncommitted.add(endOffset, resolve, reject, deadlineMs)
  }

  /** Nothing more comes of what was begun. */
  private failWaiting(error: Error): void {
    for (const waiters of [this.uncommitted, this.unsynced, this.lowWatermark]) waiters.fail(error)
    for (const q of this.queue.splice(0)) q.reject(error)
    for (const listener of [...this.listeners]) listener(this.highWatermarkOffset, error)
    this.listeners.clear()
  }

  /** Who waits looks again: something else than growth has happened. */
  private endWaits(): void {
    for (const watcher of this.watchers) watcher.grown(Number.POSITIVE_INFINITY)
    this.end.endWaits()
  }

  private goOffline(cause: Error): Error {
    const error = cause instanceof KafkaError ? cause : new KafkaError('KAFKA_STORAGE_ERROR', cause.message)
    if (this.offline) return this.offline
    this.offline = error
    this.failWaiting(error)
    this.endWaits()
    this.o.onOffline?.(cause)
    return error
  }
}
