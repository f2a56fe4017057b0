import { int16, int32, message, string } from '../schema.ts'

export const RequestHeader = message(
  'RequestHeader',
  { versions: '0-2', flexible: '2+' },
  {
    requestApiKey: int16(),
    requestApiVersion: int16(),
    correlationId: int32(),
    clientId: string({ versions: '1+', nullable: '1+' }),
  },
)
