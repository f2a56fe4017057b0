/** What a broker's process tells of itself; of the cluster too where it is its own controller. */
import type { Broker } from './broker/broker.ts'
import { look } from './broker/look.ts'
import { brokerMetricsTable } from './broker/metrics_table.ts'
import type { MetricsDetail } from './config/metrics_detail.ts'
import { clusterMetricsTable } from './controller/metrics_table.ts'
import { expose, type FamilyPart, labels } from './lib/exposition.ts'
import type { NodeMetrics } from './node_metrics.ts'

export function brokerMetrics(broker: Broker): NodeMetrics {
  const of = { cluster: broker.clusterId, broker: broker.nodeId }
  async function* parts(detail: MetricsDetail): AsyncGenerator<FamilyPart> {
    yield* expose(brokerMetricsTable, await look(broker, detail), labels(of))
    if (broker.config['process.roles']?.includes('controller')) {
      yield* expose(clusterMetricsTable, broker.controller, labels(of))
    }
  }
  return { name: `broker ${broker.nodeId}`, role: 'broker', of, parts }
}
