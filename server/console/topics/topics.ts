/** Topics of a cluster: the list from cached metadata and sampled figures, one topic asked now, and changes (the other files here). */

import type { Actor, AuditLog } from '../audit.ts'
import { changeOf } from '../audit.ts'
import type { ClusterConnection } from '../cluster/connection.ts'
import type { Sampler } from '../figures/sampler.ts'
import { outdated } from '../plans.ts'
import type { TopicsService } from '../service.ts'
import type { Applied, Plan } from '../shapes/plan.ts'
import type {
  ApplyAlterConfigs,
  ApplyCreateTopic,
  ApplyDeleteTopic,
  ApplyIncreasePartitions,
  ApplyPurge,
  ConfigEntry,
  ConfigSchemaEntry,
  PartitionRow,
  TopicDetail,
  TopicGroupRow,
  TopicInput,
  TopicListInput,
  TopicPage,
} from '../shapes/topic.ts'
import { alterConfigs, planAlterConfigs } from './alter_configs.ts'
import { ConfigSchema } from './config_schema.ts'
import { configsOf } from './configs.ts'
import { create, planCreate } from './create.ts'
import { deleteTopic, planDelete } from './delete.ts'
import { increasePartitions, planIncreasePartitions } from './increase_partitions.ts'
import { listTopics } from './list.ts'
import { planPurge, purge } from './purge.ts'

/** A page shows what the others tell rather than wait for a broker that hangs. */
const patience = { timeoutMs: 1_500, answerWithinMs: 1_500 }

/** What a change works on. */
export interface TopicContext {
  readonly connection: ClusterConnection
  readonly sampler: Sampler
  readonly schema: ConfigSchema
}

export class Topics implements TopicsService {
  private readonly schema: ConfigSchema
  private readonly context: TopicContext

  constructor(
    private readonly connection: ClusterConnection,
    private readonly sampler: Sampler,
    private readonly audit: AuditLog,
  ) {
    this.schema = new ConfigSchema(connection)
    this.context = { connection, sampler, schema: this.schema }
  }

  readonly list = async (input: TopicListInput): Promise<TopicPage> =>
    listTopics(await this.connection.metadata(), this.sampler, input)

  readonly get = async ({ topic: name }: TopicInput): Promise<TopicDetail> => {
    const topic = await this.connection.topic(name)
    const { admin } = this.connection.client
    const keys = topic.partitions.map((p) => ({ topic: name, partition: p.partition }))
    const [starts, ends, sizes] = await Promise.all([
      admin.listOffsets(
        keys.map((k) => ({ ...k, at: 'earliest' as const })),
        patience,
      ),
      admin.listOffsets(
        keys.map((k) => ({ ...k, at: 'latest' as const })),
        patience,
      ),
      this.sizes(name),
    ])
    const figures = this.sampler.figures.topics.get(name)
    const rates = this.sampler.topicRates.get(name)
    const partitions = topic.partitions.map(
      (p, i): PartitionRow => ({
        partition: p.partition,
        leader: p.leader,
        leaderEpoch: p.leaderEpoch,
        replicas: p.replicas,
        isr: p.isr,
        offlineReplicas: p.offlineReplicas,
        startOffset: starts[i]!.offset,
        endOffset: ends[i]!.offset,
        sizeBytes: sizes?.get(p.partition)?.get(p.leader) ?? null,
        recordsInPerSecond: figures?.partitions[p.partition]?.recordsInPerSecond ?? null,
        error: (starts[i]!.error ?? ends[i]!.error)?.message ?? null,
      }),
    )
    const known = partitions.every((p) => p.startOffset !== null && p.endOffset !== null)
    const allSizes = sizes ? [...sizes.values()].flatMap((s) => [...s.values()]) : null
    return {
      name,
      topicId: topic.topicId,
      internal: topic.isInternal,
      replicationFactor: topic.partitions[0]?.replicas.length ?? 0,
      records: known ? partitions.reduce((n, p) => n + p.endOffset! - p.startOffset!, 0) : null,
      sizeBytes: allSizes ? allSizes.reduce((a, b) => a + b, 0) : null,
      recordsInPerSecond: figures ? (rates?.recordsIn ?? 0) : null,
      bytesInPerSecond: figures ? (rates?.bytesIn ?? 0) : null,
      partitions,
      atMs: this.connection.nowMs(),
    }
  }

