/**
 * A copy that is kept for long, in memory of its own. A small one that Node takes from its pool would keep the whole slab of
 * 8 KiB alive, beside what else was there for a moment.
 */
export function ownCopy(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  copy.set(bytes)
  return copy
}
