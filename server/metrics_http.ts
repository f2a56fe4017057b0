/**
 * `GET /metrics`: answers a scrape, in the form that is asked for, from whatever tells of itself in parts. Scrapes that come
 * together share one look, and a large one is put together piece by piece, so that nobody else waits for it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate as turn } from 'node:timers/promises'
import { METRICS_DETAILS, type MetricsDetail } from './config/metrics_detail.ts'
import { contentType, Families, type FamilyPart, formatFor } from './lib/exposition.ts'

export interface MetricsOptions {
  /** Must end by itself, however those whom it asks behave. */
  readonly parts: (detail: MetricsDetail) => AsyncIterable<FamilyPart>
  /** Where the address does not say (`?detail=topic`). */
  readonly detail: MetricsDetail
  readonly onBug: (error: Error) => void
}

/** For so long an answer is good for others too. */
const SHARED_MS = 1_000
/** Answers on their way at once: each may hold some megabytes until its reader has taken it. */
const MAX_OPEN = 8
const SLOW_READER_MS = 60_000

export type HttpHandler = (req: IncomingMessage, res: ServerResponse) => Promise<void>

export const isMetricsPath = (url: string | undefined): boolean => url === '/metrics' || !!url?.startsWith('/metrics?')

export function metricsHandler(o: MetricsOptions): HttpHandler {
  const looks = new Map<MetricsDetail, { readonly atMs: number; readonly families: Promise<Families> }>()
  let open = 0

  const shared = (detail: MetricsDetail): Promise<Families> => {
    const known = looks.get(detail)
    if (known && performance.now() - known.atMs < SHARED_MS) return known.families
    const families = collect(o.parts(detail))
    looks.set(detail, { atMs: performance.now(), families })
    const drop = () => {
      if (looks.get(detail)?.families === families) looks.delete(detail)
    }
    // Not a second longer than it is good for: it may be large.
    families.then(() => setTimeout(drop, SHARED_MS).unref(), drop)
    return families
  }

  return async (req, res) => {
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      res.setHeader('allow', 'GET, HEAD')
      return say(res, 405, 'Metrics can only be read, with GET.')
    }
    const asked = new URL(req.url ?? '', 'http://metrics').searchParams.get('detail')
    const detail = METRICS_DETAILS.find((d) => d === (asked ?? o.detail))
    if (!detail) return say(res, 400, `detail is one of ${METRICS_DETAILS.join(', ')}.`)
    if (open >= MAX_OPEN) {
      res.setHeader('retry-after', '1')
      return say(res, 503, 'Too many scrapes are not read to their ends; try again.')
    }
    open++
    try {
      const families = await shared(detail)
      const format = formatFor(req.headers.accept)
      res.writeHead(200, { 'content-type': contentType[format], 'cache-control': 'no-store' })
      res.setTimeout(SLOW_READER_MS, () => res.destroy())
      if (req.method === 'HEAD') res.end()
      else await pipeline(Readable.from(families.text(format)), res)
    } catch (error) {
      // A reader that goes away in the middle is none.
      if (res.headersSent) res.destroy()
      else {
        o.onBug(error as Error)
        say(res, 500, 'The metrics could not be put together; the terminal says why.')
      }
    } finally {
      open--
    }
  }
}

async function collect(parts: AsyncIterable<FamilyPart>): Promise<Families> {
  const families = new Families()
  for await (const part of parts) {
    families.add(part)
    await turn()
  }
  return families
}

function say(res: ServerResponse, status: number, sentence: string): void {
  res.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
  res.end(`${sentence}\n`)
}
