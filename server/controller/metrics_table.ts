/**
 * A controller's metrics by name, as the JMX exporter's sample rules call Apache Kafka's: what it knows of the cluster, which a broker that is
 * its own controller tells as well, and of a controller that is a node by itself also its requests.
 */
import type { Metric } from '../lib/exposition.ts'
import type { MetadataImage } from '../metadata/image.ts'
import { requestMetrics } from '../rpc/request_metrics.ts'
import type { ControllerNode } from './controller.ts'

interface Seen {
  readonly image: MetadataImage
}

const gauge = (name: string, help: string, read: (image: MetadataImage) => number): Metric<Seen> => ({
  name: `kafka_controller_kafkacontroller_${name}`,
  type: 'gauge',
  help,
  read: ({ image }) => read(image),
})

export const clusterMetricsTable: readonly Metric<Seen>[] = [
  gauge('activecontrollercount', '1 on the node that is the active controller.', () => 1),
  gauge('globaltopiccount', 'Topics of the cluster.', (image) => image.topics.size),
  gauge('globalpartitioncount', 'Partitions of the cluster.', (image) => {
    let partitions = 0
    for (const topic of image.topics.values()) partitions += topic.partitions.length
    return partitions
  }),
  gauge('offlinepartitionscount', 'Partitions of the cluster without a leader.', (image) => {
    let offline = 0
    for (const { partitions } of image.topics.values()) for (const p of partitions) if (p.leader < 0) offline++
    return offline
  }),
  gauge(
    'preferredreplicaimbalancecount',
    'Partitions of the cluster led by another than their first replica.',
    (image) => {
      let imbalance = 0
      for (const { partitions } of image.topics.values())
        for (const p of partitions) if (p.leader !== p.replicas[0]) imbalance++
      return imbalance
    },
  ),
  gauge('activebrokercount', 'Brokers that are registered and not fenced.', (image) => brokers(image, false)),
  gauge('fencedbrokercount', 'Brokers that are registered and fenced.', (image) => brokers(image, true)),
]

const brokers = (image: MetadataImage, fenced: boolean): number =>
  [...image.brokers.values()].filter((b) => b.fenced === fenced).length

export const controllerMetricsTable: readonly Metric<ControllerNode>[] = [
  ...requestMetrics((node: ControllerNode) => ({
    apis: [...node.meters.values()],
    load: node.load,
    nowMs: node.clock.monotonic(),
  })),
  ...clusterMetricsTable.map(({ read, ...row }) => ({ ...row, read: (node: ControllerNode) => read(node.controller) })),
]
