/**
 * One request of a client who may be limited: what it uses, and for how long its client has to wait. The answer says so, and
 * the connection is not read for as long (KIP-219). Time counts while the handler runs and while the answer is made, not while
 * it waits for the disk of others, for other replicas or for more records.
 */
import { KafkaError } from '../protocol/errors.ts'
import type { Client, ClientQuotas, Measured } from './client_quotas.ts'
import type { SampledRate } from './sampled_rate.ts'

/** Of a fetch answer besides the records of each partition, about. */
const ANSWER_BYTES = 30

export class RequestQuota {
  private handledMs = 0
  private sinceMs: number | undefined
  private settled = false
  private exempted = false
  private throttleTimeMs = 0

  constructor(
    private readonly quotas: ClientQuotas,
    private readonly client: Client,
    private readonly requestBytes: number,
  ) {
    this.resume()
  }

  /** The handler goes on. */
  resume(): void {
    this.sinceMs ??= this.nowMs
  }
  /** The handler has returned, or waits. */
  pause(): void {
    if (this.sinceMs !== undefined) this.handledMs += this.nowMs - this.sinceMs
    this.sinceMs = undefined
  }

  /** More than this in one fetch would be a violation however little was fetched before. */
  get maxFetchBytes(): number {
    const { samples, windowMs } = this.quotas.windows.client
    const limit = this.quotas.fetch.of(this.client)
    return limit ? (limit.perSecond * (samples - 1) * windowMs) / 1000 : Number.POSITIVE_INFINITY
  }

  /** May this be sent? Where it may not, it counts as not fetched, and the time to wait is returned, ms. */
  fetched(recordBytes: number): number {
    const bytes = recordBytes + ANSWER_BYTES
    const limit = this.quotas.fetch.of(this.client)
    this.wait(record(limit, bytes, this.nowMs))
    this.settle()
    if (this.throttleTimeMs > 0) limit?.meter.record(-bytes, this.nowMs)
    return this.throttleTimeMs
  }

  /**
   * So many partitions are to be created or deleted. Strictly: throws THROTTLING_QUOTA_EXCEEDED where earlier ones have used
   * up the quota; else they are, and the client waits afterwards.
   */
  chargePartitions(count: number, strict: boolean): void {
    const limit = this.quotas.controllerMutation.of(this.client)
    if (!limit) return
    const { meter, perSecond } = limit
    if (strict) {
      const debtMs = meter.debtMs(perSecond, this.nowMs)
      this.wait(debtMs)
      if (debtMs > 0) throw new KafkaError('THROTTLING_QUOTA_EXCEEDED', 'The throttling quota has been exceeded.')
    }
    meter.take(count, perSecond, this.nowMs)
    if (!strict) this.wait(meter.debtMs(perSecond, this.nowMs))
  }

  /** It comes from another broker: nothing of it counts. */
  exempt(): void {
    this.settled = true
    this.exempted = true
  }

  /** The answer is there. Returns for how long its client has to wait, ms; 0 where it has not. */
  finish(o: { isProduce: boolean }): number {
    if (this.settled) return this.throttleTimeMs
    if (o.isProduce) this.wait(record(this.quotas.produce.of(this.client), this.requestBytes, this.nowMs))
    this.settle()
    return this.throttleTimeMs
  }

  /** The answer has been made: that time counts for the next request. */
  made(): void {
    if (this.exempted) return
    this.handledMs = 0
    this.pause()
    this.quotas.request.of(this.client)?.meter.record(percentOf(this.handledMs), this.nowMs)
  }

  private settle(): void {
    this.pause()
    this.settled = true
    const { client } = this.quotas.windows
    const throttleTimeMs = record(this.quotas.request.of(this.client), percentOf(this.handledMs), this.nowMs)
    // As in Kafka: no longer than a window, since one slow request is no reason to be shut out for long.
    this.wait(Math.min(throttleTimeMs, client.windowMs))
    this.resume()
  }

  private wait(ms: number): void {
    this.throttleTimeMs = Math.max(this.throttleTimeMs, ms)
  }

  private get nowMs(): number {
    return this.quotas.clock.monotonic()
  }
}

function record(limit: Measured<SampledRate> | undefined, value: number, nowMs: number): number {
  if (!limit) return 0
  limit.meter.record(value, nowMs)
  return limit.meter.excessMs(limit.perSecond, nowMs)
}

/** A second of the handler is 100 percent of a second. */
const percentOf = (ms: number): number => ms / 10
