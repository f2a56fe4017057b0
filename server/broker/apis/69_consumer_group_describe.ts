/** ConsumerGroupDescribe (69): epochs, members and assignments of consumer groups (KIP-848). */
import { ConsumerGroupDescribe } from '../../protocol/messages/69_consumer_group_describe.ts'
import { ALL_GROUP_OPERATIONS, NOT_ASKED } from '../../rpc/authorized_operations.ts'
import { checkConsumerProtocol } from '../consumer_protocol_enabled.ts'
import { handler } from '../handler.ts'

export const ConsumerGroupDescribeHandler = handler(ConsumerGroupDescribe, {
  async handle(request, context) {
    checkConsumerProtocol(context.broker)
    // Each once: a group may have many members, and a request many names.
    const groups = await context.broker.groups.consumerGroupDescribe([...new Set(request.groupIds)])
    const authorizedOperations = request.includeAuthorizedOperations ? ALL_GROUP_OPERATIONS : NOT_ASKED
    return {
      groups: groups.map((g) => ({ ...g, authorizedOperations: g.errorCode === 0 ? authorizedOperations : NOT_ASKED })),
    }
  },
  fail: (request, { code, detail }) => ({
    groups: request.groupIds.map((groupId) => ({
      errorCode: code,
      errorMessage: detail,
      groupId,
      groupState: '',
      groupEpoch: 0,
      assignmentEpoch: 0,
      assignorName: '',
      members: [],
    })),
  }),
})
