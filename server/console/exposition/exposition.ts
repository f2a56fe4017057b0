/**
 * A cluster's metrics as a Kafka client sees them. A scrape asks the cluster nothing: it tells what the sampler and the
 * connection know anyway, so any number of scrapes costs the brokers what none does. Only members of groups are asked for, while
 * somebody scrapes, and not more often than some seconds apart.
 */
import type { MetricsDetail } from '../../config/metrics_detail.ts'
import type { Env } from '../../env/env.ts'
import { expose, type FamilyPart, labels } from '../../lib/exposition.ts'
import type { ClusterConnection } from '../cluster/connection.ts'
import type { Sampler } from '../figures/sampler.ts'
import type { ClusterSummary } from '../shapes/cluster.ts'
import { type ClusterLook, clusterTable, scrapeTable } from './cluster_table.ts'
import { GroupMembers } from './group_members.ts'

export class Exposition {
  private readonly members: GroupMembers

  constructor(
    private readonly env: Env,
    private readonly connection: ClusterConnection,
    private readonly sampler: Sampler,
    private readonly summary: () => ClusterSummary,
  ) {
    this.members = new GroupMembers(env.clock, connection.client, () => sampler.listed)
  }

  /** While the cluster is out of reach only that is told: old figures would pass for new ones. */
  async *parts(detail: MetricsDetail): AsyncGenerator<FamilyPart> {
    const { state, name, bootstrap, clusterId } = this.summary()
    const { lastKnown } = this.connection
    const up = state === 'connected' && lastKnown !== undefined
    const common = labels({ cluster: clusterId ?? undefined })
    const scraped = { up, name, bootstrap, errors: this.sampler.failedLooks, lookedAtMs: this.sampler.lookedAtMs }
    yield* expose(scrapeTable, scraped, common)
    if (!up) return
    const members = detail === 'cluster' ? new Map<string, number>() : await this.members.get()
    const seen: ClusterLook = {
      detail,
      snapshot: lastKnown,
      figures: this.sampler.figures,
      listed: this.sampler.listed,
      looked: this.sampler.lookedAtMs !== null,
      members,
      nowMs: this.env.clock.monotonic(),
    }
    yield* expose(clusterTable, seen, common)
  }
}
