/** What classic members say in their subscriptions and are told in their assignments: an int16 version, then the body. */
import { codec } from '../../../protocol/codec.ts'
import { ConsumerProtocolAssignment } from '../../../protocol/consumer_protocol/consumer_protocol_assignment.ts'
import { ConsumerProtocolSubscription } from '../../../protocol/consumer_protocol/consumer_protocol_subscription.ts'
import type { Infer } from '../../../protocol/schema.ts'
import { MalformedError, Reader, Writer } from '../../../protocol/wire.ts'
import type { OwnedPartitions, Partitions, TopicPartitions } from './partitions.ts'
import type { GroupTopics } from './topics.ts'

export const PROTOCOL_TYPE = 'consumer'
const HIGHEST_VERSION = 3

export type Subscription = Infer<typeof ConsumerProtocolSubscription>

/** Later versions begin with what we know. Throws a MalformedError. */
export function readSubscription(metadata: Buffer): Subscription {
  const r = new Reader(metadata)
  return codec(ConsumerProtocolSubscription, knownVersion(r)).decode(r)
}

/** What the leader gave a member; topics that do not exist are left out. An empty text is no partitions. Throws a MalformedError. */
export function readAssignment(
  assignment: Buffer,
  topics: GroupTopics,
): { partitions: TopicPartitions[]; userData: Buffer | null } {
  if (assignment.length === 0) return { partitions: [], userData: null }
  const r = new Reader(assignment)
  const { assignedPartitions, userData } = codec(ConsumerProtocolAssignment, knownVersion(r)).decode(r)
  return { partitions: byId(assignedPartitions, topics), userData }
}

/** In the version of the member's subscription. Topics that are gone are left out. */
export function writeAssignment(
  assignment: Partitions | OwnedPartitions,
  subscription: Buffer,
  topics: GroupTopics,
): Buffer {
  const version = knownVersion(new Reader(subscription))
  const w = new Writer(64)
  w.int16(version)
  codec(ConsumerProtocolAssignment, version).encode(w, {
    assignedPartitions: [...assignment].flatMap(([topicId, partitions]) => {
      const topic = topics.nameOf(topicId)
      return topic === undefined ? [] : [{ topic, partitions: [...partitions.keys()].sort((a, b) => a - b) }]
    }),
  })
  return w.done()
}

export const byId = (
  named: readonly { topic: string; partitions: readonly number[] }[],
  topics: GroupTopics,
): TopicPartitions[] =>
  named.flatMap(({ topic, partitions }) => {
    const topicId = topics.byName(topic)?.topicId
    return topicId === undefined ? [] : [{ topicId, partitions }]
  })

function knownVersion(r: Reader): number {
  const version = r.int16()
  if (version < 0) throw new MalformedError(`the consumer protocol has no version ${version}`)
  return Math.min(version, HIGHEST_VERSION)
}
