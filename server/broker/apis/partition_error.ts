/** What the handlers of partitions share: naming a topic by name or id, and one partition's failure as a code. */
import { codeOf, KafkaError } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/schema.ts'
import type { RequestContext } from '../handler.ts'

/** Requests name a topic, from some version on by its id alone: then the name is empty (KIP-516). */
export interface TopicKey {
  readonly name: string
  readonly topicId: string
}

export function topicOf(topic: TopicKey, { broker }: RequestContext): string {
  if (topic.topicId === ZERO_UUID) return topic.name
  const name = broker.metadata.topicName(topic.topicId)
  if (name === undefined) throw new KafkaError('UNKNOWN_TOPIC_ID')
  return name
}

/** Code and sentence for one partition. An unexpected failure is logged here: the others of the request go on. */
export function partitionError(error: unknown, { broker }: RequestContext): { code: number; detail: string } {
  if (error instanceof KafkaError) return { code: error.code, detail: error.message }
  broker.log.error(
    `a partition failed unexpectedly: ${error instanceof Error ? (error.stack ?? error.message) : error}`,
  )
  return { code: codeOf(error), detail: 'The broker failed in a way it did not expect; its log says how.' }
}
