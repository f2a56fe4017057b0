/** BrokerRegistration (62): a broker, or a new life of it, makes itself known (KIP-631). */
import { checkEndpoints } from '../../metadata/check_endpoints.ts'
import { BrokerRegistration } from '../../protocol/messages/62_broker_registration.ts'
import { handler } from '../handler.ts'

export const BrokerRegistrationHandler = handler(BrokerRegistration, {
  handle(request, { controller }) {
    checkEndpoints(request.brokerId, request.listeners)
    return controller.registerBroker(request)
  },
  fail: (_request, { code }) => ({ errorCode: code }),
})
