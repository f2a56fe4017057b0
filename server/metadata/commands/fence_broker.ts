/**
 * A broker that is not heard of any more is fenced: it leads nothing and is in sync nowhere until it asks to be let in again (KIP-631).
 * Fencing one that lives after all is safe, and does nothing to one of which an earlier life was meant.
 */
import type { BrokerSessions } from '../broker_sessions.ts'
import type { ControllerContext, MetadataCommand } from '../context.ts'
import { AGAIN, oneBatch, registrationChange, withoutBroker } from './leadership.ts'

/** Replies whether it was fenced by this. */
export const fenceBroker =
  (
    { brokerId, brokerEpoch }: { brokerId: number; brokerEpoch: number },
    { settings }: ControllerContext,
    sessions: BrokerSessions,
  ): MetadataCommand<boolean | typeof AGAIN> =>
  (image) => {
    const broker = image.brokers.get(brokerId)
    if (broker === undefined || broker.fenced || broker.brokerEpoch !== brokerEpoch) return { reply: false }
    const { records, more } = oneBatch(withoutBroker(image, settings, brokerId))
    if (more) return { records, reply: AGAIN }
    return {
      records: [...records, registrationChange(broker, { fenced: true })],
      reply: true,
      change: () => sessions.end(brokerId),
    }
  }
