/** Bytes that arrive in parts of any size, gathered in one buffer: a sender who sends them singly costs no more memory. */
const FIRST_BYTES = 1024

export class GrowingBuffer {
  private buf: Buffer = Buffer.alloc(0)
  length = 0

  /** What it holds of memory. */
  get capacity(): number {
    return this.buf.length
  }

  append(part: Buffer): void {
    const length = this.length + part.length
    if (length > this.buf.length) {
      const next = Buffer.allocUnsafe(Math.max(FIRST_BYTES, length * 2))
      this.buf.copy(next, 0, 0, this.length)
      this.buf = next
    }
    part.copy(this.buf, this.length)
    this.length = length
  }

  /** Everything, given away; empty afterwards. */
  take(): Buffer {
    const all = this.buf.subarray(0, this.length)
    this.clear()
    return all
  }

  clear(): void {
    this.buf = Buffer.alloc(0)
    this.length = 0
  }
}
