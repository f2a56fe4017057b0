/**
 * UnregisterBroker (64, KIP-631): a broker that will not come back is forgotten. Not the one in this process while it runs: its
 * partitions would have no leader until the next start.
 */
import { errorCode, KafkaError } from '../../protocol/errors.ts'
import { UnregisterBroker } from '../../protocol/messages/64_unregister_broker.ts'
import { handler } from '../handler.ts'

export const UnregisterBrokerHandler = handler(UnregisterBroker, {
  async handle({ brokerId }, { controller }) {
    if (brokerId === controller.settings.nodeId) {
      throw new KafkaError(
        'INVALID_REQUEST',
        `Broker ${brokerId} is the one that answers: stop it before it is forgotten.`,
      )
    }
    await controller.unregisterBroker(brokerId)
    return { errorCode: errorCode.NONE, errorMessage: null }
  },
  fail: (_request, { code, detail }) => ({ errorCode: code, errorMessage: detail }),
})
