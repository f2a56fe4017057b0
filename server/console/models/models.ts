/** Every formula of the documents, in the order in which they stand there. */
import type { Model } from './model.ts'
import { productAvailability, productLatency, productThroughput } from './product.ts'
import { ratioAvailability, ratioLatency, ratioThroughput } from './ratio.ts'
import { simpleLatency, simpleStorage, simpleThroughput } from './simple.ts'

export const models: readonly Model[] = [
  ratioThroughput,
  ratioLatency,
  ratioAvailability,
  simpleThroughput,
  simpleLatency,
  simpleStorage,
  productThroughput,
  productLatency,
  productAvailability,
]
