/** The client names the SASL mechanism it wants to use; from version 1 on SaslAuthenticate carries what follows. */
import { api } from '../api.ts'
import { array, int16, string } from '../schema.ts'

export const SaslHandshake = api({
  key: 17,
  name: 'SaslHandshake',
  versions: '0-1',
  flexible: 'none',
  request: {
    mechanism: string(),
  },
  response: {
    errorCode: int16(),
    /** Those that the broker offers. */
    mechanisms: array(string()),
  },
})
