/**
 * Virtual time. Nothing waits: the next event runs as soon as all that the last one set off (promises) has settled.
 * What was put off with `soon` comes before any timer, timers in the order of their time and then of their making.
 */
import type { Clock } from './env.ts'
import { realTurn } from './node_turn.ts'

/** Who set a timer: a process that has died is not called any more. */
export interface Owner {
  dead: boolean
  /** While it is paused: what was due. */
  held?: Event[]
}

export interface Event {
  at: number
  order: number
  readonly fn: () => void
  readonly owner: Owner
  cancelled: boolean
}

/** 2025-01-01, so that timestamps look like timestamps. */
const EPOCH_MS = 1_735_689_600_000

export class SimTime {
  /** ms since the simulation began, with fractions. */
  elapsedMs = 0
  /** How many events have run. */
  events = 0
  /** Changes with every event and its time: equal for two runs that did the same. */
  fingerprint = 0x811c9dc5
  private order = 0
  private soonQueue: Event[] = []
  private readonly heap: Event[] = []

  clock(owner: Owner): Clock {
    return {
      now: () => Math.floor(EPOCH_MS + this.elapsedMs),
      monotonic: () => this.elapsedMs,
      after: (ms, fn) => this.after(ms, fn, owner),
      soon: (fn) => this.soon(fn, owner),
    }
  }

  after(ms: number, fn: () => void, owner: Owner): () => void {
    const event = { at: this.elapsedMs + Math.max(0, ms), order: this.order++, fn, owner, cancelled: false }
    this.push(event)
    return () => {
      event.cancelled = true
    }
  }

  soon(fn: () => void, owner: Owner): void {
    this.soonQueue.push({ at: this.elapsedMs, order: this.order++, fn, owner, cancelled: false })
  }

  /** Runs what is due within `ms` from now; then the clock stands exactly there. */
  async runFor(ms: number): Promise<void> {
    const end = this.elapsedMs + ms
    await realTurn()
    while (await this.step(end));
    this.elapsedMs = end
  }

  /** Runs until `done()`; false if that did not come within `limitMs` of virtual time, or nothing is left to run. */
  async runUntil(done: () => boolean, limitMs = 60_000): Promise<boolean> {
    const end = this.elapsedMs + limitMs
    await realTurn()
    while (!done()) if (!(await this.step(end))) return false
    return true
  }

  /** Runs until the promise settles and gives its value; throws if nothing is left to run or the time is up. */
  async runUntilSettled<T>(promise: Promise<T>, limitMs = 60_000): Promise<T> {
    let settled = false
    const end = () => {
      settled = true
    }
    promise.then(end, end)
    if (!(await this.runUntil(() => settled, limitMs))) {
      throw new Error(`the simulation stopped at ${this.elapsedMs} ms with the promise still pending`)
    }
    return promise
  }

  /** What was due while its owner was paused is due now, in the order in which it was. */
  release(owner: Owner): void {
    const held = owner.held ?? []
    delete owner.held
    for (const event of held) {
      event.at = this.elapsedMs
      event.order = this.order++
      this.push(event)
    }
  }

  /** Runs one event that is due by `end`, and lets its promises settle. False if there is none. */
  private async step(end: number): Promise<boolean> {
    const event = this.soonQueue.length > 0 ? this.soonQueue.shift()! : this.pop(end)
    if (event === undefined) return false
    if (event.cancelled || event.owner.dead) return true
    if (event.owner.held) {
      event.owner.held.push(event)
      return true
    }
    this.elapsedMs = Math.max(this.elapsedMs, event.at)
    this.events++
    this.fingerprint = Math.imul(this.fingerprint ^ Math.round(this.elapsedMs * 1000) ^ event.order, 0x01000193)
    event.fn()
    await realTurn()
    return true
  }

  private push(e: Event): void {
    const { heap } = this
    let i = heap.push(e) - 1
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!before(e, heap[parent]!)) break
      heap[i] = heap[parent]!
      i = parent
    }
    heap[i] = e
  }

  private pop(end: number): Event | undefined {
    const { heap } = this
    const top = heap[0]
    if (top === undefined || top.at > end) return undefined
    const last = heap.pop()!
    if (heap.length === 0) return top
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
      if (!before(heap[child]!, last)) break
      heap[i] = heap[child]!
      i = child
    }
    heap[i] = last
    return top
  }
}

const before = (a: Event, b: Event) => a.at < b.at || (a.at === b.at && a.order < b.order)
