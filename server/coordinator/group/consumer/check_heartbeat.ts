/** What is wrong with a ConsumerGroupHeartbeat in itself, whatever the group is. */
import { KafkaError } from '../../../protocol/errors.ts'
import type { ConsumerGroupHeartbeat } from '../../../protocol/messages/68_consumer_group_heartbeat.ts'
import type { Infer } from '../../../protocol/schema.ts'
import type { GroupConfig } from '../config.ts'
import { JOINING_EPOCH, LEFT_EPOCH, LEFT_FOR_A_WHILE_EPOCH } from './member.ts'

export type ConsumerHeartbeatRequest = Infer<typeof ConsumerGroupHeartbeat.request>
export type ConsumerHeartbeatResponse = Infer<typeof ConsumerGroupHeartbeat.response>

/** From here on members make their ids themselves. */
const OWN_MEMBER_ID_VERSION = 1

/** Throws INVALID_REQUEST or UNSUPPORTED_ASSIGNOR. */
export function checkHeartbeat(request: ConsumerHeartbeatRequest, version: number, config: GroupConfig): void {
  const { memberEpoch } = request
  const needsId = version >= OWN_MEMBER_ID_VERSION || memberEpoch > JOINING_EPOCH || memberEpoch === LEFT_EPOCH
  if (needsId && isBlank(request.memberId)) throw invalid("MemberId can't be empty.")
  if (isBlank(request.groupId)) throw invalid("GroupId can't be empty.")
  if (isBlank(request.instanceId)) throw invalid("InstanceId can't be empty.")
  if (isBlank(request.rackId)) throw invalid("RackId can't be empty.")
  if (memberEpoch === JOINING_EPOCH) checkJoin(request)
  else if (memberEpoch === LEFT_FOR_A_WHILE_EPOCH) {
    if (request.instanceId === null) throw invalid("InstanceId can't be null.")
  } else if (memberEpoch < LEFT_FOR_A_WHILE_EPOCH) throw invalid('MemberEpoch is invalid.')
  const { assignors } = config.consumer
  if (request.serverAssignor !== null && !assignors.includes(request.serverAssignor)) {
    const supported = `Supported assignors: ${assignors.join(', ')}.`
    throw new KafkaError(
      'UNSUPPORTED_ASSIGNOR',
      `ServerAssignor ${request.serverAssignor} is not supported. ${supported}`,
    )
  }
}

function checkJoin(request: ConsumerHeartbeatRequest): void {
  if (request.rebalanceTimeoutMs === -1) throw invalid('RebalanceTimeoutMs must be provided in first request.')
  if (request.topicPartitions === null || request.topicPartitions.length > 0) {
    throw invalid('TopicPartitions must be empty when (re-)joining.')
  }
  if (request.subscribedTopicNames === null && request.subscribedTopicRegex === null) {
    throw invalid('Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.')
  }
}

const isBlank = (text: string | null): boolean => text !== null && text.trim() === ''

const invalid = (detail: string): KafkaError => new KafkaError('INVALID_REQUEST', detail)
