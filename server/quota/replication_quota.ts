/**
 * Throttled replication (KIP-73): how much of it there may be a second, and which partitions count. One for what this broker sends as
 * leader, one for what it receives as follower. Nothing is refused: who asks leaves out of a fetch what may wait.
 *
 * While no topic names replicas, a question costs one comparison.
 */
import type { Clock } from '../env/env.ts'

export interface ReplicationQuotaOptions {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly nodeId: number
  /** `leader.` or `follower.replication.throttled.rate` */
  readonly bytesPerSecond: () => number
  /** replication.quota.window.num and .size.seconds */
  readonly windows: { readonly samples: number; readonly windowMs: number }
}

const ALL = '*'

export class ReplicationQuota {
  /** By topic. */
  private readonly throttled = new Map<string, ReadonlySet<number> | typeof ALL>()
  private readonly samples: { readonly startMs: number; bytes: number }[] = []

  constructor(private readonly o: ReplicationQuotaOptions) {}

  /** `leader.` or `follower.replication.throttled.replicas` of a topic: `*`, or pairs of partition:broker. */
  setReplicas(topic: string, replicas: readonly string[]): void {
    if (replicas.length === 0) this.throttled.delete(topic)
    else if (replicas.includes(ALL)) this.throttled.set(topic, ALL)
    else {
      const pairs = replicas.map((text) => text.trim().split(':').map(Number))
      this.throttled.set(topic, new Set(pairs.filter(([, id]) => id === this.o.nodeId).map(([index]) => index!)))
    }
  }

  isThrottled(topic: string, index: number): boolean {
    if (this.throttled.size === 0) return false
    const partitions = this.throttled.get(topic)
    return partitions === ALL || partitions?.has(index) === true
  }

  /** Has this partition to wait? */
  holdsBack(topic: string, index: number): boolean {
    return this.isThrottled(topic, index) && this.isExceeded
  }

  /** Is as much on its way as may be? */
  get isExceeded(): boolean {
    return this.rate > this.o.bytesPerSecond()
  }

  /** Of throttled partitions. */
  record(bytes: number): void {
    if (bytes === 0) return
    const nowMs = this.o.clock.monotonic()
    const last = this.samples.at(-1)
    if (last && nowMs - last.startMs < this.o.windows.windowMs) last.bytes += bytes
    else this.samples.push({ startMs: nowMs, bytes })
  }

  /** Bytes a second, over what is in the windows. */
  get rate(): number {
    const { clock, windows } = this.o
    const nowMs = clock.monotonic()
    while (this.samples.length > 0 && nowMs - this.samples[0]!.startMs >= windows.samples * windows.windowMs) {
      this.samples.shift()
    }
    const first = this.samples[0]
    if (!first) return 0
    const bytes = this.samples.reduce((sum, s) => sum + s.bytes, 0)
    return (bytes * 1000) / Math.max(nowMs - first.startMs, windows.windowMs)
  }
}
