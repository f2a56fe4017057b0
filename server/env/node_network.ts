/** TCP over node:net. Every socket has an error handler from its first moment, so no error is ever unhandled. */
import net from 'node:net'
import { type Connection, type Listener, type Network, NetworkError } from './env.ts'

/** More than this unsent, and `write` says stop. */
const HIGH_WATER_MARK_BYTES = 256 * 1024

export const nodeNetwork: Network = { listen, connect }

function listen(at: { host: string; port: number }, accept: (c: Connection) => void): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server = net.createServer({ noDelay: true, highWaterMark: HIGH_WATER_MARK_BYTES }, (socket) =>
      accept(new NodeConnection(socket)),
    )
    const sentence = (code: string) =>
      `Cannot listen on ${at.host}:${at.port}: ${reasons[code] ?? 'the system refused'} (${code}).`
    server.once('error', (e) => reject(networkError(e, sentence)))
    server.listen({ host: at.host, port: at.port, backlog: 1024 }, () => {
      // Later errors are those of single accepts (out of file descriptors): that peer is refused, the next may fare better.
      server.on('error', () => {})
      const address = server.address() as net.AddressInfo
      resolve({
        host: address.address,
        port: address.port,
        close: () =>
          new Promise((closed) => {
            // Not server.close's own callback: that waits for every connection.
            server.close()
            setImmediate(closed)
          }),
      })
    })
  })
}

function connect(to: { host: string; port: number; timeoutMs?: number }): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const sentence = (code: string) =>
      `Cannot connect to ${to.host}:${to.port}: ${reasons[code] ?? 'the system refused'} (${code}).`
    const socket = new net.Socket({ writableHighWaterMark: HIGH_WATER_MARK_BYTES } as net.SocketConstructorOpts)
    const timer =
      to.timeoutMs === undefined
        ? undefined
        : setTimeout(() => socket.destroy(Object.assign(new Error(), { code: 'ETIMEDOUT' })), to.timeoutMs)
    const failed = (e: Error) => {
      clearTimeout(timer)
      reject(networkError(e, sentence))
    }
    socket.once('error', failed)
    socket.connect({ host: to.host, port: to.port, noDelay: true }, () => {
      clearTimeout(timer)
      const connection = new NodeConnection(socket)
      socket.removeListener('error', failed)
      resolve(connection)
    })
  })
}

const nothing = () => {}

class NodeConnection implements Connection {
  readonly remote: { host: string; port: number }
  onData: (chunk: Buffer) => void = nothing
  onDrain: () => void = nothing
  onClose: (error?: NetworkError) => void = nothing

  constructor(private readonly socket: net.Socket) {
    this.remote = { host: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 }
    let error: NetworkError | undefined
    socket.on('error', (e) => {
      error = networkError(
        e,
        (code) =>
          `The connection to ${this.remote.host}:${this.remote.port} broke: ${reasons[code] ?? code} (${code}).`,
      )
    })
    socket.on('close', () => this.onClose(error))
    socket.on('drain', () => this.onDrain())
    // Not before the turn ends: whoever is handed the connection sets its handlers until then. A pause until then holds.
    setImmediate(() => socket.on('data', (chunk: Buffer) => this.onData(chunk)))
  }

  write(parts: readonly Uint8Array[], taken?: () => void): boolean {
    const { socket } = this
    if (socket.destroyed || socket.writableEnded) return false
    const last = parts.length - 1
    if (last > 0) socket.cork()
    for (let i = 0; i < last; i++) socket.write(parts[i]!)
    if (last >= 0) socket.write(parts[last]!, taken && ((error) => error ?? taken()))
    if (last > 0) socket.uncork()
    return !socket.writableNeedDrain
  }
  get queued(): number {
    return this.socket.writableLength
  }
  pause(): void {
    this.socket.pause()
  }
  resume(): void {
    this.socket.resume()
  }
  end(): void {
    this.socket.end()
  }
  destroy(): void {
    this.socket.destroy()
  }
}

const reasons: Record<string, string> = {
  EADDRINUSE: 'the port is in use',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'this user may not use that port',
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'the other side closed it',
  EPIPE: 'the other side closed it',
  ENOTFOUND: 'no such host is known',
  EAI_AGAIN: 'the name could not be looked up',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'no answer in time',
  EMFILE: 'this process has too many files open',
}

function networkError(e: Error, sentence: (code: string) => string): NetworkError {
  // With several addresses tried, Node gives one error that holds the others.
  const first = e instanceof AggregateError && e.errors.length > 0 ? (e.errors[0] as Error) : e
  const code = (first as NodeJS.ErrnoException).code ?? 'EUNKNOWN'
  return new NetworkError(code, sentence(code))
}
