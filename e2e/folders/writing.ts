/** Requests that change something, each sent until its coordinator is there, each answered without an error or thrown. */
import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode as codes, errorOf } from '../../server/protocol/errors.ts'
import { Produce } from '../../server/protocol/messages/00_produce.ts'
import { ListOffsets } from '../../server/protocol/messages/02_list_offsets.ts'
import { CreateTopics } from '../../server/protocol/messages/19_create_topics.ts'
import { DeleteTopics } from '../../server/protocol/messages/20_delete_topics.ts'
import { IncrementalAlterConfigs } from '../../server/protocol/messages/44_incremental_alter_configs.ts'
import { type BatchOptions, buildBatch, type RecordToWrite } from '../../server/records/build_batch.ts'
import { type Broker, check } from './broker.ts'

const LATER: readonly number[] = [
  codes.COORDINATOR_LOAD_IN_PROGRESS,
  codes.COORDINATOR_NOT_AVAILABLE,
  codes.NOT_COORDINATOR,
  codes.CONCURRENT_TRANSACTIONS,
  codes.UNKNOWN_TOPIC_OR_PARTITION,
  codes.NOT_LEADER_OR_FOLLOWER,
  codes.LEADER_NOT_AVAILABLE,
]
const LIMIT_MS = 20_000

/** Asks until the code in the answer is none that passes by itself; throws if it is an error then. */
export async function succeeds<A>(ask: () => Promise<A>, code: (answer: A) => number, what: string): Promise<A> {
  const end = Date.now() + LIMIT_MS
  for (;;) {
    const answer = await ask()
    const error = code(answer)
    if (error === 0) return answer
    if (!LATER.includes(error) || Date.now() > end)
      throw new Error(`${what}: ${errorOf(error)} ${JSON.stringify(answer)}`)
    await sleep(20)
  }
}

export async function createTopic(
  broker: Broker,
  name: string,
  { partitions = 1, configs = {} }: { partitions?: number; configs?: Record<string, string> } = {},
): Promise<void> {
  const answer = await broker.ask(CreateTopics, 7, {
    topics: [
      {
        name,
        numPartitions: partitions,
        replicationFactor: 1,
        assignments: [],
        configs: Object.entries(configs).map(([name, value]) => ({ name, value })),
      },
    ],
    timeoutMs: 20_000,
    validateOnly: false,
  })
  const { errorCode, errorMessage } = answer.topics[0]!
  check(errorCode, `creating ${name} (${errorMessage})`)
  const at = (index: number) => () =>
    broker.ask(ListOffsets, 7, {
      replicaId: -1,
      isolationLevel: 0,
      topics: [{ name, partitions: [{ partitionIndex: index, timestamp: -1 }] }],
    })
  for (let i = 0; i < partitions; i++) {
    await succeeds(at(i), (a) => a.topics[0]!.partitions[0]!.errorCode, `the leader of ${name}-${i}`)
  }
}

export async function deleteTopic(broker: Broker, name: string): Promise<void> {
  const answer = await broker.ask(DeleteTopics, 5, { topicNames: [name], timeoutMs: 20_000 })
  check(answer.responses[0]!.errorCode, `deleting ${name}`)
}

/** `type` as Kafka numbers resources. */
export async function setConfigs(
  broker: Broker,
  type: number,
  name: string,
  configs: Record<string, string>,
): Promise<void> {
  const answer = await broker.ask(IncrementalAlterConfigs, 1, {
    resources: [
      {
        resourceType: type,
        resourceName: name,
        configs: Object.entries(configs).map(([name, value]) => ({ name, configOperation: 0, value })),
      },
    ],
    validateOnly: false,
  })
  const { errorCode, errorMessage } = answer.responses[0]!
  check(errorCode, `configs of ${name || 'all'} (${errorMessage})`)
}

export interface To {
  topic: string
  index?: number
  transactionalId?: string
}

/** The answer for the one partition, whatever it is. */
export async function produceBytes(broker: Broker, { topic, index = 0, transactionalId }: To, records: Buffer) {
  const answer = await broker.ask(Produce, 11, {
    transactionalId: transactionalId ?? null,
    acks: -1,
    timeoutMs: 20_000,
    topicData: [{ name: topic, partitionData: [{ index, records }] }],
  })
  return answer.responses[0]!.partitionResponses[0]!
}

/** One batch. Returns its base offset. */
export async function produce(
  broker: Broker,
  to: To,
  records: RecordToWrite[],
  options: Partial<BatchOptions> = {},
): Promise<number> {
  const bytes = buildBatch(records, {
    timestamp: Date.now(),
    ...options,
    transactional: to.transactionalId !== undefined,
  })
  const sent = () => produceBytes(broker, to, bytes)
  return (await succeeds(sent, (p) => p.errorCode, `writing to ${to.topic}`)).baseOffset
}
