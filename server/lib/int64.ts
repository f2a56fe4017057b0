/** Signed 64-bit big-endian numbers in a buffer, as doubles: exact up to 2^53, beyond it the nearest double. */

const TWO_32 = 4294967296

export const readInt64 = (b: Uint8Array, at: number): number =>
  ((b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!) * TWO_32 +
  (((b[at + 4]! << 24) | (b[at + 5]! << 16) | (b[at + 6]! << 8) | b[at + 7]!) >>> 0)

export function writeInt64(b: Uint8Array, at: number, v: number): void {
  const hi = Math.floor(v / TWO_32)
  const lo = v - hi * TWO_32
  b[at] = hi >> 24
  b[at + 1] = hi >> 16
  b[at + 2] = hi >> 8
  b[at + 3] = hi
  b[at + 4] = lo >> 24
  b[at + 5] = lo >> 16
  b[at + 6] = lo >> 8
  b[at + 7] = lo
}
