/**
 * All connections of one node: they share the memory for requests and answers, are closed when they are silent for too long, and
 * are not read until the node serves.
 */
import type { Clock, Connection as Socket } from '../env/env.ts'
import { BlockPool } from '../lib/block_pool.ts'
import { AnswerMemory } from './answer_memory.ts'
import { ClientConnection, type FrameHandler } from './connection.ts'
import { InflightBudget } from './inflight_budget.ts'

export interface ClientConnectionsOptions {
  readonly clock: Clock
  readonly handler: FrameHandler
  /** socket.request.max.bytes, connections.max.idle.ms; read anew at each use. */
  readonly settings: () => { readonly maxRequestBytes: number; readonly maxIdleMs: number }
  readonly blocks: BlockPool
  /** It is gone. */
  readonly left?: (socket: Socket) => void
}

/** Memory that requests may hold between their first byte and their answer, over all connections. */
const REQUEST_MEMORY_BYTES = 256 * 1024 * 1024
/** Of that, what any one connection may hold though all is spent: about what one read brings. */
const FREE_REQUEST_MEMORY_BYTES = 64 * 1024
/** The same of answers between their being read and the system's taking them. */
const ANSWER_MEMORY_BYTES = 256 * 1024 * 1024
const MAX_PRODUCES_IN_FLIGHT = 16
/** Of frames and of what was read from logs: kept for the next. */
const FREE_BLOCK_BYTES = 16 * 1024 * 1024

export const newBlockPool = (spoil = false): BlockPool => new BlockPool(FREE_BLOCK_BYTES, { spoil })

export class ClientConnections {
  readonly answers = new AnswerMemory(ANSWER_MEMORY_BYTES)
  private readonly budget: InflightBudget
  private readonly all = new Set<ClientConnection>()
  private serving = false
  private cancelIdleCheck: () => void = () => {}

  constructor(private readonly o: ClientConnectionsOptions) {
    this.budget = new InflightBudget(REQUEST_MEMORY_BYTES, FREE_REQUEST_MEMORY_BYTES, o.clock)
  }

  /** What clients ask for at this moment. */
  get load() {
    let requestsWaiting = 0
    let requestsInFlight = 0
    for (const c of this.all) {
      requestsWaiting += c.requestsWaiting
      requestsInFlight += c.requestsInFlight
    }
    const { usedBytes: requestBytes } = this.budget
    return { connections: this.all.size, requestsWaiting, requestsInFlight, requestBytes }
  }

  accept(socket: Socket): void {
    const { o } = this
    const limits = { maxRequestBytes: o.settings().maxRequestBytes, maxInFlight: MAX_PRODUCES_IN_FLIGHT }
    const ended = (c: ClientConnection) => {
      this.all.delete(c)
      o.left?.(socket)
    }
    const connection = new ClientConnection(
      socket,
      o.handler,
      limits,
      this.budget,
      this.answers,
      o.blocks,
      o.clock,
      ended,
    )
    if (!this.serving) connection.hold()
    this.all.add(connection)
  }

  /** From now on what has come is answered. */
  serve(): void {
    this.serving = true
    for (const c of this.all) c.resume()
    this.checkIdle()
  }

  /** There may be fewer connections than before: those go that have been silent for longest. */
  closeSilent(count: number): void {
    if (count === 0) return
    const bySilence = [...this.all].sort((a, b) => a.lastActiveMs - b.lastActiveMs)
    for (const c of bySilence.slice(0, count)) c.destroy('there are more connections than there may be')
  }

  /** What is in the handlers is answered, nothing more is begun. */
  finish(): void {
    this.cancelIdleCheck()
    for (const c of this.all) c.finish()
  }

  destroy(why: string): void {
    this.cancelIdleCheck()
    for (const c of [...this.all]) c.destroy(why)
  }

  /** Closes connections that have said nothing for connections.max.idle.ms. */
  private checkIdle(): void {
    const { clock, settings } = this.o
    const { maxIdleMs } = settings()
    const everyMs = maxIdleMs < 0 ? 30_000 : Math.min(30_000, Math.max(100, maxIdleMs / 4))
    this.cancelIdleCheck = clock.after(everyMs, () => {
      const { maxIdleMs: limitMs } = settings()
      const nowMs = clock.monotonic()
      if (limitMs >= 0) for (const c of [...this.all]) if (c.idle && nowMs - c.lastActiveMs > limitMs) c.destroy('idle')
      this.checkIdle()
    })
  }
}
