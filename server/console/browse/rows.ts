/** Records as rows for a table (previews) and as whole records, and the text filter over their bytes. */
import type { BrowseInput, Payload, RecordRow, WholeRecord } from '../shapes/record.ts'
import type { SourceRecord } from './source.ts'

/** What a row shows of a key or a value, and of all headers together. */
export const PREVIEW_BYTES = 4096
const HEADER_PREVIEW_BYTES = 512
const HEADERS_IN_ROW = 32

interface Limits {
  readonly payloadBytes: number
  readonly headerBytes: number
  readonly headers: number
}
const preview: Limits = { payloadBytes: PREVIEW_BYTES, headerBytes: HEADER_PREVIEW_BYTES, headers: HEADERS_IN_ROW }
const whole: Limits = { payloadBytes: Infinity, headerBytes: Infinity, headers: Infinity }

export const rowOf = (partition: number, r: SourceRecord): RecordRow => shaped(partition, r, preview)

export const wholeOf = (partition: number, r: SourceRecord): WholeRecord => ({
  ...shaped(partition, r, whole),
  bytes: { key: r.key?.toString('base64') ?? null, value: r.value?.toString('base64') ?? null },
})

function shaped(partition: number, r: SourceRecord, limits: Limits): RecordRow {
  const { batch } = r
  const idempotent = batch.producerId >= 0
  return {
    partition,
    offset: r.offset,
    timestampMs: r.timestampMs,
    timestampType: r.timestampType,
    key: payloadOf(r.key, limits.payloadBytes),
    value: payloadOf(r.value, limits.payloadBytes),
    headers: r.headers
      .slice(0, limits.headers)
      .map((h) => ({ key: h.key.slice(0, limits.headerBytes), value: payloadOf(h.value, limits.headerBytes) })),
    headerCount: r.headers.length,
    sizeBytes: sizeOf(r),
    batch: {
      baseOffset: batch.baseOffset,
      codec: batch.codec,
      leaderEpoch: batch.leaderEpoch,
      producerId: idempotent ? batch.producerId : null,
      producerEpoch: idempotent ? batch.producerEpoch : null,
      sequence: batch.baseSequence < 0 ? null : (batch.baseSequence + r.offset - batch.baseOffset) % 2 ** 31,
      transactional: batch.transactional,
    },
  }
}

function sizeOf(r: SourceRecord): number {
  let n = (r.key?.length ?? 0) + (r.value?.length ?? 0)
  for (const h of r.headers) n += Buffer.byteLength(h.key) + (h.value?.length ?? 0)
  return n
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** JSON is told by trying where all of it is there, by its first character where it is cut. */
export function payloadOf(bytes: Buffer | null, limitBytes: number): Payload | null {
  if (bytes === null) return null
  const sizeBytes = bytes.length
  if (sizeBytes === 0) return { sizeBytes, kind: 'empty', text: '', encoding: 'utf8', truncated: false }
  const truncated = sizeBytes > limitBytes
  const text = decoded(truncated ? bytes.subarray(0, wholeCharacters(bytes, limitBytes)) : bytes)
  if (text === undefined) {
    const shown = truncated ? bytes.subarray(0, limitBytes) : bytes
    return { sizeBytes, kind: 'binary', text: shown.toString('base64'), encoding: 'base64', truncated }
  }
  const json = truncated ? /^\s*[[{]/.test(text) : isJson(text)
  return { sizeBytes, kind: json ? 'json' : 'text', text, encoding: 'utf8', truncated }
}

/** Undefined: not UTF-8, or with control characters that no text has. */
function decoded(bytes: Buffer): string | undefined {
  try {
    const text = strict.decode(bytes)
    return /[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/.test(text) ? undefined : text
  } catch {
    return undefined
  }
}

/** The cut falls before the character that the limit would split. */
function wholeCharacters(bytes: Buffer, limit: number): number {
  let end = limit
  while (end > limit - 4 && end > 0 && (bytes[end]! & 0xc0) === 0x80) end--
  return end
}

function isJson(text: string): boolean {
  if (!/^\s*[[{"\-0-9tfn]/.test(text)) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Undefined: everything matches. */
export function matcher(filter: BrowseInput['filter']): ((r: SourceRecord) => boolean) | undefined {
  if (filter === null || filter.text === '') return undefined
  const has = filter.caseSensitive ? exactly(filter.text) : ignoringCase(filter.text)
  const inKey = filter.in.includes('key')
  const inValue = filter.in.includes('value')
  const inHeaders = filter.in.includes('headers')
  return (r) =>
    (inKey && r.key !== null && has(r.key)) ||
    (inValue && r.value !== null && has(r.value)) ||
    (inHeaders && r.headers.some((h) => has(h.key) || (h.value !== null && has(h.value))))
}

/** On the bytes: nothing is decoded for what does not match. */
function exactly(text: string): (where: Buffer | string) => boolean {
  const needle = Buffer.from(text)
  return (where) => (typeof where === 'string' ? where.includes(text) : where.includes(needle))
}

function ignoringCase(text: string): (where: Buffer | string) => boolean {
  const needle = text.toLowerCase()
  // Bytes that are no UTF-8 come out as the replacement character, which no one types.
  return (where) => (typeof where === 'string' ? where : where.toString('utf8')).toLowerCase().includes(needle)
}
