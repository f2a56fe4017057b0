/**
 * JSON read where it stands, in bytes: checked strictly (RFC 8259), never turned into values, so that what is kept of it
 * is exactly the text that was sent. An int64 stays an int64, a duplicate key stays one, white space stays.
 *
 * Positions are indexes into the buffer. Every function returns the position after what it read, or throws JsonError.
 */

export class JsonError extends Error {
  override name = 'JsonError'
}

const MAX_DEPTH = 512

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const MINUS = 0x2d
const ZERO = 0x30
const NINE = 0x39

const LITERALS: { [first: number]: Buffer } = {
  116: Buffer.from('true'),
  102: Buffer.from('false'),
  110: Buffer.from('null'),
}

/** 1: an escape of one character; 2: the `u` of `\u0000`. */
const ESCAPES = new Uint8Array(256)
for (const c of '"\\/bfnrt') ESCAPES[c.charCodeAt(0)] = 1
ESCAPES['u'.charCodeAt(0)] = 2

export function skipSpace(b: Buffer, at: number): number {
  for (;;) {
    const c = b[at]
    if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) return at
    at++
  }
}

/** Any value. `at` is where it begins, white space before it allowed. */
export function skipValue(b: Buffer, at: number, depth = 0): number {
  at = skipSpace(b, at)
  const c = b[at]
  if (c === QUOTE) return skipString(b, at)
  if (c === OPEN_BRACE) return readObject(b, at, (_, value) => skipValue(b, value, depth + 1), depth)
  if (c === OPEN_BRACKET) return readArray(b, at, (value) => skipValue(b, value, depth + 1), depth)
  if (c === MINUS || isDigit(c)) return skipNumber(b, at)
  const literal = c === undefined ? undefined : LITERALS[c]
  if (literal) {
    for (let i = 1; i < literal.length; i++) if (b[at + i] !== literal[i]) throw unexpected(b, at + i)
    return at + literal.length
  }
  throw unexpected(b, at)
}

/** An object: `visit` gets each key and where its value begins, white space skipped, and returns where it ends. */
export function readObject(b: Buffer, at: number, visit: (key: string, value: number) => number, depth = 0): number {
  if (depth >= MAX_DEPTH) throw new JsonError(`nested more than ${MAX_DEPTH} deep`)
  if (b[at] !== OPEN_BRACE) throw unexpected(b, at)
  at = skipSpace(b, at + 1)
  if (b[at] === CLOSE_BRACE) return at + 1
  for (;;) {
    if (b[at] !== QUOTE) throw unexpected(b, at)
    const keyEnd = skipString(b, at)
    const key = readString(b, at, keyEnd)
    at = skipSpace(b, keyEnd)
    if (b[at] !== COLON) throw unexpected(b, at)
    at = skipSpace(b, visit(key, skipSpace(b, at + 1)))
    if (b[at] === CLOSE_BRACE) return at + 1
    if (b[at] !== COMMA) throw unexpected(b, at)
    at = skipSpace(b, at + 1)
  }
}

/** The same of an array. */
export function readArray(b: Buffer, at: number, visit: (value: number) => number, depth = 0): number {
  if (depth >= MAX_DEPTH) throw new JsonError(`nested more than ${MAX_DEPTH} deep`)
  if (b[at] !== OPEN_BRACKET) throw unexpected(b, at)
  at = skipSpace(b, at + 1)
  if (b[at] === CLOSE_BRACKET) return at + 1
  for (;;) {
    at = skipSpace(b, visit(skipSpace(b, at)))
    if (b[at] === CLOSE_BRACKET) return at + 1
    if (b[at] !== COMMA) throw unexpected(b, at)
    at++
  }
}

/** `at` is the opening quote. */
export function skipString(b: Buffer, at: number): number {
  const { length } = b
  for (let i = at + 1; i < length; i++) {
    const c = b[i]!
    if (c === QUOTE) return i + 1
    if (c < 0x20) throw new JsonError(`a control character inside a string, at byte ${i}`)
    if (c === BACKSLASH) {
      const kind = ESCAPES[b[i + 1] ?? 0]
      if (kind === 0) throw new JsonError(`an escape that JSON does not have, at byte ${i}`)
      if (kind === 2) {
        for (let h = i + 2; h < i + 6; h++)
          if (!isHex(b[h])) throw new JsonError(`\\u without four hex digits, at byte ${i}`)
        i += 4
      }
      i++
    }
  }
  throw new JsonError('a string that does not end')
}

function skipNumber(b: Buffer, at: number): number {
  let i = b[at] === MINUS ? at + 1 : at
  if (b[i] === ZERO) i++
  else i = skipDigits(b, i)
  if (b[i] === 0x2e) i = skipDigits(b, i + 1)
  if (b[i] === 0x65 || b[i] === 0x45) i = skipDigits(b, b[i + 1] === 0x2b || b[i + 1] === MINUS ? i + 2 : i + 1)
  return i
}

function skipDigits(b: Buffer, at: number): number {
  if (!isDigit(b[at])) throw unexpected(b, at)
  let i = at + 1
  while (isDigit(b[i])) i++
  return i
}

const isDigit = (c: number | undefined): boolean => c !== undefined && c >= ZERO && c <= NINE
const isHex = (c: number | undefined): boolean =>
  c !== undefined && (isDigit(c) || (c >= 0x61 && c <= 0x66) || (c >= 0x41 && c <= 0x46))

/** The text of a string that `skipString` found at [at, end), unescaped. */
export function readString(b: Buffer, at: number, end: number): string {
  return hasEscape(b, at, end) ? JSON.parse(b.toString('utf8', at, end)) : b.toString('utf8', at + 1, end - 1)
}

/** The same as UTF-8 bytes: a view where nothing is escaped. */
export function readStringBytes(b: Buffer, at: number, end: number): Buffer {
  return hasEscape(b, at, end) ? Buffer.from(readString(b, at, end)) : b.subarray(at + 1, end - 1)
}

function hasEscape(b: Buffer, at: number, end: number): boolean {
  for (let i = at + 1; i < end; i++) if (b[i] === BACKSLASH) return true
  return false
}

export const isNull = (b: Buffer, at: number): boolean => b[at] === 0x6e
export const isString = (b: Buffer, at: number): boolean => b[at] === QUOTE
export const isObject = (b: Buffer, at: number): boolean => b[at] === OPEN_BRACE
export const isArray = (b: Buffer, at: number): boolean => b[at] === OPEN_BRACKET

function unexpected(b: Buffer, at: number): JsonError {
  const c = b[at]
  if (c === undefined) return new JsonError('it ends too early')
  const shown = c > 0x20 && c < 0x7f ? `'${String.fromCharCode(c)}'` : `byte 0x${c.toString(16).padStart(2, '0')}`
  return new JsonError(`${shown} at byte ${at} is not expected there`)
}
