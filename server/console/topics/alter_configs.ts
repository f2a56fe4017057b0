/** Changing a topic's configs: only those named, the others stay (KIP-339); null sets one back to what it inherits. */

import { basisOf, note } from '../plans.ts'
import { ConsoleError } from '../problems.ts'
import type { Note, Plan, PlanStep } from '../shapes/plan.ts'
import type { AlterConfigsInput, ApplyAlterConfigs, ConfigEntry } from '../shapes/topic.ts'
import { configsOf } from './configs.ts'
import type { TopicContext } from './topics.ts'

export async function planAlterConfigs(
  { connection, sampler, schema }: TopicContext,
  { cluster, topic, configs }: AlterConfigsInput,
): Promise<Plan<ApplyAlterConfigs>> {
  await connection.topic(topic)
  const current = new Map((await configsOf(connection, { type: 'topic', name: topic }, schema)).map((c) => [c.name, c]))
  const changed = Object.entries(configs).filter(([name, value]) => differs(current.get(name), value))
  if (changed.length === 0)
    throw new ConsoleError('INVALID', 'Nothing would change: the topic has these values already.')
  await send({ connection }, topic, Object.fromEntries(changed), true)
  const steps = changed.map(
    ([name, value]): PlanStep => ({
      kind: 'config',
      subject: name,
      before: current.get(name)?.value ?? null,
      after: value ?? current.get(name)?.inherited ?? null,
    }),
  )
  return {
    action: 'topics.alterConfigs',
    resource: { type: 'topic', name: topic },
    steps,
    affected: [...sampler.figures.groups]
      .filter(([, g]) => g.commits.has(topic))
      .map(([name]) => ({ type: 'group' as const, name, note: null })),
    notes: steps.flatMap((s) => consequences(s)),
    reversible: true,
    validated: true,
    apply: { cluster, topic, configs: Object.fromEntries(changed), basis: basisOf(steps) },
  }
}

/** Removing what is not set on the topic itself changes nothing; setting the value it inherits does: it no longer follows. */
const differs = (entry: ConfigEntry | undefined, value: string | null): boolean =>
  value === null
    ? entry !== undefined && !entry.isDefault
    : entry === undefined || entry.isDefault || entry.value !== value

function consequences({ subject, before, after }: PlanStep): Note[] {
  const smaller = (limit: string | null) => (Number(limit) < 0 ? Infinity : Number(limit))
  if (['retention.ms', 'retention.bytes'].includes(subject) && smaller(after) < smaller(before)) {
    return [
      note('danger', 'retention-lowered', `With a lower ${subject}, older records are deleted soon and for good.`, {
        config: subject,
      }),
    ]
  }
  if (subject === 'cleanup.policy' && after?.includes('compact') && !before?.includes('compact')) {
    return [
      note(
        'danger',
        'compaction-on',
        'Compaction keeps only the last record of every key; records without a key are refused.',
      ),
    ]
  }
  if (subject === 'cleanup.policy' && after?.includes('delete') && !before?.includes('delete')) {
    return [note('danger', 'deletion-on', 'Records older than retention.ms are deleted from now on.')]
  }
  if (subject === 'max.message.bytes' && smaller(after) < smaller(before)) {
    return [note('warning', 'messages-refused', 'Producers that send larger batches will be refused.')]
  }
  if (subject === 'min.insync.replicas' && Number(after) > Number(before)) {
    return [note('warning', 'writes-refused', 'Writes with acks=all are refused while fewer replicas are in sync.')]
  }
  return []
}

export async function alterConfigs(context: TopicContext, { topic, configs }: ApplyAlterConfigs): Promise<string> {
  await send(context, topic, configs, false)
  return `Changed ${Object.keys(configs).length} of the configs of ${topic}.`
}

async function send(
  { connection }: Pick<TopicContext, 'connection'>,
  topic: string,
  configs: Readonly<Record<string, string | null>>,
  validateOnly: boolean,
): Promise<void> {
  const changes = Object.entries(configs).map(([name, value]) =>
    value === null ? { name, op: 'delete' as const } : { name, op: 'set' as const, value },
  )
  const [result] = await connection.client.admin.incrementalAlterConfigs(
    [{ type: 'topic', name: topic, configs: changes }],
    {
      validateOnly,
    },
  )
  if (result!.error) throw result!.error
}
