/** BrokerHeartbeat (63): a broker lives, and says whether it wants to serve or to stop (KIP-631). */
import { BrokerHeartbeat } from '../../protocol/messages/63_broker_heartbeat.ts'
import { handler } from '../handler.ts'

export const BrokerHeartbeatHandler = handler(BrokerHeartbeat, {
  handle: (request, { controller }) => controller.brokerHeartbeat(request),
  fail: (_request, { code }) => ({
    errorCode: code,
    isCaughtUp: false,
    isFenced: true,
    shouldShutDown: false,
  }),
})
