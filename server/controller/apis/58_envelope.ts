/**
 * Envelope (58, KIP-590): a broker hands over what one of its clients asks, header and all, and says who asked. It is answered as if that
 * client were here, its quota included; the broker passes the answer on as it is.
 */
import { highestVersion, lowestVersion } from '../../protocol/api.ts'
import { codec } from '../../protocol/codec.ts'
import { codeOf, errorCode, errorOf, KafkaError } from '../../protocol/errors.ts'
import { DefaultPrincipal } from '../../protocol/files/default_principal.ts'
import { decodeRequestHeader, encodeResponse, type RequestHeader } from '../../protocol/frame.ts'
import { Envelope } from '../../protocol/messages/58_envelope.ts'
import { MalformedError, Reader } from '../../protocol/wire.ts'
import type { RequestQuota } from '../../quota/request_quota.ts'
import { type Answer, isNoAnswer } from '../../rpc/handler.ts'
import { type ControllerCall, type ControllerHandler, nodeHandler } from '../handler.ts'
import { decided } from './decided.ts'

const forwardable: ReadonlyMap<number, ControllerHandler> = new Map(decided.map((h) => [h.api.key, h]))

export const EnvelopeHandler = nodeHandler(Envelope, {
  async handle({ requestData, requestPrincipal, clientHostAddress }, call) {
    const principal = principalIn(requestPrincipal)
    const clientHost = `/${addressIn(clientHostAddress)}`
    const header = readable('the header', () => decodeRequestHeader(requestData))
    const h = forwardable.get(header.apiKey)
    if (h === undefined) throw new KafkaError('INVALID_REQUEST', `No broker passes on the API ${header.apiKey}.`)
    const request = requestIn(h, header)
    const clientId = header.clientId ?? ''
    const quota = call.node.quotas.begin(principal.slice(principal.indexOf(':') + 1), clientId, requestData.length)
    const answering = answerTo(h, request, {
      ...call,
      version: header.apiVersion,
      clientId,
      clientHost,
      clientPort: 0,
      principal,
      charge: (partitions, strict) => quota?.chargePartitions(partitions, strict),
    })
    // From here on it waits for the disk, which is no use of this controller.
    quota?.pause()
    return { errorCode: errorCode.NONE, responseData: encoded(h, header, await answering, quota) }
  },
  fail: (_request, { code }) => ({ errorCode: code, responseData: null }),
})

/** What its handler says, or that it failed. Throws NOT_CONTROLLER: then another node is to be asked, with all of it. */
async function answerTo(h: ControllerHandler, request: any, call: ControllerCall): Promise<Answer<any>> {
  try {
    return await h.handle(request, call)
  } catch (error) {
    if (!(error instanceof KafkaError) || error.error === 'NOT_CONTROLLER') throw error
    const code = codeOf(error)
    return h.fail(request, { code, error: errorOf(code), detail: error.message, version: call.version })
  }
}

/** Without the size that it has on a connection of its own. */
function encoded(h: ControllerHandler, header: RequestHeader, given: Answer<any>, quota: RequestQuota | undefined) {
  if (isNoAnswer(given)) throw new Error(`${h.api.name} is always answered`)
  const throttleTimeMs = quota?.finish({ isProduce: false }) ?? 0
  const answer = throttleTimeMs > 0 ? { ...given, throttleTimeMs } : given
  const bytes = Buffer.concat(encodeResponse(h.api, header.apiVersion, header.correlationId, answer))
  quota?.made()
  return bytes.subarray(4)
}

function requestIn({ api }: ControllerHandler, { apiVersion, reader }: RequestHeader): any {
  if (apiVersion < lowestVersion(api) || apiVersion > highestVersion(api)) {
    throw new KafkaError('UNSUPPORTED_VERSION', `${api.name} version ${apiVersion} is not served.`)
  }
  return readable('the request', () => codec(api.request, apiVersion).decode(reader))
}

/** As in Kafka, what cannot be read within an Envelope is told from an Envelope that cannot be. */
function readable<T>(what: string, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (!(error instanceof MalformedError || error instanceof RangeError)) throw error
    throw new KafkaError('UNSUPPORTED_VERSION', `${what} cannot be read: ${error.message}`)
  }
}

/** As Kafka prints it. Fields of later versions stand behind those that are known. */
function principalIn(bytes: Buffer | null): string {
  try {
    const reader = new Reader(bytes ?? Buffer.alloc(0))
    reader.int16()
    const { type, name } = codec(DefaultPrincipal, 0).decode(reader)
    return `${type}:${name}`
  } catch (error) {
    if (!(error instanceof MalformedError || error instanceof RangeError)) throw error
    throw new KafkaError('PRINCIPAL_DESERIALIZATION_FAILURE', error.message)
  }
}

/** As Java prints it. */
function addressIn(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16) throw new KafkaError('INVALID_REQUEST', `${bytes.length} bytes are no address of a client.`)
  return Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16)).join(':')
}
