/**
 * Deleting records from the beginning of partitions (DeleteRecords). The plan turns "everything", an offset or a time into
 * one offset a partition, and exactly these are applied: what arrives in between stays.
 */
import { type Actor, type AuditLog, changeOf } from '../audit.ts'
import { note } from '../plans.ts'
import { ConsoleError } from '../problems.ts'
import type { Affected, Applied, Plan, PlanStep } from '../shapes/plan.ts'
import type { ApplyPurge, PurgeInput } from '../shapes/topic.ts'
import type { TopicContext } from './topics.ts'

interface Target {
  readonly partition: number
  readonly startOffset: number
  readonly beforeOffset: number
}

export async function planPurge(context: TopicContext, input: PurgeInput): Promise<Plan<ApplyPurge>> {
  const { cluster, topic } = input
  await refuseCompacted(context, topic)
  const targets = (await targetsOf(context, input)).filter((t) => t.beforeOffset > t.startOffset)
  if (targets.length === 0)
    throw new ConsoleError('INVALID', 'No record lies before that point: nothing would be deleted.')
  const partitions = targets.map(({ partition, beforeOffset }) => ({ partition, beforeOffset }))
  return planFor(context, { cluster, topic, partitions }, targets)
}

/** Kafka deletes records only from topics whose policy says delete, and calls it a policy violation otherwise. */
async function refuseCompacted({ connection }: TopicContext, topic: string): Promise<void> {
  const resource = { type: 'topic' as const, name: topic, keys: ['cleanup.policy'] }
  const [described] = await connection.client.admin.describeConfigs([resource])
  const policy = described!.configs.find((c) => c.name === 'cleanup.policy')?.value
  if (policy === undefined || policy === null || policy.includes('delete')) return
  throw new ConsoleError(
    'INVALID',
    `Records of ${topic} cannot be deleted from the beginning: its cleanup.policy is ${policy || 'empty'}.`,
    'Set cleanup.policy to delete or compact,delete first, or delete single keys by writing tombstones.',
  )
}

async function targetsOf({ connection }: TopicContext, { topic, partitions, before }: PurgeInput): Promise<Target[]> {
  const metadata = await connection.topic(topic)
  const wanted = partitions ?? metadata.partitions.map((p) => p.partition)
  const missing = wanted.find((p) => metadata.partitions[p] === undefined)
  if (missing !== undefined) throw new ConsoleError('INVALID', `${topic} has no partition ${missing}.`)
  const { admin } = connection.client
  const ask = (at: 'earliest' | 'latest' | number) =>
    admin.listOffsets(wanted.map((partition) => ({ topic, partition, at })))
  const [starts, ends, found] = await Promise.all([
    ask('earliest'),
    ask('latest'),
    before.kind === 'timestamp' ? ask(before.timestampMs) : null,
  ])
  return wanted.map((partition, i) => {
    const error = starts[i]!.error ?? ends[i]!.error ?? found?.[i]?.error
    if (error) throw error
    const end = ends[i]!.offset ?? 0
    const point = before.kind === 'end' ? end : before.kind === 'offset' ? before.offset : (found![i]!.offset ?? end)
    return { partition, startOffset: starts[i]!.offset ?? 0, beforeOffset: Math.min(point, end) }
  })
}

function planFor({ sampler }: TopicContext, apply: ApplyPurge, targets: readonly Target[]): Plan<ApplyPurge> {
  const { topic } = apply
  const records = targets.reduce((n, t) => n + t.beforeOffset - t.startOffset, 0)
  const steps = targets.map(
    (t): PlanStep => ({
      kind: 'records',
      subject: `${topic}-${t.partition}`,
      before: String(t.startOffset),
      after: String(t.beforeOffset),
    }),
  )
  return {
    action: 'topics.purge',
    resource: { type: 'topic', name: topic },
    steps,
    affected: readersThatLose(sampler, topic, targets),
    notes: [note('danger', 'records-deleted', `Up to ${records} records are deleted for good.`, { records })],
    reversible: false,
    validated: false,
    apply,
  }
}

/** Groups that have not read all of what goes. */
function readersThatLose(sampler: TopicContext['sampler'], topic: string, targets: readonly Target[]): Affected[] {
  return [...sampler.figures.groups].flatMap(([name, g]): Affected[] => {
    const commits = g.commits.get(topic)
    if (!commits) return []
    let unread = 0
    for (const t of targets) {
      const committed = commits.get(t.partition)
      if (committed !== undefined) unread += Math.max(0, t.beforeOffset - Math.max(committed, t.startOffset))
    }
    const lost =
      unread === 0
        ? null
        : note('warning', 'unread-deleted', `It has not read ${unread} of these records.`, { records: unread })
    return [{ type: 'group', name, note: lost }]
  })
}

export async function purge(context: TopicContext, audit: AuditLog, input: ApplyPurge, actor: Actor): Promise<Applied> {
  const { admin } = context.connection.client
  const { topic } = input
  const starts = await admin.listOffsets(
    input.partitions.map((p) => ({ topic, partition: p.partition, at: 'earliest' as const })),
  )
  const targets = input.partitions.map((p, i) => ({ ...p, startOffset: starts[i]!.offset ?? 0 }))
  return audit.record(actor, changeOf(planFor(context, input, targets)), async () => {
    const results = await admin.deleteRecords(
      input.partitions.map((p) => ({ topic, partition: p.partition, offset: p.beforeOffset })),
    )
    const failed = results.filter((r) => r.error !== null)
    if (failed.length > 0 && failed.length === results.length) throw failed[0]!.error
    if (failed.length > 0) {
      const names = failed.map((f) => f.partition).join(', ')
      throw new ConsoleError(
        'INVALID',
        `Deleted from ${results.length - failed.length} partitions, but not from ${names}: ${failed[0]!.error!.message}`,
      )
    }
    return `Deleted the records of ${results.length} partition${results.length === 1 ? '' : 's'} of ${topic}.`
  })
}
