/** ConsumerGroupHeartbeat (68): a member of a consumer group says where it is and is told what it is to own (KIP-848). */
import { ConsumerGroupHeartbeat } from '../../protocol/messages/68_consumer_group_heartbeat.ts'
import { checkConsumerProtocol } from '../consumer_protocol_enabled.ts'
import { handler } from '../handler.ts'

export const ConsumerGroupHeartbeatHandler = handler(ConsumerGroupHeartbeat, {
  handle(request, context) {
    checkConsumerProtocol(context.broker)
    return context.broker.groups.consumerGroupHeartbeat(context, request)
  },
  fail: (_request, { code, detail }) => ({
    errorCode: code,
    errorMessage: detail,
    memberEpoch: 0,
    heartbeatIntervalMs: 0,
  }),
})
