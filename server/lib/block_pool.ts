/**
 * Large buffers that are lent and given back. Frames and what is read from the disk live for a millisecond; left to the
 * garbage collector they cost more than the work done on them, in collections and in fresh pages.
 *
 * What is not given back is simply collected. What is given back must not be looked at any more.
 */

/** Smaller ones are not worth the bookkeeping, larger ones are rare. */
const SMALLEST = 32 * 1024
const LARGEST = 20 * 1024 * 1024

export class BlockPool {
  /** By size. */
  private readonly free = new Map<number, ArrayBuffer[]>()
  private readonly lent = new WeakSet<ArrayBufferLike>()
  private held = 0

  constructor(
    /** Of blocks that nobody uses, at most. */
    private readonly keepBytes: number,
    private readonly o: {
      /** Fill with noise what is given back, so that who still looks at it is found: for tests and the simulation. */
      readonly spoil?: boolean
    } = {},
  ) {}

  /** Bytes of blocks that nobody uses. */
  get freeBytes(): number {
    return this.held
  }

  /** With arbitrary contents. */
  take(bytes: number): Buffer {
    if (bytes < SMALLEST) return Buffer.allocUnsafe(bytes)
    if (bytes > LARGEST) return Buffer.allocUnsafeSlow(bytes)
    const size = blockSize(bytes)
    const known = this.free.get(size)?.pop()
    if (known) this.held -= size
    const block = known ?? Buffer.allocUnsafeSlow(size).buffer
    this.lent.add(block)
    return Buffer.from(block, 0, bytes)
  }

  /** The block that `part` is of, if it was lent here and has not been given back. */
  give(part: Buffer): void {
    const block = part.buffer
    if (!this.lent.delete(block)) return
    if (this.o.spoil) new Uint8Array(block).fill(0xdb)
    const size = block.byteLength
    if (this.held + size > this.keepBytes) this.forget(size)
    if (this.held + size > this.keepBytes) return
    const list = this.free.get(size)
    if (list) list.push(block as ArrayBuffer)
    else this.free.set(size, [block as ArrayBuffer])
    this.held += size
  }

  /** Blocks of other sizes than what is in use now. */
  private forget(butSize: number): void {
    for (const [size, list] of this.free) {
      if (size === butSize) continue
      this.held -= size * list.length
      this.free.delete(size)
    }
  }
}

/** The next of four steps between powers of two: at most a quarter is left over. */
function blockSize(bytes: number): number {
  const step = 2 ** (31 - Math.clz32(bytes - 1) - 2)
  return Math.ceil(bytes / step) * step
}
