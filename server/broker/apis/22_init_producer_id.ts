/**
 * InitProducerId (22): a producer id for an idempotent producer. Each call gives a new id with epoch 0, also where the client
 * names the one it had (v3, KIP-360): without transactions nothing is bound to it. Transactional ids are refused.
 */
import { errorCode, KafkaError } from '../../protocol/errors.ts'
import { InitProducerId } from '../../protocol/messages/22_init_producer_id.ts'
import { handler } from '../handler.ts'

export const InitProducerIdHandler = handler(InitProducerId, {
  async handle({ transactionalId }, { broker }) {
    if (transactionalId !== null) {
      throw new KafkaError('TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'Transactions are not served by this broker.')
    }
    return { errorCode: errorCode.NONE, producerId: await broker.producerIds.take(), producerEpoch: 0 }
  },
  fail: (_request, { code }) => ({ errorCode: code, producerEpoch: -1 }),
})
