/** Answers and request bodies, whole ones. What is streamed has its own file. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { KafkaError } from '../protocol/errors.ts'
import { MalformedError } from '../protocol/wire.ts'
import type { Context } from './context.ts'
import { GrowingBuffer } from './growing_buffer.ts'
import { JSON_TYPE } from './media_types.ts'
import { fromKafka, RestError } from './rest_error.ts'

/** Sends `text` and ends the answer. */
export function sendText(res: ServerResponse, status: number, type: string, text: string | Buffer): void {
  if (res.headersSent || res.destroyed) return
  const body = typeof text === 'string' ? Buffer.from(text) : text
  res.writeHead(status, { 'content-type': type, 'content-length': body.length, 'cache-control': 'no-store' })
  res.end(body)
}

export const sendJson = (res: ServerResponse, type: string, value: unknown): void =>
  sendText(res, 200, type, JSON.stringify(value))

/** Answers with the error, whether or not the body has been read. */
export function sendError(req: IncomingMessage, res: ServerResponse, error: unknown): void {
  const known = asRestError(error)
  if (res.headersSent || res.destroyed) {
    res.destroy()
    return
  }
  leaveBody(req, res)
  if (known.code === 50301) res.setHeader('retry-after', '1')
  sendText(res, known.status, JSON_TYPE, known.toJson())
}

/**
 * After the answer the rest of the body is read and dropped for a moment. A socket closed with bytes unread is reset,
 * and a client that is still sending would never see what we answered.
 */
export function leaveBody(req: IncomingMessage, res: ServerResponse): void {
  res.once('finish', () => {
    if (req.complete) return
    const timer = setTimeout(() => req.socket.destroy(), LINGER_MS)
    req.once('end', () => clearTimeout(timer))
    req.once('close', () => clearTimeout(timer))
  })
}

const LINGER_MS = 2_000

/** KafkaErrors in the proxy's codes; what is neither is our bug, and only that is said. */
export function asRestError(error: unknown): RestError {
  if (error instanceof RestError) return error
  if (error instanceof KafkaError) {
    const unreachable = error.error === 'NETWORK_EXCEPTION' || error.error === 'BROKER_NOT_AVAILABLE'
    return unreachable ? new RestError(50301, 'The cluster cannot be reached at the moment.') : fromKafka(error)
  }
  if (error instanceof MalformedError) return new RestError(50002, `The records cannot be read: ${error.message}.`)
  return new RestError(500)
}

/**
 * The whole body, at most `maxBodyBytes` (413), counted in the budget (503) until `release` is called. Throws 408 if it
 * stands still.
 */
export async function readBody(ctx: Context): Promise<{ body: Buffer; release(): void }> {
  const { req, budget, limits } = ctx
  const declared = Number(req.headers['content-length'] ?? 0)
  const tooLarge = () => new RestError(413, `The request is larger than ${limits.maxBodyBytes} bytes.`)
  if (declared > limits.maxBodyBytes) throw tooLarge()
  const buffer = new GrowingBuffer()
  let held = 0
  const release = () => {
    budget.release(held)
    held = 0
  }
  try {
    for await (const chunk of chunksOf(req, limits.bodyIdleMs)) {
      if (buffer.length + chunk.length > limits.maxBodyBytes) throw tooLarge()
      buffer.append(chunk)
      const more = buffer.capacity - held
      if (more > 0 && !budget.take(more)) throw busy()
      held = buffer.capacity
    }
  } catch (error) {
    release()
    throw error
  }
  return { body: buffer.take(), release }
}

export const busy = (): RestError =>
  new RestError(50301, 'Too many requests hold too much memory; try again in a moment.')

/**
 * The body's chunks; 408 when the next one takes longer than `idleMs`. The time between two is only counted while we
 * wait for one. Leaving the loop early leaves the socket open for the answer.
 */
export async function* chunksOf(req: IncomingMessage, idleMs: number): AsyncGenerator<Buffer> {
  const chunks = req.iterator({ destroyOnReturn: false })
  try {
    for (;;) {
      let timer: NodeJS.Timeout | undefined
      const idle = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new RestError(408)), idleMs)
      })
      const next = await Promise.race([chunks.next(), idle]).finally(() => clearTimeout(timer))
      if (next.done) return
      yield next.value as Buffer
    }
  } finally {
    // Not waited for: after a timeout it would wait for the very chunk that does not come.
    chunks.return?.()?.catch(() => {})
  }
}
