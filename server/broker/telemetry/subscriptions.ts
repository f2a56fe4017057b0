/** Which metrics the operators want of a client: the subscriptions among the cluster's settings, taken together (KIP-714). */
import { type ClientFacts, matches, parseMatch } from '../../config/client_match.ts'
import { clientMetricsConfigs } from '../../config/client_metrics.ts'
import { parseConfig } from '../../config/parse.ts'
import { crc32c } from '../../lib/crc32c.ts'

type Configs = ReadonlyMap<string, ReadonlyMap<string, string>>

interface Subscription {
  readonly metrics: readonly string[]
  readonly intervalMs: number
  readonly patterns: ReturnType<typeof parseMatch>['patterns']
}

export interface Wanted {
  /** Beginnings of names, sorted; ['*'] is all. */
  readonly metrics: readonly string[]
  readonly pushIntervalMs: number
  /** The same for the same client as long as it is asked for the same. */
  readonly subscriptionId: number
}

const ALL = '*'
const { 'interval.ms': INTERVAL, match: MATCH, metrics: METRICS } = clientMetricsConfigs

export class Subscriptions {
  private list: readonly Subscription[] = []
  /** Grows when anything about them changes. */
  version = 0

  /** By name, what is set for each. */
  follow(configs: Configs | undefined): void {
    this.list = [...(configs ?? [])].flatMap(([name, values]) =>
      name === '' || values.size === 0 ? [] : [read(values)],
    )
    this.version++
  }

  /** The shortest interval of those that speak of this client counts, and all that they ask for. */
  for(client: ClientFacts): Wanted {
    const mine = this.list.filter((s) => matches(s.patterns, client))
    const names = new Set(mine.flatMap((s) => s.metrics))
    const metrics = names.has(ALL) ? [ALL] : [...names].sort()
    const pushIntervalMs = Math.min(INTERVAL.default, ...mine.map((s) => s.intervalMs))
    const asked = crc32c(Buffer.from(`${metrics.join(',')}/${pushIntervalMs}`))
    const own = crc32c(Buffer.from(client.client_instance_id))
    return { metrics, pushIntervalMs, subscriptionId: (asked ^ own) | 0 }
  }
}

function read(values: ReadonlyMap<string, string>): Subscription {
  const list = (row: typeof MATCH | typeof METRICS) => parsed(row, values.get(row.name) ?? '') as readonly string[]
  const interval = values.get(INTERVAL.name)
  return {
    metrics: list(METRICS).filter((name) => name !== ''),
    intervalMs: interval === undefined ? INTERVAL.default : (parsed(INTERVAL, interval) as number),
    patterns: parseMatch(list(MATCH).filter((item) => item !== '')).patterns,
  }
}

function parsed(row: typeof MATCH | typeof METRICS | typeof INTERVAL, text: string): unknown {
  // A controller that is not ours may have allowed what cannot be read here: that counts as not set.
  const result = parseConfig(row, text)
  return result.ok ? result.value : row.default
}
