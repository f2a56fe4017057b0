/**
 * CRC-32C (Castagnoli), the checksum of record batches. Native code where it can be loaded (some 10 GB/s), otherwise
 * slicing-by-8 in JavaScript (some 1.1 GB/s). Loaded on first use.
 */
import { createRequire } from 'node:module'

type Crc = (data: Uint8Array) => number

let native: Crc | undefined

/** An unsigned 32-bit number. */
export function crc32c(data: Uint8Array): number {
  native ??= load()
  return native(data)
}

function load(): Crc {
  try {
    const module = createRequire(import.meta.url)('@node-rs/crc32') as { crc32c(data: Uint8Array): number }
    return (data) => module.crc32c(data)
  } catch {
    return crc32cInJavaScript
  }
}

let tables: Uint32Array[] | undefined

/** The same without native code. */
export function crc32cInJavaScript(data: Uint8Array): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = (tables ??= makeTables()) as Eight
  let crc = 0xffffffff
  let i = 0
  for (const end = data.length - 7; i < end; i += 8) {
    const lo = crc ^ (data[i]! | (data[i + 1]! << 8) | (data[i + 2]! << 16) | (data[i + 3]! << 24))
    crc =
      t7[lo & 0xff]! ^
      t6[(lo >>> 8) & 0xff]! ^
      t5[(lo >>> 16) & 0xff]! ^
      t4[lo >>> 24]! ^
      t3[data[i + 4]!]! ^
      t2[data[i + 5]!]! ^
      t1[data[i + 6]!]! ^
      t0[data[i + 7]!]!
  }
  for (; i < data.length; i++) crc = t0[(crc ^ data[i]!) & 0xff]! ^ (crc >>> 8)
  return ~crc >>> 0
}

type T = Uint32Array
type Eight = [T, T, T, T, T, T, T, T]

/** Table k holds the remainder of each byte followed by k zero bytes. */
function makeTables(): Uint32Array[] {
  const all = Array.from({ length: 8 }, () => new Uint32Array(256))
  for (let n = 0; n < 256; n++) {
    let c = n
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1
    all[0]![n] = c
  }
  for (let k = 1; k < 8; k++) {
    for (let n = 0; n < 256; n++) {
      const c = all[k - 1]![n]!
      all[k]![n] = all[0]![c & 0xff]! ^ (c >>> 8)
    }
  }
  return all
}
