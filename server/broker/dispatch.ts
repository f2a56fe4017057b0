/**
 * From a frame to an answer: header, version, decoding, handler, encoding. Derived from the table of handlers; what a broker
 * offers in ApiVersions is derived from the same table.
 */
import { codec } from '../protocol/codec.ts'
import { codeOf, errorOf, KafkaError } from '../protocol/errors.ts'
import { decodeRequestHeader, encodeResponse, type RequestHeader } from '../protocol/frame.ts'
import { MalformedError } from '../protocol/wire.ts'
import { ProduceHandler } from './apis/00_produce.ts'
import { ApiVersionsHandler } from './apis/18_api_versions.ts'
import { offeredVersions, served } from './apis/index.ts'
import { leftOut } from './apis/left_out.ts'
import type { BrokerState } from './broker_state.ts'
import type { ClientConnection, FrameHandler, Outcome } from './connection.ts'
import { type Answer, type Handler, isNoAnswer, type RequestContext } from './handler.ts'
import type { ApiMeter } from './metrics.ts'
import type { RequestQuota } from './quota/request_quota.ts'

/** Without authentication all are one. */
const USER = 'ANONYMOUS'
const PRINCIPAL = `User:${USER}`
const CLOSE: Outcome = { parts: [], close: true }

export class Dispatcher implements FrameHandler {
  constructor(private readonly broker: BrokerState) {}

  overlaps(frame: Buffer): boolean {
    return frame.length >= 2 && served.get(frame.readInt16BE(0))?.overlaps === true
  }

  letsGo(frame: Buffer): boolean {
    return frame.length >= 2 && served.get(frame.readInt16BE(0))?.letsGo === true
  }

  meter(frame: Buffer): ApiMeter | undefined {
    return this.broker.metrics.ofFrame(frame)
  }

  handle(frame: Buffer, connection: ClientConnection): Outcome | Promise<Outcome> {
    try {
      return this.outcome(frame, connection)
    } catch (error) {
      return this.unexpected(error)
    }
  }

  private unexpected(error: unknown): Outcome {
    this.broker.log.error(`a request could be neither answered nor refused: ${describe(error)}`)
    return CLOSE
  }

  private outcome(frame: Buffer, connection: ClientConnection): Outcome | Promise<Outcome> {
    let header: RequestHeader
    let found: Handler | undefined
    let version: number
    let request: Record<string, unknown>
    try {
      header = decodeRequestHeader(frame)
      found = served.get(header.apiKey)
      if (!found) {
        const { name, why } = leftOut.get(header.apiKey) ?? {
          name: `the API key ${header.apiKey}`,
          why: 'no broker serves it',
        }
        return this.refuse(connection, `${name} is not served here: ${why}`)
      }
      version = header.apiVersion
      const { lowest, highest } = offeredVersions(found.api)
      if (version < lowest || version > highest) {
        // The one request that may be of any version: its answer tells the client which ones there are (KIP-511).
        if (found.api === ApiVersionsHandler.api) return this.unsupportedApiVersions(header)
        return this.refuse(
          connection,
          `${found.api.name} version ${version} is not served, only ${lowest} to ${highest}`,
        )
      }
      request = codec(found.api.request, version).decode(header.reader)
      this.broker.metrics.ofApi(found.api).begun(version)
    } catch (error) {
      if (error instanceof MalformedError || error instanceof RangeError) {
        return this.refuse(connection, `a malformed request: ${error.message}`)
      }
      throw error
    }
    const quota = this.broker.quotas.begin(USER, header.clientId ?? '', frame.length)
    const context: RequestContext = {
      broker: this.broker,
      version,
      clientId: header.clientId ?? '',
      clientHost: `/${connection.remoteHost}`,
      clientPort: connection.remotePort,
      principal: PRINCIPAL,
      gone: connection.gone,
      quota,
    }
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

  private failed(h: Handler, request: Record<string, unknown>, version: number, error: unknown): Answer<any> {
    if (!(error instanceof KafkaError)) this.broker.log.error(`${h.api.name} failed unexpectedly: ${describe(error)}`)
    const code = codeOf(error)
    const name = errorOf(code)
    const detail = error instanceof KafkaError ? error.message : 'The broker failed in a way it did not expect.'
    return h.fail(request, { code, error: name, detail, version })
  }

  private encode(
    h: Handler,
    version: number,
    correlationId: number,
    answer: Answer<any>,
    quota: RequestQuota | undefined,
  ): Outcome {
    if (quota) return this.encodeLimited(h, version, correlationId, answer, quota)
    return this.encoded(h, version, correlationId, answer)
  }

  /** The answer to a client who may have to wait: it says for how long. */
  private encodeLimited(
    h: Handler,
    version: number,
    correlationId: number,
    given: Answer<any>,
    quota: RequestQuota,
  ): Outcome {
    const muteMs = quota.finish({ isProduce: h.api === ProduceHandler.api })
    const answer = muteMs > 0 && !isNoAnswer(given) ? { ...given, throttleTimeMs: muteMs } : given
    const outcome = this.encoded(h, version, correlationId, answer)
    quota.made()
    return { ...outcome, muteMs }
  }

  private encoded(h: Handler, version: number, correlationId: number, answer: Answer<any>): Outcome {
    if (isNoAnswer(answer)) return { parts: [], close: answer.close }
    this.broker.metrics.ofApi(h.api).answeredWith(answer)
    return { parts: encodeResponse(h.api, version, correlationId, answer), close: false }
  }

  private unsupportedApiVersions(header: RequestHeader): Outcome {
    const answer = ApiVersionsHandler.fail({} as never, {
      code: codeOf(new KafkaError('UNSUPPORTED_VERSION')),
      error: 'UNSUPPORTED_VERSION',
      detail: '',
      version: 0,
    })
    return { parts: encodeResponse(ApiVersionsHandler.api, 0, header.correlationId, answer as never), close: false }
  }

  private refuse(connection: ClientConnection, reason: string): Outcome {
    this.broker.metrics.requestsRefused++
    this.broker.log.warn(`closing the connection from ${connection.remoteHost}: ${reason}`)
    return CLOSE
  }
}

const describe = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error))
