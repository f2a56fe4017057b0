/**
 * Walks over the records of a batch without making objects for them: every length is checked against the bytes there
 * are. For what looks at each record of each produced batch, so it is written out flat.
 */
import { MalformedError } from '../protocol/wire.ts'

export interface RecordScan {
  /** The largest timestamp, as a delta to the batch's base timestamp; -Infinity if there are no records. */
  maxTimestampDelta: number
  minTimestampDelta: number
  /** Index of the first record whose key is null, or -1. */
  firstNullKey: number
}

/** `see`, if given, is told of every record: its index, offset delta and timestamp delta. Throws only MalformedError. */
export function scanRecords(
  buf: Uint8Array,
  start: number,
  end: number,
  count: number,
  see?: (index: number, offsetDelta: number, timestampDelta: number) => void,
): RecordScan {
  let at = start
  let limit = end
  let max = Number.NEGATIVE_INFINITY
  let min = Number.POSITIVE_INFINITY
  let firstNullKey = -1

  /** A zig-zag varint of 32 bits. */
  function varint(): number {
    let b = at < limit ? buf[at++]! : short()
    if (b < 0x80) return (b >>> 1) ^ -(b & 1)
    let z = b & 0x7f
    for (let shift = 7; shift < 35; shift += 7) {
      b = at < limit ? buf[at++]! : short()
      z |= (b & 0x7f) << shift
      if (b < 0x80) {
        if (shift === 28 && b > 0x0f) break
        return (z >>> 1) ^ -(z & 1)
      }
    }
    throw new MalformedError('a varint of more than 32 bits')
  }

  /** A zig-zag varint of 64 bits, exact up to 2^53. */
  function varlong(): number {
    const b = at < limit ? buf[at]! : short()
    if (b < 0x80) {
      at++
      return (b >>> 1) ^ -(b & 1)
    }
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const c = at < limit ? buf[at++]! : short()
      if (shift < 28) low += (c & 0x7f) * 2 ** shift
      else high += (c & 0x7f) * 2 ** (shift - 28)
      if (c < 0x80) {
        const odd = low % 2 === 1
        const half = high * 2 ** 27 + (odd ? low - 1 : low) / 2
        return odd ? -half - 1 : half
      }
    }
    throw new MalformedError('a varint of more than 64 bits')
  }

  function skip(n: number): void {
    if (n > limit - at) short()
    if (n > 0) at += n
  }

  for (let i = 0; i < count; i++) {
    limit = end
    const size = varint()
    if (size < 0 || size > end - at) throw new MalformedError(`a record of ${size} bytes`)
    limit = at + size
    skip(1)
    const timestampDelta = varlong()
    if (timestampDelta > max) max = timestampDelta
    if (timestampDelta < min) min = timestampDelta
    const offsetDelta = varint()
    const keyLength = varint()
    if (keyLength < 0) {
      if (firstNullKey < 0) firstNullKey = i
    } else skip(keyLength)
    skip(varint())
    const headers = varint()
    if (headers < 0) throw new MalformedError(`${headers} headers`)
    for (let h = 0; h < headers; h++) {
      const n = varint()
      if (n < 0) throw new MalformedError('a header without a key')
      skip(n)
      skip(varint())
    }
    if (at !== limit) throw new MalformedError('a record that is not as long as it says')
    if (see) see(i, offsetDelta, timestampDelta)
  }
  if (at !== end) throw new MalformedError(`${end - at} bytes after the last record`)
  return { maxTimestampDelta: max, minTimestampDelta: min, firstNullKey }
}

function short(): never {
  throw new MalformedError('a record that ends early')
}
