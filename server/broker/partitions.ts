/**
 * The partitions that this broker holds, made and removed as the metadata says, led or followed as it says. Those in a log dir that
 * has failed are not served any more: whoever asks is told KAFKA_STORAGE_ERROR.
 *
 * The folder of a new partition is made when somebody needs it, or when nothing else is to do: a thousand new topics keep
 * nobody waiting. Where thousands of partitions change hands at once, others have their turn in between.
 */
import type { Clock } from '../env/env.ts'
import { isOutOfRoom } from '../log/disk_room.ts'
import { canBeMoved } from '../log/file_names.ts'
import type { LogDirs } from '../log/log_dirs.ts'
import type { LogManager } from '../log/log_manager.ts'
import type { Configs } from '../metadata/configs.ts'
import { directoryOf } from '../metadata/directory_id.ts'
import type { MetadataImage, PartitionImage, TopicImage } from '../metadata/image.ts'
import { KafkaError } from '../protocol/errors.ts'
import type { ReplicaFetchers } from '../replication/fetcher/replica_fetchers.ts'
import { Partition } from '../replication/partition.ts'
import type { ReplicationOptions } from '../replication/partition_options.ts'
import { Turn } from '../replication/turn.ts'
import type { Logger } from '../rpc/logger.ts'
import type { Placed } from './directory_assignments.ts'
import { describeLogDirs, type LogDirSize, logDirSizes } from './log_dir_report.ts'
import type { BrokerMetrics } from './metrics.ts'
import { isWholeElsewhere } from './missing_dirs.ts'
import { ReplicaMoves } from './replica_moves.ts'

export interface PartitionsOptions {
  readonly nodeId: number
  readonly image: MetadataImage
  readonly logs: LogDirs
  readonly configs: Configs
  readonly clock: Clock
  readonly syncAcksAll: boolean
  readonly metrics: BrokerMetrics
  readonly log: Logger
  /** What a partition with several replicas needs; without it each is served as if it had no other. */
  readonly replicationOf?: (p: { topicId: string; topic: string; index: number }) => ReplicationOptions
  /** Those that others lead are fetched by them. */
  readonly fetchers: ReplicaFetchers
  /** One is in another log dir than the metadata says, or than it says yet. */
  readonly onPlaced: (p: Placed) => void
  /** Folders were made, or partitions have changed hands, later than was asked. */
  readonly onMade: () => void
}

/** New, and without a folder; or there was no room to open it. */
class Unmade {
  constructor(
    readonly topic: TopicImage,
    /** As the metadata has it now. */
    public p: PartitionImage,
  ) {}

  /** Why not, and when it is to be tried again, monotonic ms. */
  error: KafkaError | undefined
  againMs = 0
}

/** Undefined where a partition has no replica here, an error where its log cannot be opened. */
type Held = Partition | KafkaError | Unmade | undefined

/** How long folders are made before others have their turn. */
const SLICE_MS = 2
/** The same for partitions that change hands. */
const CHANGE_SLICE_MS = 10
/** After there was no room. */
const RETRY_MS = 1_000

interface Topic {
  readonly topicId: string
  readonly list: Held[]
  /** As each was in the metadata when it was taken over; undefined where it has no replica here. */
  readonly seen: (PartitionImage | undefined)[]
}

export class Partitions {
  /** By topic, then by index. */
  private readonly byTopic = new Map<string, Topic>()
  /** Ids of topics of which the metadata says something new. */
  private readonly behind = new Set<string>()
  /** Those that may be unmade still, oldest first. */
  private unmade: Unmade[] = []
  /** Those for which there was no room: of a follower nobody asks for them. */
  private readonly roomless = new Set<Unmade>()

  private keeping = false
  private readonly moves: ReplicaMoves
  private readonly turn: Turn

  constructor(private readonly o: PartitionsOptions) {
    const { logs, clock, log, configs, onMade } = o
    this.turn = new Turn(clock)
    this.moves = new ReplicaMoves({
      logs,
      clock,
      log,
      maxBytesPerSecond: () => configs.broker['replica.alter.log.dirs.io.max.bytes.per.second'],
      configOf: (topic) => configs.logConfigOf(topic),
      fetchers: o.fetchers,
      onMoved: (p) => {
        o.onPlaced(p)
        onMade()
      },
    })
  }

