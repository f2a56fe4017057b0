/** Topics that come into being because somebody asked for them: auto.create.topics.enable, and the offsets of groups. */
import { CreateTopicsHandler } from '../controller/apis/19_create_topics.ts'
import { isInternalTopic } from '../metadata/internal_topics.ts'
import { errorCode } from '../protocol/errors.ts'
import type { BrokerState } from './broker_state.ts'

const OFFSETS_TOPIC = '__consumer_offsets'
/** Then it is told as missing, and asked for again. */
const SEEN_WITHIN_MS = 1_000

/**
 * Makes the topics with the broker's defaults, that of offsets with its own. What cannot be made is not, and Kafka's other topics
 * are not made either: whoever asked finds it missing and is told so.
 */
export async function autoCreate(broker: BrokerState, names: Iterable<string>): Promise<void> {
  const wanted = new Set(names)
  if (wanted.has(OFFSETS_TOPIC)) await createOffsetsTopic(broker)
  const others = [...wanted].filter((name) => !isInternalTopic(name))
  if (others.length === 0) return
  const { topics } = await broker.controller.ask(CreateTopicsHandler, {
    topics: others.map((name) => ({ name, numPartitions: -1, replicationFactor: -1, assignments: [], configs: [] })),
    timeoutMs: 60_000,
    validateOnly: false,
  })
  await untilSeen(broker, topics)
}

/** The topic that holds group state, with the configs that Kafka gives it. */
export async function createOffsetsTopic(broker: BrokerState): Promise<void> {
  const { config } = broker
  const factor = config['offsets.topic.replication.factor']
  // A broker that is a cluster by itself is enough, whatever the setting says; otherwise it waits for others, as in Kafka.
  const replicationFactor = isController(broker) ? Math.min(factor, broker.controller.image.brokers.size) : factor
  const { topics } = await broker.controller.ask(CreateTopicsHandler, {
    topics: [
      {
        name: OFFSETS_TOPIC,
        numPartitions: config['offsets.topic.num.partitions'],
        replicationFactor,
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
  await untilSeen(broker, topics)
}

const isController = ({ config }: BrokerState) => config['process.roles']?.includes('controller') ?? true

/** What the controller has made is in this broker's image a moment later; who asked for it should find it there. */
async function untilSeen(
  { controller, clock }: BrokerState,
  topics: readonly { readonly name: string; readonly errorCode: number }[],
): Promise<void> {
  const made = topics.filter((t) => t.errorCode === errorCode.NONE || t.errorCode === errorCode.TOPIC_ALREADY_EXISTS)
  const seen = () => made.every(({ name }) => controller.image.topic(name) !== undefined)
  if (seen()) return
  await new Promise<void>((resolve) => {
    const end = () => {
      stopWatching()
      stopTimer()
      resolve()
    }
    const stopWatching = controller.subscribe(() => seen() && end())
    const stopTimer = clock.after(SEEN_WITHIN_MS, end)
  })
}
