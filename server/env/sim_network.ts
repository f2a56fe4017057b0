/**
 * TCP between simulated machines: bytes arrive in order, after a time by chance, in pieces other than those they were
 * written in. Machines can be cut off from each other, one way or both: what is on the way then waits until the cut is healed or the
 * connection breaks. One without power is not heard of; who waits for it waits.
 */
import { type Connection, type Listener, type Network, NetworkError } from './env.ts'
import type { Owner, SimTime } from './sim_clock.ts'
import type { SimRandom } from './sim_random.ts'

export interface NetworkOptions {
  /** ms of virtual time that bytes are on their way. */
  latencyMs: { low: number; high: number }
  /** How many bytes a connection takes before `write` says stop. */
  windowBytes: number
  /** Likelihood that a write arrives in two pieces. */
  splits: number
}

const defaults: NetworkOptions = { latencyMs: { low: 0.05, high: 1 }, windowBytes: 256 * 1024, splits: 0.1 }

interface Listening {
  readonly owner: Owner
  readonly host: string
  readonly accept: (c: Connection) => void
}

export class SimNetwork {
  readonly options: NetworkOptions
  private readonly listening = new Map<string, Listening>()
  /** From where to where nothing comes through. */
  private readonly cuts = new Set<string>()
  private readonly powerless = new Set<string>()
  private readonly connections = new Set<SimConnection>()
  private nextPort = 30_000

  constructor(
    readonly time: SimTime,
    private readonly random: SimRandom,
    options: Partial<NetworkOptions> = {},
  ) {
    this.options = { ...defaults, ...options }
  }

  /** The network as a process on the machine `host` sees it. */
  of(host: string, owner: Owner): Network {
    return {
      listen: async (at, accept) => this.listen(host, owner, at.port, accept),
      connect: (to) => this.connect(host, owner, to),
    }
  }

  /** Both ways. */
  cut(a: string, b: string): void {
    this.cutOneWay(a, b)
    this.cutOneWay(b, a)
  }
  /** What `from` sends does not reach `to`. */
  cutOneWay(from: string, to: string): void {
    this.cuts.add(way(from, to))
  }
  heal(a: string, b: string): void {
    this.cuts.delete(way(a, b))
    this.cuts.delete(way(b, a))
    for (const c of this.connections) c.pump()
  }
  /** Resets every connection between the two, as a middlebox does. */
  reset(a: string, b: string): void {
    for (const c of [...this.connections]) if (pair(c.host, c.peerHost) === pair(a, b)) c.destroy()
  }
  isCut(from: string, to: string): boolean {
    return this.cuts.has(way(from, to))
  }
  /** Nothing comes from that machine any more, not even that its connections are closed. */
  powerLost(host: string): void {
    this.powerless.add(host)
    for (const c of [...this.connections]) if (c.host === host) c.vanish()
  }
  /** It is there again, and knows nothing of the connections of before: who sends on one learns that it is closed. */
  powerIsBack(host: string): void {
    if (this.powerless.delete(host)) for (const c of [...this.connections]) c.pump()
  }
  hasPower(host: string): boolean {
    return !this.powerless.has(host)
  }
  /** What the system does when a process ends: its ports are free, its connections reset. */
  processEnded(owner: Owner): void {
    for (const [at, l] of [...this.listening]) if (l.owner === owner) this.listening.delete(at)
    for (const c of [...this.connections]) if (c.owner === owner) c.destroy()
  }

  private listen(host: string, owner: Owner, wanted: number, accept: (c: Connection) => void): Listener {
    const port = wanted === 0 ? this.nextPort++ : wanted
    const at = `${host}:${port}`
    if (this.listening.has(at))
      throw new NetworkError('EADDRINUSE', `Cannot listen on ${at}: the port is in use (EADDRINUSE).`)
    this.listening.set(at, { owner, host, accept })
    return {
      host,
      port,
      close: async () => {
        if (this.listening.get(at)?.owner === owner) this.listening.delete(at)
      },
    }
  }

  private connect(
    host: string,
    owner: Owner,
    to: { host: string; port: number; timeoutMs?: number },
  ): Promise<Connection> {
    const target = isLoopback(to.host) ? host : to.host
    const at = `${target}:${to.port}`
    const fail = (code: string) => new NetworkError(code, `Cannot connect to ${at} (${code}).`)
    return new Promise((resolve, reject) => {
      if (this.isCut(host, target) || this.isCut(target, host) || !this.hasPower(target)) {
        this.time.after(to.timeoutMs ?? 120_000, () => reject(fail('ETIMEDOUT')), owner)
        return
      }
      this.time.after(
        this.delayMs(),
        () => {
          const l = this.listening.get(at)
          if (l === undefined || l.owner.dead) {
            reject(fail('ECONNREFUSED'))
            return
          }
          const port = this.nextPort++
          const mine = new SimConnection(this, host, owner, { host: target, port: to.port })
          const theirs = new SimConnection(this, target, l.owner, { host, port })
          mine.peer = theirs
          theirs.peer = mine
          this.connections.add(mine).add(theirs)
          this.time.soon(() => l.accept(theirs), l.owner)
          resolve(mine)
        },
        owner,
      )
    })
  }

