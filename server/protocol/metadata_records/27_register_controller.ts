/** A controller has registered (KIP-919). */
import { array, bool, int16, int32, record, string, uint16, uuid } from '../schema.ts'

export const RegisterControllerRecord = record(
  'RegisterControllerRecord',
  { type: 27, versions: '0', flexible: '0+' },
  {
    controllerId: int32(),
    incarnationId: uuid(),
    zkMigrationReady: bool(),
    endPoints: array({
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
  },
)
