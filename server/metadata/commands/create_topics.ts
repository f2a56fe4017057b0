/**
 * CreateTopics (19): all topics that are in order, in one batch; each other one with its error.
 * `validateOnly` goes the same way and writes nothing.
 */
import { duplicates } from '../../lib/duplicates.ts'
import { errorCode, KafkaError } from '../../protocol/errors.ts'
import type { CreateTopics } from '../../protocol/messages/19_create_topics.ts'
import { type Infer, type Input, ZERO_UUID } from '../../protocol/schema.ts'
import type { ConfigRules, EffectiveConfig } from '../config_rules.ts'
import {
  type ChargePartitions,
  type ControllerContext,
  type ControllerSettings,
  MAX_RECORDS_PER_REQUEST,
  type MetadataCommand,
} from '../context.ts'
import { type MetadataImage, resourceType } from '../image.ts'
import { CLUSTER_METADATA } from '../internal_topics.ts'
import { type MetadataRecord, metadataRecord } from '../record_codec.ts'
import { collisionForm, topicNameProblem } from '../topic_name.ts'
import { checkAssignment, newPartition, place } from './placement.ts'
import { attempt, failed, succeeded } from './results.ts'

type Request = Infer<typeof CreateTopics.request>
type Response = Input<typeof CreateTopics.response>
type Topic = Request['topics'][number]
type Result = Response['topics'][number]

export const createTopics =
  (request: Request, context: ControllerContext, charge?: ChargePartitions): MetadataCommand<Response> =>
  (image) => {
    const records: MetadataRecord[] = []
    const results: Result[] = []
    const twice = duplicates(request.topics.map((t) => t.name))
    const answered = new Set<string>()
    const forms = collisionForms(image)
    const rules = oncePerText(context.configRules)
    for (const topic of request.topics) {
      if (answered.has(topic.name)) continue
      answered.add(topic.name)
      const made = attempt(() => {
        if (twice.has(topic.name))
          throw new KafkaError('INVALID_REQUEST', `The request names topic '${topic.name}' twice.`)
        checkName(image, topic.name, forms)
        const room = MAX_RECORDS_PER_REQUEST - records.length
        const made = createTopic(image, topic, { ...context, configRules: rules }, room)
        charge?.(made.result.numPartitions!)
        return made
      })
      if (made instanceof KafkaError) {
        results.push({ name: topic.name, topicId: ZERO_UUID, ...failed(made), configs: [] })
      } else {
        records.push(...made.records)
        results.push(made.result)
        forms.set(collisionForm(topic.name), topic.name)
      }
    }
    return { records: request.validateOnly ? [] : records, reply: { throttleTimeMs: 0, topics: results } }
  }

/** The rules for topics, each asked once for what is written the same way: most topics of a large request have no configs at all. */
function oncePerText(rules: ConfigRules): ConfigRules {
  const textOf = (own: ReadonlyMap<string, string>) => (own.size === 0 ? '' : JSON.stringify([...own]))
  const problems = new Map<string, KafkaError | undefined>()
  const effective = new Map<string, EffectiveConfig[]>()
  return {
    ...rules,
    problem(resource, own) {
      const text = textOf(own)
      if (!problems.has(text)) problems.set(text, rules.problem(resource, own))
      return problems.get(text)
    },
    effectiveTopicConfigs(own) {
      const text = textOf(own)
      let configs = effective.get(text)
      if (!configs) effective.set(text, (configs = rules.effectiveTopicConfigs(own)))
      return configs
    },
  }
}

/** As it is asked for; whether that can be is another question. */
const partitionCount = ({ assignments, numPartitions }: Topic, settings: ControllerSettings): number =>
  assignments.length || (numPartitions === -1 ? settings.numPartitions : numPartitions)

const tooMuch = () =>
  new KafkaError(
    'POLICY_VIOLATION',
    `One request may make at most ${MAX_RECORDS_PER_REQUEST} records of metadata; ask for fewer partitions.`,
  )

const collisionForms = (image: MetadataImage): Map<string, string> =>
  new Map([...image.topics.keys()].map((name) => [collisionForm(name), name]))