  // --- what SimConnection needs ---

  delayMs(): number {
    const { low, high } = this.options.latencyMs
    return low + this.random.next() * (high - low)
  }
  /** How many of `n` bytes arrive first. */
  piece(n: number): number {
    return n > 1 && this.random.chance(this.options.splits) ? this.random.between(1, n - 1) : n
  }
  forget(c: SimConnection): void {
    this.connections.delete(c)
  }
}

class SimConnection implements Connection {
  onData: (chunk: Buffer) => void = () => {}
  onDrain: () => void = () => {}
  onClose: (error?: NetworkError) => void = () => {}
  peer!: SimConnection
  /** Parts by reference until they arrive: whoever changes them before has a bug that shows here as on a real socket. */
  private outgoing: Buffer[] = []
  private onTaken: (() => void)[] = []
  private outgoingBytes = 0
  private wantsDrain = false
  private ending = false
  private closed = false
  private vanished = false
  private paused = false
  private onTheWay = false

  constructor(
    private readonly network: SimNetwork,
    readonly host: string,
    readonly owner: Owner,
    readonly remote: { host: string; port: number },
  ) {}

  get peerHost(): string {
    return this.remote.host
  }
  get queued(): number {
    return Math.max(0, this.outgoingBytes - this.network.options.windowBytes)
  }

  write(parts: readonly Uint8Array[], taken?: () => void): boolean {
    if (this.closed || this.ending || this.owner.dead) return false
    if (taken) this.onTaken.push(taken)
    for (const p of parts) {
      if (p.length === 0) continue
      this.outgoing.push(Buffer.from(p.buffer, p.byteOffset, p.byteLength))
      this.outgoingBytes += p.length
    }
    this.pump()
    this.wantsDrain ||= this.queued > 0
    return !this.wantsDrain
  }
  pause(): void {
    this.paused = true
  }
  resume(): void {
    this.paused = false
    this.peer.pump()
  }
  end(): void {
    if (this.owner.dead) return
    this.ending = true
    this.pump()
  }
  destroy(): void {
    if (this.closed) return
    this.close(undefined)
    this.reset()
  }
  private reset(): void {
    const { peer } = this
    const error = new NetworkError('ECONNRESET', 'The other side closed the connection (ECONNRESET).')
    this.network.time.after(this.network.delayMs(), () => peer.close(error), peer.owner)
  }

  /** Its machine has lost its power. */
  vanish(): void {
    this.vanished = true
    this.closed = true
    this.network.forget(this)
  }

  /** Sends the next piece on its way, if one can go. One at a time, so order holds whatever the delays. */
  pump(): void {
    if (this.closed || this.network.isCut(this.host, this.peerHost)) return
    if (this.outgoingBytes === 0 && !this.ending) return
    if (this.peer.vanished) {
      if (this.network.hasPower(this.peerHost)) this.peer.reset()
      return
    }
    if (this.onTheWay) return
    if (this.peer.paused && this.outgoingBytes > 0) return
    this.onTheWay = true
    this.network.time.after(this.network.delayMs(), () => this.arrive(), this.peer.owner)
  }

  private arrive(): void {
    this.onTheWay = false
    if (this.closed || this.peer.closed) return
    if (this.network.isCut(this.host, this.peerHost) || (this.peer.paused && this.outgoingBytes > 0)) return
    if (this.outgoingBytes === 0) {
      this.peer.close(undefined)
      this.network.time.soon(() => this.close(undefined), this.owner)
      return
    }
    // A copy: the receiver keeps it, the sender may reuse what it wrote.
    const all = Buffer.concat(this.outgoing)
    const taken = this.onTaken
    this.onTaken = []
    for (const fn of taken) this.network.time.soon(fn, this.owner)
    const n = this.network.piece(all.length)
    this.outgoing = n < all.length ? [all.subarray(n)] : []
    this.outgoingBytes = all.length - n
    if (this.wantsDrain && this.outgoingBytes === 0) {
      this.wantsDrain = false
      this.network.time.soon(() => this.onDrain(), this.owner)
    }
    this.pump()
    this.peer.onData(all.subarray(0, n))
  }

  private close(error: NetworkError | undefined): void {
    if (this.closed) return
    this.closed = true
    this.outgoing = []
    this.onTaken = []
    this.outgoingBytes = 0
    this.network.forget(this)
    this.network.time.soon(() => this.onClose(error), this.owner)
  }
}

const isLoopback = (host: string) => host === 'localhost' || host === '127.0.0.1' || host === '::1'
const way = (from: string, to: string) => `${from} ${to}`
const pair = (a: string, b: string) => (a < b ? `${a} ${b}` : `${b} ${a}`)
