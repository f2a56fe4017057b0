/**
 * The one runtime of every replicated state machine: decide → records → apply.
 *
 * A command looks at the state and the time and returns a decision. Its records are appended, then applied; a reply leaves
 * only when every record that was applied before it is committed, a read's and an error's too, so nobody is told what a
 * crash can take back. What a crash may forget (who waits for an answer, when a session ends) is kept by the machine's owner
 * apart from the state and changed by a decision's `change`.
 *
 * One append a command: several commands of one turn share a write and a sync below, in the log.
 */
import type { Clock } from '../env/env.ts'
import { KafkaError } from '../protocol/errors.ts'
import { iterateRecords, RecordBatch } from '../records/batch.ts'
import { buildBatch } from '../records/build_batch.ts'
import type { RecordCodec, StateLog } from './log.ts'
import { type LoadedRecord, OpenTransactions } from './open_transactions.ts'

/** Durable state. */
export interface Machine<R> {
  /** The only thing that changes the state. A throw is a bug and takes the machine down. */
  apply(record: R, at: { offset: number; timestampMs: number }): void
}

export interface Decision<R, A> {
  /** Become durable as one batch: all of them or none. */
  readonly records?: readonly R[]
  /** The answer, or a `Later` that some other command will answer. */
  readonly reply: A | Later<A>
  /** Changes what a crash may forget, sets timers, answers a `Later`. Runs after the records have been applied; must not throw. */
  readonly change?: () => void
  /** Commands that look at what this one has left, run before anyone else's. Their replies go nowhere. */
  readonly next?: readonly Command<any, R, any>[]
}

/** Decides only: changes nothing itself. It may throw: that is the reply, and nothing has happened. */
export type Command<S, R, A> = (state: S, nowMs: number) => Decision<R, A>

export interface RuntimeOptions<S, R> {
  readonly state: S
  readonly log: StateLog
  readonly codec: RecordCodec<R>
  readonly clock: Clock
  /**
   * How long an answer waits for what was applied before it to be committed: then it is REQUEST_TIMED_OUT, whatever comes of the records.
   * Default: as long as it takes.
   */
  readonly answerTimeoutMs?: () => number
  /** Called once if the machine goes down by itself: with the log's error, or with that of a bug in `apply` or `change`. */
  readonly onDown?: (error: Error) => void
}

interface Held {
  readonly offset: number
  /** Monotonic ms. */
  readonly deadlineMs: number
  readonly send: () => void
  readonly fail: (error: Error) => void
}

/** How long a timer whose command failed waits before it tries again. */
const TIMER_RETRY_MS = 500

export class Runtime<S extends Machine<R>, R> {
  readonly state: S
  private readonly log: StateLog
  private readonly codec: RecordCodec<R>
  private readonly clock: Clock
  private readonly onDown: (error: Error) => void
  private readonly unsubscribe: () => void
  private readonly answerTimeoutMs: (() => number) | undefined
  /** What waits for the high watermark, in the order of the offsets. */
  private held: Held[] = []
  private cancelExpiry: (() => void) | undefined
  private readonly laters = new Set<Later<any>>()
  private readonly timers = new Set<() => void>()
  private readonly transactions = new OpenTransactions<R>()
  private down: Error | undefined
  private appliedTo = 0

  constructor(options: RuntimeOptions<S, R>) {
    this.state = options.state
    this.log = options.log
    this.codec = options.codec
    this.clock = options.clock
    this.onDown = options.onDown ?? (() => {})
    this.answerTimeoutMs = options.answerTimeoutMs
    this.unsubscribe = this.log.onHighWatermark((highWatermark, error) => {
      if (error !== undefined) this.goDown(error)
      else this.release(highWatermark)
    })
  }

  /** Exclusive: the offset after the last record that the state has seen. */
  get appliedOffset(): number {
    return this.appliedTo
  }

  /** Why the machine is down, if it is. */
  get error(): Error | undefined {
    return this.down
  }

  /** Applies what the log holds; each buffer is one batch. Call it to the end before the first command. */
  load(batches: Iterable<Buffer>): void {
    for (const batch of batches) this.loadBatch(batch)
  }

  /** One batch of the log, in order. What was written in a transaction counts from its commit on. */
  loadBatch(bytes: Buffer): void {
    const batch = new RecordBatch(bytes)
    const records: LoadedRecord<R>[] = []
    for (const { key, value, offset, timestamp } of batch.isControl ? [] : iterateRecords(batch)) {
      const record = this.codec.decode(key, value)
      if (record !== undefined) records.push({ key, record, offset, timestampMs: timestamp })
    }
    for (const r of this.transactions.take(batch, records)) this.state.apply(r.record, r)
    this.appliedTo = batch.nextOffset
  }

  /**
   * Decides, appends, applies; resolves or rejects once the answer may be told. Rejects with what the command or the append
   * threw (nothing has changed then), or, from the moment the machine is down, with why it is.
   */
  run<A>(command: Command<S, R, A>): Promise<A> {
    if (this.down !== undefined) return Promise.reject(this.down)
    return new Promise<A>((resolve, reject) => {
      let reply: A | Later<A>
      try {
        reply = this.execute(command)
      } catch (error) {
        this.hold(
          () => reject(error),
          () => reject(error),
        )
        return
      }
      if (reply instanceof Later) {
        this.laters.add(reply)
        reply.listen(resolve, reject)
      } else {
        const answer = reply
        this.hold(() => resolve(answer), reject)
      }
    })
  }

