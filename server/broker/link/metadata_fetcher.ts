/**
 * Keeps a broker's replica of the metadata log up to date: finds the leader of the controllers' quorum and fetches from it without end, as
 * an observer does (KIP-595): records, the high watermark, where both logs part, or a snapshot where the leader's log begins later.
 */
import { BrokerConnection } from '../../client/connection.ts'
import type { BrokerConfig } from '../../config/resolve.ts'
import { METADATA_TOPIC_ID } from '../../controller/metadata_log.ts'
import type { Env } from '../../env/env.ts'
import { isOutOfRoom } from '../../log/disk_room.ts'
import { CLUSTER_METADATA } from '../../metadata/internal_topics.ts'
import type { SnapshotId } from '../../metadata/snapshot.ts'
import { errorOf, KafkaError } from '../../protocol/errors.ts'
import { Fetch } from '../../protocol/messages/01_fetch.ts'
import { FetchSnapshot } from '../../protocol/messages/59_fetch_snapshot.ts'
import type { Infer } from '../../protocol/schema.ts'
import type { LeveledLogger } from '../../rpc/logger.ts'
import type { MetadataReplica } from './metadata_replica.ts'
import type { QuorumNodes } from './quorum_nodes.ts'

export interface FetcherOptions {
  readonly env: Env
  readonly nodeId: number
  readonly clusterId: string
  readonly directoryId: string
  readonly config: () => BrokerConfig
  readonly quorum: QuorumNodes
  readonly replica: MetadataReplica
  readonly log: LeveledLogger
  /** The quorum has begun a new epoch. */
  readonly onEpoch: () => void
  /** The controllers are another cluster's; undefined: they are not. Called after every fetch. */
  readonly onRefused: (error: KafkaError | undefined) => void
  /** The log holds what this broker cannot read, or its disk has failed: it follows no more. */
  readonly onDown: (error: Error) => void
}

/** How long the leader may wait for news, as Kafka's observers let it. */
const MAX_WAIT_MS = 500
/** The first version in which a leader tells where logs part, and who leads. */
const MIN_VERSION = 12
const MAX_FRAME_BYTES = 128 * 1024 * 1024
const MAX_SNAPSHOT_BYTES = 2 ** 30
const LONGEST_PAUSE_MS = 1_000
/** Topic ids instead of names; where the replica's id stands. */
const WITH_TOPIC_ID = 13

type FetchAnswer = Infer<typeof Fetch.response>

export class MetadataFetcher {
  private connection: BrokerConnection | undefined
  private closed = false
  private endPause: (() => void) | undefined
  private failures = 0
  private said = ''

  constructor(private readonly o: FetcherOptions) {}

  start(): void {
    void this.run()
  }

  close(): void {
    this.closed = true
    this.connection?.close()
    this.endPause?.()
  }

  private async run(): Promise<void> {
    while (!this.closed) {
      try {
        this.o.replica.checkOnline()
        await this.fetch()
        this.failures = 0
        this.o.onRefused(undefined)
        this.say('')
      } catch (error) {
        if (this.closed) return
        const { message, cause } = error as Error
        const passes = isOutOfRoom(error) || isOutOfRoom(cause) || error instanceof KafkaError
        if (!passes || this.o.replica.isOffline) {
          this.close()
          return this.o.onDown(error as Error)
        }
        if (error instanceof KafkaError && error.error === 'INCONSISTENT_CLUSTER_ID') this.o.onRefused(error)
        this.say(message)
        this.o.quorum.forgetLeader()
        await this.pause()
      }
    }
  }

  /** One fetch and what follows from it: news, or whom to ask next. */
  private async fetch(): Promise<void> {
    const { quorum, nodeId, clusterId, directoryId, replica, config } = this.o
    const connection = await this.connect()
    const { offset, lastEpoch, highWatermark } = replica.position
    const currentLeaderEpoch = quorum.leaderEpoch
    const partition = {
      partition: 0,
      currentLeaderEpoch,
      fetchOffset: offset,
      lastFetchedEpoch: lastEpoch,
      logStartOffset: -1,
      partitionMaxBytes: 0,
      replicaDirectoryId: directoryId,
      highWatermark,
    }
    const answer = await connection.send(
      Fetch,
      (version) => ({
        replicaId: nodeId,
        replicaState: { replicaId: nodeId, replicaEpoch: -1 },
        clusterId,
        maxWaitMs: MAX_WAIT_MS,
        minBytes: 0,
        maxBytes: config()['controller.quorum.fetch.max.bytes'],
        isolationLevel: 0,
        sessionId: 0,
        topics: [
          {
            ...(version >= WITH_TOPIC_ID ? { topicId: METADATA_TOPIC_ID } : { topic: CLUSTER_METADATA }),
            partitions: [partition],
          },
        ],
        forgottenTopicsData: [],
        rackId: '',
      }),
      { minVersion: MIN_VERSION, extraTimeoutMs: MAX_WAIT_MS },
    )
    if (!this.closed) await this.take(answer, currentLeaderEpoch)
  }

