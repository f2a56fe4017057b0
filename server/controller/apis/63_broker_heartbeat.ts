/**
 * BrokerHeartbeat (63): a broker lives, and says whether it wants to serve or to stop (KIP-631). The connection over which it comes
 * is watched: see `broker_connections.ts`.
 */
import { errorCode } from '../../protocol/errors.ts'
import { BrokerHeartbeat } from '../../protocol/messages/63_broker_heartbeat.ts'
import { handler } from '../handler.ts'

export const BrokerHeartbeatHandler = handler(BrokerHeartbeat, {
  async handle(request, { controller, node, gone }) {
    const answer = await controller.brokerHeartbeat(request)
    if (answer.shouldShutDown) node?.brokers.forget(request.brokerId)
    else if (answer.errorCode === errorCode.NONE) node?.brokers.heartbeat(request.brokerId, request.brokerEpoch, gone)
    return answer
  },
  fail: (_request, { code }) => ({
    errorCode: code,
    isCaughtUp: false,
    isFenced: true,
    shouldShutDown: false,
  }),
})
