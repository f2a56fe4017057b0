/** A broker forwards a client's request to the controller and says who sent it (KIP-590). */
import { api } from '../api.ts'
import { bytes, int16 } from '../schema.ts'

export const Envelope = api({
  key: 58,
  name: 'Envelope',
  versions: '0',
  flexible: '0+',
  request: {
    /** The whole request, header included. */
    requestData: bytes(),
    requestPrincipal: bytes({ nullable: '0+' }),
    clientHostAddress: bytes(),
  },
  response: {
    responseData: bytes({ nullable: '0+', default: null }),
    errorCode: int16(),
  },
})
