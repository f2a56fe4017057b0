/**
 * Zig-zag varints written into a buffer that is large enough: sizes first, then bytes, so that what is built is
 * allocated once. Reading them is `protocol/wire.ts`.
 */

/** Bytes that a signed 32-bit number takes. */
export function sizeOfVarint(v: number): number {
  const z = ((v << 1) ^ (v >> 31)) >>> 0
  return z < 0x80 ? 1 : z < 0x4000 ? 2 : z < 0x200000 ? 3 : z < 0x10000000 ? 4 : 5
}

/** Writes `v`; returns the position after it. */
export function writeVarint(to: Uint8Array, at: number, v: number): number {
  let z = ((v << 1) ^ (v >> 31)) >>> 0
  while (z > 0x7f) {
    to[at++] = (z & 0x7f) | 0x80
    z >>>= 7
  }
  to[at++] = z
  return at
}

/** Bytes that a signed number of up to 53 bits takes. */
export function sizeOfVarlong(v: number): number {
  let rest = Math.floor((v < 0 ? -v - 1 : v) / 64)
  let n = 1
  for (; rest > 0; rest = Math.floor(rest / 128)) n++
  return n
}

/** Writes `v`; returns the position after it. */
export function writeVarlong(to: Uint8Array, at: number, v: number): number {
  // Twice a number of 53 bits is not exact as a double: the lowest seven bits are taken off first.
  const magnitude = v < 0 ? -v - 1 : v
  let low = (magnitude % 64) * 2 + (v < 0 ? 1 : 0)
  let rest = Math.floor(magnitude / 64)
  while (rest > 0) {
    to[at++] = low | 0x80
    low = rest % 128
    rest = Math.floor(rest / 128)
  }
  to[at++] = low
  return at
}
