/**
 * Reads on and on from many partitions: one long poll a leader at a time, each partition moved to its new leader when
 * that changes, and what arrives handed to one reader who may be slow.
 */
import { KafkaError } from '../protocol/errors.ts'
import { Channel } from './channel.ts'
import type { Cluster } from './cluster.ts'
import { asMoved, isStale } from './errors.ts'
import {
  closeOnAbort,
  type FetchedPartition,
  type FetchOptions,
  type FetchPosition,
  fetchFailed,
  fetchFrom,
  PARTITION_MAX_BYTES,
} from './fetch_request.ts'

export interface StreamPosition extends FetchPosition {
  /** Exclusive: done once the position is there, whether or not a record is. Absent: never done. */
  until?: number
}

interface Position extends StreamPosition {
  /** In a row. */
  failures: number
  partitionMaxBytes: number
}

const MAX_WAIT_MS = 500
/** A batch that is not whole in so many bytes is not a batch. */
const LARGEST_BATCH_BYTES = 256 * 1024 * 1024

/** See `Fetcher.stream`. */
export class FetchStream {
  readonly channel = new Channel<FetchedPartition[]>()
  private readonly stopped = new AbortController()
  /** Positions by the leader that is being read. */
  private readonly leaders = new Map<number, Position[]>()
  private open = 0

  constructor(
    private readonly cluster: Cluster,
    positions: readonly StreamPosition[],
    private readonly options: FetchOptions,
  ) {
    const unfinished = positions.filter((p) => !isDone(p))
    this.open = unfinished.length
    if (this.open === 0) this.channel.end()
    for (const p of unfinished) {
      void this.assign({ ...p, failures: 0, partitionMaxBytes: options.partitionMaxBytes ?? PARTITION_MAX_BYTES })
    }
  }

  stop(): void {
    this.stopped.abort()
    this.channel.end()
  }

  private get ended(): boolean {
    return this.stopped.signal.aborted
  }

  /** Finds the leader of a partition and has it read from there; tries until it succeeds, or fails for good. */
  private async assign(p: Position): Promise<void> {
    while (!this.ended) {
      try {
        if (p.failures > 0) await this.cluster.pause(this.cluster.backoffMs(p.failures - 1), this.stopped.signal)
        const node = await this.cluster.leader(p.topic, p.partition)
        const known = this.leaders.get(node)
        if (known) known.push(p)
        else {
          this.leaders.set(node, [p])
          void this.readFrom(node)
        }
        return
      } catch (e) {
        if (this.ended) return
        if (!(e instanceof KafkaError)) {
          this.fail(e)
          return
        }
        const error = e
        p.failures++
        if (!error.retriable || error.error === 'UNKNOWN_TOPIC_OR_PARTITION') {
          await this.channel.put([fetchFailed(p, error)])
          this.finish(1)
          return
        }
      }
    }
  }

  /** Our own mistake: whoever reads is told. */
  private fail(error: unknown): void {
    this.channel.end(error)
    this.stopped.abort()
  }

  private finish(n: number): void {
    this.open -= n
    if (this.open === 0) this.channel.end()
  }

  private async readFrom(node: number): Promise<void> {
    try {
      const connection = await this.cluster.borrow(node)
      const release = closeOnAbort(connection, this.stopped.signal)
      try {
        while (this.leaders.get(node)!.length > 0 && !this.ended) {
          const asked = [...this.leaders.get(node)!]
          const answers = await fetchFrom(this.cluster, connection, asked, {
            ...this.options,
            partitionMaxBytes: Math.max(...asked.map((p) => p.partitionMaxBytes)),
            maxWaitMs: this.options.maxWaitMs ?? MAX_WAIT_MS,
          })
          await this.take(node, asked, answers)
        }
      } finally {
        release()
        this.cluster.giveBack(node, connection)
      }
      this.leaders.delete(node)
    } catch (e) {
      const left = this.leaders.get(node) ?? []
      this.leaders.delete(node)
      if (this.ended) return
      if (e instanceof KafkaError) for (const p of left) this.lost(p, e)
      else this.fail(e)
    }
  }

  private lost(p: Position, cause: KafkaError): void {
    const error = asMoved(cause, 'LEADER_NOT_AVAILABLE', this.cluster)
    this.cluster.learnFrom(error)
    if (isStale(error)) this.cluster.metadata.forget(p.topic)
    p.failures++
    void this.assign(p)
  }

  private async take(node: number, asked: Position[], answers: FetchedPartition[]): Promise<void> {
    const told: FetchedPartition[] = []
    const stay: Position[] = []
    const gave: Position[] = []
    let finished = 0
    for (const [i, answer] of answers.entries()) {
      const p = asked[i]!
      p.offset = answer.nextOffset
      if (answer.error?.retriable && answer.error.error !== 'CORRUPT_MESSAGE') {
        this.lost(p, answer.error)
        continue
      }
      p.failures = 0
      if (answer.error || answer.batches.length > 0) told.push(answer)
      // A batch that did not fit: ask for more next time.
      else if (answer.sizeBytes > 0) p.partitionMaxBytes = Math.min(LARGEST_BATCH_BYTES, p.partitionMaxBytes * 2)
      if (answer.error || isDone(p)) finished++
      else (answer.batches.length > 0 ? gave : stay).push(p)
    }
    // Those that gave something go last, so that a busy partition does not starve the others. Newcomers are kept.
    const newcomers = this.leaders.get(node)!.slice(asked.length)
    this.leaders.set(node, [...stay, ...newcomers, ...gave])
    if (told.length > 0) await this.channel.put(told)
    if (finished > 0) this.finish(finished)
  }
}

const isDone = (p: StreamPosition): boolean => p.until !== undefined && p.offset >= p.until
