/**
 * Asks the controller that leads at the moment: one connection, made anew when it ends or another leads. A request waits until there is a
 * leader to ask, up to its time; it is repeated only where it cannot have been handled: not sent, or answered NOT_CONTROLLER.
 *
 * A connection on which no answer came in time is closed when another has brought one, not before: the controller takes the end of the
 * connection with a broker's heartbeats for the end of the broker, and one that was only paused is to find the new one first.
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
/** For so long a connection is kept that does not answer, while no other does. */
const PATIENCE_MS = 600_000
const MOST_SILENT = 4
const MAX_RESPONSE_BYTES = 64 * 1024 * 1024

export class Channel {
  private connection: BrokerConnection | undefined
  /** They have not answered in time. */
  private silent: BrokerConnection[] = []
  private opening:
    | { readonly address: Address; readonly connection: Promise<BrokerConnection | KafkaError> }
    | undefined
  private closed = false
  private refusal: KafkaError | undefined
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
      if (this.refusal) throw this.refusal
      const connection = await this.leaderConnection(deadline)
      if (connection) {
        const answer = await this.before(
          deadline,
          connection.send(api, body, { ...versions, extraTimeoutMs: PATIENCE_MS }),
        )
        if (answer === undefined) {
          if (this.closed) throw new KafkaError('BROKER_NOT_AVAILABLE', 'This broker stops.')
          if (this.refusal) throw this.refusal
          this.noteSilent(connection)
          throw new KafkaError('REQUEST_TIMED_OUT', `The controller did not answer ${api.name} in time.`)
        }
        for (const silent of this.silent.splice(0)) silent.close()
        if (!notController(answer)) return answer
      }
      if (clock.monotonic() + pauseMs >= deadline) {
        throw new KafkaError('REQUEST_TIMED_OUT', 'No controller could be reached in time.')
      }
      await this.before(clock.monotonic() + pauseMs, new Promise<never>(() => {}))
      pauseMs = Math.min(pauseMs * 2, PAUSE_MS.longest)
    }
  }

  /** To the leader; undefined if none could be had now. */
  private async leaderConnection(deadline: number): Promise<BrokerConnection | undefined> {
    if (!this.o.quorum.leaderAddress) await this.untilLeader(deadline)
    const address = this.o.quorum.leaderAddress
    if (!address || this.closed) return undefined
    const { connection } = this
    if (connection && !connection.ended && same(connection.address, address)) return connection
    connection?.close()
    if (!this.opening || !same(this.opening.address, address))
      this.opening = { address, connection: this.open(address) }
    const opened = await this.before(deadline, this.opening.connection)
    if (opened instanceof KafkaError && opened.error === 'UNSUPPORTED_VERSION') throw opened
    return opened instanceof KafkaError ? undefined : opened
  }

  private async open(address: Address): Promise<BrokerConnection | KafkaError> {
    const { env, clientId, timeoutMs } = this.o
    try {
      const connection = await BrokerConnection.open(env, address, {
        clientId,
        requestTimeoutMs: timeoutMs(),
        connectTimeoutMs: Math.min(CONNECT_TIMEOUT_MS, timeoutMs()),
        maxResponseBytes: MAX_RESPONSE_BYTES,
      })
      if (this.closed || this.opening?.address !== address) {
        connection.close()
        return new KafkaError('NETWORK_EXCEPTION')
      }
      this.connection = connection
      return connection
    } catch (error) {
      if (error instanceof KafkaError) return error
      throw error
    } finally {
      if (this.opening?.address === address) this.opening = undefined
    }
  }

  private noteSilent(connection: BrokerConnection): void {
    if (this.connection !== connection) return
    this.connection = undefined
    this.silent.push(connection)
    if (this.silent.length > MOST_SILENT) this.silent.shift()!.close()
  }

  /** What comes of `promise`, or undefined if that has not come by then (monotonic ms), or the channel is closed. */
  private before<T>(deadline: number, promise: Promise<T>): Promise<T | undefined> {
    const { clock } = this.o.env
    return new Promise((resolve, reject) => {
      const end = () => {
        stop()
        this.stops.delete(end)
        resolve(undefined)
      }
      const stop = clock.after(Math.max(0, deadline - clock.monotonic()), end)
      this.stops.add(end)
      const settled = () => {
        stop()
        this.stops.delete(end)
      }
      promise.then(
        (value) => {
          settled()
          resolve(value)
        },
        (error) => {
          settled()
          reject(error)
        },
      )
    })
  }

  /** Resolves when a leader is known, the time is up or the channel is closed. */
  private async untilLeader(deadline: number): Promise<void> {
    let stopWaiting = () => {}
    await this.before(
      deadline,
      new Promise<void>((resolve) => {
        stopWaiting = this.o.quorum.onLeader(resolve)
      }),
    )
    stopWaiting()
  }

  /** The controllers want nothing to do with this broker: until further notice who asks is told so. */
  refuse(error: KafkaError | undefined): void {
    this.refusal = error
    if (error) for (const stop of [...this.stops]) stop()
  }

  /** Who waits is told that this broker stops, or that the connection was closed. */
  close(): void {
    this.closed = true
    for (const stop of [...this.stops]) stop()
    for (const connection of [...this.silent.splice(0), this.connection]) connection?.close()
  }
}

const same = (a: Address, b: Address) => a.host === b.host && a.port === b.port
