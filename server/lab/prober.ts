/**
 * Writes to every partition of the lab's topic, some records a second with acks=all, and notes what became of each: by the
 * second, by the gap between two acknowledgements, and by number, so that `verify.ts` can ask the topic for what it promised.
 * A number is given to a producer once; what a client does to have it written is the client's own affair.
 */
import type { Client } from '../client/client.ts'
import type { Producer } from '../client/producer.ts'
import type { Env } from '../env/env.ts'
import type { RunSecond } from './run_shape.ts'

export const INTERVAL_MS = 100
/** A record that is not acknowledged by then is given up and counted as an error. */
const DELIVERY_MS = 3_000
/** A partition that takes nothing is not given more than so many at a time. */
const MAX_PENDING = 100
const SECOND_MS = 1_000
const MAX_LATENCIES = 100_000

export const VALUE_BYTES = 16

/** A record's number and the run's mark, by which it is known again. */
export function labValue(mark: number, number: number): Buffer {
  const value = Buffer.alloc(VALUE_BYTES)
  value.writeDoubleBE(mark, 0)
  value.writeDoubleBE(number, 8)
  return value
}

/** Of one partition. */
export interface Written {
  /** Offset by number; null: acknowledged, and the broker did not say where. */
  readonly acknowledged: Map<number, number | null>
  sent: number
  failed: number
  pending: number
  /** The highest number that was acknowledged; -1 before the first. */
  lastAckedNumber: number
  /** `monotonic` of the last acknowledgement, or of the beginning. */
  lastAckAt: number
  longestGapMs: number
}

export class Prober {
  /** Wall clock of the beginning. */
  startedAtMs = 0
  readonly mark: number
  readonly partitions: Written[]
  readonly latencies: number[] = []
  readonly errors: Record<string, number> = {}
  /** By partition, of failures: `clock.monotonic()` and the code of the last. */
  readonly lastErrors: ({ at: number; code: string } | undefined)[] = []
  private readonly seconds_: RunSecond[] = []
  private current: number[]
  private producer: Producer | undefined
  private cancel: () => void = () => {}
  private beganAt = 0
  private endedAt: number | undefined

  constructor(
    private readonly env: Env,
    private readonly client: Client,
    readonly topic: string,
    count: number,
    private readonly onError: (partition: number, code: string) => void = () => {},
  ) {
    this.mark = env.random.next()
    this.current = new Array(count).fill(0)
    this.partitions = Array.from({ length: count }, () => ({
      acknowledged: new Map(),
      sent: 0,
      failed: 0,
      pending: 0,
      lastAckedNumber: -1,
      lastAckAt: 0,
      longestGapMs: 0,
    }))
  }

  start(): void {
    const { clock } = this.env
    this.producer = this.client.producer({ acks: 'all', deliveryTimeoutMs: DELIVERY_MS, ackTimeoutMs: 1_000 })
    this.startedAtMs = clock.now()
    this.beganAt = clock.monotonic()
    for (const p of this.partitions) p.lastAckAt = this.beganAt
    this.tick(this.beganAt)
  }

  /** Whole seconds, the newest last. */
  get seconds(): readonly RunSecond[] {
    return this.seconds_
  }

  get running(): boolean {
    return this.producer !== undefined && this.endedAt === undefined
  }

  /** Sends no more; resolves when all that was sent is settled. */
  async stop(): Promise<void> {
    if (!this.running) return
    this.endedAt = this.env.clock.monotonic()
    this.cancel()
    await this.producer!.close()
    // What was never answered is a gap until the end.
    for (const p of this.partitions) p.longestGapMs = Math.max(p.longestGapMs, this.endedAt - p.lastAckAt)
  }

  /** The next number of each partition: what is sent from now on is not below. */
  numbers(): number[] {
    return this.partitions.map((p) => p.sent)
  }

  private tick(due: number): void {
    this.turnSecond()
    for (const [partition, p] of this.partitions.entries()) if (p.pending < MAX_PENDING) this.send(partition, p)
    // From the time it was due, not from when it ran: else every second would hold one write less.
    const next = Math.max(due + INTERVAL_MS, this.env.clock.monotonic())
    this.cancel = this.env.clock.after(next - this.env.clock.monotonic(), () => this.tick(next))
  }

  private send(partition: number, p: Written): void {
    const { clock } = this.env
    const number = p.sent++
    const at = clock.monotonic()
    p.pending++
    this.producer!.enqueue(
      { topic: this.topic, partition, key: null, value: labValue(this.mark, number) },
      {
        delivered: (_, offset) => {
          const now = clock.monotonic()
          p.pending--
          p.acknowledged.set(number, offset)
          p.lastAckedNumber = Math.max(p.lastAckedNumber, number)
          if (this.endedAt === undefined) p.longestGapMs = Math.max(p.longestGapMs, now - p.lastAckAt)
          p.lastAckAt = now
          if (this.latencies.length < MAX_LATENCIES) this.latencies.push(now - at)
          this.turnSecond()
          if (this.endedAt === undefined) this.current[partition]!++
        },
        failed: (error) => {
          p.pending--
          p.failed++
          this.errors[error.error] = (this.errors[error.error] ?? 0) + 1
          this.lastErrors[partition] = { at: clock.monotonic(), code: error.error }
          this.onError(partition, error.error)
        },
      },
    )
  }

  /** Closes the seconds that are over. */
  private turnSecond(): void {
    if (this.endedAt !== undefined) return
    const elapsed = this.env.clock.monotonic() - this.beganAt
    while (elapsed >= (this.seconds_.length + 1) * SECOND_MS) {
      this.seconds_.push({ atMs: this.startedAtMs + this.seconds_.length * SECOND_MS, acks: this.current })
      this.current = new Array(this.partitions.length).fill(0)
    }
  }
}
