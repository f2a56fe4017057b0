/** AllocateProducerIds (67): a block of ids that nobody else will ever get (KIP-730). */
import { errorCode, KafkaError } from '../../protocol/errors.ts'
import type { AllocateProducerIds } from '../../protocol/messages/67_allocate_producer_ids.ts'
import type { Infer, Input } from '../../protocol/schema.ts'
import type { MetadataCommand } from '../context.ts'
import { metadataRecord } from '../record_codec.ts'

const BLOCK = 1000

export const allocateProducerIds =
  (request: Infer<typeof AllocateProducerIds.request>): MetadataCommand<Input<typeof AllocateProducerIds.response>> =>
  (image) => {
    const broker = image.brokers.get(request.brokerId)
    if (broker === undefined) throw new KafkaError('BROKER_ID_NOT_REGISTERED')
    if (broker.brokerEpoch !== request.brokerEpoch) throw new KafkaError('STALE_BROKER_EPOCH')
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
