/**
 * Frames: what travels on a connection is an int32 size, a header, and a body. Requests and responses are put into
 * frames and taken out here; which bytes arrive when, and who may send how much, is the connection's business.
 */
import type { BlockPool } from '../lib/block_pool.ts'
import type { Api } from './api.ts'
import { requestHeaderVersion, responseHeaderVersion } from './api.ts'
import { codec } from './codec.ts'
import { errorCode } from './errors.ts'
import { RequestHeader as Header } from './header/request_header.ts'
import { ResponseHeader } from './header/response_header.ts'
import { apiByKey } from './messages/index.ts'
import type { Fields, Infer, Input, Message } from './schema.ts'
import { MalformedError, Reader, Writer } from './wire.ts'

const SIZE = 4
const API_VERSIONS = 18
const FIRST_PART = 64 * 1024
const NOTHING = Buffer.alloc(0)

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  /** What has arrived of a size that came in pieces. */
  private size = 0
  private sizeBytes = 0
  /** Size of the frame that has begun and is not whole yet, -1 if its size is not known either. */
  private wanted = -1
  private part: Buffer = NOTHING
  private partLength = 0

  /** `maxSize`: `socket.request.max.bytes`. Frames that are copied lie in blocks of the pool; whoever is done with one may give it back. */
  constructor(
    private readonly maxSize: number,
    private readonly blocks?: BlockPool,
  ) {}

  /** Bytes kept of the frame that is not whole yet. */
  get buffered(): number {
    return this.partLength
  }

  /**
   * The frames that `chunk` completes, without their sizes. One that lies in `chunk` is a view of it, only one that
   * began earlier is a copy. Throws a MalformedError at a size that is negative or above the limit, before anything
   * of that frame is kept; the stream cannot be read on after that.
   */
  push(chunk: Buffer): Buffer[] {
    const frames: Buffer[] = []
    let at = 0
    while (at < chunk.length) {
      if (this.wanted < 0) at = this.readSize(chunk, at)
      if (this.wanted < 0) break
      const missing = this.wanted - this.partLength
      if (chunk.length - at < missing) {
        this.keep(chunk.subarray(at))
        break
      }
      frames.push(this.complete(chunk.subarray(at, at + missing)))
      at += missing
    }
    return frames
  }

  /** Returns where the frame's contents begin, or the chunk's end if the size has not arrived in full. */
  private readSize(chunk: Buffer, at: number): number {
    if (this.sizeBytes === 0 && chunk.length - at >= SIZE) {
      this.begin(chunk.readInt32BE(at))
      return at + SIZE
    }
    for (; this.sizeBytes < SIZE && at < chunk.length; this.sizeBytes++) this.size = (this.size << 8) | chunk[at++]!
    if (this.sizeBytes === SIZE) {
      this.sizeBytes = 0
      this.begin(this.size)
    }
    return at
  }

  private begin(size: number): void {
    if (size < 0) throw new MalformedError(`a frame of ${size} bytes`)
    if (size > this.maxSize) throw new MalformedError(`a frame of ${size} bytes, the limit is ${this.maxSize}`)
    this.wanted = size
  }

  /** Memory grows with what has arrived, never at once to the size that the frame claims. */
  private keep(bytes: Buffer): void {
    const length = this.partLength + bytes.length
    if (length > this.part.length) {
      const size = Math.min(this.wanted, Math.max(FIRST_PART, length * 4))
      const next = this.blocks ? this.blocks.take(size) : Buffer.allocUnsafe(size)
      this.part.copy(next, 0, 0, this.partLength)
      this.blocks?.give(this.part)
      this.part = next
    }
    bytes.copy(this.part, this.partLength)
    this.partLength = length
  }

  private complete(rest: Buffer): Buffer {
    let frame = rest
    if (this.partLength > 0) {
      this.keep(rest)
      frame = this.part.subarray(0, this.partLength)
      this.part = NOTHING
      this.partLength = 0
    }
    this.wanted = -1
    return frame
  }
}

/** Of a request that has come in. */
export interface RequestHeader {
  readonly apiKey: number
  /** Whether the API has such a version is for the caller to check. */
  readonly apiVersion: number
  readonly correlationId: number
  readonly clientId: string | null
  /** Stands at the beginning of the body. */
  readonly reader: Reader
}

/** Reads a request's header. An API key that is in no list leaves the header's own version unknown: MalformedError. */
export function decodeRequestHeader(frame: Buffer): RequestHeader {
  const reader = new Reader(frame)
  const apiKey = reader.int16()
  const apiVersion = reader.int16()
  const api = apiByKey.get(apiKey)
  if (!api) throw new MalformedError(`no API has the key ${apiKey}`)
  reader.pos = 0
  const { correlationId, clientId } = codec(Header, requestHeaderVersion(api, apiVersion)).decode(reader)
  return { apiKey, apiVersion, correlationId, clientId, reader }
}

/** A request as it goes onto a connection: parts to be written one after the other. Large record data is not copied. */
export function encodeRequest<Q extends Fields>(
  api: Api<Q, any>,
  version: number,
  correlationId: number,
  clientId: string | null,
  body: Input<Message<Q>>,
): Buffer[] {
  const w = new Writer()
  w.int32(0)
  const header = { requestApiKey: api.key, requestApiVersion: version, correlationId, clientId }
  codec(Header, requestHeaderVersion(api, version)).encode(w, header)
  codec(api.request, version).encode(w, body)
  return sized(w)
}

/** The same of a response. */
export function encodeResponse<S extends Fields>(
  api: Api<any, S>,
  version: number,
  correlationId: number,
  body: Input<Message<S>>,
): Buffer[] {
  const w = new Writer()
  w.int32(0)
  codec(ResponseHeader, responseHeaderVersion(api, version)).encode(w, { correlationId })
  codec(api.response, version).encode(w, body)
  return sized(w)
}

/** Which request a response answers: known before its API and version are. */
export const correlationIdOf = (frame: Buffer): number => new Reader(frame).int32()

/**
 * The response to a request of that API and version. A broker that does not know the version of an ApiVersions request
 * answers in version 0 whatever was asked (KIP-511), so there the error code comes before the version.
 */
export function decodeResponse<S extends Fields>(
  api: Api<any, S>,
  version: number,
  frame: Buffer,
): { correlationId: number; body: Infer<Message<S>> } {
  const r = new Reader(frame)
  const { correlationId } = codec(ResponseHeader, responseHeaderVersion(api, version)).decode(r)
  const v = api.key === API_VERSIONS && refused(frame, r.pos) ? 0 : version
  const body = codec(api.response, v).decode(r)
  if (r.remaining > 0) throw new MalformedError(`${r.remaining} bytes left after ${api.response.name} v${v}`)
  return { correlationId, body }
}

const refused = (frame: Buffer, at: number): boolean => new Reader(frame, at).int16() === errorCode.UNSUPPORTED_VERSION

/** Fills in the size, which the first four bytes were left free for. */
function sized(w: Writer): Buffer[] {
  const parts = w.chunks()
  parts[0]!.writeInt32BE(w.length - SIZE, 0)
  return parts
}
