/**
 * BrokerRegistration (62): a broker, or a new life of it, makes itself known; it stays fenced until it asks otherwise by
 * heartbeat. Its epoch is the offset of the record (KIP-631).
 */
import { KafkaError } from '../../protocol/errors.ts'
import type { BrokerRegistration } from '../../protocol/messages/62_broker_registration.ts'
import type { Infer } from '../../protocol/schema.ts'
import type { ControllerContext, MetadataCommand } from '../context.ts'
import { metadataRecord } from '../record_codec.ts'
import { recordVersion } from '../record_versions.ts'

export interface Registered {
  readonly brokerEpoch: number
  /** Its life before ended without a clean stop: what it had not synced may be gone. */
  readonly wasUnclean: boolean
}

/** `nextOffset` is where the record will stand. */
export const registerBroker =
  (
    request: Infer<typeof BrokerRegistration.request>,
    { settings }: ControllerContext,
    nextOffset: () => number,
  ): MetadataCommand<Registered> =>
  (image) => {
    if (request.clusterId !== settings.clusterId) {
      throw new KafkaError(
        'INCONSISTENT_CLUSTER_ID',
        `Broker ${request.brokerId} belongs to cluster ${request.clusterId}; this one is ${settings.clusterId}.`,
      )
    }
    for (const [name, level] of image.features) {
      const range = request.features.find((f) => f.name === name)
      const min = range?.minSupportedVersion ?? 0
      const max = range?.maxSupportedVersion ?? 0
      if (level < min || level > max) {
        throw new KafkaError(
          'UNSUPPORTED_VERSION',
          `The cluster uses ${name} at level ${level}; broker ${request.brokerId} supports ${min} to ${max}.`,
        )
      }
    }
    const known = image.brokers.get(request.brokerId)
    const sameLife = known?.incarnationId === request.incarnationId
    const brokerEpoch = sameLife ? known.brokerEpoch : nextOffset()
    const data = {
      brokerId: request.brokerId,
      isMigratingZkBroker: false,
      incarnationId: request.incarnationId,
      brokerEpoch,
      endPoints: request.listeners,
      features: request.features,
      rack: request.rack,
      fenced: sameLife ? known.fenced : true,
      inControlledShutdown: sameLife ? known.inControlledShutdown : false,
      logDirs: request.logDirs,
      cordonedLogDirs: null,
    }
    return {
      records: [
        metadataRecord('RegisterBrokerRecord', data, recordVersion('RegisterBrokerRecord', image.metadataVersion)),
      ],
      reply: {
        brokerEpoch,
        wasUnclean: known !== undefined && !sameLife && request.previousBrokerEpoch !== known.brokerEpoch,
      },
    }
  }
