/** Which topics a group of consumers reads, as far as its members said so in the consumer protocol. */
import { codec } from '../../protocol/codec.ts'
import { ConsumerProtocolSubscription } from '../../protocol/consumer_protocol/consumer_protocol_subscription.ts'
import { MalformedError, Reader } from '../../protocol/wire.ts'
import { type ClassicGroup, metadataOf } from './classic_group.ts'

/**
 * Undefined if it is not known: another protocol, a rebalance, or a member whose words make no sense. When all have joined it is
 * known, though the assignment is not; `evenBeforeSync` says that this is enough.
 */
export function subscribedTopics(
  group: ClassicGroup,
  { evenBeforeSync = false } = {},
): ReadonlySet<string> | undefined {
  if (group.protocolType !== 'consumer') return undefined
  if (group.members.size === 0) return new Set()
  // Before, a member may be on its way that does not know the protocol.
  if (group.state !== 'Stable' && !(evenBeforeSync && group.state === 'CompletingRebalance')) return undefined
  const topics = new Set<string>()
  try {
    for (const member of group.members.values()) {
      const r = new Reader(metadataOf(member, group.protocolName))
      r.int16() // Its version: all begin with what version 0 has.
      for (const topic of codec(ConsumerProtocolSubscription, 0).decode(r).topics) topics.add(topic)
    }
  } catch (error) {
    if (error instanceof MalformedError) return undefined
    throw error
  }
  return topics
}
