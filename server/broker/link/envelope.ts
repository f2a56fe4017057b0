/** A client's request as it is passed on to the controller, and the answer to it (KIP-590). */
import type { Api } from '../../protocol/api.ts'
import { encode } from '../../protocol/codec.ts'
import { DefaultPrincipal } from '../../protocol/files/default_principal.ts'
import { decodeResponse, encodeRequest } from '../../protocol/frame.ts'
import type { Fields, Infer, Input, Message } from '../../protocol/schema.ts'
import type { ForwardedCall } from '../controller_link.ts'

/** The size that stands before a frame is no part of what is passed on. */
const SIZE = 4
/** Answers come one by one in envelopes, so nothing has to be told apart. */
const CORRELATION_ID = 0
const PRINCIPAL_VERSION = 0

export function wrap<Q extends Fields>(
  api: Api<Q, any>,
  request: Infer<Message<Q>>,
  call: Pick<ForwardedCall, 'version' | 'clientId' | 'principal' | 'clientHost'>,
) {
  const frame = Buffer.concat(
    encodeRequest(api, call.version, CORRELATION_ID, call.clientId, request as Input<Message<Q>>),
  )
  return {
    requestData: frame.subarray(SIZE),
    requestPrincipal: encodePrincipal(call.principal),
    clientHostAddress: addressBytes(call.clientHost),
  }
}

/** Throws a MalformedError if it is no answer to such a request. */
export const unwrap = <S extends Fields>(api: Api<any, S>, version: number, responseData: Buffer): Infer<Message<S>> =>
  decodeResponse(api, version, responseData).body

/** `principal` is as Kafka prints it, `User:name`; the version stands before what it says. */
function encodePrincipal(principal: string): Buffer {
  const at = principal.indexOf(':')
  const data = { type: principal.slice(0, at), name: principal.slice(at + 1), tokenAuthenticated: false }
  const version = Buffer.alloc(2)
  version.writeInt16BE(PRINCIPAL_VERSION)
  return Buffer.concat([version, encode(DefaultPrincipal, PRINCIPAL_VERSION, data)])
}

/** An IP address, with or without the slash before it, as 4 or 16 bytes; of what is none, the loopback's. */
export function addressBytes(host: string): Buffer {
  const text = host.replace(/^\//, '').replace(/%.*$/, '')
  const v4 = /^(?:::ffff:)?(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/i.exec(text)
  if (v4) return Buffer.from(v4.slice(1).map(Number))
  const v6 = text.includes(':') ? groups(text) : undefined
  if (v6 === undefined) return Buffer.from([127, 0, 0, 1])
  const bytes = Buffer.alloc(16)
  for (const [i, group] of v6.entries()) bytes.writeUInt16BE(group, 2 * i)
  return bytes
}

/** The eight numbers of an IPv6 address; undefined if it is none. */
function groups(text: string): number[] | undefined {
  const [head = '', tail, more] = text.split('::')
  if (more !== undefined) return undefined
  const numbers = (part: string) => (part === '' ? [] : part.split(':').map((g) => Number.parseInt(g, 16)))
  const before = numbers(head)
  const after = tail === undefined ? [] : numbers(tail)
  const missing = 8 - before.length - after.length
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined
  const all = [...before, ...Array<number>(missing).fill(0), ...after]
  return all.every((g) => Number.isInteger(g) && g <= 0xffff) ? all : undefined
}