  /** The partition if it is led here. Throws what a client should hear if it is not. */
  leader(topic: string, index: number): Partition {
    const partition = this.replica(topic, index)
    if (!partition.isLeader) throw new KafkaError('NOT_LEADER_OR_FOLLOWER')
    return partition
  }

  /** The partition if it has a replica here, whoever leads it. Throws what a client should hear if it has none. */
  replica(topic: string, index: number): Partition {
    if (this.behind.size > 0) this.takeOverNow(topic, index)
    const entry = this.byTopic.get(topic)
    const partition = this.made(entry?.list, index)
    if (partition instanceof KafkaError) throw partition
    if (partition === undefined) {
      throw new KafkaError(entry && index in entry.list ? 'NOT_LEADER_OR_FOLLOWER' : 'UNKNOWN_TOPIC_OR_PARTITION')
    }
    return partition
  }

  /** Takes over what the metadata says of these topics: now, or, where it is much, the rest a little later. */
  changed(topicIds: Iterable<string>): void {
    const waits = this.behind.size > 0
    for (const id of topicIds) this.behind.add(id)
    if (!waits) this.catchUp()
  }

  /** The controllers have lost something: what is taken away next is nothing that anybody wanted deleted, and is kept. */
  wentBack(): void {
    this.keeping = true
  }

  private catchUp(): void {
    const { clock, image } = this.o
    const untilMs = clock.monotonic() + CHANGE_SLICE_MS
    for (const id of this.behind) {
      const topic = image.topicById(id)
      if (topic && !this.reconcile(topic, untilMs)) break
      this.behind.delete(id)
    }
    if (this.behind.size === 0) {
      this.keeping = false
      return
    }
    clock.after(0, () => {
      this.catchUp()
      this.o.onMade()
    })
  }

  /** Makes what is missing of a topic, takes over who leads. False if there is more to do, but no time. */
  reconcile(topic: TopicImage, untilMs = Number.POSITIVE_INFINITY): boolean {
    const entry = this.entryOf(topic)
    let n = 0
    for (const p of topic.partitions) {
      if (this.isTakenOver(entry, p)) continue
      if (n++ > 0 && this.o.clock.monotonic() >= untilMs) return false
      this.takeOver(entry, topic, p)
    }
    return true
  }

  private entryOf({ name, topicId }: TopicImage): Topic {
    const present = this.byTopic.get(name)
    if (present?.topicId === topicId) return present
    if (present) this.remove(name, present.topicId)
    const entry: Topic = { topicId, list: [], seen: [] }
    this.byTopic.set(name, entry)
    return entry
  }

  /** Somebody asks for it before its turn has come. */
  private takeOverNow(name: string, index: number): void {
    const topic = this.o.image.topic(name)
    const p = topic?.partitions[index]
    if (!topic || !p || !this.behind.has(topic.topicId)) return
    const entry = this.entryOf(topic)
    if (!this.isTakenOver(entry, p)) this.takeOver(entry, topic, p)
  }

  private isTakenOver({ list, seen }: Topic, p: PartitionImage): boolean {
    const present = list[p.partitionId]
    // What could not be opened may be openable now.
    return seen[p.partitionId] === p && !(present instanceof KafkaError)
  }

  private takeOver(entry: Topic, topic: TopicImage, p: PartitionImage): void {
    const { list, seen } = entry
    const index = p.partitionId
    const present = list[index]
    if (!p.replicas.includes(this.o.nodeId)) {
      if (present !== undefined) this.letGo(topic.name, p, present)
      // Whoever asks for it here is told that it is elsewhere.
      list[index] = undefined
      seen[index] = undefined
      return
    }
    seen[index] = p
    if (present instanceof Partition) this.follow(present, topic, p)
    else if (present instanceof Unmade) present.p = p
    else if (present || this.o.logs.holds(topic.name, index)) {
      const unmade = new Unmade(topic, p)
      unmade.error = present
      list[index] = unmade
      const opened = this.made(list, index)
      this.tryAgain(list[index])
      if (opened) this.moveOn(topic, index, opened)
    } else {
      list[index] = this.makeLater(new Unmade(topic, p))
    }
  }

