/** One cluster with all its services, as the routers use it. */
import type { MetricsDetail } from '../../config/metrics_detail.ts'
import type { Env } from '../../env/env.ts'
import type { Control } from '../../lab/processes.ts'
import type { FamilyPart } from '../../lib/exposition.ts'
import { AuditLog } from '../audit.ts'
import { Brokers } from '../brokers.ts'
import { Exposition } from '../exposition/exposition.ts'
import { Metrics } from '../figures/metrics.ts'
import { Models } from '../figures/model_inputs.ts'
import { Probe } from '../figures/probe.ts'
import { Sampler } from '../figures/sampler.ts'
import { Groups } from '../groups/groups.ts'
import { Lab } from '../lab/lab.ts'
import { Messages } from '../messages.ts'
import { Replicas } from '../replicas/replicas.ts'
import type { ClusterService } from '../service.ts'
import type {
  Capability,
  ClusterCounts,
  ClusterDetail,
  ClusterSummary,
  Overview,
  OverviewTick,
  Rates,
  SearchHit,
} from '../shapes/cluster.ts'
import { CLUSTER } from '../shapes/metric.ts'
import { History } from '../store/history.ts'
import type { Store } from '../store/store.ts'
import { isInternal, offline, underReplicated } from '../topics/list.ts'
import { Topics } from '../topics/topics.ts'
import type { Need } from '../trpc.ts'
import { Views } from '../views.ts'
import { capability, demand } from './capabilities.ts'
import { ClusterConnection, type Snapshot } from './connection.ts'

export interface ClusterOptions {
  readonly id: string
  readonly name: string
  readonly embedded: boolean
  readonly bootstrap: readonly string[]
}

export interface ClusterParts {
  readonly env: Env
  readonly store: () => Store
  readonly warn: (message: string) => void
  /** The cluster's processes; null where they are not ours. */
  readonly control: Control | null
  /** By procedure path, what it needs of a cluster. */
  readonly needs: () => ReadonlyMap<string, readonly Need[]>
}

const TOP_LAG = 5
const RECENT_CHANGES = 8

export class ConsoleCluster implements ClusterService {
  readonly topics: Topics
  readonly messages: Messages
  readonly groups: Groups
  readonly brokers: Brokers
  readonly replicas: Replicas
  readonly metrics: Metrics
  readonly models: Models
  readonly lab: Lab
  readonly audit: AuditLog
  readonly views: Views
  private readonly connection: ClusterConnection
  private readonly sampler: Sampler
  private readonly probe: Probe
  private readonly exposition_: Exposition

  constructor(
    private readonly options: ClusterOptions,
    private readonly parts: ClusterParts,
  ) {
    const { env, store, warn } = parts
    const nowMs = () => env.clock.now()
    this.connection = new ClusterConnection(env, options.bootstrap)
    const history = historyOf(store, options.id)
    this.sampler = new Sampler(env, this.connection, history, warn)
    this.probe = new Probe(env, this.connection.client)
    this.sampler.extra.push(() => this.probe.samples())
    this.audit = new AuditLog(store, options.id, nowMs, warn)
    this.views = new Views(store, options.id, nowMs)
    this.metrics = new Metrics(env, this.sampler, history)
    this.topics = new Topics(this.connection, this.sampler, this.audit)
    this.groups = new Groups(this.connection, this.sampler, this.metrics, this.audit)
    this.messages = new Messages(this.connection.client, this.audit, () => env.clock.monotonic())
    this.brokers = new Brokers(env, this.connection, this.sampler, this.audit)
    this.replicas = new Replicas(this.connection, this.sampler, this.audit)
    this.exposition_ = new Exposition(env, this.connection, this.sampler, this.summary)
    this.models = new Models(this.connection, this.sampler, this.probe, this.audit)
    this.lab = new Lab({ ...parts, connection: this.connection, audit: this.audit, cluster: options.id })
  }

  readonly summary = (): ClusterSummary => ({
    ...this.options,
    bootstrap: this.bootstrap(),
    clusterId: this.connection.lastKnown?.clusterId ?? null,
    state: this.connection.state,
    problem: this.connection.problem,
    brokers: this.connection.lastKnown?.brokers.length ?? null,
  })

  /** Of brokers that we started all, in their order: whoever begins with one only is lost while that is down. */
  private bootstrap(): readonly string[] {
    const known = [...this.connection.addresses].sort(([a], [b]) => a - b).map(([, address]) => address)
    return this.options.embedded && known.length > 0 ? known : this.options.bootstrap
  }

