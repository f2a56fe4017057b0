/** A child process as its supervisor sees it: started, heard, started again with back-off, stopped. What it does is its own affair. */
import { type ChildProcess, spawn } from 'node:child_process'
import type { Ask, FromChild, ToChild, Told } from './child_messages.ts'
import type { Faults } from './env/faults.ts'
import type { Controlled } from './lab/control.ts'
import type { ProcessState } from './lab/processes.ts'
import type { Supervision } from './supervisor.ts'

export interface ChildSpec {
  /** Its own among those of a supervision. */
  readonly id: string
  /** In sentences. */
  readonly name: string
  readonly role: string
  /** Kafka's; null: no node of the cluster. */
  readonly nodeId: number | null
  /** Node's own flags, for its memory. */
  readonly nodeFlags: readonly string[]
  /** Besides the supervisor's own. */
  readonly environment?: Readonly<Record<string, string>>
  /** Given to the child as JSON. `started`: where those that are ready are reached, by their ids. `left`: what the process before left for it. */
  readonly settings: (started: ReadonlyMap<string, readonly string[]>, left: unknown) => unknown
  /** Where those are that it wants to reach: told again whenever another child is ready. */
  readonly reaches?: (started: ReadonlyMap<string, readonly string[]>) => readonly string[]
  /** Under this name it answers what others ask. Absent: it is not asked. */
  readonly answersAs?: string
  /** Asked anew whenever a child has become ready. Absent: it starts at once. */
  readonly mayStart?: (isReady: (id: string) => boolean) => boolean
  /** Those with the smallest number stop first, those with the same number together. */
  readonly stopTurn: number
  /** How long a clean stop may take before it is killed, ms. */
  readonly stopMs: number
  /** Ends by itself once it is done, and then the others go on or are stopped. */
  readonly job?: 'others go on' | 'ends all'
  /** If it cannot start, the others go on without it. */
  readonly dispensable?: boolean
}

export interface ChildEvents {
  onFirstReady(): void
  onFatal(sentence: string): void
  onAsk(question: Ask, asker: SupervisedChild): void
  onRetire(ids: readonly string[]): Promise<void>
  onDone(): void
  onLab(message: FromChild & { kind: 'lab' }, asker: SupervisedChild): void
  /** It has been started, or has said where it is. */
  onChange(child: SupervisedChild): void
  /** Its process has ended, however. */
  onGone(child: SupervisedChild): void
}

const FIRST_BACKOFF_MS = 50
const LONGEST_BACKOFF_MS = 10_000
/** A child that has run for this long starts over with the shortest back-off. */
const STEADY_MS = 30_000
const OWN_SIGNAL_MS = 100
/** Asked of a child and not answered. */
const MAX_QUESTIONS = 8

export class SupervisedChild implements Controlled {
  private process: ChildProcess | undefined
  private stopping = false
  private everReady = false
  private backoffMs = FIRST_BACKOFF_MS
  private startedMs: number | undefined
  private again: NodeJS.Timeout | undefined
  private whenGone: (() => void)[] = []
  /** As long as the lab wants it down. */
  private held = false
  /** Of the process that runs now. */
  private now: 'starting' | 'running' | 'paused' | 'stopping' = 'starting'
  /** For the process that comes next. */
  private left: unknown
  /** Of `state`, ms since the epoch. */
  sinceMs = Date.now()
  /** By the id of what they asked. */
  private readonly askers = new Map<string, SupervisedChild>()

  constructor(
    readonly spec: ChildSpec,
    private readonly s: Supervision,
    private readonly addresses: Map<string, readonly string[]>,
    private readonly on: ChildEvents,
  ) {}

  /** Has it been started, ever? */
  get begun(): boolean {
    return this.startedMs !== undefined
  }

  start(): void {
    this.startedMs = performance.now()
    this.process = undefined
    this.is('starting')
    let child: ChildProcess
    try {
      child = this.spawn()
    } catch (error) {
      this.notStarted(error as Error)
      return
    }
    child.on('error', (error) => {
      // Other errors, of messages that could not be sent, come before an end that is told anyway.
      if (child.pid === undefined) this.notStarted(error)
    })
    if (child.pid === undefined) return
    this.process = child
    child.on('message', (message: FromChild) => this.hear(message))
    child.on('exit', (code, signal) => this.gone(signal ? `was ended by ${signal}` : `ended with status ${code}`))
    this.on.onChange(this)
  }

