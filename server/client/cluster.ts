/**
 * A cluster as its clients see it: connections by node, metadata, coordinators, and requests that are tried again
 * while trying again can help. Everything else in this folder sends through `Cluster`.
 *
 * A connection belongs to a node and a lane. Answers come in order on a connection, so what may wait long (long polls,
 * large fetches, produce with acks=all) has lanes of its own and never holds up the rest.
 */
import type { Env } from '../env/env.ts'
import type { Api } from '../protocol/api.ts'
import { KafkaError } from '../protocol/errors.ts'
import { Metadata } from '../protocol/messages/03_metadata.ts'
import { FindCoordinator } from '../protocol/messages/10_find_coordinator.ts'
import type { Fields, Infer, Message } from '../protocol/schema.ts'
import { type Address, type Body, BrokerConnection, type ConnectionOptions, type SendOptions } from './connection.ts'
import { asKafkaError, asMoved, errorFrom, isCoordinatorLost, isStale } from './errors.ts'
import { type Broker, MetadataCache, type TopicMetadata } from './metadata.ts'

export interface ClusterOptions {
  /** Tried in turn until one answers; afterwards the brokers that the cluster names are used. */
  bootstrap: readonly Address[]
  clientId?: string
  /** How long one request may take. Default 30 s. */
  requestTimeoutMs?: number
  connectTimeoutMs?: number
  /** How long a call may take with all its retries. Default 10 s. */
  callTimeoutMs?: number
  /** Between retries, doubled each time up to the second. Defaults 50 and 1,000 ms. */
  retryBackoffMs?: number
  retryBackoffMaxMs?: number
  /** Metadata of a topic older than this is asked for again when it is next needed. Default 5 min. */
  metadataMaxAgeMs?: number
  maxResponseBytes?: number
  /** Where SASL has its place; TLS belongs to `env.network`. */
  authenticate?: ConnectionOptions['authenticate']
}

/** Where a request goes. `any` is whichever broker answers. */
export type Target = 'any' | 'controller' | { node: number } | { group: string } | { transaction: string }

export interface CallOptions extends SendOptions {
  /** Ends the retries; the request in flight is left to itself. */
  signal?: AbortSignal
  timeoutMs?: number
  lane?: string
}

/** Connections kept for the next borrower, a node. */
const MAX_IDLE = 4
/** Where any broker will do, one that has not answered for so long (hung, paused, cut off) has the next one asked as well. */
const SILENT_MS = 1_000
const COORDINATOR_KEY_TYPES = { group: 0, transaction: 1 } as const

export class Cluster {
  readonly metadata = new MetadataCache()
  private readonly connections = new Map<string, Promise<BrokerConnection>>()
  private readonly coordinators = new Map<string, number>()
  private readonly options: Required<Omit<ClusterOptions, 'authenticate'>> & Pick<ClusterOptions, 'authenticate'>
  private readonly idle = new Map<number, BrokerConnection[]>()
  /** Nodes whose last address did not answer. */
  private readonly unreached = new Set<number>()
  /** Addresses (host:port) with a connection, and those that owe us an answer for longer than they should. */
  private readonly open = new Set<string>()
  private readonly silent = new Set<string>()
  /** Cut off from the controllers: what they say of the cluster is old. */
  private apart: ReadonlySet<string> = new Set()
  /** host:port of the broker whose metadata was taken last. */
  metadataFrom = ''
  private wanted: { names: Set<string>; answer: Promise<TopicMetadata[]> } | undefined
  private readonly renewing = new Set<string>()
  private closed = false

  constructor(
    readonly env: Env,
    options: ClusterOptions,
  ) {
    if (options.bootstrap.length === 0) throw new TypeError('no bootstrap address given')
    this.options = {
      clientId: 'weir',
      requestTimeoutMs: 30_000,
      connectTimeoutMs: 10_000,
      callTimeoutMs: 10_000,
      retryBackoffMs: 50,
      retryBackoffMaxMs: 1_000,
      metadataMaxAgeMs: 300_000,
      maxResponseBytes: 128 * 1024 * 1024,
      ...options,
    }
  }

  // --- requests ---

