/** Stands before the body of every request. Its version follows from the API and its version (KIP-482): see `requestHeaderVersion`. */
import { int16, int32, message, string } from '../schema.ts'

export const RequestHeader = message(
  'RequestHeader',
  { versions: '0-2', flexible: '2+' },
  {
    requestApiKey: int16(),
    requestApiVersion: int16(),
    correlationId: int32(),
    /** Not compact in version 2 either, so that a broker can read it whatever the version of the API. */
    clientId: string({ versions: '1+', nullable: '1+', flexible: 'none' }),
  },
)
