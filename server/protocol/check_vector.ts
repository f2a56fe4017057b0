/**
 * Checks our codecs against test vectors: lines of `{message, version, json, hex}`, where `hex` is what Apache Kafka
 * writes for the value that it prints as `json`. `vectors.ts` runs files of them.
 *
 * A vector passes if `hex` decodes to `json`, and both what was decoded and what `json` says encode to `hex` again.
 * Of record data Kafka prints nothing but its size, or not even that, so that is taken from the bytes.
 */
import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { decode, encode } from './codec.ts'
import { messagesByName } from './messages_by_name.ts'
import { defaultOf, type Field, type Fields, type Message, within } from './schema.ts'

export interface Vector {
  /** Kafka's name of the class: requests and responses end in `Data`. */
  readonly message: string
  readonly version: number
  readonly json: unknown
  readonly hex: string
}

/** `path`: NDJSON, or the same gzipped if its name ends in `.gz`. */
export function readVectors(path: string): Vector[] {
  const bytes = readFileSync(path)
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

export function messageOf(v: Vector): Message {
  const m = messagesByName.get(v.message.replace(/Data$/, ''))
  if (!m) throw new Error('no such message')
  return m
}

/** What is wrong with the vector or with our codec, or null. */
export function check(v: Vector): string | null {
  try {
    const m = messageOf(v)
    const bytes = Buffer.from(v.hex, 'hex')
    const decoded = decode(m, v.version, bytes)
    const expected = fromJson(m.fields, v.version, v.json as Json, decoded)
    if (!isDeepStrictEqual(decoded, expected)) {
      return `decodes to ${JSON.stringify(decoded)}, Kafka says ${JSON.stringify(expected)}`
    }
    for (const value of [decoded, expected, withoutDefaults(m.fields, expected)]) {
      const encoded = encode(m, v.version, value).toString('hex')
      if (encoded !== v.hex) return `encodes to ${encoded}, Kafka to ${v.hex}`
    }
    return null
  } catch (e) {
    return String(e)
  }
}

type Json = Record<string, any>

/** The value that Kafka's JSON describes, with our defaults for what it leaves out. `decoded` lends its record data. */
function fromJson(fields: Fields, version: number, json: Json, decoded: any): Json {
  const known = new Set(Object.keys(fields).flatMap((name) => [name, `${name}SizeInBytes`]))
  const unknown = Object.keys(json).find((name) => !known.has(name))
  if (unknown !== undefined) throw new Error(`the description has no field ${unknown}`)
  return Object.fromEntries(
    Object.entries(fields).map(([name, f]) => {
      if (f.kind === 'records') return [name, recordsOf(name, json, decoded[name])]
      if (json[name] === undefined) return [name, defaultOf(f)]
      if (!within(version, f.options.versions)) throw new Error(`${name} does not belong to version ${version}`)
      return [name, fieldFromJson(f, version, json[name], decoded[name])]
    }),
  )
}

function fieldFromJson(f: Field, version: number, json: any, decoded: any): unknown {
  if (json === null) return null
  switch (f.kind) {
    case 'struct':
      return fromJson(f.fields!, version, json, decoded ?? {})
    case 'array':
      return (json as any[]).map((x, i) => fieldFromJson(f.of!, version, x, decoded?.[i]))
    case 'bytes':
      return Buffer.from(json, 'base64')
    default:
      return json
  }
}

/** Kafka prints a size beside the name, an empty string for any data, or all of it as base64. */
function recordsOf(name: string, json: Json, decoded: Buffer | null | undefined): Buffer | null {
  const size = json[`${name}SizeInBytes`]
  const missing = size === undefined && (json[name] === undefined || json[name] === null)
  if (missing !== (decoded === null || decoded === undefined)) throw new Error(`${name} is null in one of both only`)
  if (missing || !decoded) return null
  if (size !== undefined && size !== decoded.length) throw new Error(`${name} has ${decoded.length} bytes, not ${size}`)
  return json[name] ? Buffer.from(json[name], 'base64') : decoded
}

/** The same value as a caller may write it: with all left out that may be. */
function withoutDefaults(fields: Fields, value: Json): Json {
  const kept = Object.entries(fields).filter(([name, f]) => !isDeepStrictEqual(value[name], defaultOf(f)))
  return Object.fromEntries(
    kept.map(([name, f]) => {
      const v = value[name]
      if (f.kind === 'struct' && v !== null) return [name, withoutDefaults(f.fields!, v)]
      if (f.kind === 'array' && f.of!.kind === 'struct' && v !== null) {
        return [name, v.map((x: Json) => withoutDefaults(f.of!.fields!, x))]
      }
      return [name, v]
    }),
  )
}
