/** What every handler is given: the request taken apart, and what all requests share. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Client } from '../client/client.ts'
import type { Producer } from '../client/producer.ts'
import type { Budget } from './budget.ts'

export interface RestLimits {
  /** Of one record: key, value and headers. Default 1 MiB, Kafka's own `max.request.size`. */
  maxRecordBytes: number
  /** Of a v2 request. Default 16 MiB. */
  maxBodyBytes: number
  /** Of what all requests together hold. Beyond it new data is refused with 503. Default 64 MiB. */
  budgetBytes: number
  /** Of answers of one streaming request that its client has not read; then no more of it is read. Default 16 MiB. */
  maxUnreadBytes: number
  /** Records of one streaming request that are not acknowledged; then no more of it is read. Default 20,000. */
  maxUnacknowledged: number
  /** A body that stands still for so long ends its request with 408. Default 30 s. */
  bodyIdleMs: number
  /** The same between the records of a streaming request. Default 5 min. */
  streamIdleMs: number
}

export const DEFAULT_LIMITS: RestLimits = {
  maxRecordBytes: 1024 * 1024,
  maxBodyBytes: 16 * 1024 * 1024,
  budgetBytes: 64 * 1024 * 1024,
  maxUnreadBytes: 16 * 1024 * 1024,
  maxUnacknowledged: 20_000,
  bodyIdleMs: 30_000,
  streamIdleMs: 300_000,
}

/** What all requests share. */
export interface Shared {
  readonly client: Client
  readonly producer: Producer
  readonly budget: Budget
  readonly limits: RestLimits
  /** Where the endpoint is mounted: `/rest`. */
  readonly base: string
}

export interface Context extends Shared {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  /** Of the path, decoded, by their names in the route. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
}
