/** DescribeGroups (15): state, members and assignments of classic groups. v6 says that a group does not exist (KIP-1043). */
import { DescribeGroups } from '../../protocol/messages/15_describe_groups.ts'
import { ALL_GROUP_OPERATIONS, NOT_ASKED } from '../../rpc/authorized_operations.ts'
import { handler } from '../handler.ts'

export const DescribeGroupsHandler = handler(DescribeGroups, {
  async handle(request, context) {
    // Each once: a group may have many members, and a request many names.
    const groups = await context.broker.groups.describeGroups(context, [...new Set(request.groups)])
    const authorizedOperations = request.includeAuthorizedOperations ? ALL_GROUP_OPERATIONS : NOT_ASKED
    return {
      groups: groups.map((g) => ({ ...g, authorizedOperations: g.errorCode === 0 ? authorizedOperations : NOT_ASKED })),
    }
  },
  fail: (request, { code, detail }) => ({
    groups: request.groups.map((groupId) => ({
      errorCode: code,
      errorMessage: detail,
      groupId,
      groupState: '',
      protocolType: '',
      protocolData: '',
      members: [],
    })),
  }),
})
