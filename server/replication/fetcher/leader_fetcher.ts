/**
 * Replicates from one leader: one connection, one fetch at a time, for all partitions that it is given. What the leader sends is
 * appended, where the logs part the follower's is cut, and a partition that is in trouble is left alone for a while. Which
 * partitions there are, and who leads them, is `replica_fetchers.ts`.
 *
 * As Kafka's AbstractFetcherThread, but for three things that keep the time short in which a new leader waits for its followers:
 * a partition that is added does not wait until a fetch has come back that was sent before (its connection is left for another);
 * what passes by itself (a leader that has not heard yet that it leads) is tried again soon, with pauses that grow to
 * replica.fetch.backoff.ms; and what the disk has no room for is tried again, where Kafka gives the partition up.
 */
import { type Address, BrokerConnection } from '../../client/connection.ts'
import type { Env } from '../../env/env.ts'
import type { BlockPool } from '../../lib/block_pool.ts'
import { type ErrorName, errorCode, errorOf, KafkaError } from '../../protocol/errors.ts'
import { Fetch } from '../../protocol/messages/01_fetch.ts'
import { ListOffsets } from '../../protocol/messages/02_list_offsets.ts'
import type { Infer } from '../../protocol/schema.ts'
import type { Followed } from './followed.ts'
import { FollowerSession, type SessionRequest } from './follower_session.ts'
import { truncationOffset } from './truncation.ts'

type Response = Infer<typeof Fetch.response>
type Part = Response['responses'][number]['partitions'][number]

/** Under Kafka's names. */
export interface FetcherConfig {
  readonly 'replica.fetch.max.bytes': number
  readonly 'replica.fetch.response.max.bytes': number
  readonly 'replica.fetch.wait.max.ms': number
  readonly 'replica.fetch.min.bytes': number
  readonly 'replica.fetch.backoff.ms': number
  readonly 'replica.socket.timeout.ms': number
}

/** follower.replication.throttled.* (KIP-73) */
export interface ReplicationThrottle {
  isThrottled(topic: string, index: number): boolean
  readonly isExceeded: boolean
  record(bytes: number): void
}

export interface LeaderFetcherOptions {
  readonly env: Env
  readonly nodeId: number
  readonly leaderId: number
  /** Of the present registration; undefined while there is none. */
  readonly brokerEpoch: () => number | undefined
  /** Where the leader is reached; undefined while nobody knows. */
  readonly address: () => Address | undefined
  readonly config: () => FetcherConfig
  readonly throttle: ReplicationThrottle
  /** Where answers lie until they are appended. */
  readonly blocks: BlockPool
  readonly warn: (line: string) => void
}

/** By which version topics go by their ids. */
const FIRST_VERSION = 13
/** By which version the replica's state stands apart. */
const STATE_VERSION = 15
/** Of a fetch that is under way when partitions are added. */
const GRACE_MS = 5
/** Between two connections that are left for another; twice as long each time, until an answer comes: on a slow network none would. */
const FIRST_REST_MS = 50
/** An answer of which no more has come for so long is left as well. */
const STALLED_MS = 500
const FIRST_RETRY_MS = 10
const HELD_MS = 10
const CONNECT_TIMEOUT_MS = 3_000
/** An answer that has not come so long after its time will not, where the leader has been away. */
const OVERDUE_MS = 500
const LATEST = -1
const EARLIEST = -2

/** They pass by themselves once both brokers have heard of the same metadata; a new epoch of this one's is followed anew. */
const PASSING = new Set<ErrorName>([
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'NOT_LEADER_OR_FOLLOWER',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'UNKNOWN_TOPIC_ID',
  'INCONSISTENT_TOPIC_ID',
])

export class LeaderFetcher {
  private readonly session = new FollowerSession()
  private readonly byTopic = new Map<string, Map<number, Followed>>()
  private readonly delayed = new Set<Followed>()
  private readonly throttled = new Set<Followed>()
  private count = 0
  private connection: BrokerConnection | undefined
  private stopped = false
  private running = false
  /** A request is under way, which was sent then, monotonic ms. */
  private askedMs: number | undefined
  private interruptedMs = Number.NEGATIVE_INFINITY
  private restMs = FIRST_REST_MS
  private interruptions = 0
  private cancelInterrupt: (() => void) | undefined
  private wake: (() => void) | undefined
  private woken = false
  private retryMs = 0
  /** What the last answer lies in. */
  private frame: Buffer | undefined

  constructor(private readonly o: LeaderFetcherOptions) {}

  get isIdle(): boolean {
    return this.count === 0
  }

  add(f: Followed): void {
    let topic = this.byTopic.get(f.topicId)
    if (!topic) this.byTopic.set(f.topicId, (topic = new Map()))
    if (!topic.has(f.index)) this.count++
    topic.set(f.index, f)
    this.session.touch(f)
    if (this.askedMs !== undefined) this.interruptLater()
    this.rouse()
    if (!this.running) void this.run()
  }