  /** Also of a cluster that does not answer: then without what only it could tell. */
  readonly detail = async (): Promise<ClusterDetail> => {
    const apis = await this.connection.apis().catch(() => [])
    const known = this.connection.lastKnown
    const capabilities: Record<string, Capability> = {}
    for (const [path, needs] of this.parts.needs()) capabilities[path] = capability(needs, apis)
    const { problem } = this.parts.store()
    return {
      ...this.summary(),
      controllerId: apis.length > 0 ? await this.brokers.controllerId() : null,
      apis,
      capabilities,
      metadataAtMs: known?.atMs ?? null,
      store: { state: problem ? 'unavailable' : 'ready', problem },
    }
  }

  readonly demand = async (needs: readonly Need[]): Promise<void> => demand(needs, await this.connection.apis())

  readonly whileReachable = <T>(run: () => Promise<T>): Promise<T> => this.connection.whileReachable(run)

  readonly overview = async (): Promise<Overview> => {
    return {
      ...this.counts(await this.connection.metadata()),
      cluster: this.summary(),
      groups: this.sampler.lookedAtMs === null ? null : this.sampler.figures.groups.size,
      sizeBytes: this.sampler.figures.totals().sizeBytes,
      rates: this.rates(),
      topLag: this.sampler.figures.topLag(TOP_LAG),
      recentChanges: await this.audit.recent(RECENT_CHANGES),
      atMs: this.connection.nowMs(),
    }
  }

  readonly overviewLive = async function* (this: ConsoleCluster, signal: AbortSignal): AsyncGenerator<OverviewTick> {
    for await (const { atMs, samples } of this.sampler.follow(signal)) {
      yield {
        atMs,
        rates: this.rates(),
        topLag: this.sampler.figures.topLag(TOP_LAG),
        counts: this.counts(await this.connection.metadata()),
        state: this.connection.state,
        samples: samples.filter((s) => s.subject === CLUSTER),
      }
    }
  }.bind(this)

  readonly exposition = (detail: MetricsDetail): AsyncIterable<FamilyPart> => this.exposition_.parts(detail)

  /** Who has replicas is missed, and of a cluster of ours whoever has been there. */
  private counts({ brokers, topics }: Snapshot): ClusterCounts {
    const here = new Set(brokers.map((b) => b.id))
    const wanted = new Set(this.options.embedded ? this.connection.addresses.keys() : [])
    for (const { partitions } of topics)
      for (const { replicas } of partitions) for (const id of replicas) wanted.add(id)
    const sum = (of: (t: (typeof topics)[number]) => number) => topics.reduce((n, t) => n + of(t), 0)
    return {
      brokers: here.size,
      brokersOffline: [...wanted].filter((id) => !here.has(id)).length,
      topics: topics.filter((t) => !isInternal(t)).length,
      internalTopics: topics.filter(isInternal).length,
      partitions: sum((t) => t.partitions.length),
      underReplicatedPartitions: sum(underReplicated),
      offlinePartitions: sum(offline),
    }
  }

  private rates(): Rates {
    if (this.connection.state === 'connected') return this.sampler.figures.rates()
    return { recordsInPerSecond: null, bytesInPerSecond: null, recordsOutPerSecond: null, bytesOutPerSecond: null }
  }

  /** Names that begin with the text come before those that only hold it. */
  readonly search = async (text: string, limit: number): Promise<readonly SearchHit[]> => {
    const wanted = text.trim().toLowerCase()
    const { topics } = await this.connection.metadata()
    const all: SearchHit[] = [
      ...topics.map((t) => ({ type: 'topic' as const, name: t.name })),
      ...[...this.sampler.figures.groups.keys()].map((name) => ({ type: 'group' as const, name })),
    ]
    return all
      .map((hit) => ({ hit, at: hit.name.toLowerCase().indexOf(wanted) }))
      .filter(({ at }) => at >= 0)
      .sort((a, b) => rank(a) - rank(b) || (a.hit.name < b.hit.name ? -1 : 1))
      .slice(0, limit)
      .map(({ hit }) => hit)
  }

  async close(): Promise<void> {
    await this.lab.close()
    this.sampler.close()
    await this.probe.stop()
    await this.connection.close()
  }
}

const rank = ({ hit, at }: { hit: SearchHit; at: number }): number =>
  (at === 0 ? 0 : 2) + (isInternal({ isInternal: false, name: hit.name }) ? 1 : 0)

/** The store may become ready after the cluster; until then, and without it, there is no history. */
function historyOf(store: () => Store, cluster: string): () => History | null {
  let history: History | null = null
  return () => {
    if (history === null && store().problem === null) history = new History(store().db(), cluster)
    return history
  }
}
