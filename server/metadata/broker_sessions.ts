/**
 * Which brokers the controller has heard of lately (KIP-631). Volatile: whoever becomes controller gives each broker that serves a whole
 * session, and so does one that finds that it has itself not been running.
 *
 * Unlike Kafka's, a session that nobody has spoken in during this term keeps no other life of the broker from registering: where
 * brokers and controller were killed together, their next start need not wait it out.
 */
import type { BrokerRegistration } from './image.ts'

interface Session {
  /** Monotonic ms. */
  lastContactMs: number
  /** In this term. */
  heard: boolean
  /** Inclusive: the last offset of the metadata that it has applied; -1 if it has not said. */
  metadataOffset: number
  /** What the others have to have applied before it may go; undefined if it does not want to stop. */
  shutdownOffset: number | undefined
  /** It serves, and asks to be fenced all the same: its disk is full. */
  wantsFence: boolean
}

/** Brokers that share a disk come and go with what room there is together: nothing is decided before all have said so. */
const WISHES_SETTLE_MS = 500

export class BrokerSessions {
  /** Of brokers that are not fenced. */
  private readonly sessions = new Map<number, Session>()
  /** When a broker that serves last began or ceased to ask to be fenced. */
  private wishesChangedMs = Number.NEGATIVE_INFINITY

  constructor(
    private readonly o: {
      readonly timeoutMs: number
      /** A broker that lives and dies with this process; it is never missed. */
      readonly own: number
      /** ms, never going back. */
      now(): number
    },
  ) {}

  /** As the term begins. */
  begin(brokers: Iterable<BrokerRegistration>): void {
    this.sessions.clear()
    for (const { brokerId, fenced } of brokers) if (!fenced) this.sessions.set(brokerId, this.newSession())
  }

  /** It has been heard, and is not fenced (any more). */
  touch(brokerId: number, metadataOffset: number, { wantsFence = false } = {}): void {
    let session = this.sessions.get(brokerId)
    if (session === undefined) this.sessions.set(brokerId, (session = this.newSession()))
    session.lastContactMs = this.o.now()
    session.heard = true
    session.metadataOffset = metadataOffset
    if (session.wantsFence !== wantsFence) this.wishesChangedMs = session.lastContactMs
    session.wantsFence = wantsFence
  }

  /** It serves where it must, and would rather not. */
  wantsFence(brokerId: number): boolean {
    return this.sessions.get(brokerId)?.wantsFence === true
  }

  /** So do all who have said so lately, or none. */
  get wishesAreSettled(): boolean {
    return this.o.now() - this.wishesChangedMs >= WISHES_SETTLE_MS
  }

  /** It is fenced or gone, or begins another life. */
  end(brokerId: number): void {
    this.sessions.delete(brokerId)
  }

  /** It wants to stop, and what it gave up stands up to this offset (inclusive). */
  beginShutdown(brokerId: number, offset: number): void {
    const session = this.sessions.get(brokerId)
    if (session !== undefined) session.shutdownOffset = offset
  }

  isShuttingDown(brokerId: number): boolean {
    return this.sessions.get(brokerId)?.shutdownOffset !== undefined
  }

  /** Does everyone who goes on know who leads instead? */
  mayStop(brokerId: number): boolean {
    const offset = this.sessions.get(brokerId)?.shutdownOffset ?? -1
    for (const [id, s] of this.sessions) {
      if (s.shutdownOffset === undefined && id !== this.o.own && s.metadataOffset < offset) return false
    }
    return true
  }

  /** Another life of this broker speaks up: is this one alive? */
  isAlive(brokerId: number): boolean {
    const session = this.sessions.get(brokerId)
    return brokerId !== this.o.own && session !== undefined && session.heard && !this.hasExpired(session)
  }

  /** Those that have been silent for too long. */
  expired(): number[] {
    return [...this.sessions.keys()].filter((id) => this.isSilent(id))
  }

  isSilent(brokerId: number): boolean {
    const session = this.sessions.get(brokerId)
    return brokerId !== this.o.own && session !== undefined && this.hasExpired(session)
  }

  /** Is there anyone to be missed? */
  get watched(): boolean {
    return this.sessions.size > (this.sessions.has(this.o.own) ? 1 : 0)
  }

  /** Nobody could be heard for a while: each begins anew. */
  renewAll(): void {
    for (const session of this.sessions.values()) session.lastContactMs = this.o.now()
  }

  private newSession(): Session {
    return {
      lastContactMs: this.o.now(),
      heard: false,
      metadataOffset: -1,
      shutdownOffset: undefined,
      wantsFence: false,
    }
  }

  private hasExpired({ lastContactMs }: Session): boolean {
    return this.o.now() - lastContactMs > this.o.timeoutMs
  }
}
