/** AllocateProducerIds (67): a block of ids that nobody else will ever get (KIP-730). */
import { errorCode } from '../../protocol/errors.ts'
import type { AllocateProducerIds } from '../../protocol/messages/67_allocate_producer_ids.ts'
import type { Infer, Input } from '../../protocol/schema.ts'
import type { MetadataCommand } from '../context.ts'
import { metadataRecord } from '../record_codec.ts'
import { checkBrokerEpoch } from './check_broker_epoch.ts'

const BLOCK = 1000

export const allocateProducerIds =
  (request: Infer<typeof AllocateProducerIds.request>): MetadataCommand<Input<typeof AllocateProducerIds.response>> =>
  (image) => {
    checkBrokerEpoch(image, request.brokerId, request.brokerEpoch)
    const producerIdStart = image.nextProducerId
    return {
      records: [
        metadataRecord('ProducerIdsRecord', {
          brokerId: request.brokerId,
          brokerEpoch: request.brokerEpoch,
          nextProducerId: producerIdStart + BLOCK,
        }),
      ],
      reply: { throttleTimeMs: 0, errorCode: errorCode.NONE, producerIdStart, producerIdLen: BLOCK },
    }
  }
