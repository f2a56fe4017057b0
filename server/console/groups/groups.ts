/** Consumer groups of a cluster: the list with lag from the sampler, one group asked now, and changes. */
import type { DescribedGroup, GroupOffset, ListedGroup } from '../../client/admin/groups.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { type Actor, type AuditLog, changeOf } from '../audit.ts'
import type { ClusterConnection } from '../cluster/connection.ts'
import type { Metrics } from '../figures/metrics.ts'
import type { Sampler } from '../figures/sampler.ts'
import { basisOf, note, outdated } from '../plans.ts'
import type { GroupsService } from '../service.ts'
import type {
  ApplyDeleteGroup,
  ApplyReset,
  GroupDetail,
  GroupInput,
  GroupListInput,
  GroupPage,
  GroupPartition,
  GroupRow,
  LagHistoryInput,
  ResetInput,
} from '../shapes/group.ts'
import { groupTopic, type Series } from '../shapes/metric.ts'
import type { Applied, Plan, PlanStep } from '../shapes/plan.ts'
import { applyReset, commitsOf, coordinatorPatience, planReset } from './plan_reset.ts'

export interface GroupContext {
  readonly connection: ClusterConnection
  readonly sampler: Sampler
}

/** Points of a chart of lag. */
const LAG_POINTS = 600

/** The list shows what the others tell rather than wait for a broker that hangs, and says which that is. */
const patience = { timeoutMs: 2_000, answerWithinMs: 2_000 }

export class Groups implements GroupsService {
  private readonly context: GroupContext

  constructor(
    private readonly connection: ClusterConnection,
    private readonly sampler: Sampler,
    private readonly metrics: Metrics,
    private readonly audit: AuditLog,
  ) {
    this.context = { connection, sampler }
  }

  /** Names first; members are asked of the coordinators only for the rows shown. */
  readonly list = async (input: GroupListInput): Promise<GroupPage> => {
    const { admin } = this.connection.client
    const { groups, errors } = await admin.listGroups(patience)
    const search = input.search.trim().toLowerCase()
    const matching = groups.filter(
      (g) =>
        g.groupId.toLowerCase().includes(search) &&
        (input.states.length === 0 || input.states.includes(g.state ?? 'Unknown')),
    )
    const described = new Map<string, DescribedGroup>()
    const describe = async (some: readonly ListedGroup[]) => {
      for (const d of await admin.describeGroups(
        some.map((g) => g.groupId),
        patience,
      ))
        if (!d.error) described.set(d.groupId, d)
    }
    if (input.sortBy === 'members') await describe(matching)
    const rowOf = (g: ListedGroup): GroupRow => this.row(g, described.get(g.groupId))
    const first = (input.page - 1) * input.perPage
    const shown = [...matching].sort(by(input, rowOf)).slice(first, first + input.perPage)
    if (input.sortBy !== 'members') await describe(shown)
    return {
      rows: shown.map(rowOf),
      total: matching.length,
      groups: groups.length,
      silentBrokers: errors.map((e) => e.broker),
      atMs: this.connection.nowMs(),
    }
  }

  private row(g: ListedGroup, d: DescribedGroup | undefined): GroupRow {
    const figures = this.sampler.figures.groups.get(g.groupId)
    return {
      groupId: g.groupId,
      type: g.type?.toLowerCase() ?? d?.type ?? 'unknown',
      state: d?.state ?? g.state ?? 'Unknown',
      protocolType: g.protocolType,
      coordinator: g.coordinator,
      members: d ? d.members.length : null,
      topics: figures && Number.isFinite(figures.at) ? figures.commits.size : null,
      lag: this.sampler.figures.lag(g.groupId),
    }
  }

  readonly get = async ({ groupId }: GroupInput): Promise<GroupDetail> => {
    const { admin } = this.connection.client
    const [[described], commits] = await Promise.all([
      admin.describeGroups([groupId], coordinatorPatience),
      commitsOf(this.context, groupId),
    ])
    const group = described!
    // Offsets may be kept for a group that the coordinator has no members of, or knows by offsets alone.
    if (group.error && (group.error.error !== 'GROUP_ID_NOT_FOUND' || commits.size === 0)) throw group.error
    const partitions = await this.partitions(group, commits)
    const lags = partitions.flatMap((p) => (p.lag === null ? [] : [p.lag]))
    return {
      groupId,
      type: group.type,
      state: group.error ? 'Empty' : group.state,
      protocolType: group.protocolType,
      protocol: group.assignor,
      epoch: group.groupEpoch,
      assignmentEpoch: group.assignmentEpoch,
      coordinator: group.coordinator < 0 ? null : group.coordinator,
      members: group.members.map((m) => ({
        memberId: m.memberId,
        groupInstanceId: m.instanceId,
        clientId: m.clientId,
        host: m.host,
        protocol: m.protocol,
        epoch: m.epoch,
        assignment: m.assignment,
        target: m.targetAssignment,
      })),
      partitions,
      lag: lags.length === 0 ? null : lags.reduce((a, b) => a + b, 0),
      atMs: this.connection.nowMs(),
    }
  }

