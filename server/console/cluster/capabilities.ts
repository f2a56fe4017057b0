/** Which procedures a cluster can carry out, by the APIs and versions that all of its brokers offer. */
import type { Api } from '../../protocol/api.ts'
import { ConsoleError } from '../problems.ts'
import type { Capability, ClusterDetail } from '../shapes/cluster.ts'
import type { Need } from '../trpc.ts'

export type Offered = ClusterDetail['apis']

/** What every broker has: a request may go to any of them. */
export function common(
  brokers: readonly (readonly { key: number; name: string; lowest: number; highest: number }[])[],
): Offered {
  const [first, ...others] = brokers
  if (first === undefined) return []
  return first.flatMap(({ key, name, lowest, highest }) => {
    let min = lowest
    let max = highest
    for (const apis of others) {
      const other = apis.find((a) => a.key === key)
      if (!other) return []
      min = Math.max(min, other.lowest)
      max = Math.min(max, other.highest)
    }
    return min <= max ? [{ key, name, min, max }] : []
  })
}

export function capability(needs: readonly Need[], offered: Offered): Capability {
  const missing = needs.flatMap((need) => {
    const [api, minVersion] = Array.isArray(need) ? (need as [Api, number]) : [need as Api, 0]
    const has = offered.find((o) => o.key === api.key)
    if (has && has.max >= minVersion) return []
    return [minVersion > 0 ? `${api.name} version ${minVersion}` : api.name]
  })
  return { supported: missing.length === 0, missing }
}

/** Throws UNSUPPORTED. */
export function demand(needs: readonly Need[], offered: Offered): void {
  const { supported, missing } = capability(needs, offered)
  if (!supported) {
    throw new ConsoleError(
      'UNSUPPORTED',
      `This cluster cannot do that: its brokers do not offer ${missing.join(', ')}.`,
      'Brokers of a newer version do.',
    )
  }
}