  /** partition → broker → bytes; null where the cluster does not tell. */
  private async sizes(topic: string): Promise<Map<number, Map<number, number>> | null> {
    const { partitions } = await this.connection.topic(topic)
    const keys = partitions.map((p) => ({ topic, partition: p.partition }))
    const answers = await this.connection.client.admin.describeLogDirs({ partitions: keys, ...patience })
    if (answers.every((a) => a.error !== null)) return null
    const sizes = new Map<number, Map<number, number>>()
    for (const { broker, logDirs } of answers) {
      for (const p of logDirs.flatMap((d) => d.partitions)) {
        if (p.isFuture || p.topic !== topic) continue
        const byBroker = sizes.get(p.partition) ?? new Map<number, number>()
        sizes.set(p.partition, byBroker.set(broker, p.sizeBytes))
      }
    }
    return sizes
  }

  readonly configs = async ({ topic }: TopicInput): Promise<readonly ConfigEntry[]> => {
    await this.connection.topic(topic)
    return configsOf(this.connection, { type: 'topic', name: topic }, this.schema)
  }

  readonly configSchema = (): Promise<readonly ConfigSchemaEntry[]> => this.schema.entries()

  /** Groups that have committed on the topic, as far as the sampler has looked, and their state asked now. */
  readonly groups = async ({ topic }: TopicInput): Promise<readonly TopicGroupRow[]> => {
    const { figures } = this.sampler
    const ids = [...figures.groups].filter(([, g]) => g.commits.has(topic)).map(([id]) => id)
    const described = await this.connection.client.admin.describeGroups(ids.slice(0, 500), patience)
    return described
      .map((g) => ({
        groupId: g.groupId,
        state: g.error ? 'Unknown' : g.state,
        members: g.error ? null : g.members.filter((m) => m.assignment.some((a) => a.topic === topic)).length,
        lag: figures.lag(g.groupId, topic),
        partitions: figures.groups.get(g.groupId)?.commits.get(topic)?.size ?? 0,
      }))
      .sort((a, b) => (b.lag ?? -1) - (a.lag ?? -1) || (a.groupId < b.groupId ? -1 : 1))
  }

  // --- changes ---

  readonly planCreate = (input: Parameters<TopicsService['planCreate']>[0]) => planCreate(this.context, input)
  readonly applyCreate = (input: ApplyCreateTopic, actor: Actor) =>
    this.apply(actor, planCreate(this.context, input), input.basis, () => create(this.context, input))

  readonly planAlterConfigs = (input: Parameters<TopicsService['planAlterConfigs']>[0]) =>
    planAlterConfigs(this.context, input)
  readonly applyAlterConfigs = (input: ApplyAlterConfigs, actor: Actor) =>
    this.apply(actor, planAlterConfigs(this.context, input), input.basis, () => alterConfigs(this.context, input))

  readonly planIncreasePartitions = (input: Parameters<TopicsService['planIncreasePartitions']>[0]) =>
    planIncreasePartitions(this.context, input)
  readonly applyIncreasePartitions = (input: ApplyIncreasePartitions, actor: Actor) =>
    this.apply(actor, planIncreasePartitions(this.context, input), input.basis, () =>
      increasePartitions(this.context, input),
    )

  readonly planPurge = (input: Parameters<TopicsService['planPurge']>[0]) => planPurge(this.context, input)
  readonly applyPurge = (input: ApplyPurge, actor: Actor): Promise<Applied> =>
    purge(this.context, this.audit, input, actor)

  readonly planDelete = (input: TopicInput) => planDelete(this.context, input)
  readonly applyDelete = (input: ApplyDeleteTopic, actor: Actor) =>
    this.apply(actor, planDelete(this.context, input), input.basis, () => deleteTopic(this.context, input))

  /** The plan is made again: if it is not the one that was agreed to, nothing is done. */
  private async apply(
    actor: Actor,
    plan: Promise<Plan<{ basis: string }>>,
    agreed: string,
    run: () => Promise<string>,
  ): Promise<Applied> {
    const now = await plan
    if (now.apply.basis !== agreed) throw outdated()
    const applied = await this.audit.record(actor, changeOf(now), run)
    await this.connection.refreshAfterChange()
    return applied
  }
}
