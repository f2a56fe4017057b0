/**
 * Zstandard by WebAssembly, loaded on first use and in one synchronous step: batches are read and built in the middle
 * of synchronous work. The package's own functions are passed by, because they allocate what a frame declares before
 * anyone can look at it, and do not notice when there is no memory.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { MalformedError } from '../protocol/wire.ts'

interface Module {
  HEAPU8: Uint8Array
  instantiateWasm: (imports: WebAssembly.Imports, receive: (i: WebAssembly.Instance) => void) => unknown
  init(binary: Uint8Array): void
  _malloc(n: number): number
  _free(at: number): void
  _ZSTD_isError(code: number): number
  _ZSTD_compressBound(n: number): number
  _ZSTD_compress(to: number, capacity: number, from: number, n: number, level: number): number
  _ZSTD_decompress(to: number, capacity: number, from: number, n: number): number
}

const DEFAULT_LEVEL = 3

let loaded: Module | undefined

function zstd(): Module {
  if (loaded) return loaded
  const require = createRequire(import.meta.url)
  const folder = dirname(require.resolve('@bokuweb/zstd-wasm'))
  const { Module: m } = require(join(folder, 'module.js')) as { Module: Module }
  m.instantiateWasm = (imports, receive) => {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(join(folder, 'zstd.wasm'))), imports)
    receive(instance)
    return instance.exports
  }
  m.init(new Uint8Array(0))
  return (loaded = m)
}

export function compressZstd(data: Uint8Array, level = DEFAULT_LEVEL): Buffer {
  const m = zstd()
  const result = withMemory(m, data, m._ZSTD_compressBound(data.length), (to, capacity, from) =>
    m._ZSTD_compress(to, capacity, from, data.length, level),
  )
  if (!result) throw new Error('zstd could not compress')
  return result
}

/** At most `limit` bytes, else a MalformedError. */
export function decompressZstd(data: Uint8Array, limit: number): Buffer {
  const capacity = largestContent(data)
  if (capacity > limit) throw new MalformedError(`zstd frames of more than ${limit} bytes`)
  const m = zstd()
  const result = withMemory(m, data, capacity, (to, size, from) => m._ZSTD_decompress(to, size, from, data.length))
  if (!result) throw new MalformedError('zstd data is corrupt')
  return result
}

const MAX_BLOCK = 128 * 1024

/**
 * What the frames can hold at most, from the headers of their blocks (RFC 8878, 3.1.1): Java's and Go's clients do not
 * declare a size, and who does may lie.
 */
function largestContent(b: Uint8Array): number {
  const word = (at: number, bytes: number): number => {
    if (at + bytes > b.length) throw new MalformedError('a zstd frame that ends early')
    let n = 0
    for (let i = bytes - 1; i >= 0; i--) n = n * 256 + b[at + i]!
    return n
  }
  let total = 0
  let at = 0
  while (at < b.length) {
    const magic = word(at, 4)
    if (magic >= 0x184d2a50 && magic <= 0x184d2a5f) {
      at += 8 + word(at + 4, 4)
      continue
    }
    if (magic !== 0xfd2fb528) throw new MalformedError('not a zstd frame')
    const descriptor = word(at + 4, 1)
    const singleSegment = (descriptor & 0x20) !== 0
    const sizeBytes = descriptor >> 6 === 0 ? (singleSegment ? 1 : 0) : 2 ** (descriptor >> 6)
    at += 5 + (singleSegment ? 0 : 1) + [0, 1, 2, 4][descriptor & 3]!
    const declared = sizeBytes === 0 ? Infinity : word(at, sizeBytes) + (sizeBytes === 2 ? 256 : 0)
    at += sizeBytes
    let content = 0
    for (let last = false; !last; ) {
      const header = word(at, 3)
      last = (header & 1) === 1
      const type = (header >> 1) & 3
      const size = header >> 3
      content += type === 2 ? MAX_BLOCK : Math.min(size, MAX_BLOCK)
      at += 3 + (type === 1 ? 1 : size)
    }
    if (descriptor & 4) at += 4
    total += Math.min(declared, content)
  }
  return total
}

/** Copies `data` in, runs `work`, copies out what it wrote; undefined if it failed. */
function withMemory(
  m: Module,
  data: Uint8Array,
  capacity: number,
  work: (to: number, capacity: number, from: number) => number,
): Buffer | undefined {
  const from = m._malloc(Math.max(1, data.length))
  const to = m._malloc(Math.max(1, capacity))
  try {
    if (from === 0 || to === 0) throw new MalformedError('zstd data that does not fit into memory')
    m.HEAPU8.set(data, from)
    const n = work(to, capacity, from)
    return m._ZSTD_isError(n) ? undefined : Buffer.from(m.HEAPU8.subarray(to, to + n))
  } finally {
    if (from !== 0) m._free(from)
    if (to !== 0) m._free(to)
  }
}
