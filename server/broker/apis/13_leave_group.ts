/** LeaveGroup (13): one member, or from v3 several at once (KIP-345). */
import { LeaveGroup } from '../../protocol/messages/13_leave_group.ts'
import { handler } from '../handler.ts'

export const LeaveGroupHandler = handler(LeaveGroup, {
  handle: (request, context) => context.broker.groups.leaveGroup(context, request),
  fail: (_request, { code }) => ({ errorCode: code, members: [] }),
})