  /** Takes over who leads, and who is in sync. */
  private follow(partition: Partition, topic: TopicImage, p: PartitionImage): void {
    const { nodeId, fetchers } = this.o
    const { name, topicId } = topic
    const { leader: leaderId, leaderEpoch, partitionId: index } = p
    if (leaderId === nodeId) {
      fetchers.unfollow(name, index)
      partition.becomeLeader(p)
      return
    }
    // Before anything of another leader can come.
    if (partition.isLeader || leaderEpoch !== partition.currentEpoch || leaderId < 0) fetchers.unfollow(name, index)
    partition.becomeFollower({ leaderId, leaderEpoch })
    if (leaderId < 0) return
    fetchers.follow({ topic: name, topicId, index, leaderId, leaderEpoch, replica: partition })
  }

  /** It was given to other brokers: they have it. */
  private letGo(topic: string, p: PartitionImage, present: Held): void {
    const { partitionId: index, leader: leaderId, leaderEpoch } = p
    this.moves.stop(topic, index)
    this.o.fetchers.unfollow(topic, index)
    if (present instanceof Partition) {
      present.becomeFollower({ leaderId, leaderEpoch })
      present.retire(new KafkaError('NOT_LEADER_OR_FOLLOWER'))
    }
    if (!this.hasFolder(present, topic, index)) return
    if (!this.keeping) this.o.log.info(`${topic}-${index} is deleted here: its replicas are on other brokers now`)
    this.putAway(topic, index)
  }

  private makeLater(one: Unmade): Unmade {
    if (this.unmade.length === 0) this.o.clock.after(0, () => this.makeSome())
    this.unmade.push(one)
    return one
  }

  private makeSome(): void {
    const { monotonic } = this.o.clock
    const until = monotonic() + SLICE_MS
    let next = 0
    while (next < this.unmade.length && monotonic() < until) {
      const { topic, p } = this.unmade[next++]!
      const entry = this.byTopic.get(topic.name)
      if (entry?.topicId !== topic.topicId) continue
      this.made(entry.list, p.partitionId)
      this.tryAgain(entry.list[p.partitionId])
    }
    this.unmade = this.unmade.slice(next)
    if (this.unmade.length > 0) this.o.clock.after(0, () => this.makeSome())
    if (next > 0) this.o.onMade()
  }

  private tryAgain(held: Held): void {
    if (!(held instanceof Unmade) || held.againMs === Number.POSITIVE_INFINITY) return
    if (this.roomless.size === 0) {
      this.o.clock.after(RETRY_MS, () => {
        const again = [...this.roomless]
        this.roomless.clear()
        for (const one of again) this.makeLater(one)
      })
    }
    this.roomless.add(held)
  }

  /** What stands at a place of the list, made if it is not yet. */
  private made(list: Held[] | undefined, index: number): Partition | KafkaError | undefined {
    if (list === undefined) return undefined
    const held = list[index]
    if (!(held instanceof Unmade)) return held
    const { clock, onMade } = this.o
    if (held.error && clock.monotonic() < held.againMs) return held.error
    const made = this.opened(held.topic, held.p, held.error)
    if (made instanceof KafkaError && isOutOfRoom(made.cause)) {
      held.error = made
      held.againMs = clock.monotonic() + RETRY_MS
      return made
    }
    if (made instanceof Partition && held.error) {
      // As in `syncRecovered`.
      held.againMs = Number.POSITIVE_INFINITY
      const put = (as: Held) => {
        if (list[index] !== held) return
        list[index] = as
        // It may have changed hands meanwhile.
        if (as instanceof Partition) this.follow(as, held.topic, held.p)
        onMade()
      }
      made.log.sync().then(
        () => put(made),
        (error) => put(error),
      )
      return held.error
    }
    list[index] = made
    return made
  }

  private allMade(list: Held[]): (Partition | KafkaError | undefined)[] {
    return list.map((_, index) => this.made(list, index))
  }

  /** A move that an earlier run has begun goes on. */
  private moveOn({ name: topic, topicId }: TopicImage, index: number, partition: Partition | KafkaError): void {
    const to = this.o.logs.futureDirOf(topic, index)
    if (!to || !(partition instanceof Partition)) return
    try {
      this.moves.begin({ topic, topicId, index, partition, to })
    } catch (error) {
      this.o.log.error(`${topic}-${index} is not moved on to ${to.dir}: ${(error as Error).message}`)
    }
  }

