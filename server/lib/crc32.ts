/** CRC-32 (IEEE), the checksum of the old message formats 0 and 1. Table-driven: nothing fast depends on it. */

let table: Uint32Array | undefined

/** An unsigned 32-bit number. */
export function crc32(data: Uint8Array): number {
  table ??= makeTable()
  let crc = 0xffffffff
  for (let i = 0; i < data.length; i++) crc = table[(crc ^ data[i]!) & 0xff]! ^ (crc >>> 8)
  return ~crc >>> 0
}

function makeTable(): Uint32Array {
  const t = new Uint32Array(256)
  for (let n = 0; n < 256; n++) {
    let c = n
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1
    t[n] = c
  }
  return t
}
