/** Who asks, as telemetry sees it. */
import type { RequestContext } from '../handler.ts'
import type { Asker } from './telemetry.ts'

export const askerOf = ({ gone, clientId, clientHost, clientPort }: RequestContext): Asker => ({
  gone,
  clientId,
  host: clientHost.replace(/^\//, ''),
  port: clientPort,
})
