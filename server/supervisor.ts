/**
 * The supervisor: starts the broker and the console as processes of their own, says where they are, restarts what dies with
 * back-off, and stops them in order on SIGTERM and SIGINT. It knows nothing of Kafka and holds no data.
 */
import { type ChildProcess, spawn } from 'node:child_process'

/** What a child tells its supervisor. */
export type FromChild =
  /** It serves. Lines for the person who started us. */
  | { kind: 'ready'; lines: readonly string[]; addresses: readonly string[] }
  | { kind: 'said'; lines: readonly string[] }
  /** It cannot start, and would not a second time: one sentence. */
  | { kind: 'fatal'; sentence: string }
  /** What do all those say who answer? */
  | Ask
  /** A part of what it says to an ask. */
  | Told

export type ToChild = { kind: 'stop' } | Ask | (Told & { from: string })

export interface Ask {
  kind: 'ask'
  /** The asker's, whom nobody else's may be like. */
  id: string
  about: string
}

export interface Told {
  kind: 'told'
  id: string
  parts: readonly unknown[]
  /** The last part; `gone`: there is no answer, or it breaks off here. */
  end?: 'whole' | 'gone'
}

export interface ChildSpec {
  readonly name: string
  readonly role: string
  /** Node's own flags, for its memory. */
  readonly nodeFlags: readonly string[]
  /** Besides the supervisor's own. */
  readonly environment?: Readonly<Record<string, string>>
  /** Given to the child as JSON. */
  readonly settings: (started: ReadonlyMap<string, readonly string[]>) => unknown
  /** Under this name it answers what others ask. Absent: it is not asked. */
  readonly answersAs?: string
  /** How long a clean stop may take before it is killed, ms. */
  readonly stopMs: number
}

export interface Supervision {
  /** Started one after the other, each once the one before is ready; stopped in the opposite order. */
  readonly children: readonly ChildSpec[]
  readonly entry: string
  readonly environment: NodeJS.ProcessEnv
  say(line: string): void
  complain(line: string): void
}

const FIRST_BACKOFF_MS = 50
const LONGEST_BACKOFF_MS = 10_000
/** A child that has run for this long starts over with the shortest back-off. */
const STEADY_MS = 30_000
/** Asked of a child and not answered. */
const MAX_QUESTIONS = 8

/** Resolves with the exit status once everything has stopped. */
export function supervise(s: Supervision): Promise<number> {
  return new Promise((resolve) => {
    const children: Child[] = []
    const addresses = new Map<string, readonly string[]>()
    let stopping = false

    const stop = async (status: number) => {
      if (stopping) return
      stopping = true
      // A signal to the whole process group reaches the children too: their ends are no accidents from now on.
      for (const child of children) child.expectEnd()
      for (const child of [...children].reverse()) await child.stop()
      resolve(status)
    }
    const startNext = () => {
      const spec = s.children[children.length]
      if (!spec || stopping) return
      const child = new Child(spec, s, addresses, {
        onFirstReady: startNext,
        onAsk: (question, asker) => {
          for (const one of children) one.passOn(question, asker)
        },
        onFatal: (sentence) => {
          s.complain(sentence)
          void stop(1)
        },
      })
      children.push(child)
      child.start()
    }
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      let asked = 0
      process.on(signal, () => {
        if (asked++ > 0 && signal === 'SIGINT') for (const child of children) child.kill()
        void stop(0)
      })
    }
    startNext()
  })
}

class Child {
  private process: ChildProcess | undefined
  private stopping = false
  private everReady = false
  private backoffMs = FIRST_BACKOFF_MS
  private startedMs = 0
  private again: NodeJS.Timeout | undefined
  private whenGone: (() => void)[] = []
  /** By the id of what they asked. */
  private readonly askers = new Map<string, Child>()

  constructor(
    private readonly spec: ChildSpec,
    private readonly s: Supervision,
    private readonly addresses: Map<string, readonly string[]>,
    private readonly on: {
      onFirstReady(): void
      onFatal(sentence: string): void
      onAsk(question: Ask, asker: Child): void
    },
  ) {}

  start(): void {
    this.startedMs = performance.now()
    this.process = undefined
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
  }

  private spawn(): ChildProcess {
    return spawn(process.execPath, [...this.spec.nodeFlags, this.s.entry], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: {
        ...this.spec.environment,
        ...this.s.environment,
        WEIR_ROLE: this.spec.role,
        WEIR_SETTINGS: JSON.stringify(this.spec.settings(this.addresses)),
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

  /** Asks it to end, and kills it when it takes too long. Resolves when it is gone. */
  stop(): Promise<void> {
    this.expectEnd()
    const child = this.process
    if (!child || child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
    return new Promise((resolve) => {
      const late = setTimeout(() => {
        this.s.complain(`${this.spec.name} did not stop within ${this.spec.stopMs / 1000} s and is killed.`)
        this.kill()
      }, this.spec.stopMs)
      this.whenGone.push(() => {
        clearTimeout(late)
        resolve()
      })
      if (child.connected) child.send({ kind: 'stop' } satisfies ToChild, () => {})
      else child.kill('SIGTERM')
    })
  }

  kill(): void {
    this.process?.kill('SIGKILL')
  }

  /** Has it answer `asker`, if it answers at all; if it does not run, that is the answer. */
  passOn(question: Ask, asker: Child): void {
    if (this.spec.answersAs === undefined) return
    this.askers.set(question.id, asker)
    // One that does not get round to answering is not asked without end.
    if (this.process?.connected && this.askers.size <= MAX_QUESTIONS) this.process.send(question, () => {})
    else this.forward({ kind: 'told', id: question.id, parts: [], end: 'gone' })
  }

  private forward(told: Told): void {
    const asker = this.askers.get(told.id)
    if (told.end) this.askers.delete(told.id)
    if (!asker?.process?.connected) return
    asker.process.send({ ...told, from: this.spec.answersAs! } satisfies ToChild, () => {})
  }

  private hear(message: FromChild): void {
    if (message.kind === 'ask') {
      this.on.onAsk(message, this)
      return
    }
    if (message.kind === 'told') {
      this.forward(message)
      return
    }
    if (message.kind === 'fatal') {
      // What was refused after a restart may pass: the old process's port or lock is on its way out.
      if (this.everReady) this.s.complain(message.sentence)
      else {
        this.stopping = true
        this.on.onFatal(message.sentence)
      }
      return
    }
    if (message.kind === 'said') {
      for (const line of message.lines) this.s.say(line)
      return
    }
    this.addresses.set(this.spec.role, message.addresses)
    if (this.everReady) {
      this.s.say(`${this.spec.name} is back after ${Math.round(performance.now() - this.startedMs)} ms.`)
      return
    }
    this.everReady = true
    for (const line of message.lines) this.s.say(line)
    this.on.onFirstReady()
  }

  private gone(how: string): void {
    for (const resolve of this.whenGone.splice(0)) resolve()
    for (const id of [...this.askers.keys()]) this.forward({ kind: 'told', id, parts: [], end: 'gone' })
    if (this.stopping) return
    if (performance.now() - this.startedMs > STEADY_MS) this.backoffMs = FIRST_BACKOFF_MS
    this.s.complain(`${this.spec.name} ${how}; it is started again in ${this.backoffMs} ms.`)
    this.again = setTimeout(() => this.start(), this.backoffMs)
    this.backoffMs = Math.min(this.backoffMs * 2, LONGEST_BACKOFF_MS)
  }
}
