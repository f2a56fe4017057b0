/**
 * Where a node's process tells its metrics: to whoever asks through the supervisor, as the console does, and on a port of its
 * own where `weir.metrics.port` names one.
 */
import { answerAsks } from './child.ts'
import type { MetricsDetail } from './config/metrics_detail.ts'
import { hostCheck, refuseHost } from './host_check.ts'
import { expose, type FamilyPart, labels, type Metric } from './lib/exposition.ts'
import { ProcessMetrics } from './process_metrics.ts'

export interface NodeMetricsSettings {
  readonly host: string
  /** Null: no port of its own. 0 picks a free one. */
  readonly port: number | null
  readonly detail: MetricsDetail
  readonly allowedHosts: readonly string[]
  readonly version: string
}

export interface NodeMetrics {
  /** In sentences. */
  readonly name: string
  readonly role: string
  /** Labels of all it tells. */
  readonly of: Readonly<Record<string, string | number>>
  parts(detail: MetricsDetail): AsyncIterable<FamilyPart> | Iterable<FamilyPart>
}

/** Returns what to say of it. A port that cannot be had for metrics is no reason to serve nobody: then the sentence says so. */
export async function serveMetrics(node: NodeMetrics, s: NodeMetricsSettings): Promise<string[]> {
  const own = new ProcessMetrics(labels({ ...node.of, role: node.role }))
  async function* parts(detail: MetricsDetail): AsyncGenerator<FamilyPart> {
    yield* expose([buildInfo], s, labels(node.of))
    yield* node.parts(detail)
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
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(s.port!, s.host, resolve)
    })
  } catch (error) {
    return [
      `The metrics are not served on port ${s.port}: ${(error as Error).message}; choose another with weir.metrics.port.`,
    ]
  }
  // It lives as long as the process does.
  server.unref()
  const { port } = server.address() as { port: number }
  const host = s.host.includes(':') ? `[${s.host}]` : s.host
  return [`Metrics of ${node.name} on http://${host}:${port}/metrics`]
}

const buildInfo: Metric<NodeMetricsSettings> = {
  name: 'weir_build_info',
  type: 'info',
  help: 'The version of Weir.',
  read: ({ version }) => [[labels({ version }), 1]],
}
