/** Records out of JSON text: the shapes of v2 and v3, read without parsing what is the record's own. */
import { isUtf8 } from 'node:buffer'
import type { RecordHeader } from '../records/batch.ts'
import { decodeBase64 } from './base64.ts'
import {
  isArray,
  isNull,
  isObject,
  isString,
  JsonError,
  readArray,
  readObject,
  readString,
  readStringBytes,
  skipSpace,
  skipString,
  skipValue,
} from './json_scan.ts'
import type { Embedded } from './media_types.ts'
import { RestError } from './rest_error.ts'

// --- v3 ---

export interface V3Part {
  type: 'BINARY' | 'JSON' | 'STRING'
  data: Buffer | null
}

export interface V3Record {
  partition: number | null
  headers: RecordHeader[]
  /** null: not sent at all. */
  key: V3Part | null
  value: V3Part | null
  /** Ms since the epoch. */
  timestamp: number | undefined
}

/** From where to where a value's text goes. */
interface Span {
  at: number
  end: number
}

/**
 * One v3 record. A JsonError where it is no JSON at all; a RestError 400 where it is JSON of another shape: the one ends
 * a stream, the other is this record's own.
 */
export function readV3Record(b: Buffer): V3Record {
  if (!isUtf8(b)) throw new JsonError('it is not UTF-8')
  const record: V3Record = { partition: null, headers: [], key: null, value: null, timestamp: undefined }
  // Wrong shapes are told only once all of it was found to be JSON.
  let wrong: RestError | undefined
  const at = (key: string, value: number): number => {
    if (key === 'key' || key === 'value') {
      if (isObject(b, value)) return readPart(b, value, key, record)
    } else if (!V3_FIELDS.has(key))
      throw refused(`Unrecognized field "${key}"; known are ${[...V3_FIELDS].join(', ')}.`)
    const end = skipValue(b, value, 1)
    if (!isNull(b, value)) setField(record, key, b, { at: value, end })
    return end
  }
  const end = readObject(b, skipSpace(b, 0), (key, value) => {
    try {
      return at(key, value)
    } catch (error) {
      if (!(error instanceof RestError)) throw error
      wrong ??= error
      return skipValue(b, value, 1)
    }
  })
  if (skipSpace(b, end) < b.length) throw new JsonError(`something follows the object at byte ${end}`)
  if (wrong) throw wrong
  return record
}

const V3_FIELDS = new Set(['partition_id', 'headers', 'key', 'value', 'timestamp'])
const SCHEMA_FIELDS = new Set(['subject', 'subject_name_strategy', 'schema_id', 'schema_version', 'schema'])
const SCHEMA_TYPES = new Set(['AVRO', 'JSONSCHEMA', 'PROTOBUF'])

function setField(record: V3Record, key: string, b: Buffer, { at, end }: Span): void {
  switch (key) {
    case 'partition_id':
      record.partition = integer(b, { at, end }, key)
      return
    case 'timestamp':
      if (!isString(b, at)) throw refused('timestamp must be a string such as "2026-01-02T03:04:05.678Z".')
      record.timestamp = instant(readString(b, at, end))
      return
    case 'headers':
      record.headers = readHeaders(b, at)
      return
    default:
      throw refused(`${key} must be an object with type and data.`)
  }
}

function readPart(b: Buffer, at: number, name: 'key' | 'value', record: V3Record): number {
  let type: string | undefined
  let data: Span | undefined
  const end = readObject(
    b,
    at,
    (field, value) => {
      const valueEnd = skipValue(b, value, 2)
      if (field === 'data') data = { at: value, end: valueEnd }
      else if (field === 'type') {
        if (!isString(b, value)) throw refused(`${name}.type must be BINARY, JSON or STRING.`)
        type = readString(b, value, valueEnd)
      } else if (!SCHEMA_FIELDS.has(field)) throw refused(`Unrecognized field "${name}.${field}".`)
      else if (!isNull(b, value))
        throw refused(`${name}.${field} needs a schema registry; send BINARY, JSON or STRING.`)
      return valueEnd
    },
    1,
  )
  if (type !== 'BINARY' && type !== 'JSON' && type !== 'STRING') throw refused(typeMessage(name, type))
  record[name] = { type, data: data && !isNull(b, data.at) ? dataOf(b, data, type, name) : null }
  return end
}

const typeMessage = (name: string, type: string | undefined): string =>
  type === undefined
    ? `${name}.type is missing; it is BINARY, JSON or STRING.`
    : SCHEMA_TYPES.has(type)
      ? `${name}.type ${type} needs a schema registry; send BINARY, JSON or STRING.`
      : `${name}.type must be BINARY, JSON or STRING, not ${type}.`

function dataOf(b: Buffer, { at, end }: Span, type: V3Part['type'], name: string): Buffer {
  if (type === 'JSON') return b.subarray(at, end)
  if (!isString(b, at)) throw refused(`${name}.data must be a string where ${name}.type is ${type}.`)
  const bytes = readStringBytes(b, at, end)
  if (type === 'STRING') return bytes
  const decoded = decodeBase64(bytes)
  if (!decoded) throw refused(`${name}.data is not base64.`)
  return decoded
}

