/**
 * Clients' metrics (KIP-714): tells a client what the operators want of it, takes what it pushes and keeps the last value of each
 * metric for /metrics.
 *
 * Kafka offers this only where a plug-in is configured that takes what is pushed; here /metrics takes it, so it is always offered.
 * Clients ask once, when they connect, what a broker offers: were it offered only while a subscription exists, one made later would
 * reach nobody until they connect again. Without a subscription a client asks every five minutes and pushes nothing.
 * Totals are asked for, not what has come since the last push: the last value is to mean something by itself.
 */
import type { ClientFacts } from '../../config/client_match.ts'
import type { Clock, Random } from '../../env/env.ts'
import { type ErrorName, errorCode, KafkaError } from '../../protocol/errors.ts'
import type { GetTelemetrySubscriptions } from '../../protocol/messages/71_get_telemetry_subscriptions.ts'
import type { PushTelemetry } from '../../protocol/messages/72_push_telemetry.ts'
import { type Infer, ZERO_UUID } from '../../protocol/schema.ts'
import { MalformedError } from '../../protocol/wire.ts'
import { CODECS, codecId, decompress } from '../../records/compression.ts'
import type { Gone } from '../../rpc/gone.ts'
import { ClientSeries, MOST_POINTS_A_CLIENT } from './client_series.ts'
import { readMetrics } from './otlp.ts'
import { Subscriptions, type Wanted } from './subscriptions.ts'

type GetRequest = Infer<typeof GetTelemetrySubscriptions.request>
type PushRequest = Infer<typeof PushTelemetry.request>

/** The connection a request came on, and what is known of who is behind it. */
export interface Asker {
  readonly gone: Gone
  readonly clientId: string
  readonly host: string
  readonly port: number
}

interface Instance {
  readonly facts: ClientFacts
  wanted: Wanted
  /** Of the subscriptions when that was found out. */
  version: number
  lastGetMs: number
  lastPushMs: number
  lastSeenMs: number
  terminating: boolean
  lastError: ErrorName
}

const COMPRESSIONS = (['zstd', 'lz4', 'gzip', 'snappy'] as const).map(codecId)
const MOST_CLIENTS = 16_384
/** Who has not been heard of for three intervals, or so long, is forgotten. */
const LEAST_EXPIRY_MS = 60_000
/** Metrics are names, most of all: they shrink well. */
const MOST_UNPACKED_BYTES = 16 * 1024 * 1024
/** The metadata topic has the UUID 1; no client does. */
const RESERVED: ReadonlySet<string> = new Set([ZERO_UUID, 'AAAAAAAAAAAAAAAAAAAAAQ'])
const ASK_AGAIN: ReadonlySet<ErrorName> = new Set(['UNKNOWN_SUBSCRIPTION_ID', 'UNSUPPORTED_COMPRESSION_TYPE'])

