/**
 * Reader and Writer: Kafka's primitive types over one buffer. They know nothing of messages.
 * Whatever a stranger sends, Reader throws `MalformedError` and never reads past its end, nor allocates by a length
 * that the buffer does not hold.
 */

/** The bytes are not what their description says. The only error that decoding throws. */
export class MalformedError extends Error {
  override name = 'MalformedError'
}

const TWO_32 = 4294967296
const COPY_LIMIT = 2048

export class Reader {
  pos: number
  readonly end: number

  constructor(
    readonly buf: Buffer,
    start = 0,
    end = buf.length,
  ) {
    this.pos = start
    this.end = end
  }

  get remaining(): number {
    return this.end - this.pos
  }

  /** Moves on by `n` bytes and returns where they begin. */
  private take(n: number): number {
    const p = this.pos
    if (n < 0 || n > this.end - p) throw new MalformedError(`${n} bytes wanted, ${this.end - p} left`)
    this.pos = p + n
    return p
  }

  bool(): boolean {
    return this.buf[this.take(1)] !== 0
  }
  int8(): number {
    return (this.buf[this.take(1)]! << 24) >> 24
  }
  int16(): number {
    const p = this.take(2)
    return (((this.buf[p]! << 8) | this.buf[p + 1]!) << 16) >> 16
  }
  uint16(): number {
    const p = this.take(2)
    return (this.buf[p]! << 8) | this.buf[p + 1]!
  }
  int32(): number {
    const p = this.take(4)
    const b = this.buf
    return (b[p]! << 24) | (b[p + 1]! << 16) | (b[p + 2]! << 8) | b[p + 3]!
  }
  uint32(): number {
    return this.int32() >>> 0
  }
  /** Exact up to 2^53, beyond it the nearest double: no offset or time is ever that large, so comparisons hold. */
  int64(): number {
    const hi = this.int32()
    return hi * TWO_32 + this.uint32()
  }
  float64(): number {
    return this.buf.readDoubleBE(this.take(8))
  }
  /** Unsigned varint of at most 32 bits (KIP-482). Nearly all are one byte: lengths, and counts of tagged fields. */
  uvarint(): number {
    const b = this.buf[this.take(1)]!
    return b < 0x80 ? b : this.uvarintAfter(b)
  }
  private uvarintAfter(first: number): number {
    let value = first & 0x7f
    for (let shift = 7; shift < 35; shift += 7) {
      const b = this.buf[this.take(1)]!
      value += (b & 0x7f) * 2 ** shift
      if (b < 0x80) {
        if (value > 0xffffffff) break
        return value
      }
    }
    throw new MalformedError('a varint of more than 32 bits')
  }
  /** Zig-zag varint of 32 bits, as records use. */
  varint(): number {
    const v = this.uvarint()
    return (v >>> 1) ^ -(v & 1)
  }
  /** Zig-zag varint of 64 bits, as records use; exact up to 2^53. */
  varlong(): number {
    let lo = 0
    let hi = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const b = this.buf[this.take(1)]!
      if (shift < 28) lo += (b & 0x7f) * 2 ** shift
      else hi += (b & 0x7f) * 2 ** (shift - 28)
      if (b < 0x80) {
        const odd = lo % 2 === 1
        const half = hi * 2 ** 27 + (odd ? lo - 1 : lo) / 2
        return odd ? -half - 1 : half
      }
    }
    throw new MalformedError('a varint of more than 64 bits')
  }
  utf8(n: number): string {
    const p = this.take(n)
    return this.buf.toString('utf8', p, p + n)
  }
  /**
   * A string of a message, which has 32767 bytes at most: as it came, and as it will be written where it is said back. What is
   * no UTF-8 is read as U+FFFD, and takes three bytes then.
   */
  string(n: number): string {
    if (n > MAX_STRING_BYTES) throw tooLong(n)
    const s = this.utf8(n)
    if (n > MAX_STRING_BYTES / 3 && Buffer.byteLength(s) > MAX_STRING_BYTES) throw tooLong(Buffer.byteLength(s))
    return s
  }
  /** A view, not a copy. */
  slice(n: number): Buffer {
    const p = this.take(n)
    return this.buf.subarray(p, p + n)
  }
  uuid(): string {
    const p = this.take(16)
    return this.buf.toString('base64url', p, p + 16)
  }
  /** Checks the count of an array before anything is allocated: every element takes at least `least` bytes. */
  count(n: number, least: number): number {
    if (n > 0 && n * least > this.end - this.pos) {
      throw new MalformedError(`an array of ${n} elements in ${this.end - this.pos} bytes`)
    }
    return n
  }
}

