/** One step of a SASL exchange: what to send is the mechanism's business (KIP-152). */
import { api } from '../api.ts'
import { bytes, int16, int64, string } from '../schema.ts'

export const SaslAuthenticate = api({
  key: 36,
  name: 'SaslAuthenticate',
  versions: '0-2',
  flexible: '2+',
  request: {
    authBytes: bytes(),
  },
  response: {
    errorCode: int16(),
    errorMessage: string({ nullable: '0+' }),
    authBytes: bytes(),
    /** When to authenticate again; 0 never (KIP-368). */
    sessionLifetimeMs: int64({ versions: '1+' }),
  },
})