  remove(f: Followed): void {
    const topic = this.byTopic.get(f.topicId)
    if (topic?.get(f.index) !== f) return
    topic.delete(f.index)
    if (topic.size === 0) this.byTopic.delete(f.topicId)
    this.count--
    this.session.leave(f)
    this.delayed.delete(f)
    this.throttled.delete(f)
    if (this.count === 0) this.rouse()
  }

  /** The leader is back, or somewhere else: it is tried at once, over a new connection where the present one is silent. */
  leaderChanged(): void {
    const { connection, askedMs } = this
    const address = this.o.address()
    const hasMoved =
      connection && !(connection.address.host === address?.host && connection.address.port === address.port)
    const { clock } = this.o.env
    const silentMs = askedMs === undefined ? 0 : clock.monotonic() - askedMs
    if (hasMoved || silentMs > this.o.config()['replica.fetch.wait.max.ms'] + OVERDUE_MS) connection?.close()
    this.retryMs = 0
    this.rouse()
  }

  stop(): void {
    this.stopped = true
    this.cancelInterrupt?.()
    this.connection?.close()
    this.rouse()
  }

  // --- the loop ---

  private async run(): Promise<void> {
    this.running = true
    await this.untilNextTurn()
    while (!this.stopped && this.count > 0) {
      try {
        await this.round()
      } catch (error) {
        if (!(error instanceof KafkaError)) this.o.warn(`fetching from broker ${this.o.leaderId}: ${describe(error)}`)
        await this.pause(this.nextRetryMs())
      }
    }
    this.running = false
    this.connection?.close()
    this.connection = undefined
    this.session.reset()
  }

  /** So that all partitions that change hands together are asked for together. */
  private untilNextTurn(): Promise<void> {
    return new Promise((resolve) => this.o.env.clock.soon(resolve))
  }

  private async round(): Promise<void> {
    const epoch = this.o.brokerEpoch()
    const connection = epoch === undefined ? undefined : await this.connected()
    if (!connection || this.stopped) return this.pause(this.o.config()['replica.fetch.backoff.ms'])
    this.endDelays()
    const request = this.session.request((f) => this.mayAsk(f))
    if (this.session.size === 0 && request.forgotten.length === 0) return this.pause(this.untilNextMs())
    let response: Response
    const { clock } = this.o.env
    this.askedMs = clock.monotonic()
    const { interruptions } = this
    try {
      response = await this.ask(connection, request, epoch!)
    } catch (error) {
      this.session.interrupted()
      if (this.interruptions !== interruptions || this.stopped) return
      throw error
    } finally {
      this.askedMs = undefined
      this.cancelInterrupt?.()
      this.cancelInterrupt = undefined
    }
    if (this.stopped) return
    this.restMs = FIRST_REST_MS
    if (response.errorCode !== errorCode.NONE) {
      const error = errorOf(response.errorCode)
      this.session.refused(error)
      throw new KafkaError(error)
    }
    this.retryMs = 0
    for (const { topicId, partitions } of response.responses) {
      const topic = this.byTopic.get(topicId)
      for (const part of partitions) {
        const f = topic?.get(part.partitionIndex)
        // Asked for in an epoch that is over, or cut meanwhile.
        if (f?.sent === undefined || f.sent.fetchOffset !== f.replica.logEndOffset) continue
        this.session.touch(f)
        const more = this.process(f, part, connection)
        if (more) await more
      }
    }
    this.session.answered(response.sessionId)
    // All of it is in the logs.
    if (this.frame) this.o.blocks.give(this.frame)
    this.frame = undefined
  }

  private ask(connection: BrokerConnection, r: SessionRequest, brokerEpoch: number): Promise<Response> {
    const { nodeId } = this.o
    const config = this.o.config()
    const maxWaitMs = Math.min(config['replica.fetch.wait.max.ms'], this.untilNextMs())
    const body = {
      maxWaitMs,
      minBytes: config['replica.fetch.min.bytes'],
      maxBytes: config['replica.fetch.response.max.bytes'],
      isolationLevel: 0,
      sessionId: r.sessionId,
      sessionEpoch: r.sessionEpoch,
      topics: topicsOf(r.wanted, config['replica.fetch.max.bytes']),
      forgottenTopicsData: forgottenOf(r.forgotten),
    }
    return connection.send(
      Fetch,
      (version) =>
        version < STATE_VERSION
          ? { ...body, replicaId: nodeId }
          : { ...body, replicaState: { replicaId: nodeId, replicaEpoch: brokerEpoch } },
      {
        minVersion: FIRST_VERSION,
        extraTimeoutMs: maxWaitMs,
        onFrame: (frame) => {
          this.frame = frame
        },
      },
    )
  }

