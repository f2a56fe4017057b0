/** MurmurHash2 of 32 bits, with the seed that producers' default partitioners use for keys. */

const SEED = 0x9747b28c
const M = 0x5bd1e995

/** A signed 32-bit number. */
export function murmur2(data: Uint8Array): number {
  const n = data.length
  let h = SEED ^ n
  let i = 0
  for (; i + 4 <= n; i += 4) {
    let k = data[i]! | (data[i + 1]! << 8) | (data[i + 2]! << 16) | (data[i + 3]! << 24)
    k = Math.imul(k, M)
    k ^= k >>> 24
    h = Math.imul(h, M) ^ Math.imul(k, M)
  }
  if (n - i >= 3) h ^= data[i + 2]! << 16
  if (n - i >= 2) h ^= data[i + 1]! << 8
  if (n - i >= 1) h = Math.imul(h ^ data[i]!, M)
  h = Math.imul(h ^ (h >>> 13), M)
  return h ^ (h >>> 15)
}

/** The partition that a key belongs to: the hash without its sign bit, modulo the number of partitions. */
export const partitionOf = (key: Uint8Array, partitions: number): number => (murmur2(key) & 0x7fffffff) % partitions
