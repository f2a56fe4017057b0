/**
 * A broker registers with the controller when it starts (KIP-631). The controller answers with an epoch that all its
 * later requests carry.
 */
import { api } from '../api.ts'
import { array, bool, int16, int32, int64, string, uint16, uuid } from '../schema.ts'

export const BrokerRegistration = api({
  key: 62,
  name: 'BrokerRegistration',
  versions: '0-4',
  flexible: '0+',
  request: {
    brokerId: int32(),
    clusterId: string(),
    /** A new one for each start of the process. */
    incarnationId: uuid(),
    listeners: array({
      name: string(),
      host: string(),
      port: uint16(),
      securityProtocol: int16(),
    }),
    features: array({
      name: string(),
      minSupportedVersion: int16(),
      maxSupportedVersion: int16(),
    }),
    rack: string({ nullable: '0+' }),
    isMigratingZkBroker: bool({ versions: '1+' }),
    /** Ids of its log folders (KIP-858). */
    logDirs: array(uuid(), { versions: '2+' }),
    /** Of its last clean stop, so that it may stay in the ELR (KIP-966). */
    previousBrokerEpoch: int64({ versions: '3+', default: -1 }),
  },
  response: {
    throttleTimeMs: int32(),
    errorCode: int16(),
    brokerEpoch: int64({ default: -1 }),
  },
})
