/**
 * One cluster as the console holds it: a Kafka client, whether it answers, and its metadata from a cache that is renewed in
 * the background, so that a page over thousands of topics asks nothing.
 */
import { type Client, createClient, parseAddresses } from '../../client/client.ts'
import type { Broker, TopicMetadata } from '../../client/metadata.ts'
import type { Env } from '../../env/env.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { ConsoleError, type Problem, problemOf } from '../problems.ts'
import { common, type Offered } from './capabilities.ts'

export interface Snapshot {
  readonly clusterId: string | null
  readonly controllerId: number | null
  readonly brokers: readonly Broker[]
  /** By name. */
  readonly topics: readonly TopicMetadata[]
  readonly byName: ReadonlyMap<string, TopicMetadata>
  readonly atMs: number
}

const REFRESH_MS = 3_000
/** A refresh may take this share of the time between two. */
const REFRESH_SHARE = 0.05
const RECONNECT_MS = 1_000
/** A broker that reaches a controller has its answer in milliseconds. */
const REACH_MS = 1_500
/** No answer for so long, or for so many times as long as the last one took, and the cluster counts as out of reach. */
const SILENT_MS = 2_500
const SILENT_FACTOR = 5

export class ClusterConnection {
  readonly client: Client
  state: 'connecting' | 'connected' | 'unreachable' = 'connecting'
  problem: Problem | null = null
  /** host:port of every broker there has been, by node id: where clients may begin. */
  readonly addresses = new Map<number, string>()
  private snapshot: Snapshot | undefined
  private refreshing: Promise<Snapshot> | undefined
  private offered: { readonly apis: Offered; readonly brokers: string; stale: boolean } | undefined
  private tookMs = 0
  /** The lesser of the last two: one slow look, such as the first with its connecting, is no reason to look rarely. */
  private usualMs = 0
  private readonly losing = new Set<() => void>()
  private cancelTimer: () => void = () => {}
  private closed = false

  constructor(
    private readonly env: Env,
    readonly bootstrap: readonly string[],
  ) {
    this.client = createClient(env, {
      bootstrap: bootstrap.flatMap((list) => parseAddresses(list)),
      clientId: 'weir-console',
      connectTimeoutMs: 3_000,
      requestTimeoutMs: 15_000,
      // Someone waits in front of a page.
      callTimeoutMs: 6_000,
    })
    this.refreshLater(0)
  }

  /** The cached state; waits only for the very first answer. Throws if there has never been one. */
  async metadata(): Promise<Snapshot> {
    return this.snapshot ?? this.whileReachable(() => this.refresh())
  }

  /** As of the last answer, if there was one. */
  get lastKnown(): Snapshot | undefined {
    return this.snapshot
  }

  /** Wall clock. */
  nowMs(): number {
    return this.env.clock.now()
  }

  /** Asks now; what is being asked already is shared. Throws a KafkaError. */
  refresh(): Promise<Snapshot> {
    this.refreshing ??= this.ask().finally(() => {
      this.refreshing = undefined
    })
    return this.refreshing
  }

  /** After a change: the answer must be younger than the call. */
  async refreshAfterChange(): Promise<void> {
    await this.refreshing?.catch(() => {})
    await this.refresh().catch(() => {})
  }

  /** Throws UNKNOWN_TOPIC_OR_PARTITION; a topic that is not in the cache is asked for once. */
  async topic(name: string): Promise<TopicMetadata> {
    const known = (await this.metadata()).byName.get(name) ?? (await this.refresh()).byName.get(name)
    if (!known) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `There is no topic ${name}.`)
    if (known.error) throw known.error
    return known
  }

  /**
   * APIs that all brokers that answer have in common; asked again when brokers come, go or come back. While none answers,
   * what they said last. Throws a KafkaError if they never said.
   */
  async apis(): Promise<Offered> {
    const { brokers } = await this.metadata()
    const names = brokers.map((b) => `${b.id} ${b.host}:${b.port}`).join()
    const known = this.offered
    if (known && (this.state === 'unreachable' || (known.brokers === names && !known.stale))) return known.apis
    const all = await this.client.admin.apiVersions()
    const answers = all.filter((a) => a.error === null)
    if (answers.length === 0) {
      if (known) return known.apis
      throw all[0]?.error ?? new KafkaError('BROKER_NOT_AVAILABLE')
    }
    const apis = common(answers.map((a) => a.apis))
    this.offered = { apis, brokers: names, stale: answers.length < all.length }
    return apis
  }

  /** Rejects with UNREACHABLE while no broker answers, also if that begins while `run` is waited for. */
  async whileReachable<T>(run: () => Promise<T>): Promise<T> {
    if (this.state === 'unreachable') throw this.unreachable()
    return new Promise((resolve, reject) => {
      const lost = () => reject(this.unreachable())
      this.losing.add(lost)
      run()
        .then(resolve, reject)
        .finally(() => this.losing.delete(lost))
    })
  }

  private unreachable(): ConsoleError {
    return new ConsoleError(
      'UNREACHABLE',
      `The cluster does not answer: ${this.problem?.message ?? 'no broker is known'}`,
      this.problem?.hint ?? null,
    )
  }

  async close(): Promise<void> {
    this.closed = true
    this.cancelTimer()
    await this.client.close()
  }

  private async ask(): Promise<Snapshot> {
    const { clock } = this.env
    const started = clock.monotonic()
    const cancel = clock.after(Math.max(SILENT_MS, this.tookMs * SILENT_FACTOR), () =>
      this.lose(problemOf(new KafkaError('REQUEST_TIMED_OUT', 'No broker has answered for some seconds.'))),
    )
    try {
      const topics = (await this.client.admin.listTopics()).filter(
        (t) => t.error?.error !== 'UNKNOWN_TOPIC_OR_PARTITION',
      )
      const { clusterId, controllerId, brokers } = this.client.cluster.metadata
      for (const b of brokers.values()) this.addresses.set(b.id, `${b.host}:${b.port}`)
      const tookMs = clock.monotonic() - started
      this.usualMs = Math.min(tookMs, this.tookMs)
      this.tookMs = tookMs
      this.snapshot = {
        clusterId,
        controllerId: controllerId < 0 ? null : controllerId,
        brokers: [...brokers.values()].sort((a, b) => a.id - b.id),
        topics,
        byName: new Map(topics.map((t) => [t.name, t])),
        atMs: clock.now(),
      }
      this.state = 'connected'
      this.problem = null
      void this.doubt()
      return this.snapshot
    } catch (error) {
      this.lose(problemOf(error))
      throw error
    } finally {
      cancel()
      this.refreshLater(this.state === 'connected' ? Math.max(REFRESH_MS, this.usualMs / REFRESH_SHARE) : RECONNECT_MS)
    }
  }

  /** A broker that is cut off goes on telling how things were: then another one is asked at once. */
  private async doubt(): Promise<void> {
    const { admin, cluster } = this.client
    if (await cluster.lookForBetter((node) => admin.reachesController(node, REACH_MS))) this.refreshLater(0)
  }

  private lose(problem: Problem): void {
    this.state = 'unreachable'
    this.problem = problem
    // Another cluster, or a newer broker, may stand behind the address when it comes back.
    if (this.offered) this.offered.stale = true
    for (const lost of [...this.losing]) lost()
  }

  private refreshLater(ms: number): void {
    this.cancelTimer()
    if (this.closed) return
    this.cancelTimer = this.env.clock.after(ms, () => void this.refresh().catch(() => {}))
  }
}