  /** Every partition that has a commit or that a member reads. */
  private async partitions(
    group: DescribedGroup,
    commits: ReadonlyMap<string, GroupOffset>,
  ): Promise<GroupPartition[]> {
    const owners = new Map<string, { topic: string; partition: number; memberId: string; clientId: string }>()
    for (const m of group.members) {
      for (const { topic, partitions } of m.assignment) {
        for (const partition of partitions) {
          owners.set(`${topic} ${partition}`, { topic, partition, memberId: m.memberId, clientId: m.clientId })
        }
      }
    }
    const keys = [...new Map<string, { topic: string; partition: number }>([...commits, ...owners])].map(
      ([key, { topic, partition }]) => ({ key, topic, partition }),
    )
    const { admin } = this.connection.client
    const ask = (at: 'earliest' | 'latest') =>
      admin.listOffsets(
        keys.map(({ topic, partition }) => ({ topic, partition, at })),
        { timeoutMs: 3_000 },
      )
    const [starts, ends] = await Promise.all([ask('earliest'), ask('latest')])
    return keys
      .map(({ key, topic, partition }, i): GroupPartition => {
        const commit = commits.get(key)
        const committedOffset = commit?.offset ?? null
        const startOffset = starts[i]!.offset
        const endOffset = ends[i]!.offset
        return {
          topic,
          partition,
          committedOffset,
          metadata: commit?.metadata || null,
          startOffset,
          endOffset,
          lag: committedOffset === null || endOffset === null ? null : Math.max(0, endOffset - committedOffset),
          lost: committedOffset === null || startOffset === null ? 0 : Math.max(0, startOffset - committedOffset),
          memberId: owners.get(key)?.memberId ?? null,
          clientId: owners.get(key)?.clientId ?? null,
        }
      })
      .sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1))
  }

  readonly live = async function* (this: Groups, input: GroupInput, signal: AbortSignal): AsyncGenerator<GroupDetail> {
    const release = this.sampler.watch(`group:${input.groupId}`)
    try {
      yield await this.get(input)
      for await (const _ of this.sampler.follow(signal)) {
        const group = await this.get(input).catch(passing)
        if (group) yield group
      }
    } finally {
      release()
    }
  }.bind(this)

  readonly lagHistory = ({ groupId, topic, fromMs, toMs }: LagHistoryInput): Promise<Series> => {
    const range = { fromMs, toMs, maxPoints: LAG_POINTS }
    return topic === null
      ? this.metrics.one('groupLag', { subject: groupId, ...range })
      : this.metrics.one('groupTopicLag', { subject: groupTopic(groupId, topic), ...range })
  }

  readonly planReset = (input: ResetInput) => planReset(this.context, input)
  readonly applyReset = (input: ApplyReset, actor: Actor): Promise<Applied> =>
    applyReset(this.context, this.audit, input, actor)

  readonly planDelete = async ({ cluster, groupId }: GroupInput): Promise<Plan<ApplyDeleteGroup>> => {
    const [[group], commits] = await Promise.all([
      this.connection.client.admin.describeGroups([groupId]),
      commitsOf(this.context, groupId),
    ])
    if (group!.error && commits.size === 0) throw group!.error
    const members = group!.members.length
    const steps: PlanStep[] = [
      { kind: 'group', subject: groupId, before: groupId, after: null },
      ...[...commits.values()].map(
        (o): PlanStep => ({
          kind: 'offset',
          subject: `${o.topic}-${o.partition}`,
          before: String(o.offset),
          after: null,
        }),
      ),
    ]
    return {
      action: 'groups.delete',
      resource: { type: 'group', name: groupId },
      steps,
      affected: [],
      notes: [
        ...(members > 0
          ? [
              note(
                'danger',
                'group-active',
                `The group has ${members} connected member${members === 1 ? '' : 's'}; Kafka refuses until they have stopped.`,
                { members },
              ),
            ]
          : []),
        note(
          'warning',
          'offsets-lost',
          'Its committed offsets are lost: consumers that come back start where auto.offset.reset says.',
        ),
      ],
      reversible: false,
      validated: false,
      apply: { cluster, groupId, basis: basisOf(steps) },
    }
  }

  readonly applyDelete = async (input: ApplyDeleteGroup, actor: Actor): Promise<Applied> => {
    const plan = await this.planDelete(input)
    if (plan.apply.basis !== input.basis) throw outdated()
    return this.audit.record(actor, changeOf(plan), async () => {
      const [result] = await this.connection.client.admin.deleteGroups([input.groupId])
      if (result!.error) throw result!.error
      return `Deleted the group ${input.groupId}.`
    })
  }
}

/** While someone watches, an answer that failed for now is simply left out. */
function passing(error: unknown): undefined {
  if (error instanceof KafkaError && error.retriable) return undefined
  throw error
}

/** Unknown lag and unknown members stand last in both directions. */
function by(
  { sortBy, descending }: Pick<GroupListInput, 'sortBy' | 'descending'>,
  rowOf: (g: ListedGroup) => GroupRow,
): (a: ListedGroup, b: ListedGroup) => number {
  return (a, b) => {
    const x = rowOf(a)[sortBy]
    const y = rowOf(b)[sortBy]
    if (x === y) return a.groupId < b.groupId ? -1 : 1
    if (x === null) return 1
    if (y === null) return -1
    return x < y === descending ? 1 : -1
  }
}
