/** Deleting a topic with all its records. */
import { basisOf, note } from '../plans.ts'
import type { Affected, Plan, PlanStep } from '../shapes/plan.ts'
import type { ApplyDeleteTopic, TopicInput } from '../shapes/topic.ts'
import { isInternal } from './list.ts'
import type { TopicContext } from './topics.ts'

export async function planDelete(
  { connection, sampler }: TopicContext,
  { cluster, topic }: TopicInput,
): Promise<Plan<ApplyDeleteTopic>> {
  const metadata = await connection.topic(topic)
  const figures = sampler.figures.topic(topic)
  const records = figures?.records ?? null
  const steps: PlanStep[] = [
    { kind: 'topic', subject: topic, before: topic, after: null },
    { kind: 'partitions', subject: topic, before: String(metadata.partitions.length), after: null },
  ]
  const groups: Affected[] = [...sampler.figures.groups]
    .filter(([, g]) => g.commits.has(topic))
    .map(([name]) => ({
      type: 'group',
      name,
      note: note('warning', 'offsets-lost', 'It loses its committed offsets on this topic.'),
    }))
  return {
    action: 'topics.delete',
    resource: { type: 'topic', name: topic },
    steps,
    affected: groups,
    notes: [
      note(
        'danger',
        'topic-deleted',
        records === null
          ? 'All its records are deleted for good.'
          : `All its records, up to ${records}, are deleted for good.`,
        { records: records ?? -1 },
      ),
      ...((sampler.topicRates.get(topic)?.recordsIn ?? 0) > 0
        ? [
            note(
              'warning',
              'producers-active',
              'Something is writing to it right now; if topics are created on demand, it may come back empty.',
            ),
          ]
        : []),
      ...(isInternal(metadata)
        ? [note('danger', 'internal-topic', 'This is an internal topic: other parts of the cluster depend on it.')]
        : []),
    ],
    reversible: false,
    validated: false,
    // The id is part of what is agreed to: a topic made anew under the name is another one.
    apply: { cluster, topic, basis: basisOf(steps, metadata.topicId) },
  }
}

export async function deleteTopic({ connection }: TopicContext, { topic }: ApplyDeleteTopic): Promise<string> {
  const [result] = await connection.client.admin.deleteTopics([topic])
  if (result!.error) throw result!.error
  return `Deleted ${topic}.`
}
