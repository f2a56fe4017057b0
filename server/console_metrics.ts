/**
 * What the console's `/metrics` tells: the clusters as a Kafka client sees them, the brokers that were started with it as they
 * tell of themselves, and this process. A broker that is down or hangs is told to be down, and nothing waits for it.
 */
import { ask } from './child.ts'
import type { MetricsDetail } from './config/metrics_detail.ts'
import type { ConsoleService } from './console/service.ts'
import { expose, type FamilyPart, labels, type Metric, type Sample } from './lib/exposition.ts'
import { ProcessMetrics } from './process_metrics.ts'

/** Prometheus itself waits ten seconds by default. */
const BROKER_TIMEOUT_MS = 5_000

interface BrokerScrapes {
  errors: number
  lastSuccessSeconds: number | undefined
  up: boolean
}

/** `brokers`, `controllers`: the names under which the supervisor knows those that were started with the console: their node ids. */
export function consoleMetrics(
  service: ConsoleService,
  o: {
    readonly brokers: readonly string[]
    readonly controllers: readonly string[]
    readonly nowMs: () => number
    readonly timeoutMs?: number
  },
): (detail: MetricsDetail) => AsyncIterable<FamilyPart> {
  const own = new ProcessMetrics(labels({ role: 'console' }))
  const scrapes = new Map(
    o.brokers.map((id): [string, BrokerScrapes] => [id, { errors: 0, lastSuccessSeconds: undefined, up: false }]),
  )

  return async function* parts(detail) {
    // Asked first: they answer while the rest is written.
    const nodes = [...o.brokers, ...o.controllers]
    const asked = nodes.length > 0 ? ask(detail, nodes, o.timeoutMs ?? BROKER_TIMEOUT_MS) : undefined
    for (const { id } of service.clusters()) yield* service.cluster(id).exposition(detail)
    const answers = await asked
    for (const [id, scrape] of scrapes) {
      const answer = answers?.get(id)
      scrape.up = answer !== undefined
      if (answer) scrape.lastSuccessSeconds = o.nowMs() / 1000
      else scrape.errors++
    }
    const cluster = service.clusters().find((c) => c.embedded)?.clusterId ?? undefined
    yield* expose(scrapesTable, scrapes, labels({ cluster }))
    const controllers = new Map(o.controllers.map((id) => [id, answers?.has(id) ?? false]))
    yield* expose(controllersTable, controllers, labels({ cluster }))
    for (const answer of answers?.values() ?? []) yield* answer as FamilyPart[]
    yield* own.parts()
  }
}

const controllersTable: readonly Metric<ReadonlyMap<string, boolean>>[] = [
  {
    name: 'weir_controller_up',
    type: 'gauge',
    help: '1 if the controller, where it is a process of its own, has told its metrics.',
    read: (up) => [...up].map(([controller, is]): Sample => [labels({ controller }), Number(is)]),
  },
]

const scrapesTable: readonly Metric<ReadonlyMap<string, BrokerScrapes>>[] = [
  {
    name: 'weir_broker_up',
    type: 'gauge',
    help: '1 if the broker has told its metrics.',
    read: (scrapes) => [...scrapes].map(([broker, s]): Sample => [labels({ broker }), Number(s.up)]),
  },
  {
    name: 'weir_broker_scrape_errors_total',
    type: 'counter',
    help: 'How often the broker did not tell its metrics, or not in time.',
    read: (scrapes) => [...scrapes].map(([broker, s]): Sample => [labels({ broker }), s.errors]),
  },
  {
    name: 'weir_broker_last_success_timestamp_seconds',
    type: 'gauge',
    help: 'When it told them last, since the epoch.',
    read: (scrapes) =>
      [...scrapes].map(([broker, s]): Sample => [labels({ broker }), s.lastSuccessSeconds ?? Number.NaN]),
  },
]
