/**
 * The codecs of record batches. Decompression is of strangers' bytes: what comes out is capped before it is allocated,
 * and whatever is wrong with the input is a MalformedError. Native code is loaded on first use.
 */
import { gunzipSync, gzipSync } from 'node:zlib'
import { MalformedError } from '../protocol/wire.ts'
import { compressLz4, decompressLz4 } from './lz4.ts'
import { compressSnappy, decompressSnappy } from './snappy.ts'
import { compressZstd, decompressZstd } from './zstd.ts'

/** By their number in a batch's attributes. */
export const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

export type CodecName = (typeof CODECS)[number]

/** Bytes that one batch may decompress to. */
export const MAX_DECOMPRESSED_BYTES = 256 * 1024 * 1024

export const codecId = (name: CodecName): number => CODECS.indexOf(name)

/** `level`: how hard to try, in the codec's own scale; default: the codec's. Snappy and LZ4 have one way only here. */
export function compress(codec: CodecName, data: Buffer, level?: number): Buffer {
  switch (codec) {
    case 'none':
      return data
    case 'gzip':
      return gzipSync(data, level === undefined ? {} : { level })
    case 'snappy':
      return compressSnappy(data)
    case 'lz4':
      return compressLz4(data)
    case 'zstd':
      return compressZstd(data, level)
  }
}

/** At most `limit` bytes, else a MalformedError. */
export function decompress(codec: CodecName, data: Buffer, limit = MAX_DECOMPRESSED_BYTES): Buffer {
  switch (codec) {
    case 'none':
      return data
    case 'gzip':
      return decompressGzip(data, limit)
    case 'snappy':
      return decompressSnappy(data, limit)
    case 'lz4':
      return decompressLz4(data, limit)
    case 'zstd':
      return decompressZstd(data, limit)
  }
}

function decompressGzip(data: Buffer, limit: number): Buffer {
  try {
    return gunzipSync(data, { maxOutputLength: Math.max(1, limit) })
  } catch (e) {
    throw new MalformedError(`gzip data is corrupt: ${(e as Error).message}`)
  }
}
