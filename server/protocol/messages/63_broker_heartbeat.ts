/**
 * A broker tells the controller that it is alive and how far it has read the metadata log. Whoever is silent is fenced
 * (KIP-631).
 */
import { api } from '../api.ts'
import { array, bool, int16, int32, int64, uuid } from '../schema.ts'

export const BrokerHeartbeat = api({
  key: 63,
  name: 'BrokerHeartbeat',
  versions: '0-2',
  flexible: '0+',
  request: {
    brokerId: int32(),
    brokerEpoch: int64({ default: -1 }),
    currentMetadataOffset: int64(),
    /** It is not ready to lead anything yet. */
    wantFence: bool(),
    /** It wants to stop: leadership moves away first. */
    wantShutDown: bool(),
    offlineLogDirs: array(uuid(), { versions: '1+', tag: 0 }),
    cordonedLogDirs: array(uuid(), { versions: '2+', nullable: '2+', tag: 1, default: null }),
  },
  response: {
    throttleTimeMs: int32(),
    errorCode: int16(),
    isCaughtUp: bool(),
    isFenced: bool({ default: true }),
    /** It leads nothing any more and may stop. */
    shouldShutDown: bool(),
  },
})