  /**
   * For AlterReplicaLogDirs: begins to move a partition to the log dir with this path; naming the one where it is ends that. One
   * that is not here yet will be made there. Throws INVALID_TOPIC_EXCEPTION, LOG_DIR_NOT_FOUND, KAFKA_STORAGE_ERROR,
   * NOT_LEADER_OR_FOLLOWER.
   */
  alterLogDir(topic: string, index: number, path: string): void {
    const { logs } = this.o
    if (!canBeMoved({ topic, partition: index }))
      throw new KafkaError('INVALID_TOPIC_EXCEPTION', 'The name is too long.')
    const to = logs.find(path)
    if (!to)
      throw new KafkaError(logs.unusable.some((d) => d.path === path) ? 'KAFKA_STORAGE_ERROR' : 'LOG_DIR_NOT_FOUND')
    if (to.isOffline) throw new KafkaError('KAFKA_STORAGE_ERROR', `${path} is offline.`)
    const entry = this.byTopic.get(topic)
    const partition = this.made(entry?.list, index)
    if (partition instanceof KafkaError) throw partition
    if (!entry || !partition) {
      logs.prefer(topic, index, to)
      throw new KafkaError('NOT_LEADER_OR_FOLLOWER')
    }
    if (partition.log.isIn(to.dir)) this.moves.cancel(topic, index)
    else this.moves.begin({ topic, topicId: entry.topicId, index, partition, to })
  }

  /** A log dir has failed: what is in it is served no more, and who waits for it is told. */
  dirFailed(dir: LogManager, cause: Error): void {
    const error = new KafkaError('KAFKA_STORAGE_ERROR', `${dir.dir} is offline: ${cause.message}`)
    for (const [topic, { list }] of this.byTopic) {
      for (const [index, partition] of list.entries()) {
        if (!(partition instanceof Partition) || !partition.log.isIn(dir.dir)) continue
        this.o.fetchers.unfollow(topic, index)
        list[index] = error
        partition.retire(error)
      }
    }
  }

  /**
   * What recovery found after a kill may be in the page cache alone: it must be on the disk before anybody is told of it. A log
   * whose disk fails here is offline, and whoever asks for it is told so.
   */
  async syncRecovered(): Promise<void> {
    const behind = this.openPartitions.filter(({ log }) => log.recoveryPoint < log.logEndOffset)
    await Promise.allSettled(behind.map(({ log }) => log.sync()))
  }

  /** A topic is gone: who waits for its partitions is told, its folders are removed. */
  remove(topic: string, topicId: string): void {
    const entry = this.byTopic.get(topic)
    if (entry?.topicId !== topicId) return
    this.byTopic.delete(topic)
    this.o.metrics.forgetTopic(topic)
    for (const [index, partition] of entry.list.entries()) {
      this.moves.stop(topic, index)
      this.o.fetchers.unfollow(topic, index)
      if (partition instanceof Partition) partition.retire(new KafkaError('UNKNOWN_TOPIC_OR_PARTITION'))
      if (this.hasFolder(partition, topic, index)) this.putAway(topic, index)
    }
  }

  private hasFolder(held: Held, topic: string, index: number): boolean {
    return held instanceof Unmade ? this.o.logs.holds(topic, index) : held !== undefined
  }

  /** What cannot be put away now is when a topic of that name is made, or at the next start. */
  private putAway(topic: string, index: number): void {
    const { logs, log } = this.o
    try {
      if (!this.keeping) {
        logs.delete(topic, index)
        return
      }
      const kept = logs.setAside(topic, index)
      if (kept === undefined) return
      log.warn(
        `${topic}-${index} is unknown to the controllers now; it is kept as ${kept}: remove it if it is not missed`,
      )
    } catch (error) {
      log.error(`${topic}-${index} is deleted, but its folder is still there: ${(error as Error).message}`)
    }
  }

  /** The topic that has this id here. */
  topicOf(topicId: string): string | undefined {
    for (const [topic, entry] of this.byTopic) if (entry.topicId === topicId) return topic
    return undefined
  }

  ledOf(topic: string): { index: number; partition: Partition }[] {
    const list = this.allMade(this.byTopic.get(topic)?.list ?? [])
    return list.flatMap((p, index) => (p instanceof Partition && p.isLeader ? [{ index, partition: p }] : []))
  }

