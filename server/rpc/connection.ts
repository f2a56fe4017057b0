/**
 * One client's connection: frames in, answers out in the order of the requests, and back-pressure both ways.
 *
 * Requests are handled one at a time, as Kafka does, but for those whose handler may overlap (Produce). While a client
 * has too much unanswered, or does not read its answers, its socket is not read: it holds only its own buffers.
 */
import type { Clock, Connection as Socket } from '../env/env.ts'
import type { BlockPool } from '../lib/block_pool.ts'
import { FrameReader } from '../protocol/frame.ts'
import type { AnswerMemory } from './answer_memory.ts'
import type { ApiMeter } from './api_meter.ts'
import { Gone } from './gone.ts'
import type { InflightBudget } from './inflight_budget.ts'

export interface ConnectionLimits {
  /** Bytes of one request; larger ones close the connection (socket.request.max.bytes). */
  maxRequestBytes: number
  /** Requests of one connection that may be in the handlers at once. */
  maxInFlight: number
}

/** What came of one request: parts to write (none for acks=0), or the end of the connection. */
export interface Outcome {
  parts: readonly Buffer[]
  close: boolean
  /** From the answer on, nothing more of this client is handled for so long: it has used up a quota (KIP-219). */
  muteMs?: number
}

/** What is done with frames: the dispatcher, seen from a connection. */
export interface FrameHandler {
  /** May this request be begun while those before it, which may overlap too, are not answered? */
  overlaps(frame: Buffer): boolean
  /** May its memory be used again once it is answered? */
  letsGo(frame: Buffer): boolean
  /** Where it is counted. */
  meter(frame: Buffer): ApiMeter | undefined
  /** Must not throw. */
  handle(frame: Buffer, connection: ClientConnection): Outcome | Promise<Outcome>
}

interface Pending {
  outcome: Outcome | undefined
  readonly bytes: number
  /** To be given back once it is answered. */
  readonly frame: Buffer | undefined
  readonly meter: ApiMeter | undefined
  /** Monotonic ms. */
  readonly receivedMs: number
  readonly begunMs: number
  settledMs: number | undefined
}

export class ClientConnection {
  private readonly reader: FrameReader
  private readonly waiting: Buffer[] = []
  /** When each of them was whole, monotonic ms. */
  private readonly waitingSince: number[] = []
  private readonly pending: Pending[] = []
  /** Who waits on its behalf is told when it is gone. */
  readonly gone = new Gone()
  private waitingBytes = 0
  /** The request in the handlers lets no other begin. */
  private exclusive = false
  private blocked = false
  private onHold = false
  private paused = false
  private ended = false
  /** Monotonic ms; 0 while it is not muted. */
  private mutedUntilMs = 0
  private cancelUnmute: (() => void) | undefined
  /** Taken from the process-wide budget by what has been received and not answered. */
  private held = 0
  /** Of the memory of answers: what was written and the system has not taken. */
  private untaken = 0
  lastActiveMs: number

  constructor(
    private readonly socket: Socket,
    private readonly handler: FrameHandler,
    private readonly limits: ConnectionLimits,
    private readonly budget: InflightBudget,
    private readonly answers: AnswerMemory,
    /** Where large frames lie, and what was read from logs. */
    private readonly blocks: BlockPool,
    private readonly clock: Pick<Clock, 'monotonic' | 'after'>,
    private readonly onEnd: (c: ClientConnection, reason: string | undefined) => void,
  ) {
    this.lastActiveMs = clock.monotonic()
    this.reader = new FrameReader(limits.maxRequestBytes, blocks)
    socket.onData = (chunk) => this.receive(chunk)
    socket.onDrain = () => {
      this.blocked = false
      this.lastActiveMs = this.clock.monotonic()
      this.noteUntaken(0)
      this.advance()
    }
    socket.onClose = (error) => this.end(error?.message)
  }

  get idle(): boolean {
    return this.pending.length === 0 && this.waiting.length === 0
  }

  get requestsWaiting(): number {
    return this.waiting.length
  }
  get requestsInFlight(): number {
    return this.pending.length
  }

  get remoteHost(): string {
    return this.socket.remote.host
  }
  get remotePort(): number {
    return this.socket.remote.port
  }

  /** Takes requests but begins none until `resume`. */
  hold(): void {
    this.onHold = true
  }
  resume(): void {
    this.onHold = false
    this.lastActiveMs = this.clock.monotonic()
    this.advance()
  }

  /** Closes at once; nothing more is answered. */
  destroy(reason: string): void {
    this.gone.closedHere = true
    this.socket.destroy()
    this.end(reason)
  }

  /** For a clean stop: no further requests are taken, what is in the handlers is answered. */
  finish(): void {
    this.dropWaiting()
    this.ended = true
    if (this.pending.length === 0) this.socket.end()
  }

