/** How far metrics go: sums alone, also a series a topic and group, or also one a partition. */
export const METRICS_DETAILS = ['cluster', 'topic', 'partition'] as const
export type MetricsDetail = (typeof METRICS_DETAILS)[number]