  /** Resolves when everything that has been appended is answered. */
  async settled(): Promise<void> {
    await Promise.all(this.openPartitions.map((p) => p.settled()))
  }

  /** The broker stops: who waits is told `error`. */
  retireAll(error: KafkaError): void {
    this.unmade = []
    this.roomless.clear()
    for (const p of this.openPartitions) p.retire(error)
  }

  /** Partitions stay where they are; what has been copied is there for the next run. */
  stopMoves(): void {
    this.moves.stopAll()
  }

  private get openPartitions(): Partition[] {
    return [...this.byTopic.values()].flatMap(({ list }) => list.filter((p) => p instanceof Partition))
  }

  private get open() {
    return openOf(this.byTopic)
  }

  /** Settings of a topic, or of all, have changed. */
  configsChanged(topics: Iterable<string>): void {
    for (const topic of topics) {
      const config = this.o.configs.logConfigOf(topic)
      for (const partition of this.byTopic.get(topic)?.list ?? []) {
        if (partition instanceof Partition) partition.configChanged(config)
      }
    }
  }

  /** All that are held here, as they are: without a partition where its log cannot be opened, or is not made yet. */
  *all(): Generator<{ topic: string; index: number; led: boolean; failed: boolean; partition: Partition | undefined }> {
    for (const [topic, { list }] of this.byTopic) {
      for (const [index, held] of list.entries()) {
        if (held === undefined) continue
        const partition = held instanceof Partition ? held : undefined
        const failed = held instanceof KafkaError || partition?.log.isOffline === true
        yield { topic, index, led: this.isLed(held), failed, partition }
      }
    }
  }

  private isLed(held: Held): boolean {
    return held instanceof Unmade ? held.p.leader === this.o.nodeId : held instanceof Partition && held.isLeader
  }

  /** See `log_dir_report.ts`. Makes nothing. */
  logDirSizes(): LogDirSize[] {
    return logDirSizes(this.o.logs, () => this.open)
  }

  /** For DescribeLogDirs. */
  logDirs() {
    for (const { list } of this.byTopic.values()) this.allMade(list)
    return describeLogDirs(
      this.o.logs,
      () => this.open,
      (topic, index) => this.moves.offsetLag(topic, index),
    )
  }

  private opened(topic: TopicImage, p: PartitionImage, before: KafkaError | undefined): Partition | KafkaError {
    const { logs, configs, clock, syncAcksAll, metrics, log, nodeId, replicationOf, onPlaced } = this.o
    const index = p.partitionId
    const recorded = directoryOf(p, nodeId)
    // A dir that is broken may come back with what is in it; one that is not there is another disk's place now.
    const isLost = recorded !== undefined && !logs.find(recorded) && logs.unusable.length === 0
    const anew = isLost && isWholeElsewhere(p, nodeId)
    try {
      const opened = logs.open(topic.name, index, {
        topicId: topic.topicId,
        config: configs.logConfigOf(topic.name),
        ...(recorded !== undefined && !anew && { directoryId: recorded }),
      })
      const { directoryId } = logs.dirOf(topic.name, index)!
      if (directoryId !== recorded) onPlaced({ topicId: topic.topicId, partitionIndex: index, directoryId })
      const partition = new Partition(opened, -1, clock, {
        syncAcksAll,
        meter: metrics.topic(topic.name),
        turn: this.turn,
        ...(replicationOf && { replication: replicationOf({ topicId: topic.topicId, topic: topic.name, index }) }),
        ...(p.replicas.length > 1 && {
          highWatermark: logs.dirOf(topic.name, index)!.checkpointedHighWatermark(topic.name, index) ?? 0,
        }),
      })
      this.follow(partition, topic, p)
      return partition
    } catch (error) {
      const { message } = error as Error
      if (message !== before?.message) log.error(`${topic.name}-${index} cannot be opened: ${message}`)
      const answer = new KafkaError('KAFKA_STORAGE_ERROR', message)
      answer.cause = error
      return answer
    }
  }
}

function* openOf(byTopic: ReadonlyMap<string, Topic>) {
  for (const [topic, { list }] of byTopic) {
    for (const [index, partition] of list.entries())
      if (partition instanceof Partition) yield { topic, index, partition }
  }
}
