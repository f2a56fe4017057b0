/**
 * From a frame to an answer: header, version, decoding, handler, encoding. Derived from a node's table of handlers; what it offers in
 * ApiVersions is derived from the same table.
 */
import type { Api } from '../protocol/api.ts'
import { codec } from '../protocol/codec.ts'
import { codeOf, errorOf, KafkaError } from '../protocol/errors.ts'
import { decodeRequestHeader, encodeResponse, type RequestHeader } from '../protocol/frame.ts'
import { ApiVersions } from '../protocol/messages/18_api_versions.ts'
import { MalformedError } from '../protocol/wire.ts'
import type { ApiMeter } from './api_meter.ts'
import type { ClientConnection, FrameHandler, Outcome } from './connection.ts'
import { type Answer, type CallContext, type Handler, isNoAnswer } from './handler.ts'

/** Without authentication all are one. */
const USER = 'ANONYMOUS'
const PRINCIPAL = `User:${USER}`
const PRODUCE = 0
const CLOSE: Outcome = { parts: [], close: true }

/** What a request may use, and for how long its client has to wait; undefined where nobody is limited. */
export interface CallQuota {
  /** The handler has returned, or waits. */
  pause(): void
  /** Before the answer is made: for how long the client has to wait, ms. */
  finish(request: { readonly isProduce: boolean }): number
  /** The answer is made. */
  made(): void
}

/** The node that answers: a broker, a controller. */
export interface Service<C extends CallContext> {
  /** By API key. */
  readonly served: ReadonlyMap<number, Handler<C>>
  versionsOf(api: Api): { readonly lowest: number; readonly highest: number }
  /** What it does not serve, and why not; for the log. */
  whyNot(apiKey: number): string
  context(call: CallContext, quota: CallQuota | undefined): C
  begin(user: string, clientId: string, requestBytes: number, apiKey: number): CallQuota | undefined
  meter(apiKey: number): ApiMeter | undefined
  /** A connection is closed because of what its client sent: why. */
  refused(host: string, why: string): void
  error(line: string): void
}

export class Dispatcher<C extends CallContext> implements FrameHandler {
  constructor(private readonly node: Service<C>) {}

  overlaps(frame: Buffer): boolean {
    return frame.length >= 2 && this.node.served.get(frame.readInt16BE(0))?.overlaps === true
  }

  letsGo(frame: Buffer): boolean {
    return frame.length >= 2 && this.node.served.get(frame.readInt16BE(0))?.letsGo === true
  }

  meter(frame: Buffer): ApiMeter | undefined {
    return frame.length >= 2 ? this.node.meter(frame.readInt16BE(0)) : undefined
  }

  handle(frame: Buffer, connection: ClientConnection): Outcome | Promise<Outcome> {
    try {
      return this.outcome(frame, connection)
    } catch (error) {
      return this.unexpected(error)
    }
  }

  private unexpected(error: unknown): Outcome {
    this.node.error(`a request could be neither answered nor refused: ${describe(error)}`)
    return CLOSE
  }

  private outcome(frame: Buffer, connection: ClientConnection): Outcome | Promise<Outcome> {
    let header: RequestHeader
    let found: Handler<C> | undefined
    let version: number
    let request: Record<string, unknown>
    try {
      header = decodeRequestHeader(frame)
      found = this.node.served.get(header.apiKey)
      if (!found) return this.refuse(connection, this.node.whyNot(header.apiKey))
      version = header.apiVersion
      const { lowest, highest } = this.node.versionsOf(found.api)
      if (version < lowest || version > highest) {
        // The one request that may be of any version: its answer tells the client which ones there are (KIP-511).
        if (found.api === ApiVersions) return this.unsupportedApiVersions(found, header)
        return this.refuse(
          connection,
          `${found.api.name} version ${version} is not served, only ${lowest} to ${highest}`,
        )
      }
      request = codec(found.api.request, version).decode(header.reader)
      this.node.meter(found.api.key)?.begun(version)
    } catch (error) {
      if (error instanceof MalformedError || error instanceof RangeError) {
        return this.refuse(connection, `a malformed request: ${error.message}`)
      }
      throw error
    }
    const clientId = header.clientId ?? ''
    const quota = this.node.begin(USER, clientId, frame.length, found.api.key)
    const call: CallContext = {
      version,
      clientId,
      clientHost: `/${connection.remoteHost}`,
      clientPort: connection.remotePort,
      principal: PRINCIPAL,
      gone: connection.gone,
    }
    const context = this.node.context(call, quota)
    const h = found
    // Not the header itself: it would keep the frame for as long as the handler waits.
    const { correlationId } = header
    const fail = (error: unknown): Outcome => {
      try {
        return this.encode(h, version, correlationId, this.failed(h, request, version, error), quota)
      } catch (second) {
        return this.unexpected(second)
      }
    }
    const reply = (answer: Answer<any>): Outcome => {
      try {
        return this.encode(h, version, correlationId, answer, quota)
      } catch (error) {
        return fail(error)
      }
    }
    try {
      const answer = h.handle(request, context)
      quota?.pause()
      return answer instanceof Promise ? answer.then(reply, fail) : reply(answer)
    } catch (error) {
      return fail(error)
    }
  }

  private failed(h: Handler<C>, request: Record<string, unknown>, version: number, error: unknown): Answer<any> {
    if (!(error instanceof KafkaError)) this.node.error(`${h.api.name} failed unexpectedly: ${describe(error)}`)
    const code = codeOf(error)
    const name = errorOf(code)
    const detail = error instanceof KafkaError ? error.message : 'The node failed in a way it did not expect.'
    return h.fail(request, { code, error: name, detail, version })
  }

  private encode(
    h: Handler<C>,
    version: number,
    correlationId: number,
    answer: Answer<any>,
    quota: CallQuota | undefined,
  ): Outcome {
    if (quota) return this.encodeLimited(h, version, correlationId, answer, quota)
    return this.encoded(h, version, correlationId, answer)
  }

  /** The answer to a client who may have to wait: it says for how long. */
  private encodeLimited(
    h: Handler<C>,
    version: number,
    correlationId: number,
    given: Answer<any>,
    quota: CallQuota,
  ): Outcome {
    const muteMs = quota.finish({ isProduce: h.api.key === PRODUCE })
    const answer = muteMs > 0 && !isNoAnswer(given) ? { ...given, throttleTimeMs: muteMs } : given
    const outcome = this.encoded(h, version, correlationId, answer)
    quota.made()
    return { ...outcome, muteMs }
  }

  private encoded(h: Handler<C>, version: number, correlationId: number, answer: Answer<any>): Outcome {
    if (isNoAnswer(answer)) return { parts: [], close: answer.close }
    this.node.meter(h.api.key)?.answeredWith(answer)
    return { parts: encodeResponse(h.api, version, correlationId, answer), close: false }
  }

  private unsupportedApiVersions(h: Handler<C>, header: RequestHeader): Outcome {
    const answer = h.fail({} as never, {
      code: codeOf(new KafkaError('UNSUPPORTED_VERSION')),
      error: 'UNSUPPORTED_VERSION',
      detail: '',
      version: 0,
    })
    return { parts: encodeResponse(h.api, 0, header.correlationId, answer as never), close: false }
  }

  private refuse(connection: ClientConnection, reason: string): Outcome {
    this.node.refused(connection.remoteHost, reason)
    return CLOSE
  }
}

const describe = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error))
