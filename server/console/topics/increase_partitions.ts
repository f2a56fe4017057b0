/** More partitions for a topic. There is no way back, and keys move: both are said. */

import { basisOf, note } from '../plans.ts'
import { ConsoleError } from '../problems.ts'
import type { Plan, PlanStep } from '../shapes/plan.ts'
import type { ApplyIncreasePartitions, IncreasePartitionsInput } from '../shapes/topic.ts'
import type { TopicContext } from './topics.ts'

export async function planIncreasePartitions(
  { connection, sampler }: TopicContext,
  { cluster, topic, partitions }: IncreasePartitionsInput,
): Promise<Plan<ApplyIncreasePartitions>> {
  const now = (await connection.topic(topic)).partitions.length
  if (partitions <= now) {
    throw new ConsoleError(
      'INVALID',
      `${topic} has ${now} partitions; the new number must be above that.`,
      'Kafka cannot take partitions away. To have fewer, create another topic.',
    )
  }
  const [result] = await connection.client.admin.createPartitions([{ topic, count: partitions }], {
    validateOnly: true,
  })
  if (result!.error) throw result!.error
  const steps: PlanStep[] = [{ kind: 'partitions', subject: topic, before: String(now), after: String(partitions) }]
  return {
    action: 'topics.increasePartitions',
    resource: { type: 'topic', name: topic },
    steps,
    affected: [...sampler.figures.groups]
      .filter(([, g]) => g.commits.has(topic))
      .map(([name]) => ({
        type: 'group' as const,
        name,
        note: note('info', 'rebalance', 'Its members are assigned anew once they see the new partitions.'),
      })),
    notes: [
      note(
        'warning',
        'keys-move',
        'Records of a key may go to another partition from now on: their order across the change is lost.',
      ),
      note('danger', 'irreversible', 'Partitions cannot be taken away again.'),
    ],
    reversible: false,
    validated: true,
    apply: { cluster, topic, partitions, basis: basisOf(steps) },
  }
}

export async function increasePartitions(
  { connection }: TopicContext,
  input: ApplyIncreasePartitions,
): Promise<string> {
  const [result] = await connection.client.admin.createPartitions([{ topic: input.topic, count: input.partitions }])
  if (result!.error) throw result!.error
  return `${input.topic} has ${input.partitions} partitions now.`
}
