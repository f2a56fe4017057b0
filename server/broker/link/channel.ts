/**
 * Asks the controller that leads at the moment: one connection, made anew when it ends or another leads. A request waits until there is a
 * leader to ask, up to its time; it is repeated only where it cannot have been handled: not sent, or answered NOT_CONTROLLER.
 */
import { BrokerConnection } from '../../client/connection.ts'
import type { Env } from '../../env/env.ts'
import type { Api } from '../../protocol/api.ts'
import { KafkaError } from '../../protocol/errors.ts'
import type { Fields, Infer, Input, Message } from '../../protocol/schema.ts'
import type { Address, QuorumNodes } from './quorum_nodes.ts'

export interface ChannelOptions {
  readonly env: Env
  readonly quorum: QuorumNodes
  readonly clientId: string
  /** From the call to the answer. */
  readonly timeoutMs: () => number
}

/** Between two attempts. */
const PAUSE_MS = { first: 20, longest: 500 }
const CONNECT_TIMEOUT_MS = 2_000
const MAX_RESPONSE_BYTES = 64 * 1024 * 1024

export class Channel {
  private connection: BrokerConnection | undefined
  private opening: Promise<BrokerConnection> | undefined
  private closed = false
  private readonly stops = new Set<() => void>()

  constructor(private readonly o: ChannelOptions) {}

  /**
   * The answer, whatever it says but `notController`. Rejects with REQUEST_TIMED_OUT where no controller could be asked in time or the answer
   * has not come, with NETWORK_EXCEPTION where the connection broke after the request was sent, with UNSUPPORTED_VERSION.
   */
  async send<Q extends Fields, S extends Fields>(
    api: Api<Q, S>,
    body: Input<Message<Q>>,
    notController: (answer: Infer<Message<S>>) => boolean,
    versions: { minVersion?: number; maxVersion?: number } = {},
  ): Promise<Infer<Message<S>>> {
    const { clock } = this.o.env
    const deadline = clock.monotonic() + this.o.timeoutMs()
    let pauseMs = PAUSE_MS.first
    for (;;) {
      if (this.closed) throw new KafkaError('BROKER_NOT_AVAILABLE', 'This broker stops.')
      const connection = await this.leaderConnection(deadline)
      if (connection) {
        const answer = await connection.send(api, body, versions)
        if (!notController(answer)) return answer
      }
      if (clock.monotonic() + pauseMs >= deadline) {
        throw new KafkaError('REQUEST_TIMED_OUT', 'No controller could be reached in time.')
      }
      await this.pause(pauseMs)
      pauseMs = Math.min(pauseMs * 2, PAUSE_MS.longest)
    }
  }

  /** To the leader; undefined if none could be had now. */
  private async leaderConnection(deadline: number): Promise<BrokerConnection | undefined> {
    const address = this.o.quorum.leaderAddress
    if (!address) {
      await this.untilLeader(deadline)
      return undefined
    }
    const { connection } = this
    if (connection && !connection.ended && same(connection.address, address)) return connection
    connection?.close()
    this.opening ??= this.open(address, deadline).finally(() => {
      this.opening = undefined
    })
    try {
      return await this.opening
    } catch (error) {
      if (error instanceof KafkaError && error.error !== 'UNSUPPORTED_VERSION') return undefined
      throw error
    }
  }

  private async open(address: Address, deadline: number): Promise<BrokerConnection> {
    const { env, clientId, timeoutMs } = this.o
    const leftMs = Math.max(1, deadline - env.clock.monotonic())
    const connection = await BrokerConnection.open(env, address, {
      clientId,
      requestTimeoutMs: timeoutMs(),
      connectTimeoutMs: Math.min(CONNECT_TIMEOUT_MS, leftMs),
      maxResponseBytes: MAX_RESPONSE_BYTES,
    })
    if (this.closed) {
      connection.close()
      throw new KafkaError('BROKER_NOT_AVAILABLE')
    }
    this.connection = connection
    return connection
  }

  /** Resolves when a leader is known, the time is up or the channel is closed. */
  private untilLeader(deadline: number): Promise<void> {
    const { clock } = this.o.env
    return new Promise((resolve) => {
      const end = () => {
        stopWaiting()
        stopTimer()
        this.stops.delete(end)
        resolve()
      }
      const stopWaiting = this.o.quorum.onLeader(end)
      const stopTimer = clock.after(Math.max(0, deadline - clock.monotonic()), end)
      this.stops.add(end)
    })
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        stop()
        this.stops.delete(end)
        resolve()
      }
      const stop = this.o.env.clock.after(ms, end)
      this.stops.add(end)
    })
  }

  /** Who waits is told that this broker stops, or that the connection was closed. */
  close(): void {
    this.closed = true
    for (const stop of [...this.stops]) stop()
    this.connection?.close()
  }
}

const same = (a: Address, b: Address) => a.host === b.host && a.port === b.port