function checkName(image: MetadataImage, name: string, forms: ReadonlyMap<string, string>): void {
  if (name === CLUSTER_METADATA)
    throw new KafkaError('INVALID_REQUEST', `The topic ${name} is Kafka's own and cannot be created.`)
  if (image.topics.has(name)) throw new KafkaError('TOPIC_ALREADY_EXISTS', `Topic '${name}' already exists.`)
  const problem = topicNameProblem(name)
  if (problem !== undefined) throw problem
  const alike = forms.get(collisionForm(name))
  if (alike !== undefined) {
    throw new KafkaError(
      'INVALID_TOPIC_EXCEPTION',
      `Topic '${name}' collides with '${alike}': '.' and '_' are the same in the names of metrics.`,
    )
  }
}

function createTopic(
  image: MetadataImage,
  topic: Topic,
  context: ControllerContext,
  room: number,
): { records: MetadataRecord[]; result: Result } {
  const { settings, configRules, random } = context
  const own = new Map<string, string>()
  for (const { name, value } of topic.configs) {
    if (value === null)
      throw new KafkaError('INVALID_CONFIG', `The config '${name}' of topic '${topic.name}' has no value.`)
    own.set(name, value)
  }
  // Before anything is made for each of them: a request may name very many topics.
  if (1 + own.size + partitionCount(topic, settings) > room) throw tooMuch()
  const problem = configRules.problem({ type: resourceType.topic, name: topic.name }, own)
  if (problem !== undefined) throw problem

  const replicas =
    topic.assignments.length > 0
      ? assignedByHand(image, topic)
      : place(image, context, {
          count: atLeastOne(topic.numPartitions, settings.numPartitions, 'INVALID_PARTITIONS', 'number of partitions'),
          replicationFactor: atLeastOne(
            topic.replicationFactor,
            settings.defaultReplicationFactor,
            'INVALID_REPLICATION_FACTOR',
            'replication factor',
          ),
        })
  const topicId = random.uuid()
  return {
    records: [
      metadataRecord('TopicRecord', { name: topic.name, topicId }),
      ...[...own].map(([name, value]) =>
        metadataRecord('ConfigRecord', { resourceType: resourceType.topic, resourceName: topic.name, name, value }),
      ),
      ...replicas.map((r, partitionId) => newPartition(image, { topicId, partitionId, replicas: r })),
    ],
    result: {
      name: topic.name,
      topicId,
      ...succeeded,
      numPartitions: replicas.length,
      replicationFactor: replicas[0]!.length,
      configs: configRules.effectiveTopicConfigs(own),
      topicConfigErrorCode: errorCode.NONE,
    },
  }
}

/** -1 stands for the broker's default (KIP-464). */
function atLeastOne(
  asked: number,
  byDefault: number,
  error: 'INVALID_PARTITIONS' | 'INVALID_REPLICATION_FACTOR',
  what: string,
): number {
  if (asked === -1) return byDefault
  if (asked >= 1) return asked
  throw new KafkaError(error, `The ${what} is ${asked}; it must be at least 1, or -1 for the default.`)
}

function assignedByHand(image: MetadataImage, topic: Topic): number[][] {
  if (topic.numPartitions !== -1 || topic.replicationFactor !== -1) {
    throw new KafkaError(
      'INVALID_REQUEST',
      'With an assignment by hand, number of partitions and replication factor must both be -1.',
    )
  }
  const byPartition = new Map<number, number[]>()
  let replicationFactor: number | undefined
  for (const { partitionIndex, brokerIds } of topic.assignments) {
    if (byPartition.has(partitionIndex)) {
      throw new KafkaError('INVALID_REPLICA_ASSIGNMENT', `Partition ${partitionIndex} is assigned twice.`)
    }
    checkAssignment(image, brokerIds, replicationFactor)
    replicationFactor = brokerIds.length
    byPartition.set(partitionIndex, brokerIds)
  }
  return Array.from({ length: byPartition.size }, (_, i) => {
    const replicas = byPartition.get(i)
    if (replicas === undefined) {
      throw new KafkaError(
        'INVALID_REPLICA_ASSIGNMENT',
        `Partitions must count from 0 without gaps; ${i} is not assigned.`,
      )
    }
    return replicas
  })
}
