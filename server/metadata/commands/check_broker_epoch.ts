/** Who speaks for a broker names the epoch of its registration: an earlier life, or one that nobody knows, is refused (KIP-631). */
import { KafkaError } from '../../protocol/errors.ts'
import type { BrokerRegistration, MetadataImage } from '../image.ts'

export function checkBrokerEpoch(image: MetadataImage, brokerId: number, brokerEpoch: number): BrokerRegistration {
  const broker = image.brokers.get(brokerId)
  if (broker === undefined) throw new KafkaError('STALE_BROKER_EPOCH', `No broker ${brokerId} is registered.`)
  if (broker.brokerEpoch !== brokerEpoch) {
    throw new KafkaError(
      'STALE_BROKER_EPOCH',
      `The epoch of broker ${brokerId} is ${broker.brokerEpoch}, not ${brokerEpoch}: it has registered again since.`,
    )
  }
  return broker
}
