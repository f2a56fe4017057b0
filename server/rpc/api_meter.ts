/** What is counted of the requests of one API key: plain numbers, added to where things happen. */
import { Histogram, RecentQuantiles } from '../lib/histogram.ts'
import { type Api, highestVersion } from '../protocol/api.ts'
import type { Outcome } from './connection.ts'
import { errorWalk } from './error_counts.ts'

/** Upper ends, seconds: from a tenth of what a request takes on a quiet machine to longer than a client waits. */
const REQUEST_SECONDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
]
/** Quantiles tell of the last minutes, as Kafka's do. */
export const RECENT = { stepMs: 30_000, keepMs: 300_000 }

/** A request on its way, times in monotonic ms. */
export interface Measured {
  /** Its last byte had come. */
  readonly receivedMs: number
  /** Its handler began. */
  readonly begunMs: number
  /** The handler did not answer at once, but then; undefined if it did. */
  readonly settledMs: number | undefined
  readonly bytes: number
}

/** All requests of one API key. */
export class ApiMeter {
  readonly name: string
  /** By version. */
  readonly requests: number[]
  readonly errors = new Map<number, number>()
  bytesIn = 0
  bytesOut = 0
  /** Seconds from the last byte of the request to the handing over of the answer. */
  readonly total = new Histogram(REQUEST_SECONDS)
  /** Seconds until it was begun. */
  readonly queued = new Histogram(REQUEST_SECONDS)
  /** Seconds from its beginning to its answer, of those that were not answered at once: for the disk, for records, for others. */
  readonly waited = new Histogram(REQUEST_SECONDS)
  readonly recent = new RecentQuantiles(this.total, RECENT)
  private readonly walk: ReturnType<typeof errorWalk>
  private readonly error = (code: number): void => {
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1)
  }

  constructor(api: Api) {
    this.name = api.name
    this.requests = new Array(highestVersion(api) + 1).fill(0)
    this.walk = errorWalk(api.response.fields)
  }

  begun(version: number): void {
    this.requests[version]!++
  }

  /** Before it is encoded. */
  answeredWith(answer: object): void {
    this.walk?.(answer as Record<string, unknown>, this.error)
  }

  /** Its answer has been handed to the system. */
  done(r: Measured, answeredMs: number, { parts }: Outcome): void {
    this.total.observe((answeredMs - r.receivedMs) / 1000)
    this.queued.observe((r.begunMs - r.receivedMs) / 1000)
    if (r.settledMs !== undefined) this.waited.observe((r.settledMs - r.begunMs) / 1000)
    this.bytesIn += r.bytes
    for (const part of parts) this.bytesOut += part.length
  }
}
