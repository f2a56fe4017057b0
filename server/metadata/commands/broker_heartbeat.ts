/**
 * BrokerHeartbeat (63): a broker asks to serve (`wantFence` false) or not to, and tells which of its log directories have
 * failed: they are struck off until it registers again. When sessions end, and a stop that waits for
 * other replicas, come with clusters of several brokers: here a broker that wants to stop may.
 */
import { errorCode, KafkaError } from '../../protocol/errors.ts'
import type { BrokerHeartbeat } from '../../protocol/messages/63_broker_heartbeat.ts'
import type { Infer, Input } from '../../protocol/schema.ts'
import type { MetadataCommand } from '../context.ts'
import { metadataRecord } from '../record_codec.ts'

type Request = Infer<typeof BrokerHeartbeat.request>
type Response = Input<typeof BrokerHeartbeat.response>

export const brokerHeartbeat =
  (request: Request): MetadataCommand<Response> =>
  (image) => {
    const broker = image.brokers.get(request.brokerId)
    if (broker === undefined) throw new KafkaError('BROKER_ID_NOT_REGISTERED')
    if (broker.brokerEpoch !== request.brokerEpoch) throw new KafkaError('STALE_BROKER_EPOCH')
    const isFenced = request.wantFence || request.wantShutDown
    const isCaughtUp = request.currentMetadataOffset >= broker.brokerEpoch
    const fenced = isFenced ? 1 : isCaughtUp ? -1 : 0
    const logDirs = broker.logDirs.filter((id) => !request.offlineLogDirs.includes(id))
    const failed = logDirs.length < broker.logDirs.length
    const changes = failed || (fenced !== 0 && broker.fenced !== fenced > 0)
    const record = metadataRecord('BrokerRegistrationChangeRecord', {
      brokerId: broker.brokerId,
      brokerEpoch: broker.brokerEpoch,
      fenced,
      inControlledShutdown: 0,
      // None in the record means that they are as they were, so one that has lost all keeps the last.
      logDirs: failed ? logDirs : [],
      cordonedLogDirs: null,
    })
    return {
      records: changes ? [record] : [],
      reply: {
        throttleTimeMs: 0,
        errorCode: errorCode.NONE,
        isCaughtUp,
        isFenced: isFenced || !isCaughtUp,
        shouldShutDown: request.wantShutDown,
      },
    }
  }