  private async take(answer: FetchAnswer, askedEpoch: number): Promise<void> {
    const { quorum, replica } = this.o
    if (answer.errorCode !== 0) throw new KafkaError(errorOf(answer.errorCode))
    const partition = answer.responses[0]?.partitions[0]
    if (partition === undefined)
      throw new KafkaError('UNKNOWN_SERVER_ERROR', 'an answer to Fetch without the metadata log')
    const { currentLeader, errorCode, divergingEpoch, snapshotId } = partition
    const before = quorum.leaderId
    if (quorum.learn(currentLeader, answer.nodeEndpoints)) this.o.onEpoch()
    if (errorCode !== 0) {
      // Whoever leads has been named: ask there at once.
      if (quorum.leaderId >= 0 && (quorum.leaderId !== before || quorum.leaderEpoch !== askedEpoch)) return
      throw new KafkaError(errorOf(errorCode))
    }
    if (quorum.leaderEpoch !== askedEpoch) return
    if (divergingEpoch.epoch >= 0) {
      const { offset } = replica.position
      await replica.truncate(divergingEpoch)
      if (replica.position.offset === offset) {
        throw new KafkaError('UNKNOWN_SERVER_ERROR', 'the leader says that its log is another, and not where')
      }
    } else if (snapshotId.epoch >= 0) replica.install(snapshotId, await this.fetchSnapshot(snapshotId))
    else replica.append(whole(partition.records), partition.highWatermark)
  }

  private async fetchSnapshot(snapshotId: SnapshotId): Promise<Buffer> {
    const { nodeId, clusterId, directoryId, quorum, config } = this.o
    const parts: Buffer[] = []
    let position = 0
    for (;;) {
      const connection = await this.connect()
      const currentLeaderEpoch = quorum.leaderEpoch
      const answer = await connection.send(FetchSnapshot, {
        clusterId,
        replicaId: nodeId,
        maxBytes: config()['controller.quorum.fetch.snapshot.max.bytes'],
        topics: [
          {
            name: CLUSTER_METADATA,
            partitions: [{ partition: 0, currentLeaderEpoch, snapshotId, position, replicaDirectoryId: directoryId }],
          },
        ],
      })
      const partition = answer.topics[0]?.partitions[0]
      const code = answer.errorCode || (partition?.errorCode ?? -1)
      if (partition === undefined || code !== 0) throw new KafkaError(errorOf(code))
      if (partition.position !== position || partition.size > MAX_SNAPSHOT_BYTES) {
        throw new KafkaError('UNKNOWN_SERVER_ERROR', 'an answer to FetchSnapshot that was not asked for')
      }
      const part = whole(partition.unalignedRecords) ?? Buffer.alloc(0)
      parts.push(part)
      position += part.length
      if (position >= partition.size) return Buffer.concat(parts)
      if (part.length === 0) throw new KafkaError('UNKNOWN_SERVER_ERROR', 'a piece of a snapshot without a byte')
    }
  }

  private async connect(): Promise<BrokerConnection> {
    const { env, quorum, nodeId, config } = this.o
    const address = quorum.next()
    const { connection } = this
    if (connection && !connection.ended) {
      const { host, port } = connection.address
      if (host === address.host && port === address.port) return connection
      connection.close()
    }
    const timeoutMs = config()['controller.quorum.request.timeout.ms']
    const opened = await BrokerConnection.open(env, address, {
      clientId: `raft-client-${nodeId}`,
      requestTimeoutMs: timeoutMs,
      connectTimeoutMs: timeoutMs,
      maxResponseBytes: MAX_FRAME_BYTES,
    })
    if (this.closed) opened.close()
    this.connection = opened
    return opened
  }

  private pause(): Promise<void> {
    const first = this.o.config()['controller.quorum.retry.backoff.ms']
    const ms = Math.min(Math.max(1, first) * 2 ** Math.min(this.failures++, 10), LONGEST_PAUSE_MS)
    return new Promise((resolve) => {
      const stop = this.o.env.clock.after(ms, resolve)
      this.endPause = () => {
        stop()
        resolve()
      }
    })
  }

  /** Once each, and '' when all is well again. What passes by itself, as a controller that starts again, is not worth a line. */
  private say(problem: string): void {
    if (problem === this.said || (problem !== '' && this.failures < 3)) return
    this.said = problem
    if (problem === '') this.o.log.info('the metadata of the cluster is followed again')
    else this.o.log.warn(`the metadata of the cluster cannot be followed: ${problem}`)
  }
}

/** What comes from a connection is in one piece. */
const whole = (records: Buffer | readonly Buffer[] | null): Buffer | null =>
  records === null || Buffer.isBuffer(records) ? records : Buffer.concat(records)
