/**
 * LZ4 frames. Message format 0 wrote a wrong header checksum (over the magic number as well, KAFKA-3160); such frames
 * are mended before they are read, and made on demand for those who still expect them.
 */
import { createRequire } from 'node:module'
import { xxhash32Short } from '../lib/xxhash32.ts'
import { MalformedError } from '../protocol/wire.ts'

interface Native {
  compressFrameSync(data: Buffer): Buffer
  decompressFrameSync(data: Buffer): Buffer
}

const MAGIC = 0x184d2204
const CONTENT_SIZE = 0x08
const DICTIONARY = 0x01
const BLOCK_CHECKSUM = 0x10
/** LZ4's best case: each further byte of input stands for at most 255 bytes. */
const MAX_RATIO = 255

let native: Native | undefined
const lz4 = (): Native => (native ??= createRequire(import.meta.url)('lz4-napi') as Native)

export function compressLz4(data: Buffer, options: { wrongHeaderChecksum?: boolean } = {}): Buffer {
  const frame = lz4().compressFrameSync(data)
  if (options.wrongHeaderChecksum) {
    const end = headerEnd(frame)
    frame[end] = checksum(frame, 0, end)
  }
  return frame
}

/** At most `limit` bytes, else a MalformedError. */
export function decompressLz4(data: Buffer, limit: number): Buffer {
  const end = headerEnd(data)
  if (largestContent(data, end + 1) > limit) throw new MalformedError(`an lz4 frame of more than ${limit} bytes`)
  const right = checksum(data, 4, end)
  if (data[end] !== right && data[end] === checksum(data, 0, end)) {
    data = Buffer.from(data)
    data[end] = right
  }
  try {
    return lz4().decompressFrameSync(data)
  } catch (e) {
    throw new MalformedError(`lz4 data is corrupt: ${(e as Error).message}`)
  }
}

const checksum = (b: Buffer, from: number, to: number): number => (xxhash32Short(b.subarray(from, to)) >>> 8) & 0xff

/** Where the header's checksum stands. */
function headerEnd(b: Buffer): number {
  if (b.length < 7 || b.readUInt32LE(0) !== MAGIC) throw new MalformedError('not an lz4 frame')
  const flags = b[4]!
  if (flags & DICTIONARY) throw new MalformedError('an lz4 frame with a dictionary')
  const end = flags & CONTENT_SIZE ? 14 : 6
  if (end >= b.length) throw new MalformedError('an lz4 frame that ends in its header')
  return end
}

/** What the blocks can hold at most, without looking into them. */
function largestContent(b: Buffer, at: number): number {
  const perBlock = 2 ** (8 + 2 * ((b[5]! >> 4) & 7))
  const trailer = b[4]! & BLOCK_CHECKSUM ? 4 : 0
  let total = 0
  while (at + 4 <= b.length) {
    const word = b.readUInt32LE(at)
    if (word === 0) break
    const size = word & 0x7fffffff
    total += word >>> 31 ? size : Math.min(perBlock, size * MAX_RATIO)
    at += 4 + size + trailer
  }
  return total
}
