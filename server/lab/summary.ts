/** What a run comes to, from what its prober noted. Pure. */
import type { Prober } from './prober.ts'
import type { RunSecond, RunSummary, Verdict } from './run_shape.ts'

export function summarize(
  prober: Pick<Prober, 'partitions' | 'seconds' | 'latencies' | 'errors'>,
  rest: { endedAtMs: number; passed: boolean | null; verdict: Verdict | null; droppedEvents: number },
): RunSummary {
  const total = (of: 'sent' | 'failed') => prober.partitions.reduce((n, p) => n + p[of], 0)
  const sorted = [...prober.latencies].sort((a, b) => a - b)
  const gaps = prober.partitions.map((p) => p.longestGapMs)
  const longestGapMs = Math.max(0, ...gaps)
  return {
    ...rest,
    seconds: prober.seconds.length,
    goodSeconds: prober.seconds.filter(isGood).length,
    sent: total('sent'),
    acknowledged: prober.partitions.reduce((n, p) => n + p.acknowledged.size, 0),
    failed: total('failed'),
    errors: { ...prober.errors },
    latencyP50Ms: quantile(sorted, 0.5),
    latencyP99Ms: quantile(sorted, 0.99),
    longestGapMs,
    longestGapPartition: longestGapMs > 0 ? gaps.indexOf(longestGapMs) : null,
  }
}

/** Every partition took a write in it. */
export const isGood = (second: RunSecond): boolean => second.acks.every((n) => n > 0)

/** Nearest rank. */
const quantile = (sorted: readonly number[], q: number): number | null =>
  sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? null