  /**
   * Sends to `target` and returns the response. Retries when no answer came, and when `verify` (which looks into the
   * response) throws a retriable KafkaError; before that, metadata or the coordinator are asked for anew if the error
   * demands it. Throws the last KafkaError when time is up or none of this can help.
   */
  request<Q extends Fields, S extends Fields>(
    target: Target,
    api: Api<Q, S>,
    body: Body<Q>,
    options: CallOptions & { verify?: (response: Infer<Message<S>>) => void } = {},
  ): Promise<Infer<Message<S>>> {
    const ask = async (connection: BrokerConnection) => {
      const response = await connection.send(api, body, options)
      options.verify?.(response)
      return response
    }
    const answer = this.retry(
      async () => (target === 'any' ? this.ofAny(ask, options.lane) : ask(await this.reach(target, options.lane))),
      { ...options, target },
    )
    if (target !== 'controller') return answer
    return answer.catch((error: unknown) => {
      const late = error instanceof KafkaError && error.error === 'REQUEST_TIMED_OUT'
      throw late ? new KafkaError('REQUEST_TIMED_OUT', `No controller has answered ${api.name} in time`) : error
    })
  }

  /** Runs `attempt` until it does not throw a retriable KafkaError, with growing pauses, until `timeoutMs` are over. */
  async retry<T>(
    attempt: () => Promise<T>,
    options: { signal?: AbortSignal; timeoutMs?: number; target?: Target } = {},
  ): Promise<T> {
    const { clock } = this.env
    const deadline = clock.monotonic() + (options.timeoutMs ?? this.options.callTimeoutMs)
    for (let failures = 0; ; failures++) {
      options.signal?.throwIfAborted()
      try {
        return await attempt()
      } catch (e) {
        const error = asKafkaError(e)
        const pauseMs = this.backoffMs(failures)
        if (this.closed || !error.retriable || clock.monotonic() + pauseMs >= deadline) throw error
        this.learnFrom(error, options.target)
        await this.pause(pauseMs, options.signal)
      }
    }
  }

  /** What an error says about what we believed: which of it must be asked for again. */
  learnFrom(error: KafkaError, target?: Target): void {
    if (target && typeof target === 'object' && !('node' in target) && isCoordinatorLost(error)) {
      this.coordinators.delete(coordinatorKey(target))
    }
    if (error.error === 'NOT_CONTROLLER' || isStale(error)) this.metadata.controllerId = -1
  }

  backoffMs(failures: number): number {
    const { retryBackoffMs, retryBackoffMaxMs } = this.options
    return Math.min(retryBackoffMaxMs, retryBackoffMs * 2 ** failures) * (0.8 + 0.4 * this.env.random.next())
  }