function readHeaders(b: Buffer, at: number): RecordHeader[] {
  if (!isArray(b, at)) throw refused('headers must be an array of objects with name and value.')
  const headers: RecordHeader[] = []
  readArray(b, at, (item) => {
    if (!isObject(b, item)) throw refused('headers must be an array of objects with name and value.')
    let key: string | undefined
    let value: Buffer | null = null
    const end = readObject(b, item, (field, v) => {
      const vEnd = skipValue(b, v)
      if (field === 'name') {
        if (!isString(b, v)) throw refused('the name of a header must be a string.')
        key = readString(b, v, vEnd)
      } else if (field === 'value') {
        if (isNull(b, v)) value = null
        else {
          const decoded = isString(b, v) ? decodeBase64(readStringBytes(b, v, vEnd)) : undefined
          if (!decoded) throw refused('the value of a header must be base64 in a string, or null.')
          value = decoded
        }
      } else throw refused(`Unrecognized field "headers.${field}".`)
      return vEnd
    })
    if (key === undefined) throw refused('a header has no name.')
    headers.push({ key, value })
    return end
  })
  return headers
}

const INSTANT = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)$/i

function instant(text: string): number {
  const ms = INSTANT.test(text) ? Date.parse(text) : Number.NaN
  if (!(ms >= 0)) throw refused(`timestamp ${JSON.stringify(text)} is not a time such as "2026-01-02T03:04:05.678Z".`)
  return ms
}

function integer(b: Buffer, { at, end }: Span, name: string): number {
  const text = b.toString('latin1', at, end)
  if (!/^-?\d{1,10}$/.test(text)) throw refused(`${name} must be an integer.`)
  return Number(text)
}

const refused = (message: string): RestError => new RestError(400, message)

// --- v2 ---

export interface V2Record {
  key: Buffer | null
  value: Buffer | null
  partition: number | null
}

/**
 * The records of a v2 request. 400 where it is no JSON, 42206 where it is JSON of another shape, 42203 where a binary
 * key or value is not base64. `withPartition`: may records name their partition?
 */
export function readV2Records(b: Buffer, embedded: Embedded, withPartition: boolean): V2Record[] {
  let records: V2Record[] | undefined
  try {
    if (!isUtf8(b)) throw new JsonError('it is not UTF-8')
    const begin = skipSpace(b, 0)
    if (begin === b.length) throw payload('Request body is empty. Data is required.')
    const end = skipValue(b, begin)
    if (skipSpace(b, end) < b.length) throw new JsonError(`something follows the object at byte ${end}`)
    if (!isObject(b, begin)) throw payload('The request must be an object with records.')
    readObject(b, begin, (field, at) => {
      const valueEnd = skipValue(b, at)
      if (field === 'records') records = isNull(b, at) ? undefined : recordsOf(b, at, embedded, withPartition)
      else throw payload(`Unrecognized field "${field}".`)
      return valueEnd
    })
  } catch (error) {
    if (error instanceof JsonError) throw new RestError(400, `The request is not JSON: ${error.message}.`)
    throw error
  }
  if (!records) throw payload('records is missing.')
  if (records.length === 0) throw payload('records must not be empty.')
  return records
}

function recordsOf(b: Buffer, at: number, embedded: Embedded, withPartition: boolean): V2Record[] {
  if (!isArray(b, at)) throw payload('records must be an array.')
  const records: V2Record[] = []
  readArray(b, at, (item) => {
    const where = `records[${records.length}]`
    if (!isObject(b, item)) throw payload(`${where} must be an object.`)
    const record: V2Record = { key: null, value: null, partition: null }
    const end = readObject(b, item, (field, value) => {
      const valueEnd = skipValue(b, value)
      if (field === 'key' || field === 'value') {
        if (!isNull(b, value))
          record[field] = embeddedBytes(b, { at: value, end: valueEnd }, embedded, `${where}.${field}`)
      } else if (field === 'partition' && withPartition) {
        if (!isNull(b, value)) record.partition = partition(b, { at: value, end: valueEnd }, where)
      } else throw payload(`Unrecognized field "${where}.${field}".`)
      return valueEnd
    })
    records.push(record)
    return end
  })
  return records
}

function embeddedBytes(b: Buffer, { at, end }: Span, embedded: Embedded, where: string): Buffer {
  if (embedded === 'json') return b.subarray(at, end)
  const text = isString(b, at) ? readStringBytes(b, at, skipString(b, at)) : undefined
  const decoded = text && decodeBase64(text)
  if (!decoded) throw new RestError(42203, `Conversion of JSON to Object failed: ${where} must be base64 in a string.`)
  return decoded
}

function partition(b: Buffer, { at, end }: Span, where: string): number {
  const text = b.toString('latin1', at, end)
  if (!/^\d{1,10}$/.test(text)) throw payload(`${where}.partition must be an integer from 0 on.`)
  return Number(text)
}

const payload = (message: string): RestError => new RestError(42206, `Payload error. ${message}`)
