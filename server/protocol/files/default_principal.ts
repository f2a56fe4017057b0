/** Who sent a request that a broker forwards: `requestPrincipal` of Envelope, behind an int16 version. */
import { bool, message, string } from '../schema.ts'

export const DefaultPrincipal = message(
  'DefaultPrincipal',
  { versions: '0', flexible: '0+' },
  {
    type: string(),
    name: string(),
    tokenAuthenticated: bool(),
  },
)
