/**
 * Where a broker's process tells its metrics: to whoever asks through the supervisor, as the console does, and on a port of its
 * own where `weir.metrics.port` names one.
 */
import type { Broker } from './broker/broker.ts'
import { type Look, look } from './broker/look.ts'
import { brokerMetricsTable } from './broker/metrics_table.ts'
import { answerAsks } from './child.ts'
import type { MetricsDetail } from './config/metrics_detail.ts'
import { hostCheck, refuseHost } from './host_check.ts'
import { expose, type FamilyPart, labels, type Metric } from './lib/exposition.ts'
import { ProcessMetrics } from './process_metrics.ts'

export interface BrokerMetricsSettings {
  readonly host: string
  /** Null: no port of its own. 0 picks a free one. */
  readonly port: number | null
  readonly detail: MetricsDetail
  readonly allowedHosts: readonly string[]
  readonly version: string
}

/** Returns what to say of it. Rejects as `listen` does. */
export async function serveMetrics(broker: Broker, s: BrokerMetricsSettings): Promise<string[]> {
  const of = { cluster: broker.clusterId, broker: broker.nodeId }
  const own = new ProcessMetrics(labels({ ...of, role: 'broker' }))
  async function* parts(detail: MetricsDetail): AsyncGenerator<FamilyPart> {
    yield* expose([buildInfo(s.version), ...brokerMetricsTable], await look(broker, detail), labels(of))
    yield* own.parts()
  }
  answerAsks((detail) => parts(detail as MetricsDetail))
  if (s.port === null) return []

  const { createServer } = await import('node:http')
  const { isMetricsPath, metricsHandler } = await import('./metrics_http.ts')
  const handler = metricsHandler({ parts, detail: s.detail, onBug: (error) => console.error(error) })
  const isOurs = hostCheck(s.host, s.allowedHosts)
  const server = createServer((req, res) => {
    if (!isOurs(req.headers.host)) refuseHost(res, req.headers.host)
    else if (isMetricsPath(req.url)) void handler(req, res)
    else {
      res.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
      res.end('Metrics are at /metrics.\n')
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(s.port!, s.host, resolve)
  })
  // It lives as long as the process does.
  server.unref()
  const { port } = server.address() as { port: number }
  const host = s.host.includes(':') ? `[${s.host}]` : s.host
  return [`Metrics of broker ${broker.nodeId} on http://${host}:${port}/metrics`]
}

const buildInfo = (version: string): Metric<Look> => ({
  name: 'weir_build_info',
  type: 'info',
  help: 'The version of Weir.',
  read: () => [[labels({ version }), 1]],
})
