/** JoinGroup (11): the coordinator answers when the rebalance has gathered its members. */
import { JoinGroup } from '../../protocol/messages/11_join_group.ts'
import { handler } from '../handler.ts'

export const JoinGroupHandler = handler(JoinGroup, {
  handle: (request, context) => context.broker.groups.joinGroup(context, request),
  fail: (request, { code }) => ({
    errorCode: code,
    protocolName: '',
    leader: '',
    memberId: request.memberId,
    members: [],
  }),
})
