/**
 * Over which connection each broker sends its heartbeats. When that closes, the broker is taken for dead at once instead of when its
 * session has run out: a process that ends closes its connections, and fencing a broker that lives is safe; it asks to be let in again.
 */
import type { Clock } from '../env/env.ts'
import type { Gone } from '../rpc/gone.ts'

/** Who merely connects anew has done so by then, as after this process has stood still. */
const GRACE_MS = 10

interface Heard {
  readonly brokerEpoch: number
  readonly gone: Gone
  readonly onGone: () => void
}

export class BrokerConnections {
  private readonly heard = new Map<number, Heard>()
  private closed = false

  constructor(
    private readonly clock: Pick<Clock, 'after'>,
    private readonly lost: (brokerId: number, brokerEpoch: number) => void,
  ) {}

  /** A heartbeat of this life of the broker has been answered over a connection. */
  heartbeat(brokerId: number, brokerEpoch: number, gone: Gone): void {
    const before = this.heard.get(brokerId)
    if (before?.gone === gone && before.brokerEpoch === brokerEpoch) return
    this.forget(brokerId)
    const heard: Heard = { brokerEpoch, gone, onGone: () => this.left(brokerId, heard) }
    this.heard.set(brokerId, heard)
    if (gone.over) heard.onGone()
    else gone.watch(heard.onGone)
  }

  /** It has stopped as it should, or its registration is gone: nothing follows from the end of its connection. */
  forget(brokerId: number): void {
    const heard = this.heard.get(brokerId)
    heard?.gone.unwatch(heard.onGone)
    this.heard.delete(brokerId)
  }

  /** This node itself closes all connections from now on. */
  close(): void {
    this.closed = true
    for (const brokerId of [...this.heard.keys()]) this.forget(brokerId)
  }

  private left(brokerId: number, heard: Heard): void {
    this.clock.after(GRACE_MS, () => {
      if (this.closed || this.heard.get(brokerId) !== heard) return
      this.heard.delete(brokerId)
      this.lost(brokerId, heard.brokerEpoch)
    })
  }
}
