/**
 * UnregisterBroker (64): a broker that will not come back is forgotten (KIP-631). First it leaves every set of replicas in sync and
 * eligible; who led last stays named as such, for nobody else may have the records.
 */
import { KafkaError } from '../../protocol/errors.ts'
import type { BrokerSessions } from '../broker_sessions.ts'
import type { ControllerContext, MetadataCommand } from '../context.ts'
import { metadataRecord } from '../record_codec.ts'
import { AGAIN, oneBatch, withoutBrokersRecords } from './leadership.ts'

export const unregisterBroker =
  (
    brokerId: number,
    { settings }: ControllerContext,
    sessions: BrokerSessions,
  ): MetadataCommand<undefined | typeof AGAIN> =>
  (image) => {
    const broker = image.brokers.get(brokerId)
    if (broker === undefined) {
      throw new KafkaError('BROKER_ID_NOT_REGISTERED', `No broker ${brokerId} is registered.`)
    }
    const { records, more } = oneBatch(withoutBrokersRecords(image, settings, brokerId))
    if (more) return { records, reply: AGAIN }
    const { brokerEpoch } = broker
    return {
      records: [...records, metadataRecord('UnregisterBrokerRecord', { brokerId, brokerEpoch })],
      reply: undefined,
      change: () => sessions.end(brokerId),
    }
  }
