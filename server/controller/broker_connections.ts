/**
 * Over which connection each broker sends its heartbeats. When that closes, the broker is taken for dead at once instead of when its
 * session has run out: a process that ends closes its connections, and fencing a broker that lives is safe; it asks to be let in again.
 *
 * Not where this node has closed it, as one that was silent for connections.max.idle.ms, and not where this process itself has not
 * been running for a while: then connections are closed because nobody answered, and say nothing about who closed them. Sessions tell
 * who is gone.
 */
import type { Clock } from '../env/env.ts'
import type { Gone } from '../rpc/gone.ts'

/** Who merely connects anew has done so by then. */
const GRACE_MS = 10
const TICK_MS = 500
/** So late, a tick says that this process was stopped, or the machine asleep. */
const LATE_MS = 1_000
/** After that: until those who live have been heard again. */
const UNSURE_MS = 2_000

interface Heard {
  readonly brokerEpoch: number
  readonly gone: Gone
  readonly onGone: () => void
}

export class BrokerConnections {
  private readonly heard = new Map<number, Heard>()
  private closed = false
  private stopTicking = () => {}
  /** Monotonic ms. */
  private unsureUntilMs = Number.NEGATIVE_INFINITY

  constructor(
    private readonly clock: Pick<Clock, 'after' | 'monotonic'>,
    private readonly lost: (brokerId: number, brokerEpoch: number) => void,
  ) {}

  /** A heartbeat of this life of the broker has been answered over a connection. */
  heartbeat(brokerId: number, brokerEpoch: number, gone: Gone): void {
    const before = this.heard.get(brokerId)
    if (this.closed || (before?.gone === gone && before.brokerEpoch === brokerEpoch)) return
    this.forget(brokerId)
    const heard: Heard = { brokerEpoch, gone, onGone: () => this.left(brokerId, heard) }
    if (this.heard.size === 0) this.tick(this.clock.monotonic())
    this.heard.set(brokerId, heard)
    if (gone.over) heard.onGone()
    else gone.watch(heard.onGone)
  }

  /** It has stopped as it should: nothing follows from the end of its connection. */
  forget(brokerId: number): void {
    const heard = this.heard.get(brokerId)
    if (heard === undefined) return
    heard.gone.unwatch(heard.onGone)
    this.heard.delete(brokerId)
    if (this.heard.size === 0) this.stopTicking()
  }

  /** This node itself closes all connections from now on. */
  close(): void {
    this.closed = true
    for (const brokerId of [...this.heard.keys()]) this.forget(brokerId)
  }

  private left(brokerId: number, heard: Heard): void {
    this.clock.after(GRACE_MS, () => {
      if (this.heard.get(brokerId) !== heard) return
      // Asked only now: after a standstill, what came meanwhile is handled before the tick that is late.
      const isSure = !heard.gone.closedHere && this.clock.monotonic() >= this.unsureUntilMs
      this.forget(brokerId)
      if (isSure) this.lost(brokerId, heard.brokerEpoch)
    })
  }

  private tick(sinceMs: number): void {
    this.stopTicking = this.clock.after(TICK_MS, () => {
      const nowMs = this.clock.monotonic()
      if (nowMs - sinceMs > TICK_MS + LATE_MS) this.unsureUntilMs = nowMs + UNSURE_MS
      this.tick(nowMs)
    })
  }
}
