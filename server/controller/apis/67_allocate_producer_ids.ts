/** AllocateProducerIds (67): a broker wants a block of producer ids (KIP-730). */
import { AllocateProducerIds } from '../../protocol/messages/67_allocate_producer_ids.ts'
import { handler } from '../handler.ts'

export const AllocateProducerIdsHandler = handler(AllocateProducerIds, {
  handle: (request, { controller }) => controller.allocateProducerIds(request),
  fail: (_request, { code }) => ({ errorCode: code, producerIdStart: 0, producerIdLen: 0 }),
})
