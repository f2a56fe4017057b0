/**
 * The language in which Kafka's messages are described: once for all versions, with version ranges, nullability,
 * tags and defaults. The static types come from the description by inference (`Infer`, `Input`); `codec.ts` compiles
 * a description and a version into encode and decode functions.
 */

/** `3`, `3-5` or `3+`. */
export type Versions = `${number}` | `${number}+` | `${number}-${number}`

/** The kinds that `Reader` and `Writer` have a method for. */
export type Primitive =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'float64'
  | 'uuid'
  | 'string'
  | 'bytes'
  | 'records'

export interface Options {
  /** Versions that carry the field; default: all of its struct's. */
  versions?: Versions
  /** Versions in which null is allowed. */
  nullable?: Versions
  /** Number of a tagged field (flexible versions only). */
  tag?: number
  /** For a string that keeps its int16 length in flexible versions too. Only the client id of request headers is like that. */
  flexible?: 'none'
  /** What decode yields where the wire has nothing, and encode writes where the caller gave nothing. */
  default?: unknown
}

declare const out: unique symbol
declare const inp: unique symbol

export interface Field<T = any, I = any, O extends Options = Options> {
  readonly kind: Primitive | 'array' | 'struct'
  readonly of?: Field
  readonly fields?: Fields
  readonly options: O
  readonly [out]?: T
  readonly [inp]?: I
}

export type Fields = { readonly [name: string]: Field }

type Flat<T> = { [K in keyof T]: T[K] } & {}
type OutOf<F> = F extends Field<infer T, any, any> ? T : never
type InOf<F> = F extends Field<any, infer I, any> ? I : never
type NullIf<O, T> = O extends { nullable: string } ? T | null : T
type Omittable = { default: unknown } | { tag: number } | { versions: string }
type StructOf<F extends Fields> = Flat<{ -readonly [K in keyof F]: OutOf<F[K]> }>
type StructIn<F extends Fields> = Flat<
  { -readonly [K in keyof F as F[K]['options'] extends Omittable ? never : K]: InOf<F[K]> } & {
    -readonly [K in keyof F as F[K]['options'] extends Omittable ? K : never]?: InOf<F[K]>
  }
>

/** What decode returns: every field present, the default where the version has none. */
export type Infer<S extends { fields: Fields }> = StructOf<S['fields']>
/** What encode takes: fields with a default, a tag or a limited version range may be left out. */
export type Input<S extends { fields: Fields }> = StructIn<S['fields']>

const primitive =
  <T>(kind: Primitive, zero: unknown) =>
  <const O extends Options = {}>(options: O = {} as O): Field<NullIf<O, T>, NullIf<O, T>, O> => ({
    kind,
    options: { default: zero, ...options } as O,
  })

export const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA'

export const bool = primitive<boolean>('bool', false)
export const int8 = primitive<number>('int8', 0)
export const int16 = primitive<number>('int16', 0)
export const uint16 = primitive<number>('uint16', 0)
export const int32 = primitive<number>('int32', 0)
export const uint32 = primitive<number>('uint32', 0)
/** A number: exact up to 2^53, which no offset or timestamp exceeds; the ends of int64 saturate. */
export const int64 = primitive<number>('int64', 0)
export const float64 = primitive<number>('float64', 0)
/** A string in Kafka's form of a UUID: 22 characters of base64url. */
export const uuid = primitive<string>('uuid', ZERO_UUID)
export const string = primitive<string>('string', '')
/** A view on the frame that was read: copy what outlives it. */
export const bytes = primitive<Buffer>('bytes', Buffer.alloc(0))
/** Record batches; written by reference unless they are small. May be null in every version. */
export const records = <const O extends Options = {}>(
  options: O = {} as O,
): Field<Buffer | readonly Buffer[] | null, Buffer | readonly Buffer[] | null, O> => ({
  kind: 'records',
  options: { default: null, nullable: '0+', ...options } as O,
})

export function array<F extends Field, const O extends Options = {}>(
  of: F,
  options?: O,
): Field<NullIf<O, OutOf<F>[]>, NullIf<O, readonly InOf<F>[]>, O>
export function array<F extends Fields, const O extends Options = {}>(
  of: F,
  options?: O,
): Field<NullIf<O, StructOf<F>[]>, NullIf<O, readonly StructIn<F>[]>, O>
export function array(of: Field | Fields, options: Options = {}): Field {
  const element: Field = isField(of) ? of : { kind: 'struct', fields: of, options: {} }
  return { kind: 'array', of: element, options: { default: [], ...options } }
}

export const struct = <F extends Fields, const O extends Options = {}>(
  fields: F,
  options: O = {} as O,
): Field<NullIf<O, StructOf<F>>, NullIf<O, StructIn<F>>, O> => ({ kind: 'struct', fields, options })

const isField = (x: Field | Fields): x is Field => typeof (x as Field).kind === 'string'

/** One message in all its versions. */
export interface Message<F extends Fields = Fields> {
  readonly name: string
  readonly versions: Versions
  readonly flexible: Versions | 'none'
  readonly fields: F
}

export const message = <F extends Fields>(
  name: string,
  head: { versions: Versions; flexible: Versions | 'none' },
  fields: F,
): Message<F> => ({ name, versions: head.versions, flexible: head.flexible, fields })

/** A message that is written to a topic of Kafka's own, where a type stands in front of each. */
export interface RecordMessage<F extends Fields = Fields> extends Message<F> {
  readonly type: number
}

export const record = <F extends Fields>(
  name: string,
  head: { type: number; versions: Versions; flexible: Versions | 'none' },
  fields: F,
): RecordMessage<F> => ({ ...message(name, head, fields), type: head.type })

export const byType = (records: readonly RecordMessage<any>[]): ReadonlyMap<number, RecordMessage> =>
  new Map(records.map((r) => [r.type, r]))

/** A record whose key and value are messages: the key begins with its type as int16, the value with its version as int16. */
export interface KeyedRecord<K extends Fields = any, V extends Fields = any> {
  readonly key: Message<K>
  readonly value: Message<V>
}

/** Is `version` in `range`? A missing range is every version. */
export function within(version: number, range: Versions | 'none' | undefined): boolean {
  if (range === undefined) return true
  if (range === 'none') return false
  const { lowest, highest } = bounds(range)
  return version >= lowest && version <= highest
}

interface Bounds {
  readonly lowest: number
  readonly highest: number
}

/** There are few ranges, and every request asks for some. */
const known = new Map<Versions, Bounds>()

/** Both ends of a range, inclusive; `3+` ends at Infinity. */
export function bounds(range: Versions): Bounds {
  let found = known.get(range)
  if (!found) {
    found = parseRange(range)
    known.set(range, found)
  }
  return found
}

function parseRange(range: Versions): Bounds {
  const m = /^(\d+)(?:(\+)|-(\d+))?$/.exec(range)
  if (!m) throw new Error(`not a version range: ${range}`)
  const lowest = Number(m[1])
  return { lowest, highest: m[2] ? Infinity : m[3] ? Number(m[3]) : lowest }
}

/** The value of a field that the wire or the caller left out. */
export function defaultOf(f: Field): unknown {
  if (f.kind !== 'struct' || f.options.default !== undefined) return f.options.default
  return Object.fromEntries(Object.entries(f.fields!).map(([name, field]) => [name, defaultOf(field)]))
}
