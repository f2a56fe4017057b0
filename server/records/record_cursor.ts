/**
 * Goes from record to record of a batch and tells where each one lies, without making an object for it: for what looks at
 * every key of a log. The bytes are those after the batch's header, decompressed.
 */
import { MalformedError } from '../protocol/wire.ts'

/** After `next` the fields are those of the record that it went to. */
export class RecordCursor {
  /** The record's bytes, its own length included. */
  start = 0
  end = 0
  timestampDelta = 0
  offsetDelta = 0
  /** Where what follows the two deltas begins. */
  bodyStart = 0
  keyStart = 0
  /** -1 if it has no key. */
  keyLength = -1
  /** -1 if it has no value. */
  valueLength = -1
  private at: number
  private limit: number

  constructor(
    readonly buf: Uint8Array,
    start: number,
    private readonly bytesEnd: number,
    private left: number,
  ) {
    this.at = start
    this.limit = bytesEnd
  }

  /** False after the last record. Throws a MalformedError where a length is not true. */
  next(): boolean {
    if (this.left <= 0) {
      if (this.at !== this.bytesEnd) throw new MalformedError(`${this.bytesEnd - this.at} bytes after the last record`)
      return false
    }
    this.left--
    this.start = this.at
    this.limit = this.bytesEnd
    const size = this.varint()
    if (size < 1 || size > this.bytesEnd - this.at) throw new MalformedError(`a record of ${size} bytes`)
    this.end = this.at + size
    this.limit = this.end
    this.at++
    this.timestampDelta = this.varlong()
    this.offsetDelta = this.varint()
    this.bodyStart = this.at
    this.keyLength = this.varint()
    this.keyStart = this.at
    this.pass(this.keyLength)
    this.valueLength = this.varint()
    this.pass(this.valueLength)
    // Headers are carried along as they are.
    this.at = this.end
    return true
  }

  private pass(n: number): void {
    if (n > this.limit - this.at) short()
    if (n > 0) this.at += n
  }

  private varint(): number {
    let z = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const b = this.at < this.limit ? this.buf[this.at++]! : short()
      z |= (b & 0x7f) << shift
      if (b < 0x80) return (z >>> 1) ^ -(z & 1)
    }
    throw new MalformedError('a varint of more than 32 bits')
  }

  /** Exact up to 2^53. */
  private varlong(): number {
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const b = this.at < this.limit ? this.buf[this.at++]! : short()
      if (shift < 28) low += (b & 0x7f) * 2 ** shift
      else high += (b & 0x7f) * 2 ** (shift - 28)
      if (b < 0x80) {
        const odd = low % 2
        const half = high * 2 ** 27 + (low - odd) / 2
        return odd === 1 ? -half - 1 : half
      }
    }
    throw new MalformedError('a varint of more than 64 bits')
  }
}

function short(): never {
  throw new MalformedError('a record that ends early')
}