const MAX_STRING_BYTES = 32_767
const tooLong = (n: number) => new MalformedError(`a string of ${n} bytes, ${MAX_STRING_BYTES} is the most`)

/** Grows as it is written to. Large byte strings are kept by reference, so the result is a list of parts. */
export class Writer {
  buf: Buffer
  pos = 0
  /** Where in `buf` the part begins that is not in `done` yet. */
  private from = 0
  private parts: Buffer[] = []
  private partsLength = 0

  constructor(size = 512) {
    this.buf = Buffer.allocUnsafe(size)
  }

  /** Bytes written so far. */
  get length(): number {
    return this.partsLength + this.pos - this.from
  }

  private need(n: number): number {
    const p = this.pos
    if (p + n > this.buf.length) this.grow(n)
    const at = this.pos
    this.pos = at + n
    return at
  }
  private grow(n: number): void {
    const kept = this.pos - this.from
    const next = Buffer.allocUnsafe(Math.max((kept + n) * 2, 512))
    this.buf.copy(next, 0, this.from, this.pos)
    this.buf = next
    this.from = 0
    this.pos = kept
  }

  bool(v: boolean): void {
    const p = this.need(1)
    this.buf[p] = v ? 1 : 0
  }
  int8(v: number): void {
    const p = this.need(1)
    this.buf[p] = v
  }
  int16(v: number): void {
    const p = this.need(2)
    this.buf[p] = v >> 8
    this.buf[p + 1] = v
  }
  uint16(v: number): void {
    this.int16(v)
  }
  int32(v: number): void {
    const p = this.need(4)
    const b = this.buf
    b[p] = v >> 24
    b[p + 1] = v >> 16
    b[p + 2] = v >> 8
    b[p + 3] = v
  }
  uint32(v: number): void {
    this.int32(v | 0)
  }
  int64(v: number): void {
    if (v >= 2 ** 63) {
      this.int32(0x7fffffff)
      this.int32(-1)
      return
    }
    const hi = Math.floor(v / TWO_32)
    this.int32(hi)
    this.int32((v - hi * TWO_32) | 0)
  }
  float64(v: number): void {
    const p = this.need(8)
    this.buf.writeDoubleBE(v, p)
  }
  uvarint(v: number): void {
    while (v > 0x7f) {
      this.int8((v & 0x7f) | 0x80)
      v = Math.floor(v / 128)
    }
    this.int8(v)
  }
  varint(v: number): void {
    this.uvarint(((v << 1) ^ (v >> 31)) >>> 0)
  }
  varlong(v: number): void {
    // Zig-zag of up to 2^53 does not fit a double exactly: the lowest seven bits are cut off before doubling.
    const magnitude = v < 0 ? -v - 1 : v
    const low = (magnitude % 64) * 2 + (v < 0 ? 1 : 0)
    const rest = Math.floor(magnitude / 64)
    if (rest === 0) this.int8(low)
    else {
      this.int8(low | 0x80)
      this.uvarint(rest)
    }
  }
  /** The UTF-8 bytes of `s`, whose count the caller has written. */
  utf8(s: string, byteLength: number): void {
    const p = this.need(byteLength)
    this.buf.write(s, p, byteLength, 'utf8')
  }
  /** Copies what is small: below COPY_LIMIT a socket takes one longer buffer faster than two more. Larger ones as `ref`. */
  bytes(b: Uint8Array): void {
    if (b.length >= COPY_LIMIT) {
      this.ref(b)
      return
    }
    const p = this.need(b.length)
    this.buf.set(b, p)
  }
  /** Appends `b` without copying it: it must not change until the result has been sent. */
  ref(b: Uint8Array): void {
    if (this.pos > this.from) this.parts.push(this.buf.subarray(this.from, this.pos))
    this.parts.push(Buffer.isBuffer(b) ? b : Buffer.from(b.buffer, b.byteOffset, b.byteLength))
    this.partsLength += this.pos - this.from + b.length
    this.from = this.pos
  }
  uuid(s: string): void {
    const p = this.need(16)
    if (this.buf.write(s, p, 16, 'base64url') !== 16) throw new RangeError(`not a UUID: ${s}`)
  }
  /** Everything written, in order, without copying. */
  chunks(): Buffer[] {
    return this.pos > this.from ? [...this.parts, this.buf.subarray(this.from, this.pos)] : this.parts
  }
  /** Everything written, as one buffer. */
  done(): Buffer {
    const all = this.chunks()
    return all.length === 1 ? all[0]! : Buffer.concat(all)
  }
}
