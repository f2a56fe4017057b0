/** Content types: what a request may come in, and which of the types offered a client accepts. */
import { RestError } from './rest_error.ts'

export const JSON_TYPE = 'application/json'
/** Answers of the v2 API, the preferred one first. */
export const V2_ANSWERS = ['application/vnd.kafka.v2+json', 'application/vnd.kafka+json', JSON_TYPE] as const
/** Records in v2 requests and answers: embedded as JSON, or as base64. */
export const V2_RECORDS = {
  json: 'application/vnd.kafka.json.v2+json',
  binary: 'application/vnd.kafka.binary.v2+json',
} as const

export type Embedded = keyof typeof V2_RECORDS

/** The type without its parameters, in lower case; '' if there is none. */
export const mediaType = (header: string | undefined): string => (header ?? '').split(';', 1)[0]!.trim().toLowerCase()

/** Throws 415 unless the request has one of the types, in UTF-8 and not compressed. */
export function demandType<T extends string>(
  headers: { 'content-type'?: string; 'content-encoding'?: string },
  allowed: readonly T[],
): T {
  const type = mediaType(headers['content-type'])
  const charset = /charset\s*=\s*"?([^\s;"]+)/i.exec(headers['content-type'] ?? '')?.[1]
  if (!allowed.includes(type as T)) {
    const sent = type === '' ? 'no Content-Type' : `Content-Type ${type}`
    throw new RestError(415, `HTTP 415 Unsupported Media Type: ${sent}; send ${allowed.join(' or ')}`)
  }
  if (charset && !/^utf-?8$/i.test(charset)) throw new RestError(415, `JSON is sent in UTF-8, not in ${charset}`)
  const encoding = headers['content-encoding']
  if (encoding && encoding !== 'identity') throw new RestError(415, `Content-Encoding ${encoding} is not supported`)
  return type as T
}

/** The first of the types offered that the client gives the highest quality (RFC 9110, 12.5.1). Throws 406 if it takes none. */
export function negotiate<T extends string>(accept: string | undefined, offered: readonly T[]): T {
  if (accept === undefined || accept.trim() === '') return offered[0]!
  const ranges = accept.split(',').map((part) => {
    const [type = '', ...parameters] = part.split(';').map((s) => s.trim().toLowerCase())
    const q = parameters.find((p) => p.startsWith('q='))
    const quality = q === undefined ? 1 : Number(q.slice(2))
    return { type, quality: Number.isFinite(quality) ? quality : 0 }
  })
  let best: { type: T; quality: number } | undefined
  for (const type of offered) {
    const quality = qualityOf(type, ranges)
    if (quality > 0 && (!best || quality > best.quality)) best = { type, quality }
  }
  if (!best) throw new RestError(406, `HTTP 406 Not Acceptable: this can be had as ${offered.join(' or ')}`)
  return best.type
}

/** The most specific range decides. */
function qualityOf(type: string, ranges: readonly { type: string; quality: number }[]): number {
  const family = `${type.split('/', 1)[0]}/*`
  for (const wanted of [type, family, '*/*']) {
    const range = ranges.find((r) => r.type === wanted)
    if (range) return range.quality
  }
  return 0
}
