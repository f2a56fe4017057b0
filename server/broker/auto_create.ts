/** Topics that come into being because somebody asked for them: auto.create.topics.enable, and the offsets of groups. */
import type { BrokerState } from './broker_state.ts'

/** Makes the topics with the broker's defaults. What cannot be made is not: whoever asked finds it missing and is told so. */
export async function autoCreate(broker: BrokerState, names: readonly string[]): Promise<void> {
  await broker.controller.createTopics({
    topics: names.map((name) => ({ name, numPartitions: -1, replicationFactor: -1, assignments: [], configs: [] })),
    timeoutMs: 60_000,
    validateOnly: false,
  })
}

/** The topic that holds group state, with the configs that Kafka gives it. */
export async function createOffsetsTopic(broker: BrokerState): Promise<void> {
  const { config } = broker
  await broker.controller.createTopics({
    topics: [
      {
        name: '__consumer_offsets',
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
