/**
 * One connection to one broker: negotiates versions, sends requests without waiting for the answers before, hands the
 * answers out in order, and ends itself when a broker is silent for too long or says what cannot be.
 *
 * It deliberately does not: reconnect, retry, know other brokers (`cluster.ts`), or group anything.
 * Whatever ends it, all that was waiting fails with a retriable KafkaError: NETWORK_EXCEPTION or REQUEST_TIMED_OUT.
 */
import { type Connection, type Env, NetworkError } from '../env/env.ts'
import type { BlockPool } from '../lib/block_pool.ts'
import { type Api, highestVersion, lowestVersion } from '../protocol/api.ts'
import { errorCode, errorOf, KafkaError } from '../protocol/errors.ts'
import { correlationIdOf, decodeResponse, encodeRequest, FrameReader } from '../protocol/frame.ts'
import { ApiVersions } from '../protocol/messages/18_api_versions.ts'
import { apiByKey } from '../protocol/messages/index.ts'
import type { Fields, Infer, Input, Message } from '../protocol/schema.ts'

export interface Address {
  host: string
  port: number
}

export interface ConnectionOptions {
  clientId: string
  /** A broker that does not answer a request for so long is taken for dead. */
  requestTimeoutMs: number
  connectTimeoutMs: number
  /** A larger answer ends the connection. */
  maxResponseBytes: number
  /** Where large answers lie: see `SendOptions.onFrame`. Default: memory that is collected. */
  blocks?: BlockPool
  /** Called after versions are known and before anything else is sent: where SASL has its place. */
  authenticate?: (connection: BrokerConnection) => Promise<void>
}

export interface SendOptions {
  /** Never a lower version than this: UNSUPPORTED_VERSION if the broker has none. */
  minVersion?: number
  /** Never a higher version than this. */
  maxVersion?: number
  /** On top of `requestTimeoutMs`: for requests that the broker itself may hold, such as long polls. */
  extraTimeoutMs?: number
  /** Is given the memory that the answer's records lie in, to give it back to `blocks` when nobody looks at them any more. */
  onFrame?: (frame: Buffer) => void
  /** The broker sends no answer (Produce with acks=0): resolves once written. */
  noResponse?: boolean
}

export type Body<Q extends Fields> = Input<Message<Q>> | ((version: number) => Input<Message<Q>>)

export interface VersionRange {
  lowest: number
  highest: number
}

interface Pending {
  api: Api
  version: number
  correlationId: number
  resolve(value: any): void
  reject(error: Error): void
  deadline: number
  onFrame: ((frame: Buffer) => void) | undefined
}

const SOFTWARE = { clientSoftwareName: 'weir', clientSoftwareVersion: '0.1.0' }

export class BrokerConnection {
  /** By API key, as the broker offers them. */
  versions: ReadonlyMap<number, VersionRange> = new Map()
  /** What ApiVersions told beside the versions. */
  features: { name: string; lowest: number; highest: number; finalized: number | null }[] = []
  /** The error that ended it; undefined while it is open. */
  ended: KafkaError | undefined
  /** Called once, when it has ended. */
  onEnd: (error: KafkaError) => void = () => {}

  private readonly pending: Pending[] = []
  private head = 0
  private nextCorrelationId = 1
  private readonly frames: FrameReader
  private full = false
  private readonly waiting: (() => void)[] = []
  private cancelWatch: (() => void) | undefined

  private constructor(
    private readonly env: Env,
    private readonly socket: Connection,
    readonly address: Address,
    private readonly options: ConnectionOptions,
  ) {
    this.frames = new FrameReader(options.maxResponseBytes, options.blocks)
    socket.onData = (chunk) => this.receive(chunk)
    socket.onDrain = () => {
      this.full = false
      for (const resolve of this.waiting.splice(0)) resolve()
    }
    socket.onClose = (error) =>
      this.end(
        new KafkaError('NETWORK_EXCEPTION', `${this.name} closed the connection${error ? `: ${error.message}` : ''}`),
      )
  }

  /** Connects and negotiates. Rejects with NETWORK_EXCEPTION, REQUEST_TIMED_OUT or UNSUPPORTED_VERSION. */
  static async open(env: Env, address: Address, options: ConnectionOptions): Promise<BrokerConnection> {
    let connection: BrokerConnection
    try {
      const socket = await env.network.connect({ ...address, timeoutMs: options.connectTimeoutMs })
      connection = new BrokerConnection(env, socket, address, options)
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error
      throw new KafkaError('NETWORK_EXCEPTION', error.message)
    }
    try {
      await connection.negotiate()
      await options.authenticate?.(connection)
    } catch (error) {
      connection.close()
      throw error
    }
    return connection
  }

  get name(): string {
    return `${this.address.host}:${this.address.port}`
  }

  /** How much has come of an answer that is not whole yet. */
  get bytesUnderWay(): number {
    return this.frames.buffered
  }

  /** Requests sent and not answered. */
  get inFlight(): number {
    return this.pending.length - this.head
  }

  /** Does the broker offer this API in at least this version, and do we speak it? */
  supports(api: Api, minVersion = 0): boolean {
    const common = this.common(api)
    return common !== undefined && common >= minVersion
  }

