/** A bare connection to a broker: bytes out, frames in. It decides nothing; what is wrong with an answer is for the caller to see. */
import { connect, type Socket } from 'node:net'
import { FrameReader } from '../../../server/protocol/frame.ts'

export class Link {
  /** Whole answers, without their sizes, in their order. */
  readonly frames: Buffer[] = []
  /** The broker closed, or the system did; undefined while it is open. */
  closed: Promise<void>
  isClosed = false
  /** What came was no sequence of frames. */
  broken: string | undefined
  private readonly reader = new FrameReader(1 << 28)
  private wake: () => void = () => {}

  private constructor(readonly socket: Socket) {
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.isClosed = true
        this.wake()
        resolve()
      })
    })
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      try {
        this.frames.push(...this.reader.push(chunk))
      } catch (error) {
        this.broken = (error as Error).message
        socket.destroy()
      }
      this.wake()
    })
  }

  static open(bootstrap: string, { halfOpen = false } = {}): Promise<Link> {
    const at = bootstrap.lastIndexOf(':')
    const address = { host: bootstrap.slice(0, at), port: Number(bootstrap.slice(at + 1)) }
    return new Promise((resolve, reject) => {
      const socket = connect({ ...address, allowHalfOpen: halfOpen, noDelay: true })
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new Link(socket))
      })
    })
  }

  write(bytes: Buffer): void {
    if (!this.isClosed) this.socket.write(bytes)
  }

  /** Waits until there are `count` frames, the connection is closed, or the time is up; says whether there are. */
  async has(count: number, limitMs: number): Promise<boolean> {
    const end = Date.now() + limitMs
    while (this.frames.length < count && !this.isClosed && Date.now() < end) {
      await new Promise<void>((resolve) => {
        const late = setTimeout(resolve, end - Date.now())
        this.wake = () => {
          clearTimeout(late)
          resolve()
        }
      })
    }
    return this.frames.length >= count
  }

  destroy(): void {
    this.socket.destroy()
  }
}
