/**
 * The life of a broker in its cluster, as it and the controller agree on it (KIP-631): it registers, catches up with the metadata, is let in,
 * says again and again that it is there, and is let go. A state machine without I/O; `broker_life.ts` sends what it wants sent.
 *
 *     STARTING → RECOVERY → RUNNING → PENDING_CONTROLLED_SHUTDOWN → SHUTTING_DOWN      (Kafka's names)
 *
 * Unlike Kafka's it registers anew when the controller does not know it, or knows another epoch; and while it serves it may ask to be
 * fenced, for want of room on its disk. Ours leaves it what nobody else could lead. Apache Kafka's controllers fence it: where that costs
 * anybody a leader it takes the wish back, and from then on looks first.
 */
import type { ErrorName } from '../../protocol/errors.ts'
import type { BrokerHeartbeat } from '../../protocol/messages/63_broker_heartbeat.ts'
import type { Infer } from '../../protocol/schema.ts'

export type BrokerPhase = 'starting' | 'recovery' | 'running' | 'pendingControlledShutdown' | 'shuttingDown'

export interface LifecycleSettings {
  /** broker.heartbeat.interval.ms */
  readonly heartbeatIntervalMs: number
  /** The longest pause after a failure. */
  readonly longestPauseMs: number
}

/** While it is starting, so that a start without recovery takes no longer than it must. */
const STARTING_INTERVAL_MS = 10
/** While it asks to be fenced: as long as it is heard so often, what is new is given up soon. */
const WISH_INTERVAL_MS = 250
/** While others take over what it leads: Kafka's broker asks once so soon and then at every heartbeat, seconds apart. */
const SHUTDOWN_INTERVAL_MS = 50
const FIRST_PAUSE_MS = 50

/** What the controller says of a broker that it does not know as this one knows itself. */
const UNKNOWN: ReadonlySet<ErrorName> = new Set(['STALE_BROKER_EPOCH', 'BROKER_ID_NOT_REGISTERED'])

export class Lifecycle {
  phase: BrokerPhase = 'starting'
  /** -1 before it is registered. */
  brokerEpoch = -1
  private registered = false
  private readyToUnfence = false
  private failures = 0
  private takesNothing = false
  private isFenced = true
  /** The controller has fenced it although nobody else could lead something. */
  private isFencedBlindly = false
  private readonly offlineDirs = new Set<string>()

  constructor(private readonly settings: () => LifecycleSettings) {}

  /** What is to be sent next. */
  get due(): 'registration' | 'heartbeat' | 'nothing' {
    if (this.phase === 'shuttingDown') return 'nothing'
    return this.registered ? 'heartbeat' : 'registration'
  }

  /** `isNeeded`: as far as it knows nobody else could lead something that it leads, or could lead. */
  heartbeat(nodeId: number, metadataOffset: number, isNeeded: () => boolean) {
    return {
      brokerId: nodeId,
      brokerEpoch: this.brokerEpoch,
      currentMetadataOffset: metadataOffset,
      wantFence: !this.readyToUnfence || this.wantsFence(isNeeded),
      wantShutDown: this.phase === 'pendingControlledShutdown',
      offlineLogDirs: [...this.offlineDirs],
      cordonedLogDirs: null,
    }
  }

  private wantsFence(isNeeded: () => boolean): boolean {
    if (!this.takesNothing || this.phase !== 'running') return false
    if (!(this.isFenced || this.isFencedBlindly) || !isNeeded()) return true
    this.isFencedBlindly = true
    return false
  }

  // --- what is heard; each returns in how many ms there is something to send ---

  onRegistered(brokerEpoch: number): number {
    this.failures = 0
    this.registered = true
    this.brokerEpoch = brokerEpoch
    return 0
  }

  onHeartbeat(answer: Infer<typeof BrokerHeartbeat.response>): number {
    const { heartbeatIntervalMs } = this.settings()
    this.failures = 0
    this.isFenced = answer.isFenced
    switch (this.phase) {
      case 'starting':
        if (answer.isCaughtUp) this.phase = 'recovery'
        return this.phase === 'recovery' && !this.readyToUnfence ? heartbeatIntervalMs : STARTING_INTERVAL_MS
      case 'recovery':
        if (!answer.isFenced) this.phase = 'running'
        return answer.isFenced && this.readyToUnfence ? STARTING_INTERVAL_MS : heartbeatIntervalMs
      case 'running':
        return this.takesNothing ? Math.min(WISH_INTERVAL_MS, heartbeatIntervalMs) : heartbeatIntervalMs
      case 'pendingControlledShutdown':
        if (answer.shouldShutDown) this.phase = 'shuttingDown'
        return Math.min(SHUTDOWN_INTERVAL_MS, heartbeatIntervalMs)
      case 'shuttingDown':
        return heartbeatIntervalMs
    }
  }

  onFailure(error: ErrorName): number {
    if (this.registered && UNKNOWN.has(error)) {
      this.registered = false
      // Whoever is not known need not be let go.
      if (this.phase === 'pendingControlledShutdown') this.phase = 'shuttingDown'
    }
    return Math.min(FIRST_PAUSE_MS * 2 ** Math.min(this.failures++, 16), this.settings().longestPauseMs)
  }

  // --- what this broker wants; there is something to send at once ---

  /** Its logs are recovered: it can lead. */
  setReadyToUnfence(): void {
    this.readyToUnfence = true
  }

  /** There is no room on its disk, or there is again. */
  setTakesNothing(takesNothing: boolean): void {
    this.takesNothing = takesNothing
    this.isFencedBlindly = false
  }

  dirFailed(directoryId: string): void {
    this.offlineDirs.add(directoryId)
  }

  /** False if there is nobody who would have to let it go. */
  beginControlledShutdown(): boolean {
    if (this.phase !== 'running' || !this.registered) return false
    this.phase = 'pendingControlledShutdown'
    return true
  }

  beginShutdown(): void {
    this.phase = 'shuttingDown'
  }
}
