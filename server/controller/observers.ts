/**
 * Who follows the metadata log without a vote, and how far (KIP-595, KIP-836): brokers, by what they fetch. Volatile; one that has not
 * fetched for a while is forgotten.
 */
import type { Clock } from '../env/env.ts'

/** As long as Kafka remembers one. */
const FORGET_AFTER_MS = 300_000
/** Whoever claims to be more than these replaces those who came least lately. */
const MOST = 1_000

export interface ObserverState {
  readonly replicaId: number
  readonly replicaDirectoryId: string
  /** Exclusive: what it has. */
  logEndOffset: number
  /** Ms since the epoch. */
  lastFetchTimestamp: number
  /** When it had all that there was, ms since the epoch; -1 if it never had. */
  lastCaughtUpTimestamp: number
  /** Exclusive: the log's end when it fetched last. */
  endWhenFetched: number
}

export class Observers {
  /** By replica and directory; who has fetched last comes last. */
  private readonly known = new Map<string, ObserverState>()

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  /** It has everything below `fetchOffset`, and asks for more while the log ends at `logEndOffset`. */
  fetched(replica: { id: number; directoryId: string }, fetchOffset: number, logEndOffset: number): void {
    if (replica.id < 0) return
    const nowMs = this.clock.now()
    const key = `${replica.id}/${replica.directoryId}`
    const before = this.known.get(key)
    // Who has now what there was at the last fetch had all of it then.
    const caughtUpMs =
      fetchOffset >= logEndOffset
        ? nowMs
        : before !== undefined && fetchOffset >= before.endWhenFetched
          ? before.lastFetchTimestamp
          : -1
    this.known.delete(key)
    if (this.known.size >= MOST) this.known.delete(this.known.keys().next().value!)
    this.known.set(key, {
      replicaId: replica.id,
      replicaDirectoryId: replica.directoryId,
      logEndOffset: fetchOffset,
      lastFetchTimestamp: nowMs,
      lastCaughtUpTimestamp: Math.max(caughtUpMs, before?.lastCaughtUpTimestamp ?? -1),
      endWhenFetched: logEndOffset,
    })
    if (before === undefined) this.forgetOld(nowMs)
  }

  /** By node id. */
  get all(): readonly ObserverState[] {
    this.forgetOld(this.clock.now())
    return [...this.known.values()].sort((a, b) => a.replicaId - b.replicaId)
  }

  private forgetOld(nowMs: number): void {
    for (const [key, o] of this.known) if (nowMs - o.lastFetchTimestamp > FORGET_AFTER_MS) this.known.delete(key)
  }
}
