/**
 * Who may connect: how many at once, how many from one address, and how fast they may come (KIP-308, KIP-612). As Kafka: where
 * there is no room, or they come too fast for the broker or listener, connections wait before they are read, as many as the
 * backlog holds; what is too much for one address is closed, and if it came too fast, not before its time.
 */
import type { Clock, Connection } from '../env/env.ts'
import { ipOf } from '../metadata/client_quotas.ts'
import type { MetadataImage } from '../metadata/image.ts'
import { type RateWindows, SampledRate } from './sampled_rate.ts'

/** As they are at this moment. */
export interface ConnectionSettings {
  /** max.connections, of the broker or of its listener, whichever is less. */
  readonly maxConnections: number
  readonly maxPerIp: number
  /** max.connections.per.ip.overrides. */
  readonly perIpOverrides: string
  /** A second, of the broker or of its listener, whichever is less. */
  readonly maxCreationRate: number
  /** socket.listen.backlog.size */
  readonly backlog: number
}

/** Addresses whose rate is remembered. */
const MAX_IPS = 10_000

export class ConnectionQuotas {
  private readonly byIp = new Map<string, number>()
  private total = 0
  private readonly rate: SampledRate
  private readonly ipRates = new Map<string, SampledRate>()
  /** Connections a second by address; null is everybody else's. */
  private ipLimits: ReadonlyMap<string | null, number> = new Map()
  /** Not accepted yet, in the order in which they came. */
  private readonly waiting: Connection[] = []
  /** Those that are not read until they are accepted. */
  private readonly paused = new WeakSet<Connection>()
  /** Monotonic ms, of the first that waits; undefined before it has been counted. */
  private firstMayComeMs: number | undefined
  private cancelTimer: (() => void) | undefined

  constructor(
    private readonly o: {
      readonly settings: () => ConnectionSettings
      readonly windows: RateWindows
      readonly clock: Pick<Clock, 'monotonic' | 'after'>
      /** It counts from now on, until `left`. */
      readonly accept: (socket: Connection) => void
      readonly refused: (host: string, why: string) => void
    },
  ) {
    this.rate = new SampledRate(o.windows)
  }

  /** Takes over the connection_creation_rate of addresses. */
  follow(image: Pick<MetadataImage, 'clientQuotas'>): void {
    const limits = new Map<string | null, number>()
    for (const { entity, values } of image.clientQuotas.values()) {
      const rate = values.get('connection_creation_rate')
      const ip = entity.find((e) => e.entityType === 'ip')
      if (rate === undefined || !ip) continue
      const name = ip.entityName === null ? null : ipOf(ip.entityName)
      if (name !== undefined) limits.set(name, rate)
    }
    this.ipLimits = limits
  }

  /** Somebody has connected. */
  offer(socket: Connection): void {
    if (this.waiting.length >= this.o.settings().backlog) {
      this.refuse(socket, 'too many connections wait already')
      return
    }
    this.waiting.push(socket)
    this.advance()
    if (!this.waiting.includes(socket)) return
    socket.pause()
    this.paused.add(socket)
    socket.onClose = () => {
      const i = this.waiting.indexOf(socket)
      if (i < 0) return
      this.waiting.splice(i, 1)
      if (i === 0) this.firstMayComeMs = undefined
      this.advance()
    }
  }

  /** One that was accepted has ended. */
  left(socket: Connection): void {
    const ip = ipOfSocket(socket)
    const count = this.byIp.get(ip)! - 1
    if (count === 0) this.byIp.delete(ip)
    else this.byIp.set(ip, count)
    this.total--
    this.advance()
  }

  /** How many are too many, since there may be fewer than before; and lets in who may come now. */
  settingsChanged(): number {
    this.advance()
    return Math.max(0, this.total - this.o.settings().maxConnections)
  }

  close(): void {
    this.cancelTimer?.()
    for (const socket of this.waiting.splice(0)) socket.destroy()
  }

  /** Accepts from the front while there is room and the rate allows it. */
  private advance(): void {
    const { clock } = this.o
    while (this.waiting.length > 0) {
      const settings = this.o.settings()
      const nowMs = clock.monotonic()
      if (this.firstMayComeMs === undefined) {
        this.rate.record(1, nowMs)
        this.firstMayComeMs = nowMs + this.excessMs(this.rate, settings.maxCreationRate, nowMs)
      }
      const waitMs = this.firstMayComeMs - nowMs
      if (waitMs > 0) {
        this.cancelTimer?.()
        this.cancelTimer = clock.after(waitMs, () => this.advance())
        return
      }
      if (this.total >= settings.maxConnections) return
      this.firstMayComeMs = undefined
      this.admit(this.waiting.shift()!, settings, nowMs)
    }
  }

  private admit(socket: Connection, settings: ConnectionSettings, nowMs: number): void {
    const ip = ipOfSocket(socket)
    const throttleMs = this.ipThrottleMs(ip, nowMs)
    if (throttleMs > 0) {
      this.rate.record(-1, nowMs)
      socket.pause()
      this.o.clock.after(throttleMs, () => this.refuse(socket, 'they come faster than its quota allows'))
      return
    }
    const most = overrideOf(settings.perIpOverrides, ip) ?? settings.maxPerIp
    const count = this.byIp.get(ip) ?? 0
    if (count >= most) {
      this.refuse(socket, `it has ${count} already, and ${most} are allowed`)
      return
    }
    this.byIp.set(ip, count + 1)
    this.total++
    this.o.accept(socket)
    if (this.paused.has(socket)) socket.resume()
  }

  private ipThrottleMs(ip: string, nowMs: number): number {
    const limit = this.ipLimits.get(ip) ?? this.ipLimits.get(null)
    if (limit === undefined) return 0
    let rate = this.ipRates.get(ip)
    if (!rate) {
      if (this.ipRates.size >= MAX_IPS) this.ipRates.delete(this.ipRates.keys().next().value!)
      rate = new SampledRate(this.o.windows)
      this.ipRates.set(ip, rate)
    }
    rate.record(1, nowMs)
    const throttleMs = this.excessMs(rate, limit, nowMs)
    // One that is not let in does not count.
    if (throttleMs > 0) rate.record(-1, nowMs)
    return throttleMs
  }

  private excessMs(rate: SampledRate, limit: number, nowMs: number): number {
    return Math.min(rate.excessMs(limit, nowMs), this.o.windows.windowMs)
  }

  private refuse(socket: Connection, why: string): void {
    socket.destroy()
    this.o.refused(socket.remote.host, why)
  }
}

/** IPv4 in the form of IPv6, as sockets that listen to both give it, is the same address. */
const ipOfSocket = ({ remote }: Connection): string => remote.host.replace(/^::ffff:/, '')

/** `address:number,address:number`. */
function overrideOf(text: string, ip: string): number | undefined {
  if (text === '') return undefined
  for (const item of text.split(',')) {
    const at = item.lastIndexOf(':')
    if (at > 0 && ipOf(item.slice(0, at).trim()) === ip) return Number(item.slice(at + 1))
  }
  return undefined
}