  private async connected(): Promise<BrokerConnection | undefined> {
    if (this.connection && !this.connection.ended) return this.connection
    this.connection = undefined
    const { env, nodeId, leaderId } = this.o
    const address = this.o.address()
    if (!address) return undefined
    const timeoutMs = this.o.config()['replica.socket.timeout.ms']
    const connection = await BrokerConnection.open(env, address, {
      clientId: `broker-${nodeId}-fetcher-${leaderId}`,
      requestTimeoutMs: timeoutMs,
      connectTimeoutMs: Math.min(timeoutMs, CONNECT_TIMEOUT_MS),
      maxResponseBytes: 2 ** 31 - 1,
      blocks: this.o.blocks,
    })
    if (this.stopped) connection.close()
    this.session.interrupted()
    return (this.connection = connection)
  }

  // --- waiting ---

  private rouse(): void {
    this.woken = true
    this.wake?.()
  }

  /** Until something has changed, or so many ms are over. */
  private pause(ms: number): Promise<void> {
    if (this.woken || this.stopped) {
      this.woken = false
      return this.untilNextTurn()
    }
    return new Promise((resolve) => {
      const cancel = this.o.env.clock.after(ms, () => this.wake?.())
      this.wake = () => {
        cancel()
        this.wake = undefined
        this.woken = false
        resolve()
      }
    })
  }

  private nextRetryMs(): number {
    this.retryMs = Math.min(
      this.retryMs === 0 ? FIRST_RETRY_MS : this.retryMs * 2,
      this.o.config()['replica.fetch.backoff.ms'],
    )
    return this.retryMs
  }

  /** Leaves the fetch that is under way, if it does not come back very soon; not while its answer comes in. */
  private interruptLater(graceMs = GRACE_MS, seenBytes = 0): void {
    if (this.cancelInterrupt) return
    const { clock } = this.o.env
    const ms = Math.max(graceMs, this.interruptedMs + this.restMs - clock.monotonic())
    this.cancelInterrupt = clock.after(ms, () => {
      this.cancelInterrupt = undefined
      if (this.askedMs === undefined) return
      const bytes = this.connection?.bytesUnderWay ?? 0
      if (bytes > seenBytes) {
        this.interruptLater(STALLED_MS, bytes)
        return
      }
      this.interruptedMs = clock.monotonic()
      this.restMs = Math.min(this.restMs * 2, this.o.config()['replica.socket.timeout.ms'])
      this.interruptions++
      this.connection?.close()
    })
  }

  /** Until one of those that are left alone may be asked for again, ms. */
  private untilNextMs(): number {
    const nowMs = this.o.env.clock.monotonic()
    let ms = this.o.config()['replica.fetch.backoff.ms']
    for (const f of this.delayed) ms = Math.min(ms, f.delayedUntilMs - nowMs)
    return Math.max(1, Math.ceil(ms))
  }

  // --- partitions that are not asked for now ---

  private mayAsk(f: Followed): boolean {
    if (this.delayed.has(f)) return false
    const { throttle } = this.o
    // One that is in sync stays so: to throttle it would take it out of the ISR and back again.
    if (f.lag === 0 || !throttle.isThrottled(f.topic, f.index) || !throttle.isExceeded) return true
    this.throttled.add(f)
    return false
  }

  private endDelays(): void {
    const nowMs = this.o.env.clock.monotonic()
    for (const f of this.delayed) {
      if (f.delayedUntilMs > nowMs) continue
      this.delayed.delete(f)
      this.session.touch(f)
    }
    for (const f of this.throttled) this.session.touch(f)
    this.throttled.clear()
  }

  private delay(f: Followed, ms: number): void {
    f.delayedUntilMs = this.o.env.clock.monotonic() + ms
    this.delayed.add(f)
    this.session.leave(f)
  }

  // --- answers ---

  /** A promise where the leader has to be asked something else. */
  private process(f: Followed, part: Part, connection: BrokerConnection): Promise<void> | undefined {
    if (f.held) {
      this.delay(f, HELD_MS)
      return undefined
    }
    try {
      if (part.errorCode === errorCode.OFFSET_OUT_OF_RANGE) {
        return this.findOffset(f, connection).catch((error) => this.failed(f, error))
      }
      if (part.errorCode !== errorCode.NONE) this.refused(f, errorOf(part.errorCode))
      else if (part.divergingEpoch.epoch >= 0) this.cut(f, part.divergingEpoch)
      else this.append(f, part)
    } catch (error) {
      // There is no room, which its log dir says for all of them.
      const isFull = error instanceof KafkaError && error.error === 'KAFKA_STORAGE_ERROR' && !f.replica.log.isOffline
      if (isFull) this.delay(f, this.o.config()['replica.fetch.backoff.ms'])
      else this.failed(f, error)
    }
    return undefined
  }

