import type { Clock } from './env.ts'

/**
 * Calls `fn` again and again, `intervalMs` apart, at least 1 ms: however short it is set, others have their turn. The first call comes after
 * `firstMs`, or else one interval. Returns what ends it.
 */
export function repeat(
  clock: Clock,
  o: { readonly intervalMs: () => number; readonly firstMs?: number },
  fn: () => void,
): () => void {
  let cancel = () => {}
  const next = (ms: number) => {
    cancel = clock.after(ms, () => {
      next(Math.max(1, o.intervalMs()))
      fn()
    })
  }
  next(o.firstMs ?? o.intervalMs())
  return () => cancel()
}
