/**
 * Sends requests as they are, in any version, and decodes what comes back: what a client library would keep from a broker is the
 * very thing to try. Speaks through the project's codecs, which Kafka's own vectors have judged.
 */
import { connect, type Socket } from 'node:net'
import type { Api } from '../../server/protocol/api.ts'
import { decodeResponse, encodeRequest, FrameReader } from '../../server/protocol/frame.ts'

/** The broker ended the connection instead of answering. */
export const CLOSED = 'closed the connection'
/** Nothing came in time. */
export const SILENT = 'did not answer'

const LIMIT_MS = 15_000

export class Asker {
  private socket: Promise<Socket> | undefined
  private correlationId = 0

  /** `bootstrap`: host:port. */
  constructor(
    private readonly bootstrap: string,
    private readonly clientId = 'differential',
  ) {}

  /** The decoded answer, CLOSED or SILENT. One at a time. */
  async ask(api: Api, version: number, body: unknown): Promise<unknown> {
    const correlationId = this.correlationId++
    return this.exchange(
      Buffer.concat(encodeRequest(api, version, correlationId, this.clientId, body as never)),
      (frame) => decodeResponse(api, version, frame).body,
    )
  }

  /** A request as bytes, without its size; the answer as bytes too, or CLOSED or SILENT. */
  async askRaw(request: Buffer): Promise<unknown> {
    const size = Buffer.alloc(4)
    size.writeInt32BE(request.length)
    return this.exchange(Buffer.concat([size, request]), (frame) => frame)
  }

  close(): void {
    void this.socket?.then((socket) => socket.destroy()).catch(() => {})
    this.socket = undefined
  }

  private async exchange(request: Buffer, read: (frame: Buffer) => unknown): Promise<unknown> {
    this.socket ??= this.open()
    const socket = await this.socket
    const frames = new FrameReader(1 << 28)
    const answer = await new Promise<unknown>((resolve, reject) => {
      const end = (value: unknown) => {
        clearTimeout(late)
        socket.removeAllListeners()
        socket.on('error', () => {})
        resolve(value)
      }
      const late = setTimeout(() => end(SILENT), LIMIT_MS)
      socket.on('data', (chunk: Buffer) => {
        try {
          const [frame] = frames.push(chunk)
          if (frame) end(read(frame))
        } catch (error) {
          reject(error)
        }
      })
      socket.once('error', () => end(CLOSED)).once('close', () => end(CLOSED))
      socket.write(request)
    })
    if (answer === CLOSED || answer === SILENT) this.close()
    return answer
  }

  private open(): Promise<Socket> {
    const at = this.bootstrap.lastIndexOf(':')
    return new Promise((resolve, reject) => {
      const socket = connect({ host: this.bootstrap.slice(0, at), port: Number(this.bootstrap.slice(at + 1)) })
      socket.once('connect', () => resolve(socket)).once('error', reject)
    })
  }
}
