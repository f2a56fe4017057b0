/**
 * A broker's metrics by name. Those that Apache Kafka has too are called as the JMX exporter's sample rules call them there:
 * `kafka_`, the domain, the type and the name in lower case without `PerSec`; a meter's count ends in `_total`, a gauge in
 * nothing, a histogram is a summary with `quantile` and `_count`. What Kafka has no name for begins with `weir_`.
 */
import { labels, type Metric, type Sample } from '../lib/exposition.ts'
import type { Partition } from '../replication/partition.ts'
import type { TopicMeter } from '../replication/topic_meter.ts'
import { requestMetrics, summaryMs } from '../rpc/request_metrics.ts'
import { type Look, type PartitionCounts, partitionsOf, topicsOf } from './look.ts'
import type { BrokerMetrics } from './metrics.ts'

export const brokerMetricsTable: readonly Metric<Look>[] = [
  // --- requests ---
  ...requestMetrics((look: Look) => ({ apis: look.broker.metrics.apis, load: look.broker.load, nowMs: look.nowMs })),
  {
    name: 'weir_requests_refused_total',
    type: 'counter',
    help: 'Requests that ended their connections: malformed, of an unknown API, or of a version that is not served.',
    read: ({ broker }) => broker.metrics.requestsRefused,
  },
  {
    name: 'weir_response_memory_bytes',
    type: 'gauge',
    help: 'Memory held by answers that clients have not taken.',
    read: ({ broker }) => broker.answers.usedBytes,
  },
  {
    name: 'kafka_server_delayedoperationpurgatory_purgatorysize',
    type: 'gauge',
    help: 'Fetches that wait for records.',
    read: ({ broker }) => [[labels({ delayedOperation: 'Fetch' }), broker.purgatory.size]],
  },
  {
    name: 'kafka_server_fetchsessioncache_numincrementalfetchsessions',
    type: 'gauge',
    help: 'Fetch sessions that are kept.',
    read: ({ broker }) => broker.fetchSessions.size,
  },
  {
    name: 'weir_client_metric',
    type: 'gauge',
    help: 'The last value of a metric that a client has pushed, by its name in `metric` and its own attributes.',
    read: ({ broker, detail }) => (detail === 'cluster' ? [] : broker.telemetry.series.samples()),
  },
  {
    name: 'weir_client_telemetry_clients',
    type: 'gauge',
    help: 'Clients that have asked which of their metrics are wanted.',
    read: ({ broker }) => broker.telemetry.size,
  },
  {
    name: 'weir_client_telemetry_pushes_total',
    type: 'counter',
    help: "Metrics pushed by clients, by Kafka's name of the error, NONE where they were taken.",
    read: ({ broker }) => [...broker.telemetry.pushes].map(([error, n]): Sample => [labels({ error }), n]),
  },
  {
    name: 'weir_client_telemetry_bytes_total',
    type: 'counter',
    help: 'Bytes of metrics taken from clients, as they came.',
    read: ({ broker }) => broker.telemetry.bytes,
  },
  {
    name: 'weir_client_telemetry_values_dropped_total',
    type: 'counter',
    help: 'Values of clients that were not kept because there are too many.',
    read: ({ broker }) => broker.telemetry.series.dropped,
  },
  {
    name: 'weir_connections',
    type: 'gauge',
    help: 'Connections of clients.',
    read: ({ broker }) => broker.load.connections,
  },
  {
    name: 'weir_connections_accepted_total',
    type: 'counter',
    help: 'Connections that clients have made.',
    read: ({ broker }) => broker.metrics.connectionsAccepted,
  },

  // --- topics ---
  topicCounter('messagesin', 'Records written', (m) => m.recordsIn),
  topicCounter('bytesin', 'Bytes of record batches written', (m) => m.bytesIn),
  topicCounter('bytesout', 'Bytes of record batches sent to consumers', (m) => m.bytesOut),
  topicCounter('totalproducerequests', 'Partitions in Produce requests', (m) => m.produceRequests),
  topicCounter('totalfetchrequests', 'Partitions in Fetch requests', (m) => m.fetchRequests),
  topicCounter(
    'failedproducerequests',
    'Partitions in Produce requests answered with an error',
    (m) => m.failedProduceRequests,
  ),
  topicCounter(
    'failedfetchrequests',
    'Partitions in Fetch requests answered with an error',
    (m) => m.failedFetchRequests,
  ),
  {
    name: 'kafka_server_brokertopicmetrics_replicationbytesin_total',
    type: 'counter',
    help: 'Bytes of record batches that came from leaders.',
    read: ({ allTopics }) => allTopics.replicationBytesIn,
  },
  {
    name: 'kafka_server_brokertopicmetrics_replicationbytesout_total',
    type: 'counter',
    help: 'Bytes of record batches sent to followers.',
    read: ({ allTopics }) => allTopics.replicationBytesOut,
  },
  {
    name: 'weir_topic_messages_out_total',
    type: 'counter',
    help: 'Records in the batches sent to consumers, by topic; without the label, of all.',
    *read(look) {
      for (const { labels, meter } of topicsOf(look)) yield [labels, meter.recordsOut]
    },
  },

  // --- partitions and logs ---
  partitionCount('kafka_server_replicamanager_partitioncount', 'Partitions held by this broker.', 'held'),
  partitionCount('kafka_server_replicamanager_leadercount', 'Partitions led by this broker.', 'led'),
  partitionCount(
    'kafka_server_replicamanager_offlinereplicacount',
    'Partitions whose log has failed or cannot be opened.',
    'offline',
  ),
  partitionCount(
    'kafka_server_replicamanager_underreplicatedpartitions',
    'Partitions led here with replicas that are not in sync.',
    'underReplicated',
  ),
  partitionCount(
    'kafka_server_replicamanager_underminisrpartitioncount',
    'Partitions led here with fewer replicas in sync than min.insync.replicas: they take no acks=all.',
    'underMinIsr',
  ),
  partitionCount(
    'kafka_server_replicamanager_atminisrpartitioncount',
    'Partitions led here with exactly min.insync.replicas in sync.',
    'atMinIsr',
  ),
  replicaCounter('isrexpands', 'Replicas that came into sync, of partitions led here.', (m) => m.isrExpands),
  replicaCounter('isrshrinks', 'Replicas that fell out of sync, of partitions led here.', (m) => m.isrShrinks),
  replicaCounter(
    'failedisrupdates',
    'Changes of who is in sync that the controller has not made.',
    (m) => m.isrUpdatesFailed,
  ),
  {
    name: 'kafka_server_replicafetchermanager_maxlag',
    type: 'gauge',
    help: 'Records that the follower here that is furthest behind lacks, by the last answer of its leader.',
    read: ({ broker }) => broker.fetchers.maxLag,
  },
  {
    name: 'weir_replica_fetcher_partitions',
    type: 'gauge',
    help: 'Partitions that are fetched from leaders elsewhere.',
    read: ({ broker }) => broker.fetchers.count,
  },
  logGauge('size', 'Bytes of the log.', ({ log }) => log.sizeInBytes),
  logGauge('numlogsegments', 'Segments of the log.', ({ log }) => log.segmentOffsets.length),
  logGauge('logstartoffset', 'First offset of the log.', ({ log }) => log.logStartOffset),
  logGauge('logendoffset', 'Offset that the next record gets.', ({ log }) => log.logEndOffset),
  {
    name: 'kafka_log_logmanager_offlinelogdirectorycount',
    type: 'gauge',
    help: 'Log dirs that have failed.',
    read: ({ logDirs }) => logDirs.filter((d) => d.offline).length,
  },
  {
    name: 'kafka_log_logflushstats_logflushrateandtimems',
    type: 'summary',
    help: 'Milliseconds of a sync of a log to the disk; quantiles of the last five minutes.',
    read: ({ broker: { metrics }, nowMs }) => [['', summaryMs(metrics.syncs, metrics.recentSyncs, nowMs)]],
  },
  {
    name: 'weir_log_sync_duration_seconds',
    type: 'histogram',
    help: 'Syncs of logs to the disk; many requests share one.',
    read: ({ broker }) => [['', broker.metrics.syncs]],
  },
  {
    name: 'weir_log_dir_used_bytes',
    type: 'gauge',
    help: 'Bytes of the logs in a log dir.',
    read: ({ logDirs }) => logDirs.map((d): Sample => [labels({ dir: d.path }), d.usedBytes]),
  },
  {
    name: 'weir_log_dir_free_bytes',
    type: 'gauge',
    help: 'Bytes that are free on the file system of a log dir.',
    read: ({ logDirs }) => logDirs.map((d): Sample => [labels({ dir: d.path }), d.usableBytes]),
  },
  {
    name: 'weir_log_dir_total_bytes',
    type: 'gauge',
    help: 'Bytes of the file system of a log dir.',
    read: ({ logDirs }) => logDirs.map((d): Sample => [labels({ dir: d.path }), d.totalBytes]),
  },

  // --- groups ---
  {
    name: 'weir_groups',
    type: 'gauge',
    help: 'Groups coordinated by this broker, by type and state.',
    read: ({ groups }) => groups.map(({ type, state, count }): Sample => [labels({ type, state }), count]),
  },
  {
    name: 'weir_group_coordinator_load_duration_seconds',
    type: 'histogram',
    help: 'Loading of the groups in a partition of __consumer_offsets.',
    read: ({ broker }) => [['', broker.metrics.coordinatorLoads]],
  },

  // --- the broker ---
  {
    name: 'weir_broker_uptime_seconds',
    type: 'gauge',
    help: 'Since the broker was started.',
    read: ({ broker, nowMs }) => (nowMs - broker.startedMs) / 1000,
  },
]

function topicCounter(name: string, what: string, value: (meter: TopicMeter) => number): Metric<Look> {
  return {
    name: `kafka_server_brokertopicmetrics_${name}_total`,
    type: 'counter',
    help: `${what}, by topic; without the label, of all.`,
    *read(look) {
      for (const { labels, meter } of topicsOf(look)) yield [labels, value(meter)]
    },
  }
}

function partitionCount(name: string, help: string, key: keyof PartitionCounts): Metric<Look> {
  return { name, type: 'gauge', help, read: ({ counts }) => counts[key] }
}

function replicaCounter(name: string, help: string, value: (metrics: BrokerMetrics) => number): Metric<Look> {
  return {
    name: `kafka_server_replicamanager_${name}_total`,
    type: 'counter',
    help,
    read: ({ broker }) => value(broker.metrics),
  }
}

function logGauge(name: string, help: string, value: (partition: Partition) => number): Metric<Look> {
  return {
    name: `kafka_log_log_${name}`,
    type: 'gauge',
    help,
    *read(look) {
      for (const { labels, partition } of partitionsOf(look)) yield [labels, value(partition)]
    },
  }
}