  private failed(f: Followed, error: unknown): void {
    if (f.over) return
    if (error instanceof KafkaError && PASSING.has(error.error)) {
      this.delaySoon(f)
      return
    }
    const what = error instanceof KafkaError ? `${error.error}: ${error.message}` : describe(error)
    this.o.warn(`${f.name} does not follow broker ${f.leaderId} for the moment: ${what}`)
    this.delay(f, this.o.config()['replica.fetch.backoff.ms'])
  }

  private append(f: Followed, part: Part): void {
    const { replica, leaderEpoch } = f
    const before = replica.logEndOffset
    const records = part.records as Buffer | null
    const { highWatermark, logStartOffset } = part
    replica.appendFromLeader({ leaderEpoch, records, highWatermark, logStartOffset })
    f.nextDelayMs = 0
    f.lag = Math.max(0, highWatermark - replica.logEndOffset)
    if (replica.logEndOffset === before) return
    if (this.o.throttle.isThrottled(f.topic, f.index)) this.o.throttle.record(records!.length)
  }

  private cut(f: Followed, leader: { epoch: number; endOffset: number }): void {
    const { replica } = f
    const { logEndOffset, highWatermark } = replica
    const { latestEpoch } = replica.log
    const to = truncationOffset(leader, replica)
    if (to < highWatermark) this.o.warn(`${f.name} is cut to ${to}, below its high watermark ${highWatermark}`)
    // At its end as well: an epoch without records may stand there, which this broker began and nobody else knows.
    replica.truncateTo(to)
    // The leader would say the same again.
    if (to >= logEndOffset && replica.log.latestEpoch === latestEpoch)
      this.delay(f, this.o.config()['replica.fetch.backoff.ms'])
  }

  private refused(f: Followed, error: ErrorName): void {
    if (PASSING.has(error)) this.delaySoon(f)
    else this.failed(f, new KafkaError(error))
  }

  private delaySoon(f: Followed): void {
    f.nextDelayMs = Math.min(Math.max(FIRST_RETRY_MS, f.nextDelayMs * 2), this.o.config()['replica.fetch.backoff.ms'])
    this.delay(f, f.nextDelayMs)
  }

  /** The leader has nothing at the end of this log: either it ends before that, or it begins after. */
  private async findOffset(f: Followed, connection: BrokerConnection): Promise<void> {
    const { replica } = f
    const leaderEnd = await this.offsetAt(f, LATEST, connection)
    if (f.over || f.held) return
    if (leaderEnd < replica.logEndOffset) {
      this.o.warn(`${f.name} is cut from ${replica.logEndOffset} to the end of its leader's log, ${leaderEnd}`)
      return replica.truncateTo(leaderEnd)
    }
    const leaderStart = await this.offsetAt(f, EARLIEST, connection)
    if (f.over || f.held) return
    // Between the two there is nothing to be done but to ask again.
    if (leaderStart <= replica.logEndOffset) return this.delaySoon(f)
    this.o.warn(
      `${f.name} ends at ${replica.logEndOffset}, before its leader's log begins: it begins anew at ${leaderStart}`,
    )
    replica.truncateFullyAndStartAt(leaderStart)
  }

  private async offsetAt(f: Followed, timestamp: number, connection: BrokerConnection): Promise<number> {
    const { topic, index: partitionIndex, leaderEpoch: currentLeaderEpoch } = f
    const answer = await connection.send(ListOffsets, {
      replicaId: this.o.nodeId,
      isolationLevel: 0,
      topics: [{ name: topic, partitions: [{ partitionIndex, currentLeaderEpoch, timestamp }] }],
    })
    const part = answer.topics[0]?.partitions[0]
    if (!part) throw new KafkaError('UNKNOWN_SERVER_ERROR', 'the leader left this partition out')
    if (part.errorCode !== errorCode.NONE) throw new KafkaError(errorOf(part.errorCode))
    return part.offset
  }
}

function topicsOf(wanted: readonly Followed[], partitionMaxBytes: number) {
  const topics = new Map<string, object[]>()
  for (const { topicId, index, leaderEpoch, sent } of wanted) {
    let partitions = topics.get(topicId)
    if (!partitions) topics.set(topicId, (partitions = []))
    partitions.push({ partition: index, currentLeaderEpoch: leaderEpoch, ...sent!, partitionMaxBytes })
  }
  return [...topics].map(([topicId, partitions]) => ({ topicId, partitions: partitions as any[] }))
}

function forgottenOf(forgotten: SessionRequest['forgotten']) {
  const topics = new Map<string, number[]>()
  for (const { topicId, index } of forgotten) topics.set(topicId, [...(topics.get(topicId) ?? []), index])
  return [...topics].map(([topicId, partitions]) => ({ topicId, partitions }))
}

const describe = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error))
