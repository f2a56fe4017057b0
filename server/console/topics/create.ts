/** Creating a topic. The cluster checks the plan itself (CreateTopics with validate_only) and says what it would make of it. */
import { KafkaError } from '../../protocol/errors.ts'
import { basisOf, note } from '../plans.ts'
import type { Note, Plan, PlanStep } from '../shapes/plan.ts'
import type { ApplyCreateTopic, CreateTopicInput } from '../shapes/topic.ts'
import type { TopicContext } from './topics.ts'

export async function planCreate(
  { connection }: TopicContext,
  input: CreateTopicInput,
): Promise<Plan<ApplyCreateTopic>> {
  const { cluster, topic, partitions, replicationFactor, configs } = input
  const validated = (await connection.apis()).some((a) => a.name === 'CreateTopics' && a.max >= 1)
  const { admin } = connection.client
  const answer = validated
    ? (await admin.createTopics([{ name: topic, partitions, replicationFactor, configs }], { validateOnly: true }))[0]!
    : null
  if (answer?.error) throw answer.error
  const steps: PlanStep[] = [
    { kind: 'topic', subject: topic, before: null, after: topic },
    { kind: 'partitions', subject: topic, before: null, after: numberOrDefault(answer?.partitions ?? partitions) },
    {
      kind: 'replicas',
      subject: topic,
      before: null,
      after: numberOrDefault(answer?.replicationFactor ?? replicationFactor),
    },
    ...Object.entries(configs).map(
      ([name, value]): PlanStep => ({ kind: 'config', subject: name, before: null, after: value }),
    ),
  ]
  return {
    action: 'topics.create',
    resource: { type: 'topic', name: topic },
    steps,
    affected: [],
    notes: notesOn(topic, answer?.replicationFactor ?? replicationFactor, connection.lastKnown?.brokers.length ?? 0),
    reversible: true,
    validated,
    apply: { cluster, topic, partitions, replicationFactor, configs, basis: basisOf(steps) },
  }
}

const numberOrDefault = (n: number): string => (n < 0 ? 'default' : String(n))

function notesOn(topic: string, replicationFactor: number, brokers: number): Note[] {
  const notes: Note[] = []
  if (replicationFactor === 1 && brokers > 1) {
    notes.push(note('warning', 'single-replica', 'One replica: the topic is unavailable, or lost, with its broker.'))
  }
  if (topic.includes('.') && topic.includes('_')) {
    notes.push(
      note('info', 'mixed-separators', 'Metrics name topics with "." and "_" alike: two such names can collide.'),
    )
  }
  return notes
}

export async function create({ connection }: TopicContext, input: ApplyCreateTopic): Promise<string> {
  const { topic, partitions, replicationFactor, configs } = input
  const [result] = await connection.client.admin.createTopics([{ name: topic, partitions, replicationFactor, configs }])
  if (result!.error) throw result!.error
  await appears(connection, topic)
  return `Created ${topic}.`
}

/** The controller has it; whoever asks another broker next should find it too. Not finding it in time is no failure. */
async function appears(connection: TopicContext['connection'], topic: string): Promise<void> {
  const { cluster } = connection.client
  await cluster
    .retry(
      async () => {
        const [t] = await connection.client.admin.describeTopics([topic])
        if (t!.error) throw t!.error
        if (t!.partitions.some((p) => p.leader < 0)) throw new KafkaError('LEADER_NOT_AVAILABLE')
      },
      { timeoutMs: 3_000 },
    )
    .catch(() => {})
}