  private receive(chunk: Buffer): void {
    if (this.ended) return
    this.lastActiveMs = this.clock.monotonic()
    let frames: Buffer[]
    try {
      frames = this.reader.push(chunk)
    } catch (error) {
      this.destroy((error as Error).message)
      return
    }
    this.take(chunk.length)
    for (const frame of frames) {
      this.waiting.push(frame)
      this.waitingSince.push(this.lastActiveMs)
      this.waitingBytes += frame.length
    }
    this.advance()
  }

  /** Begins what may begin, then decides whether to go on reading. */
  private advance(): void {
    while (this.waiting.length > 0 && this.mayGoOn && this.mayBegin(this.waiting[0]!)) this.begin()
    this.regulate()
  }

  private get mayGoOn(): boolean {
    return !this.ended && !this.blocked && !this.onHold && this.mutedUntilMs === 0
  }

  private mayBegin(frame: Buffer): boolean {
    if (this.pending.length === 0) return true
    return !this.exclusive && this.pending.length < this.limits.maxInFlight && this.handler.overlaps(frame)
  }

  private begin(): void {
    const frame = this.waiting.shift()!
    this.waitingBytes -= frame.length
    const entry: Pending = {
      outcome: undefined,
      bytes: frame.length + 4,
      frame: this.handler.letsGo(frame) ? frame : undefined,
      meter: this.handler.meter(frame),
      receivedMs: this.waitingSince.shift()!,
      // Whatever lets a request begin has just looked at the clock.
      begunMs: this.lastActiveMs,
      settledMs: undefined,
    }
    this.exclusive = !this.handler.overlaps(frame)
    this.pending.push(entry)
    const outcome = this.handler.handle(frame, this)
    if (outcome instanceof Promise) {
      outcome.then(
        (o) => this.settle(entry, o),
        () => this.settle(entry, { parts: [], close: true }),
      )
      return
    }
    entry.outcome = outcome
    this.answer()
  }

  private settle(entry: Pending, outcome: Outcome): void {
    entry.outcome = outcome
    this.lastActiveMs = this.clock.monotonic()
    entry.settledMs = this.lastActiveMs
    this.answer()
    this.advance()
  }

  /** Writes the answers that are complete, in order. */
  private answer(): void {
    while (this.pending.length > 0 && this.pending[0]!.outcome) {
      const entry = this.pending.shift()!
      const { outcome, bytes } = entry
      this.release(bytes)
      if (entry.frame) this.blocks.give(entry.frame)
      if (this.gone.over) continue
      if (outcome!.close) {
        this.destroy('the request could not be answered')
        return
      }
      if (outcome!.parts.length > 0 && !this.write(outcome!.parts)) {
        this.blocked = true
        this.noteUntaken(this.socket.queued)
      }
      if (outcome!.muteMs) this.mute(outcome!.muteMs)
      this.lastActiveMs = this.clock.monotonic()
      entry.meter?.done(entry, this.lastActiveMs, outcome!)
    }
    if (this.ended && this.pending.length === 0 && !this.gone.over) this.socket.end()
  }

  private write(parts: readonly Buffer[]): boolean {
    // Only what was read from a log is in parts of its own.
    if (parts.length === 1) return this.socket.write(parts)
    return this.socket.write(parts, () => {
      for (const part of parts) this.blocks.give(part)
    })
  }

  private mute(ms: number): void {
    const untilMs = this.clock.monotonic() + ms
    if (untilMs <= this.mutedUntilMs) return
    this.mutedUntilMs = untilMs
    this.cancelUnmute?.()
    this.cancelUnmute = this.clock.after(ms, () => {
      this.mutedUntilMs = 0
      this.lastActiveMs = this.clock.monotonic()
      this.advance()
    })
  }

  private regulate(): void {
    if (this.ended) return
    const muted = this.mutedUntilMs > 0 && this.waiting.length > 0
    const full = muted || this.blocked || this.waitingBytes > this.limits.maxRequestBytes || this.waiting.length > 64
    const spent = !full && !this.budget.allows(this, this.held)
    // Also where the socket is paused already, for another reason until now: else nobody would resume it.
    if (spent) this.budget.waitFor(this, () => this.regulate())
    else if (full || this.held === 0) this.budget.forget(this)
    const stop = full || spent
    if (stop === this.paused) return
    this.paused = stop
    if (stop) this.socket.pause()
    else this.socket.resume()
  }

  private take(bytes: number): void {
    this.held += bytes
    this.budget.take(this, bytes)
  }

  private release(bytes: number): void {
    const n = Math.min(bytes, this.held)
    this.held -= n
    this.budget.give(this, n)
  }

  private dropWaiting(): void {
    this.waiting.length = 0
    this.waitingSince.length = 0
  }

  private noteUntaken(bytes: number): void {
    this.answers.take(bytes - this.untaken)
    this.untaken = bytes
  }

  private end(reason: string | undefined): void {
    if (this.gone.over) return
    this.ended = true
    this.gone.tell()
    this.cancelUnmute?.()
    this.dropWaiting()
    this.noteUntaken(0)
    const { held } = this
    this.held = 0
    this.budget.give(this, held)
    this.budget.forget(this)
    this.onEnd(this, reason)
  }
}
