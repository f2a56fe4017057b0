/**
 * The HTTP endpoint: produce and read records, and list topics, as Confluent's REST Proxy v2 and v3 shape it. A plain
 * request handler over a Kafka client; it owns no socket and no process.
 *
 * It deliberately has no consumers (they are state in a server), no schema registry and no CORS: the types it takes are
 * none that a foreign page may send without asking first.
 */
import type { IncomingMessage, ServerOptions, ServerResponse } from 'node:http'
import type { Client } from '../client/client.ts'
import { Budget } from './budget.ts'
import { DEFAULT_LIMITS, type RestLimits, type Shared } from './context.ts'
import { JSON_TYPE, negotiate } from './media_types.ts'
import { openApi } from './openapi.ts'
import { asRestError, sendError, sendText } from './respond.ts'
import { RestError } from './rest_error.ts'
import { match } from './routes.ts'

export interface RestOptions {
  client: Client
  /** Where it is mounted. Default `/rest`. */
  base?: string
  limits?: Partial<RestLimits>
  /** Told of every error that is not an answer: our own mistakes. */
  onBug?: (error: unknown) => void
}

export interface RestHandler {
  (req: IncomingMessage, res: ServerResponse): void
  /** Settles what was accepted. */
  close(): Promise<void>
}

/**
 * What the http.Server that calls the handler should be made with. Node's own limit for a whole request would cut a
 * stream of records after five minutes; a body that stands still is ended by the handler instead.
 */
export const REST_SERVER_OPTIONS: ServerOptions = {
  requestTimeout: 0,
  headersTimeout: 10_000,
  keepAliveTimeout: 65_000,
  maxHeaderSize: 16 * 1024,
  noDelay: true,
}

export function restHandler(options: RestOptions): RestHandler {
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const shared: Shared = {
    client: options.client,
    producer: options.client.producer({ maxRecordBytes: limits.maxRecordBytes + RECORD_OVERHEAD }),
    budget: new Budget(limits.budgetBytes),
    limits,
    base: options.base ?? '/rest',
  }
  const handler = (req: IncomingMessage, res: ServerResponse): void => {
    // A client that goes away in the middle is no error of anyone's.
    req.on('error', () => {})
    res.on('error', () => {})
    dispatch(shared, req, res).catch((error) => {
      if (isBug(error)) options.onBug?.(error)
      sendError(req, res, error)
    })
  }
  return Object.assign(handler, { close: () => shared.producer.close() })
}

/** What the producer counts on top of key, value and header bytes. */
const RECORD_OVERHEAD = 1024

async function dispatch(shared: Shared, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const url = req.url ?? '/'
  const [path = '/', search = ''] = splitOnce(url, '?')
  if (path !== shared.base && !path.startsWith(`${shared.base}/`)) throw new RestError(404)
  const below = path.slice(shared.base.length).replace(/\/$/, '')
  const method = req.method === 'HEAD' ? 'GET' : (req.method ?? '')
  if (below === '/openapi.json' && method === 'GET') {
    negotiate(req.headers.accept, [JSON_TYPE])
    sendText(res, 200, JSON_TYPE, JSON.stringify(openApi(shared.base)))
    return
  }
  const matches = match(below)
  if (!matches) throw new RestError(400, 'The path is not percent-encoded UTF-8.')
  const found = matches.find((m) => m.method === method)
  if (!found)
    throw matches.length === 0
      ? new RestError(404)
      : notAllowed(
          res,
          matches.map((m) => m.method),
        )
  await found.handle({ ...shared, req, res, params: found.params, query: new URLSearchParams(search) })
}

function notAllowed(res: ServerResponse, methods: readonly string[]): RestError {
  res.setHeader('allow', [...methods, ...(methods.includes('GET') ? ['HEAD'] : [])].join(', '))
  return new RestError(405)
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

const isBug = (error: unknown): boolean =>
  asRestError(error).code === 500 && (error as NodeJS.ErrnoException)?.code !== 'ECONNRESET'
