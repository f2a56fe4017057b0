/**
 * Measures what the documents' models speak of: one record a second with acks=all to every partition of a topic of its own,
 * fetched again by a plain fetch. Latency is the time between the two, on this machine's clock; a second is available if
 * every partition took its record within it. It writes to the cluster, so it runs only while it is turned on.
 */
import type { Client } from '../../client/client.ts'
import type { Producer } from '../../client/producer.ts'
import type { Env } from '../../env/env.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { CLUSTER, type MetricSample } from '../shapes/metric.ts'
import type { ProbeState } from '../shapes/model.ts'

export const PROBE_TOPIC = '__weir_probe'

const SLOT_MS = 1_000
/** Kept for the figures of a window. */
const KEEP_MS = 15 * 60_000
const RECENT_MS = 10_000
const MAX_PARTITIONS = 12
const RECORD_BYTES = 24

export interface ProbeFigures {
  readonly latencyP50Ms: number | null
  readonly latencyP99Ms: number | null
  readonly availability: number | null
}

export class Probe {
  private producer: Producer | undefined
  private stop_: AbortController | undefined
  private partitions = 0
  private problem: string | null = null
  private cancelTimer: () => void = () => {}
  private nextId = 1
  private readonly sent = new Map<number, number>()
  private latencies: { at: number; ms: number }[] = []
  private slots: { at: number; good: boolean }[] = []
  private told = 0

  constructor(
    private readonly env: Env,
    private readonly client: Client,
  ) {}

  get state(): ProbeState {
    return {
      running: this.stop_ !== undefined,
      topic: PROBE_TOPIC,
      partitions: this.partitions,
      samples: this.latencies.length,
      problem: this.problem,
    }
  }

  /** Creates the topic if it is missing. Throws the cluster's KafkaError if it cannot be had. */
  async start(): Promise<void> {
    if (this.stop_) return
    const stop = new AbortController()
    this.stop_ = stop
    try {
      await this.ready()
      const ends = await this.client.admin.listOffsets(this.keys().map((k) => ({ ...k, at: 'latest' as const })))
      const failed = ends.find((e) => e.error !== null)
      if (failed) throw failed.error
      this.producer = this.client.producer({ acks: 'all', deliveryTimeoutMs: 10_000 })
      void this.read(
        ends.map((e) => ({ topic: e.topic, partition: e.partition, offset: e.offset ?? 0 })),
        stop.signal,
      )
      this.slot(stop.signal)
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  async stop(): Promise<void> {
    this.stop_?.abort()
    this.stop_ = undefined
    this.cancelTimer()
    this.sent.clear()
    const { producer } = this
    this.producer = undefined
    await producer?.close().catch(() => {})
  }

  figures(windowMs: number): ProbeFigures {
    const from = this.env.clock.monotonic() - windowMs
    const latencies = this.latencies.filter((l) => l.at >= from).map((l) => l.ms)
    const slots = this.slots.filter((s) => s.at >= from)
    return {
      latencyP50Ms: quantile(latencies, 0.5),
      latencyP99Ms: quantile(latencies, 0.99),
      availability: slots.length === 0 ? null : slots.filter((s) => s.good).length / slots.length,
    }
  }

  /** For the sampler: the last seconds, while there are new ones. */
  samples(): MetricSample[] {
    if (this.slots.length === 0 || this.slots.at(-1)!.at === this.told) return []
    this.told = this.slots.at(-1)!.at
    const f = this.figures(RECENT_MS)
    const all: [MetricSample['name'], number | null][] = [
      ['probeLatencyP50', f.latencyP50Ms],
      ['probeLatencyP99', f.latencyP99Ms],
      ['probeAvailability', this.slots.at(-1)!.good ? 1 : 0],
    ]
    return all.flatMap(([name, value]) => (value === null ? [] : [{ name, subject: CLUSTER, value }]))
  }

  private keys() {
    return Array.from({ length: this.partitions }, (_, partition) => ({ topic: PROBE_TOPIC, partition }))
  }

  /** One partition for each broker to lead, so that one broker's failure shows. */
  private async ready(): Promise<void> {
    const { admin, cluster } = this.client
    const brokers = (await cluster.brokers()).size
    const [created] = await admin.createTopics([
      {
        name: PROBE_TOPIC,
        partitions: Math.min(MAX_PARTITIONS, Math.max(1, brokers)),
        replicationFactor: Math.min(3, Math.max(1, brokers)),
        configs: { 'retention.ms': '60000', 'segment.ms': '60000' },
      },
    ])
    if (created!.error && created!.error.error !== 'TOPIC_ALREADY_EXISTS') throw created!.error
    await cluster.retry(
      async () => {
        const { partitions } = await cluster.topic(PROBE_TOPIC, { maxAgeMs: -1 })
        if (partitions.some((p) => p.leader < 0)) throw new KafkaError('LEADER_NOT_AVAILABLE')
        this.partitions = partitions.length
      },
      { timeoutMs: 10_000 },
    )
  }

  private slot(signal: AbortSignal): void {
    if (signal.aborted || !this.producer) return
    this.cancelTimer = this.env.clock.after(SLOT_MS, () => this.slot(signal))
    const started = this.env.clock.monotonic()
    const writes = this.keys().map(async ({ partition }) => {
      const id = this.nextId++
      this.sent.set(id, this.env.clock.monotonic())
      const value = Buffer.alloc(RECORD_BYTES)
      value.writeDoubleBE(id, 0)
      try {
        await this.producer!.send({ topic: PROBE_TOPIC, partition, key: null, value })
        return this.env.clock.monotonic() - started < SLOT_MS
      } catch (error) {
        this.sent.delete(id)
        if (!signal.aborted) this.problem = (error as Error).message
        return false
      }
    })
    void Promise.all(writes).then((taken) => {
      if (signal.aborted) return
      const good = taken.every(Boolean)
      if (good) this.problem = null
      this.slots.push({ at: started, good })
      this.forget()
    })
  }

  private async read(
    positions: { topic: string; partition: number; offset: number }[],
    signal: AbortSignal,
  ): Promise<void> {
    try {
      for await (const answer of this.client.fetcher.stream(positions, { signal, maxWaitMs: 1_000 })) {
        const at = this.env.clock.monotonic()
        for (const { value } of answer.batches.flatMap((b) => (b.isControl ? [] : b.records()))) {
          if (value?.length !== RECORD_BYTES) continue
          const id = value.readDoubleBE(0)
          const sentAt = this.sent.get(id)
          // Another console's record, or one from before.
          if (sentAt === undefined) continue
          this.sent.delete(id)
          this.latencies.push({ at, ms: at - sentAt })
        }
      }
    } catch (error) {
      if (!signal.aborted) this.problem = (error as Error).message
    }
  }

  private forget(): void {
    const from = this.env.clock.monotonic() - KEEP_MS
    this.latencies = this.latencies.filter((l) => l.at >= from)
    this.slots = this.slots.filter((s) => s.at >= from)
    for (const [id, at] of this.sent) if (at < from) this.sent.delete(id)
  }
}

/** Nearest rank; null of nothing. */
export function quantile(values: readonly number[], q: number): number | null {
  if (values.length === 0) return null
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)]!
}