export class ClientTelemetry {
  readonly subscriptions = new Subscriptions()
  readonly series = new ClientSeries()
  /** By error, NONE too. */
  readonly pushes = new Map<ErrorName, number>()
  bytes = 0
  /** Those heard of last stand at the end. */
  private readonly instances = new Map<string, Instance>()
  private readonly software = new WeakMap<Gone, { name: string; version: string }>()

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly maxBytes: () => number,
  ) {}

  get size(): number {
    this.expire()
    return this.instances.size
  }

  /** A client says in ApiVersions what it is. */
  introduced(gone: Gone, software: { name: string; version: string }): void {
    this.software.set(gone, software)
  }

  /** Throws THROTTLING_QUOTA_EXCEEDED where the client asks too early. */
  get(request: GetRequest, asker: Asker) {
    const clientInstanceId = request.clientInstanceId === ZERO_UUID ? this.random.uuid() : request.clientInstanceId
    const instance = this.instance(clientInstanceId, asker)
    const { wanted } = instance
    const nowMs = this.clock.monotonic()
    const sinceMs = nowMs - Math.max(instance.lastGetMs, instance.lastPushMs)
    if (sinceMs < wanted.pushIntervalMs && !ASK_AGAIN.has(instance.lastError)) throw tooEarly(wanted)
    instance.lastGetMs = nowMs
    instance.lastError = 'NONE'
    return {
      errorCode: errorCode.NONE,
      clientInstanceId,
      subscriptionId: wanted.subscriptionId,
      acceptedCompressionTypes: COMPRESSIONS,
      pushIntervalMs: wanted.pushIntervalMs,
      telemetryMaxBytes: this.maxBytes(),
      deltaTemporality: false,
      requestedMetrics: [...wanted.metrics],
    }
  }

  /** Throws what the client is to hear. */
  push(request: PushRequest, asker: Asker): void {
    let error: ErrorName = 'NONE'
    try {
      this.take(request, asker)
    } catch (e) {
      error = e instanceof KafkaError ? e.error : 'UNKNOWN_SERVER_ERROR'
      throw e
    } finally {
      this.pushes.set(error, (this.pushes.get(error) ?? 0) + 1)
    }
  }

  private take(request: PushRequest, asker: Asker): void {
    const { clientInstanceId } = request
    if (RESERVED.has(clientInstanceId)) throw new KafkaError('INVALID_REQUEST', 'A client has an id of its own.')
    const instance = this.instance(clientInstanceId, asker)
    try {
      this.check(request, instance)
      this.bytes += request.metrics.length
      if (request.metrics.length > 0) this.keep(request, instance)
      instance.lastError = 'NONE'
    } catch (error) {
      instance.lastError = error instanceof KafkaError ? error.error : 'UNKNOWN_SERVER_ERROR'
      throw error
    } finally {
      instance.terminating = request.terminating
    }
  }

  private check(request: PushRequest, instance: Instance): void {
    const { wanted } = instance
    if (instance.terminating)
      throw new KafkaError('INVALID_REQUEST', 'The client has said that it pushes nothing more.')
    const nowMs = this.clock.monotonic()
    // The first after it asked may come early: clients spread theirs over the interval.
    const inTime = instance.lastGetMs > instance.lastPushMs || nowMs - instance.lastPushMs >= wanted.pushIntervalMs
    if (inTime) instance.lastPushMs = nowMs
    else if (!request.terminating) throw tooEarly(wanted)
    if (request.subscriptionId !== wanted.subscriptionId) throw new KafkaError('UNKNOWN_SUBSCRIPTION_ID')
    if (CODECS[request.compressionType] === undefined) {
      throw new KafkaError('UNSUPPORTED_COMPRESSION_TYPE', `${request.compressionType} is no compression type.`)
    }
    const most = this.maxBytes()
    if (request.metrics.length > most) {
      throw new KafkaError(
        'TELEMETRY_TOO_LARGE',
        `${request.metrics.length} bytes are more than telemetry.max.bytes, ${most}.`,
      )
    }
  }

  private keep({ clientInstanceId, compressionType, metrics }: PushRequest, { facts }: Instance): void {
    try {
      const data = decompress(CODECS[compressionType]!, metrics, MOST_UNPACKED_BYTES)
      const { points, leftOut } = readMetrics(data, MOST_POINTS_A_CLIENT)
      const own = { client_instance_id: clientInstanceId, client_id: facts.client_id }
      this.series.take(clientInstanceId, own, points)
      this.series.dropped += leftOut
    } catch (error) {
      if (error instanceof MalformedError) throw new KafkaError('INVALID_RECORD', error.message)
      throw error
    }
  }

  private instance(id: string, asker: Asker): Instance {
    this.expire()
    const nowMs = this.clock.monotonic()
    let instance = this.instances.get(id)
    if (instance === undefined) {
      const facts = this.factsOf(id, asker)
      const wanted = this.subscriptions.for(facts)
      const never = Number.NEGATIVE_INFINITY
      instance = {
        facts,
        wanted,
        version: this.subscriptions.version,
        lastGetMs: never,
        lastPushMs: never,
        lastSeenMs: nowMs,
        terminating: false,
        lastError: 'NONE',
      }
    } else if (instance.version !== this.subscriptions.version) {
      instance.version = this.subscriptions.version
      const wanted = this.subscriptions.for(instance.facts)
      // Asked for something else, it may come at once and hear of it.
      if (wanted.subscriptionId !== instance.wanted.subscriptionId) {
        instance.wanted = wanted
        instance.lastGetMs = instance.lastPushMs = Number.NEGATIVE_INFINITY
      }
    }
    instance.lastSeenMs = nowMs
    this.instances.delete(id)
    this.instances.set(id, instance)
    return instance
  }

  private factsOf(id: string, { gone, clientId, host, port }: Asker): ClientFacts {
    const software = this.software.get(gone)
    return {
      client_instance_id: id,
      client_id: clientId,
      client_software_name: software?.name ?? 'unknown',
      client_software_version: software?.version ?? 'unknown',
      client_source_address: host,
      client_source_port: String(port),
    }
  }

  /** From the one not heard of longest on. */
  private expire(): void {
    const nowMs = this.clock.monotonic()
    for (const [id, instance] of this.instances) {
      const expiryMs = Math.max(LEAST_EXPIRY_MS, instance.wanted.pushIntervalMs * 3)
      if (nowMs - instance.lastSeenMs <= expiryMs && this.instances.size <= MOST_CLIENTS) return
      this.instances.delete(id)
      this.series.forget(id)
    }
  }
}

const tooEarly = ({ pushIntervalMs }: Wanted) =>
  new KafkaError(
    'THROTTLING_QUOTA_EXCEEDED',
    `A client pushes its metrics every ${pushIntervalMs} ms; this was sooner.`,
  )
