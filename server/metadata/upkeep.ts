/**
 * What the controller does by the clock in its term: it fences brokers that have been silent for a session, gives leadership back to
 * preferred replicas, and elects uncleanly where that is allowed. Nothing of it runs for a broker that is alone with its controller,
 * but a look every few minutes.
 */
import type { Clock } from '../env/env.ts'
import type { BrokerSessions } from './broker_sessions.ts'
import type { ControllerSettings } from './context.ts'

export interface UpkeepOptions {
  readonly clock: Clock
  readonly sessions: BrokerSessions
  readonly settings: ControllerSettings
  fence(brokerId: number): Promise<unknown>
  /** Resolves to whether there may be more to do. */
  balanceLeaders(): Promise<boolean>
  electUncleanly(): Promise<boolean>
}

/** Sessions are looked at so often, or four times in each if they are shorter. */
const LOOK_MS = 1_000
/** Until the next round, where one was not enough: others are served between. */
const SOON_MS = 10

export class Upkeep {
  private readonly timers = new Map<string, () => void>()
  private stopped = true

  constructor(private readonly o: UpkeepOptions) {}

  start(): void {
    this.stopped = false
    const { settings } = this.o
    const { leaderImbalanceCheckIntervalMs: balanceMs, uncleanLeaderElectionIntervalMs: uncleanMs } = settings
    if (balanceMs !== undefined) this.round('leaders', balanceMs, () => this.o.balanceLeaders())
    this.round('unclean', uncleanMs, () => this.o.electUncleanly())
    this.watch()
  }

  stop(): void {
    this.stopped = true
    for (const cancel of this.timers.values()) cancel()
    this.timers.clear()
  }

  /** Sessions may have begun. */
  watch(): void {
    const { sessions, settings, clock } = this.o
    if (this.timers.has('sessions') || !sessions.watched) return
    const lookMs = Math.min(LOOK_MS, settings.brokerSessionTimeoutMs / 4)
    const before = clock.monotonic()
    this.after('sessions', lookMs, () => {
      // Who was not running heard nobody, and may not say that nobody spoke.
      if (clock.monotonic() - before > 2 * lookMs) sessions.renewAll()
      void this.attempt(() => this.fenceAll(sessions.expired())).then(() => this.watch())
    })
  }

  /** Those who were silent when it was looked, and still are. */
  private async fenceAll(brokerIds: readonly number[]): Promise<void> {
    for (const brokerId of brokerIds) if (this.o.sessions.isSilent(brokerId)) await this.o.fence(brokerId)
  }

  private round(name: string, everyMs: number, work: () => Promise<boolean>, delayMs = everyMs): void {
    this.after(name, delayMs, async () => {
      const more = await this.attempt(work)
      this.round(name, everyMs, work, more ? SOON_MS : everyMs)
    })
  }

  /** What fails is tried again at the next look: the log may have had no room. */
  private async attempt<A>(work: () => Promise<A>): Promise<A | undefined> {
    try {
      return await work()
    } catch {
      return undefined
    }
  }

  private after(name: string, ms: number, fn: () => void): void {
    if (this.stopped) return
    const cancel = this.o.clock.after(ms, () => {
      this.timers.delete(name)
      fn()
    })
    this.timers.set(name, cancel)
  }
}