  /** The highest version both sides know, or undefined. */
  private common(api: Api, maxVersion = Infinity): number | undefined {
    const offered = this.versions.get(api.key)
    if (!offered) return undefined
    const version = Math.min(offered.highest, highestVersion(api), maxVersion)
    return version >= Math.max(offered.lowest, lowestVersion(api)) ? version : undefined
  }

  /** Resolves at once, or when the system has taken what was written: wait for it before sending more in bulk. */
  writable(): Promise<void> {
    if (!this.full || this.ended) return Promise.resolve()
    return new Promise((resolve) => this.waiting.push(resolve))
  }

  /**
   * Sends a request in the highest version both sides know; `body` may be a function of that version.
   * Resolves with the response as decoded; error codes inside it are the caller's to read.
   */
  async send<Q extends Fields, S extends Fields>(
    api: Api<Q, S>,
    body: Body<Q>,
    options: SendOptions = {},
  ): Promise<Infer<Message<S>>> {
    const version = this.common(api, options.maxVersion)
    if (version === undefined || version < (options.minVersion ?? 0)) {
      const what = options.minVersion ? `${api.name} in version ${options.minVersion}` : api.name
      throw new KafkaError('UNSUPPORTED_VERSION', `${this.name} does not offer ${what}`)
    }
    return this.write(api, version, typeof body === 'function' ? body(version) : body, options)
  }

  private write(api: Api, version: number, body: any, options: SendOptions): Promise<any> {
    if (this.ended) return Promise.reject(this.ended)
    const correlationId = this.nextCorrelationId
    this.nextCorrelationId = (correlationId + 1) & 0x7fffffff
    const parts = encodeRequest(api, version, correlationId, this.options.clientId, body)
    return new Promise((resolve, reject) => {
      if (!options.noResponse) {
        const deadline = this.env.clock.monotonic() + this.options.requestTimeoutMs + (options.extraTimeoutMs ?? 0)
        this.pending.push({ api, version, correlationId, resolve, reject, deadline, onFrame: options.onFrame })
        this.watch()
      }
      if (!this.socket.write(parts)) this.full = true
      if (options.noResponse) resolve(undefined)
    })
  }

  private receive(chunk: Buffer): void {
    try {
      for (const frame of this.frames.push(chunk)) {
        if (this.ended) return
        this.answer(frame)
      }
    } catch (error) {
      this.end(
        new KafkaError('NETWORK_EXCEPTION', `${this.name} sent what cannot be read: ${(error as Error).message}`),
      )
    }
  }

  private answer(frame: Buffer): void {
    const request = this.pending[this.head]
    if (!request) throw new Error('an answer that nobody asked for')
    const correlationId = correlationIdOf(frame)
    if (correlationId !== request.correlationId) {
      throw new Error(`answer ${correlationId} where ${request.correlationId} was due`)
    }
    const { body } = decodeResponse(request.api, request.version, frame)
    this.head++
    if (this.head === this.pending.length || this.head > 1024) {
      this.pending.splice(0, this.head)
      this.head = 0
    }
    request.onFrame?.(frame)
    request.resolve(body)
  }

  private async negotiate(): Promise<void> {
    let version = highestVersion(ApiVersions)
    let answer = await this.write(ApiVersions, version, SOFTWARE, {})
    if (answer.errorCode === errorCode.UNSUPPORTED_VERSION) {
      const offered = answer.apiKeys.find((k: any) => k.apiKey === ApiVersions.key)
      version = Math.max(0, Math.min(version - 1, offered?.maxVersion ?? 0))
      answer = await this.write(ApiVersions, version, SOFTWARE, {})
    }
    if (answer.errorCode !== 0) throw new KafkaError(errorOf(answer.errorCode))
    this.versions = new Map(answer.apiKeys.map((k: any) => [k.apiKey, { lowest: k.minVersion, highest: k.maxVersion }]))
    const finalized = new Map<string, number>(answer.finalizedFeatures.map((f: any) => [f.name, f.maxVersionLevel]))
    this.features = answer.supportedFeatures.map((f: any) => ({
      name: f.name,
      lowest: f.minVersion,
      highest: f.maxVersion,
      finalized: finalized.get(f.name) ?? null,
    }))
  }

  /** One timer for the whole connection: answers come in order, so only the first one's deadline counts. */
  private watch(): void {
    if (this.cancelWatch) return
    const check = () => {
      this.cancelWatch = undefined
      const first = this.pending[this.head]
      if (!first || this.ended) return
      const left = first.deadline - this.env.clock.monotonic()
      if (left > 0) this.cancelWatch = this.env.clock.after(left, check)
      else this.end(new KafkaError('REQUEST_TIMED_OUT', `${this.name} did not answer ${first.api.name} in time`))
    }
    this.cancelWatch = this.env.clock.after(this.options.requestTimeoutMs, check)
  }

  private end(error: KafkaError): void {
    if (this.ended) return
    this.ended = error
    this.cancelWatch?.()
    this.socket.destroy()
    for (const { reject } of this.pending.splice(0).slice(this.head)) reject(error)
    this.head = 0
    for (const resolve of this.waiting.splice(0)) resolve()
    this.onEnd(error)
  }

  /** Ends it at once; what waits for an answer fails. */
  close(): void {
    this.end(new KafkaError('NETWORK_EXCEPTION', `the connection to ${this.name} was closed`))
  }
}

/** Name of an API by its key, or the key itself for those that we do not know. */
export const apiName = (key: number): string => apiByKey.get(key)?.name ?? `api ${key}`
