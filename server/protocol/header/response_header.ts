/** Stands before the body of every response; see `responseHeaderVersion`. */
import { int32, message } from '../schema.ts'

export const ResponseHeader = message(
  'ResponseHeader',
  { versions: '0-1', flexible: '1+' },
  {
    correlationId: int32(),
  },
)
