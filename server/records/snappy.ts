/**
 * Snappy in the framing of the Java library, which Kafka's clients write and read (magic, two versions, blocks with
 * their lengths), and as one raw block, which some clients send.
 */
import { createRequire } from 'node:module'
import { MalformedError } from '../protocol/wire.ts'

interface Native {
  compressSync(data: Buffer): Buffer
  uncompressSync(data: Buffer): Buffer
}

const HEADER = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])
const MAGIC = HEADER.subarray(0, 8)
const BLOCK = 32 * 1024

let native: Native | undefined
const snappy = (): Native => (native ??= createRequire(import.meta.url)('snappy') as Native)

export function compressSnappy(data: Buffer): Buffer {
  const parts: Buffer[] = [HEADER]
  for (let at = 0; at < data.length; at += BLOCK) {
    const block = snappy().compressSync(data.subarray(at, at + BLOCK))
    const length = Buffer.alloc(4)
    length.writeInt32BE(block.length)
    parts.push(length, block)
  }
  return Buffer.concat(parts)
}

/** At most `limit` bytes, else a MalformedError. */
export function decompressSnappy(data: Buffer, limit: number): Buffer {
  if (!data.subarray(0, 8).equals(MAGIC)) return block(data, limit)
  const parts: Buffer[] = []
  let left = limit
  for (let at = HEADER.length; at < data.length; ) {
    if (at + 4 > data.length) throw new MalformedError('snappy data that ends in a length')
    const n = data.readInt32BE(at)
    if (n < 0 || n > data.length - at - 4) throw new MalformedError('a snappy block longer than its data')
    const part = block(data.subarray(at + 4, at + 4 + n), left)
    parts.push(part)
    left -= part.length
    at += 4 + n
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}

function block(data: Buffer, limit: number): Buffer {
  const declared = contentSize(data)
  if (declared > limit) throw new MalformedError(`a snappy block of ${declared} bytes`)
  // No element of the format makes more than 64 bytes from 2: a larger claim is a lie that would be allocated.
  if (declared > data.length * 32 + 64) throw new MalformedError('a snappy block that declares too much')
  try {
    return snappy().uncompressSync(data)
  } catch (e) {
    throw new MalformedError(`snappy data is corrupt: ${(e as Error).message}`)
  }
}

function contentSize(data: Buffer): number {
  let n = 0
  for (let i = 0; i < 5 && i < data.length; i++) {
    n += (data[i]! & 0x7f) * 2 ** (7 * i)
    if (data[i]! < 0x80) return n
  }
  throw new MalformedError('a snappy block without a length')
}
