/** Settings of metrics, telemetry and the quotas of clients. */
import { define } from '../define.ts'

export const metricConfigs = define({
  'client.quota.callback.class': {
    type: 'class',
    default: null,
    importance: 'low',
    doc: 'Java class that decides quotas of clients.',
  },
  'quota.window.num': {
    type: 'int',
    default: 11,
    min: 1,
    importance: 'low',
    doc: 'Number of windows over which the rate of clients is measured.',
  },
  'quota.window.size.seconds': {
    type: 'int',
    unit: 'seconds',
    default: 1,
    min: 1,
    importance: 'low',
    doc: 'Length of one such window.',
  },
  'metric.reporters': {
    type: 'list',
    default: ['org.apache.kafka.common.metrics.JmxReporter'],
    dynamic: 'cluster-wide',
    importance: 'low',
    doc: 'Java classes that report metrics.',
  },
  'metrics.num.samples': {
    type: 'int',
    default: 2,
    min: 1,
    importance: 'low',
    doc: 'Samples that a metric is computed from.',
  },
  'metrics.recording.level': {
    type: 'string',
    default: 'INFO',
    importance: 'low',
    doc: 'How fine metrics are: INFO, DEBUG or TRACE.',
  },
  'metrics.sample.window.ms': {
    type: 'long',
    unit: 'ms',
    default: 30_000,
    min: 1,
    importance: 'low',
    doc: 'Time that one sample covers.',
  },
  'kafka.metrics.polling.interval.secs': {
    type: 'int',
    unit: 'seconds',
    default: 10,
    min: 1,
    importance: 'low',
    doc: 'How often Yammer reporters poll.',
  },
  'kafka.metrics.reporters': {
    type: 'list',
    default: [],
    importance: 'low',
    doc: 'Java classes that report Yammer metrics.',
  },
  'telemetry.max.bytes': {
    type: 'int',
    unit: 'bytes',
    default: 1_048_576,
    min: 1,
    importance: 'low',
    doc: 'The most that a client may push in one telemetry request.',
  },
})
