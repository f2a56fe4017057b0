/** What a node that answers requests tells of them, as rows of its metrics: the same of a broker and of a controller. */
import { labels, type Metric, type Sample } from '../lib/exposition.ts'
import type { Histogram, RecentQuantiles } from '../lib/histogram.ts'
import { errorOf } from '../protocol/errors.ts'
import type { ApiMeter } from './api_meter.ts'
import type { ClientConnections } from './client_connections.ts'

/** Requests at one moment. */
export interface RequestsLook {
  readonly apis: readonly ApiMeter[]
  readonly load: ClientConnections['load']
  /** Monotonic ms. */
  readonly nowMs: number
}

const QUANTILES = [0.5, 0.75, 0.95, 0.98, 0.99, 0.999]

/** The rows for what is seen of a node, of which `of` takes what concerns its requests. */
export function requestMetrics<S>(of: (seen: S) => RequestsLook): Metric<S>[] {
  return rows.map(({ read, ...row }) => ({ ...row, read: (seen: S) => read(of(seen)) }))
}

/** Milliseconds. */
export const summaryMs = (of: Histogram, recent: RecentQuantiles, nowMs: number) => {
  const values = recent.at(nowMs, QUANTILES)
  return {
    quantiles: QUANTILES.map((q, i) => [q, values[i]! * 1000] as const),
    sum: of.sum * 1000,
    count: of.count,
  }
}

const asked = ({ apis }: RequestsLook): ApiMeter[] => apis.filter((a) => a.requests.some((n) => n > 0))

function requestHistogram(name: string, help: string, of: (api: ApiMeter) => Histogram): Metric<RequestsLook> {
  return {
    name,
    type: 'histogram',
    help,
    *read(look) {
      for (const api of asked(look)) yield [labels({ request: api.name }), of(api)]
    },
  }
}

const rows: readonly Metric<RequestsLook>[] = [
  {
    name: 'kafka_network_requestmetrics_requests_total',
    type: 'counter',
    help: 'Requests by API and version.',
    *read(look) {
      for (const api of asked(look)) {
        for (const [version, n] of api.requests.entries()) {
          if (n > 0) yield [labels({ request: api.name, version }), n]
        }
      }
    },
  },
  {
    name: 'kafka_network_requestmetrics_errors_total',
    type: 'counter',
    help: "Errors told in answers, by API and Kafka's name of the error; an answer may hold several.",
    *read(look) {
      for (const api of asked(look)) {
        for (const [code, n] of api.errors) yield [labels({ request: api.name, error: errorOf(code) }), n]
      }
    },
  },
  {
    name: 'kafka_network_requestmetrics_totaltimems',
    type: 'summary',
    help: 'Milliseconds from the last byte of a request to its answer; quantiles of the last five minutes.',
    *read(look) {
      for (const api of asked(look)) yield [labels({ request: api.name }), summaryMs(api.total, api.recent, look.nowMs)]
    },
  },
  {
    name: 'kafka_network_requestchannel_requestqueuesize',
    type: 'gauge',
    help: 'Requests that have come and wait for those before them on their connections.',
    read: ({ load }) => load.requestsWaiting,
  },
  requestHistogram('weir_request_duration_seconds', 'From the last byte of a request to its answer.', (a) => a.total),
  requestHistogram(
    'weir_request_queue_duration_seconds',
    'From the last byte of a request until it was begun.',
    (a) => a.queued,
  ),
  requestHistogram(
    'weir_request_wait_duration_seconds',
    'From the beginning of a request to its answer, of those that waited: for the disk, for records, for other members.',
    (a) => a.waited,
  ),
  {
    name: 'weir_request_bytes_total',
    type: 'counter',
    help: 'Bytes of requests by API.',
    read: (look) => asked(look).map((api): Sample => [labels({ request: api.name }), api.bytesIn]),
  },
  {
    name: 'weir_response_bytes_total',
    type: 'counter',
    help: 'Bytes of answers by API.',
    read: (look) => asked(look).map((api): Sample => [labels({ request: api.name }), api.bytesOut]),
  },
  {
    name: 'weir_requests_in_flight',
    type: 'gauge',
    help: 'Requests that have begun and are not answered.',
    read: ({ load }) => load.requestsInFlight,
  },
  {
    name: 'weir_request_memory_bytes',
    type: 'gauge',
    help: 'Memory held by requests between their first byte and their answer.',
    read: ({ load }) => load.requestBytes,
  },
]