  pause(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const aborted = () => {
        cancel()
        reject(signal!.reason)
      }
      const cancel = this.env.clock.after(ms, () => {
        signal?.removeEventListener('abort', aborted)
        resolve()
      })
      signal?.addEventListener('abort', aborted, { once: true })
    })
  }

  /** What a node is to answer, or REQUEST_TIMED_OUT after `ms`; the request in flight is left to itself. */
  within<T>(ms: number | undefined, node: number, answer: Promise<T>): Promise<T> {
    if (ms === undefined) return answer
    return new Promise((resolve, reject) => {
      const cancel = this.env.clock.after(ms, () =>
        reject(new KafkaError('REQUEST_TIMED_OUT', `broker ${node} has not answered within ${ms} ms`)),
      )
      answer.finally(cancel).then(resolve, reject)
    })
  }

  // --- connections ---

  /** An open connection for `target`. */
  async reach(target: Target, lane = 'main'): Promise<BrokerConnection> {
    if (target === 'any') return this.anyone(lane)
    if (target === 'controller') {
      if (!this.metadata.brokers.has(this.metadata.controllerId)) await this.refresh([])
      // A cluster in KRaft mode names any broker here: they all hand the request on. While no controller answers them, these
      // requests wait, and what comes after them on a connection waits with them.
      const own = `controller ${lane}`
      if (!this.metadata.brokers.has(this.metadata.controllerId)) return this.anyone(own)
      return this.node(this.metadata.controllerId, own)
    }
    if ('node' in target) return this.node(target.node, lane)
    try {
      return await this.node(await this.coordinator(target), lane)
    } catch (error) {
      throw asMoved(asKafkaError(error), 'COORDINATOR_NOT_AVAILABLE', this)
    }
  }

  get isClosed(): boolean {
    return this.closed
  }

  /** The connection to a node on a lane, opened if there is none. Throws BROKER_NOT_AVAILABLE for an unknown node. */
  async node(id: number, lane = 'main'): Promise<BrokerConnection> {
    const broker = await this.brokerOf(id)
    try {
      return await this.connected(`${lane} ${broker.host}:${broker.port}`, broker)
    } catch (error) {
      this.unreached.add(id)
      throw error
    }
  }

  /** A connection of the caller's own until `giveBack`: for long polls, which hold up whoever comes after them. */
  async borrow(id: number): Promise<BrokerConnection> {
    const idle = this.idle.get(id)
    for (let spare = idle?.pop(); spare; spare = idle?.pop()) if (!spare.ended) return spare
    const { host, port } = await this.brokerOf(id)
    try {
      return await BrokerConnection.open(this.env, { host, port }, this.options)
    } catch (error) {
      this.unreached.add(id)
      throw error
    }
  }

  giveBack(id: number, connection: BrokerConnection): void {
    if (connection.ended) return
    const idle = this.idle.get(id) ?? []
    this.idle.set(id, idle)
    if (this.closed || connection.inFlight > 0 || idle.length >= MAX_IDLE) connection.close()
    else idle.push(connection)
  }

  /** Where the node is. One that was not reached there is asked for anew: it may have come back elsewhere. */
  private async brokerOf(id: number): Promise<Broker> {
    if (this.unreached.delete(id) || !this.metadata.brokers.has(id)) await this.refresh([])
    const broker = this.metadata.brokers.get(id)
    if (!broker) throw new KafkaError('BROKER_NOT_AVAILABLE', `the cluster has no broker ${id} at the moment`)
    return broker
  }

  private anyone(lane?: string): Promise<BrokerConnection> {
    return this.ofAny(async (connection) => connection, lane)
  }

  /**
   * The first answer there is: addresses are asked in turn, the next one when a connection cannot be had, or when nothing
   * has come for SILENT_MS. Only for what may be done twice.
   */
  private ofAny<T>(ask: (connection: BrokerConnection) => Promise<T>, lane = 'main'): Promise<T> {
    return new Promise((resolve, reject) => {
      const addresses = this.candidates()
      let at = 0
      let waiting = 0
      let cancel = () => {}
      const next = () => {
        cancel()
        const address = addresses[at++]
        if (!address) return
        waiting++
        const name = `${address.host}:${address.port}`
        cancel = this.env.clock.after(SILENT_MS, () => {
          this.silent.add(name)
          next()
        })
        const answered = (how: () => void) => {
          this.silent.delete(name)
          how()
        }
        const failed = (error: unknown, unreached: boolean) => {
          waiting--
          if (unreached && at < addresses.length) next()
          else if (waiting === 0 || !(error instanceof KafkaError && error.retriable)) settle(() => reject(error))
        }
        this.connected(`${lane} ${name}`, address).then(
          (connection) =>
            ask(connection).then(
              (answer) => answered(() => settle(() => resolve(answer))),
              (error) => answered(() => failed(error, false)),
            ),
          (error) => answered(() => failed(error, true)),
        )
      }
      const settle = (how: () => void) => {
        cancel()
        at = addresses.length
        how()
      }
      next()
    })
  }

  /** Where any broker may be asked: first those that answered, then those that nobody has asked, last those that are silent. */
  private candidates(): Address[] {
    const known = new Map<string, Address>()
    for (const a of [...this.options.bootstrap, ...this.metadata.brokers.values()]) known.set(`${a.host}:${a.port}`, a)
    const rank = (name: string) =>
      this.apart.has(name)
        ? 3
        : this.silent.has(name)
          ? 2
          : name === this.metadataFrom
            ? -1
            : this.open.has(name)
              ? 0
              : 1
    return [...known].sort(([a], [b]) => rank(a) - rank(b)).map(([, address]) => address)
  }

  private connected(key: string, { host, port }: Address): Promise<BrokerConnection> {
    if (this.closed) return Promise.reject(new KafkaError('BROKER_NOT_AVAILABLE', 'this client has been closed'))
    const known = this.connections.get(key)
    if (known) return known
    const opening = BrokerConnection.open(this.env, { host, port }, this.options)
    this.connections.set(key, opening)
    const name = `${host}:${port}`
    const gone = () => {
      if (this.connections.get(key) === opening) this.connections.delete(key)
      this.open.delete(name)
    }
    opening.then((connection) => {
      this.open.add(name)
      if (this.closed) connection.close()
      if (connection.ended) gone()
      connection.onEnd = gone
    }, gone)
    return opening
  }

  /** Does the cluster (the broker asked first) offer this API in at least this version? */
  async supports(api: Api, minVersion = 0): Promise<boolean> {
    const connection = await this.retry(() => this.anyone())
    return connection.supports(api, minVersion)
  }

  // --- metadata ---

  /**
   * Whether the broker whose metadata was taken last reaches the controllers: one that is cut off from them tells for ever how things
   * were. If others do and it does not, they are asked from now on, until the cluster counts it in again. True: there is someone better.
   */
  async lookForBetter(reaches: (node: number) => Promise<boolean>): Promise<boolean> {
    const { brokers } = this.metadata
    const nameOf = (b: Broker) => `${b.host}:${b.port}`
    this.apart = new Set([...this.apart].filter((name) => ![...brokers.values()].some((b) => nameOf(b) === name)))
    const asked = [...brokers.values()].find((b) => nameOf(b) === this.metadataFrom)
    if (!asked || (await reaches(asked.id))) return false
    const others = [...brokers.values()].filter((b) => b.id !== asked.id)
    const better = await Promise.all(others.map((b) => reaches(b.id)))
    if (!better.includes(true)) return false
    const lost = [asked, ...others.filter((_, i) => !better[i])]
    this.apart = new Set(lost.map(nameOf))
    this.metadataFrom = nameOf(others[better.indexOf(true)]!)
    return true
  }

  /** Brokers that are there, as of not longer ago than `maxAgeMs` (default: as for topics). */
  async brokers(options: { maxAgeMs?: number } = {}): Promise<ReadonlyMap<number, Broker>> {
    const maxAgeMs = options.maxAgeMs ?? this.options.metadataMaxAgeMs
    if (this.env.clock.monotonic() - this.metadata.at > maxAgeMs) await this.refresh([])
    return this.metadata.brokers
  }

  async clusterId(): Promise<string | null> {
    if (this.metadata.brokers.size === 0) await this.refresh([])
    return this.metadata.clusterId
  }

  /**
   * One topic, from the cache when it is young enough. Throws UNKNOWN_TOPIC_OR_PARTITION at once (no waiting for it to
   * appear), unless the broker is asked to create it.
   */
  async topic(name: string, options: { maxAgeMs?: number; autoCreate?: boolean } = {}): Promise<TopicMetadata> {
    const known = this.metadata.topics.get(name)
    const maxAgeMs = options.maxAgeMs ?? this.options.metadataMaxAgeMs
    if (known && this.env.clock.monotonic() - known.at <= maxAgeMs) return known
    const [topic] = (await this.refresh([name], options)).filter((t) => t.name === name)
    if (!topic) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `there is no topic ${name}`)
    if (topic.error) throw topic.error
    return topic
  }

  /** Asks for a topic again in the background if it is old: for those who keep using it without asking. */
  keepFresh(topic: TopicMetadata): void {
    if (this.renewing.has(topic.name)) return
    if (this.env.clock.monotonic() - topic.at <= this.options.metadataMaxAgeMs) return
    this.renewing.add(topic.name)
    // What fails now is noticed by the next request to a broker.
    const done = () => void this.renewing.delete(topic.name)
    this.refresh([topic.name]).then(done, done)
  }

  /** Asks now: for the topics named, for none (`[]`), or for all (`null`). Topics come back with their errors. */
  refresh(names: readonly string[] | null, options: { autoCreate?: boolean } = {}): Promise<TopicMetadata[]> {
    // What one turn asks for is one request.
    if (names === null || names.length === 0 || options.autoCreate) return this.ask(names, options.autoCreate ?? false)
    if (!this.wanted) {
      const all = new Set<string>()
      const answer = Promise.resolve().then(() => {
        this.wanted = undefined
        return this.ask([...all], false)
      })
      this.wanted = { names: all, answer }
    }
    for (const name of names) this.wanted.names.add(name)
    return this.wanted.answer
  }

  private async ask(names: readonly string[] | null, autoCreate: boolean): Promise<TopicMetadata[]> {
    const body = (version: number) => ({
      // Version 0 knows no null: there, none is all.
      topics: names === null ? (version === 0 ? [] : null) : names.map((name) => ({ name })),
      allowAutoTopicCreation: autoCreate,
    })
    const { response, from } = await this.retry(() =>
      this.ofAny(async (connection) => ({ response: await connection.send(Metadata, body), from: connection.name })),
    )
    this.metadataFrom = from
    return this.metadata.update(response, this.env.clock.monotonic())
  }

  /** The node that leads a partition; asks again for a topic whose leader is unknown. Throws the partition's error. */
  async leader(topic: string, partition: number): Promise<number> {
    let p = (await this.topic(topic)).partitions[partition]
    if (!p || p.leader < 0) p = (await this.topic(topic, { maxAgeMs: -1 })).partitions[partition]
    if (!p) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `topic ${topic} has no partition ${partition}`)
    if (p.leader < 0) throw p.error ?? new KafkaError('LEADER_NOT_AVAILABLE')
    return p.leader
  }

  // --- coordinators ---

  /** Node id of the coordinator of a group or a transactional id. */
  async coordinator(of: { group: string } | { transaction: string }): Promise<number> {
    const known = this.knownCoordinator(of)
    if (known !== undefined) return known
    const found = await this.findCoordinators('group' in of ? 'group' : 'transaction', [
      'group' in of ? of.group : of.transaction,
    ])
    const answer = found[0]!
    if (answer.error) throw answer.error
    return answer.node
  }

  /** The coordinator as found before, if its broker is still there. */
  knownCoordinator(of: { group: string } | { transaction: string }): number | undefined {
    const known = this.coordinators.get(coordinatorKey(of))
    return known !== undefined && this.metadata.brokers.has(known) ? known : undefined
  }

  /** Looks up coordinators, many in one request where the broker can (version 4). Errors stay per key. */
  async findCoordinators(
    type: 'group' | 'transaction',
    keys: readonly string[],
  ): Promise<{ key: string; node: number; error: KafkaError | null }[]> {
    const keyType = COORDINATOR_KEY_TYPES[type]
    return this.ofAny(async (connection) => {
      if (connection.supports(FindCoordinator, 4)) {
        const r = await connection.send(FindCoordinator, { keyType, coordinatorKeys: keys })
        return r.coordinators.map((c) => this.found(type, c.key, c))
      }
      const answers = await Promise.all(keys.map((key) => connection.send(FindCoordinator, { key, keyType })))
      return answers.map((r, i) => this.found(type, keys[i]!, r))
    })
  }

  private found(
    type: 'group' | 'transaction',
    key: string,
    c: { nodeId: number; errorCode: number; errorMessage: string | null },
  ): { key: string; node: number; error: KafkaError | null } {
    const error = errorFrom(c.errorCode, c.errorMessage)
    if (!error) this.coordinators.set(`${type} ${key}`, c.nodeId)
    return { key, node: c.nodeId, error }
  }

  /** Closes every connection; what waits fails. */
  async close(): Promise<void> {
    this.closed = true
    for (const idle of this.idle.values()) for (const connection of idle.splice(0)) connection.close()
    const all = [...this.connections.values()]
    this.connections.clear()
    for (const connection of all) await connection.then((c) => c.close()).catch(() => {})
  }
}

const coordinatorKey = (of: { group: string } | { transaction: string }): string =>
  'group' in of ? `group ${of.group}` : `transaction ${of.transaction}`
