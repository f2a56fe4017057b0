/** Series of figures: what is recorded, and how a chart asks for it. */
import { z } from 'zod'
import { onCluster } from './cluster.ts'

/** The table of series. Subject: what one series of that name belongs to. */
export const metrics = {
  recordsIn: { unit: '1/s', subject: 'cluster', help: 'Records appended a second, from end offsets' },
  bytesIn: { unit: 'B/s', subject: 'cluster', help: 'Growth of the leaders’ logs a second, as stored' },
  recordsOut: {
    unit: '1/s',
    subject: 'cluster',
    help: 'Records a second that consumer groups moved past by committing',
  },
  bytesOut: { unit: 'B/s', subject: 'cluster', help: 'recordsOut times the mean stored record size: an estimate' },
  sizeBytes: { unit: 'B', subject: 'cluster', help: 'Bytes on disk over all replicas' },
  lag: { unit: '1', subject: 'cluster', help: 'Sum of the lag of all sampled groups' },
  topicRecordsIn: { unit: '1/s', subject: 'topic', help: 'Records appended a second to the topic' },
  topicBytesIn: { unit: 'B/s', subject: 'topic', help: 'Growth of its leaders’ logs a second' },
  topicSizeBytes: { unit: 'B', subject: 'topic', help: 'Bytes on disk over all its replicas' },
  groupLag: { unit: '1', subject: 'group', help: 'End offsets minus committed offsets, summed' },
  groupTopicLag: { unit: '1', subject: 'group/topic', help: 'The same on one topic; the subject is group, NUL, topic' },
  probeLatencyP50: { unit: 'ms', subject: 'cluster', help: 'Probe record from produce to fetch, median of the window' },
  probeLatencyP99: { unit: 'ms', subject: 'cluster', help: 'The same, 99th percentile' },
  probeAvailability: {
    unit: '0..1',
    subject: 'cluster',
    help: 'Share of one-second slots in which every probe partition took a write with acks=all',
  },
} as const
export type MetricName = keyof typeof metrics
const metricName = z.enum(Object.keys(metrics) as [MetricName, ...MetricName[]])

/** Subject of cluster-wide series. */
export const CLUSTER = ''
export const groupTopic = (groupId: string, topic: string): string => `${groupId}\u0000${topic}`

export const seriesInput = onCluster.extend({
  names: z.array(metricName).min(1).max(12),
  /** Topic or group; empty for the cluster's own. */
  subject: z.string().max(1300).default(CLUSTER),
  fromMs: z.number().int().min(0),
  toMs: z.number().int().min(0),
  /** At most so many points a series: neighbours are averaged. */
  maxPoints: z.number().int().min(2).max(2000).default(600),
})
export type SeriesInput = z.infer<typeof seriesInput>

export interface Series {
  readonly name: MetricName
  readonly subject: string
  readonly unit: string
  /** Distance of the points, ms. */
  readonly stepMs: number
  /** [time in ms, mean of the step, highest of the step]; steps without a sample are left out. */
  readonly points: readonly (readonly [number, number, number])[]
}

/** One figure of one moment. */
export interface MetricSample {
  readonly name: MetricName
  readonly subject: string
  readonly value: number
}
export const liveInput = onCluster.extend({
  names: z.array(metricName).min(1).max(12),
  subjects: z.array(z.string().max(1300)).max(100).default([CLUSTER]),
})
export type LiveInput = z.infer<typeof liveInput>
export interface LiveTick {
  readonly atMs: number
  readonly samples: readonly MetricSample[]
}
/** Start and end offsets of a topic's partitions, sent when they moved. */
export interface OffsetsTick {
  readonly atMs: number
  readonly partitions: readonly {
    readonly partition: number
    readonly startOffset: number
    readonly endOffset: number
  }[]
}