  private spawn(): ChildProcess {
    return spawn(process.execPath, [...this.spec.nodeFlags, this.s.entry], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: {
        ...this.spec.environment,
        ...this.s.environment,
        WEIR_ROLE: this.spec.role,
        WEIR_SETTINGS: JSON.stringify(this.spec.settings(this.addresses, this.left)),
      },
    })
  }

  /** The system has no process or no memory to give at the moment. */
  private notStarted(error: Error): void {
    this.gone(`could not be started (${error.message})`)
  }

  /** It will not be started again, however it ends. */
  expectEnd(): void {
    this.stopping = true
    clearTimeout(this.again)
  }

  /** For good: asks it to end, and kills it when it takes too long. Resolves when it is gone. */
  stop(): Promise<void> {
    this.expectEnd()
    return this.end()
  }

  end(): Promise<void> {
    const child = this.running
    if (!child) return Promise.resolve()
    if (this.now === 'paused') this.resume()
    this.is('stopping')
    return new Promise((resolve) => {
      const late = setTimeout(() => {
        this.s.complain(`${this.spec.name} did not stop within ${this.spec.stopMs / 1000} s and is killed.`)
        void this.kill()
      }, this.spec.stopMs)
      this.whenGone.push(() => {
        clearTimeout(late)
        resolve()
      })
      if (child.connected) child.send({ kind: 'stop' } satisfies ToChild, () => {})
      else child.kill('SIGTERM')
    })
  }

  /** Resolves when it is gone. */
  kill(): Promise<void> {
    const child = this.running
    if (!child) return Promise.resolve()
    return new Promise((resolve) => {
      this.whenGone.push(resolve)
      child.kill('SIGKILL')
    })
  }

  // --- what the lab does ---

  get id(): string {
    return this.spec.id
  }
  get name(): string {
    return this.spec.name
  }
  get role(): string {
    return this.spec.role
  }
  get nodeId(): number | null {
    return this.spec.nodeId
  }
  get pid(): number | undefined {
    return this.running?.pid
  }
  get port(): number | null {
    const port = this.addresses.get(this.spec.id)?.[0]?.split(':').at(-1)
    return port === undefined ? null : Number(port)
  }
  get state(): ProcessState {
    if (this.running) return this.now
    return this.held || this.stopping || !this.begun ? 'stopped' : 'restarting'
  }

  pause(): void {
    if (this.running?.kill('SIGSTOP')) this.is('paused')
  }
  resume(): void {
    if (this.running?.kill('SIGCONT')) this.is('running')
  }
  hold(): void {
    this.held = true
    clearTimeout(this.again)
  }
  release(): void {
    this.held = false
    if (this.running || this.stopping || !this.begun) return
    clearTimeout(this.again)
    this.start()
  }
  give(faults: Faults): void {
    this.send({ kind: 'faults', faults })
  }

  private get running(): ChildProcess | undefined {
    const child = this.process
    return child && child.exitCode === null && child.signalCode === null ? child : undefined
  }

  private is(now: SupervisedChild['now']): void {
    this.now = now
    this.sinceMs = Date.now()
  }

  /** Has it answer `asker`, if it answers at all; if it does not run, that is the answer. */
  passOn(question: Ask, asker: SupervisedChild): void {
    if (this.spec.answersAs === undefined) return
    this.askers.set(question.id, asker)
    // One that does not get round to answering is not asked without end.
    if (this.process?.connected && this.askers.size <= MAX_QUESTIONS) this.process.send(question, () => {})
    else this.forward({ kind: 'told', id: question.id, parts: [], end: 'gone' })
  }

  private forward(told: Told): void {
    const asker = this.askers.get(told.id)
    if (told.end) this.askers.delete(told.id)
    asker?.send({ ...told, from: this.spec.answersAs! })
  }

  tellReached(): void {
    if (this.spec.reaches) this.send({ kind: 'reached', addresses: this.spec.reaches(this.addresses) })
  }

  send(message: ToChild): void {
    if (this.process?.connected) this.process.send(message, () => {})
  }

  private hear(message: FromChild): void {
    switch (message.kind) {
      case 'ask':
        this.on.onAsk(message, this)
        return
      case 'told':
        this.forward(message)
        return
      case 'fatal':
        // What was refused after a restart may pass: the old process's port or lock is on its way out.
        if (this.everReady) this.s.complain(message.sentence)
        else {
          // What it says last may be heard after its end.
          this.expectEnd()
          this.on.onFatal(message.sentence)
        }
        return
      case 'signalled':
        // Our own signal may still be on its way.
        setTimeout(() => {
          if (!this.stopping) this.send({ kind: 'stop' })
        }, OWN_SIGNAL_MS).unref()
        return
      case 'said':
        for (const line of message.lines) this.s.say(line)
        return
      case 'left':
        this.left = message.left
        return
      case 'retire':
        void this.on.onRetire(message.ids).then(() => this.send({ kind: 'retired' }))
        return
      case 'done':
        this.expectEnd()
        this.on.onDone()
        return
      case 'lab':
        this.on.onLab(message, this)
        return
      case 'ready':
        this.isReady(message)
    }
  }

  private isReady({ lines, addresses }: FromChild & { kind: 'ready' }): void {
    this.addresses.set(this.spec.id, addresses)
    if (this.now === 'starting') this.is('running')
    this.on.onChange(this)
    if (this.everReady) {
      this.s.say(`${this.spec.name} is back after ${Math.round(performance.now() - this.startedMs!)} ms.`)
      return
    }
    this.everReady = true
    for (const line of lines) this.s.say(line)
    this.on.onFirstReady()
  }

  private gone(how: string): void {
    for (const resolve of this.whenGone.splice(0)) resolve()
    for (const id of [...this.askers.keys()]) this.forward({ kind: 'told', id, parts: [], end: 'gone' })
    this.sinceMs = Date.now()
    this.on.onGone(this)
    if (this.stopping || this.held) return
    if (performance.now() - this.startedMs! > STEADY_MS) this.backoffMs = FIRST_BACKOFF_MS
    this.s.complain(`${this.spec.name} ${how}; it is started again in ${this.backoffMs} ms.`)
    this.again = setTimeout(() => this.start(), this.backoffMs)
    this.backoffMs = Math.min(this.backoffMs * 2, LONGEST_BACKOFF_MS)
  }
}
