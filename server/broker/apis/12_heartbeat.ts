/** Heartbeat (12): a member is alive; the answer says whether a rebalance waits for it. */
import { Heartbeat } from '../../protocol/messages/12_heartbeat.ts'
import { handler } from '../handler.ts'

export const HeartbeatHandler = handler(Heartbeat, {
  handle: (request, context) => context.broker.groups.heartbeat(context, request),
  fail: (_request, { code }) => ({ errorCode: code }),
})
