/** Topics that come into being because somebody asked for them: auto.create.topics.enable, and the offsets of groups. */
import { CreateTopicsHandler } from '../controller/apis/19_create_topics.ts'
import { isInternalTopic } from '../metadata/internal_topics.ts'
import type { BrokerState } from './broker_state.ts'

const OFFSETS_TOPIC = '__consumer_offsets'

/**
 * Makes the topics with the broker's defaults, that of offsets with its own. What cannot be made is not, and Kafka's other topics
 * are not made either: whoever asked finds it missing and is told so.
 */
export async function autoCreate(broker: BrokerState, names: Iterable<string>): Promise<void> {
  const wanted = new Set(names)
  if (wanted.has(OFFSETS_TOPIC)) await createOffsetsTopic(broker)
  const others = [...wanted].filter((name) => !isInternalTopic(name))
  if (others.length === 0) return
  await broker.controller.ask(CreateTopicsHandler, {
    topics: others.map((name) => ({ name, numPartitions: -1, replicationFactor: -1, assignments: [], configs: [] })),
    timeoutMs: 60_000,
    validateOnly: false,
  })
}

/** The topic that holds group state, with the configs that Kafka gives it. */
export async function createOffsetsTopic(broker: BrokerState): Promise<void> {
  const { config } = broker
  await broker.controller.ask(CreateTopicsHandler, {
    topics: [
      {
        name: OFFSETS_TOPIC,
        numPartitions: config['offsets.topic.num.partitions'],
        replicationFactor: Math.min(config['offsets.topic.replication.factor'], broker.metadata.brokers().length),
        assignments: [],
        configs: [
          { name: 'cleanup.policy', value: 'compact' },
          { name: 'compression.type', value: 'producer' },
          { name: 'segment.bytes', value: String(config['offsets.topic.segment.bytes']) },
        ],
      },
    ],
    timeoutMs: 60_000,
    validateOnly: false,
  })
}
