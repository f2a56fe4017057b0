/** xxHash of 32 bits with seed 0 for inputs shorter than 16 bytes: all that the header of an LZ4 frame needs. */

const P2 = 0x85ebca77
const P3 = 0xc2b2ae3d
const P4 = 0x27d4eb2f
const P5 = 0x165667b1

const rotate = (x: number, n: number) => (x << n) | (x >>> (32 - n))

/** An unsigned 32-bit number. */
export function xxhash32Short(data: Uint8Array): number {
  if (data.length >= 16) throw new RangeError('xxhash32Short takes fewer than 16 bytes')
  let h = (P5 + data.length) | 0
  let i = 0
  for (; i + 4 <= data.length; i += 4) {
    const lane = data[i]! | (data[i + 1]! << 8) | (data[i + 2]! << 16) | (data[i + 3]! << 24)
    h = Math.imul(rotate((h + Math.imul(lane, P3)) | 0, 17), P4)
  }
  for (; i < data.length; i++) h = Math.imul(rotate((h + Math.imul(data[i]!, P5)) | 0, 11), 0x9e3779b1)
  h = Math.imul(h ^ (h >>> 15), P2)
  h = Math.imul(h ^ (h >>> 13), P3)
  return (h ^ (h >>> 16)) >>> 0
}