  /** An answer for some other command to give, once a command has replied with it. Fails by itself when the machine goes down. */
  later<A>(): Later<A> {
    const later: Later<A> = new Later<A>((send) => {
      this.laters.delete(later)
      this.hold(send, (error) => later.fail(error))
    })
    return later
  }

  /** Runs `command` in `ms`; tries again later if it fails while the machine is up. The function returned cancels it. */
  timer(ms: number, command: Command<S, R, any>): () => void {
    if (this.down !== undefined) return () => {}
    let stop: () => void
    const set = (delayMs: number): void => {
      stop = this.clock.after(delayMs, () => {
        this.timers.delete(cancel)
        if (this.down !== undefined) return
        try {
          this.execute(command)
        } catch {
          if (this.down !== undefined) return
          this.timers.add(cancel)
          set(TIMER_RETRY_MS)
        }
      })
    }
    const cancel = (): void => {
      this.timers.delete(cancel)
      stop()
    }
    this.timers.add(cancel)
    set(ms)
    return cancel
  }

  /** Ends the machine's life here, as when leadership moves: all who wait are told `error`, all timers stop. */
  unload(error: Error): void {
    if (this.down !== undefined) return
    this.down = error
    this.unsubscribe()
    for (const cancel of [...this.timers]) cancel()
    this.cancelExpiry?.()
    for (const h of this.held.splice(0)) h.fail(error)
    for (const later of [...this.laters]) later.fail(error)
    this.laters.clear()
  }

  private execute<A>(command: Command<S, R, A>): A | Later<A> {
    const nowMs = this.clock.now()
    const decision = command(this.state, nowMs)
    if (decision.records !== undefined && decision.records.length > 0) this.write(decision.records, nowMs)
    try {
      decision.change?.()
    } catch (error) {
      throw this.goDown(asError(error))
    }
    for (const next of decision.next ?? []) {
      try {
        this.execute(next)
      } catch (error) {
        // The command itself stands. What follows up on it has a timer to fall back on.
        if (this.down !== undefined) throw error
      }
    }
    return decision.reply
  }

  private write(records: readonly R[], nowMs: number): void {
    const batch = buildBatch(
      records.map((r) => this.codec.encode(r)),
      { timestamp: nowMs },
    )
    const endOffset = this.log.append(batch)
    // From here on the records are in the log: what fails now is not the command but the machine.
    try {
      const baseOffset = endOffset - records.length
      for (const [i, record] of records.entries())
        this.state.apply(record, { offset: baseOffset + i, timestampMs: nowMs })
    } catch (error) {
      throw this.goDown(asError(error))
    }
    this.appliedTo = endOffset
  }

  private hold(send: () => void, fail: (error: Error) => void): void {
    if (this.down !== undefined) fail(this.down)
    else if (this.log.highWatermark >= this.appliedTo && this.held.length === 0) send()
    else {
      const deadlineMs = this.clock.monotonic() + (this.answerTimeoutMs?.() ?? Number.POSITIVE_INFINITY)
      this.held.push({ offset: this.appliedTo, deadlineMs, send, fail })
      this.expireAt(deadlineMs)
    }
  }

  /** One timer for all, which is not taken back when they are answered. */
  private expireAt(deadlineMs: number): void {
    if (this.cancelExpiry || deadlineMs === Number.POSITIVE_INFINITY) return
    this.cancelExpiry = this.clock.after(Math.max(0, deadlineMs - this.clock.monotonic()), () => this.expire())
  }

  private expire(): void {
    this.cancelExpiry = undefined
    const nowMs = this.clock.monotonic()
    const late = this.held.filter((h) => h.deadlineMs <= nowMs)
    if (late.length > 0) this.held = this.held.filter((h) => h.deadlineMs > nowMs)
    this.expireAt(this.held.reduce((first, h) => Math.min(first, h.deadlineMs), Number.POSITIVE_INFINITY))
    for (const h of late) h.fail(new KafkaError('REQUEST_TIMED_OUT'))
  }

  private release(highWatermark: number): void {
    let n = 0
    while (n < this.held.length && this.held[n]!.offset <= highWatermark) n++
    for (const h of this.held.splice(0, n)) h.send()
  }

  private goDown(error: Error): Error {
    if (this.down === undefined) {
      this.unload(error)
      this.onDown(error)
    }
    return error
  }
}

/** An answer that is given later, once: what a member waits for in JoinGroup. */
export class Later<A> {
  private readonly promise: Promise<A>
  private resolve!: (answer: A) => void
  private reject!: (error: Error) => void

  constructor(private readonly hold: (send: () => void) => void) {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
    // Nobody may be listening when it fails: a client that went away is not an error here.
    this.promise.catch(() => {})
  }

  /** Answers once everything applied by now is committed. A second answer is ignored. */
  answer(answer: A): void {
    this.hold(() => this.resolve(answer))
  }

  /** At once, whatever is committed: when the machine goes down. */
  fail(error: Error): void {
    this.reject(error)
  }

  listen(resolve: (answer: A) => void, reject: (error: Error) => void): void {
    this.promise.then(resolve, reject)
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))
