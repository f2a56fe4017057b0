/** SyncGroup (14): the leader brings the assignment, everyone gets theirs. */
import { SyncGroup } from '../../protocol/messages/14_sync_group.ts'
import { handler } from '../handler.ts'

export const SyncGroupHandler = handler(SyncGroup, {
  handle: (request, context) => context.broker.groups.syncGroup(context, request),
  fail: (_request, { code }) => ({ errorCode: code, assignment: Buffer.alloc(0) }),
})
