/**
 * A partition's followers as its leader sees them, and what follows from that: who is in sync, how far everything is replicated,
 * and which change of the ISR to propose to the controller. A state machine without I/O: times (monotonic ms), the log's end and
 * answers come in as arguments.
 *
 * A proposed change (KIP-497) may have happened or not until it is answered, so both are reckoned with: the high watermark waits for
 * the largest ISR that may be in force, and durability counts with the smallest (`mayBeAlone`). Whoever has restarted since its
 * last fetch, is fenced or stops does not come in (KIP-903), and who runs but was taken out or refused by the controller is not waited
 * for before it has got on. Below min.insync.replicas the high watermark stands (KIP-966).
 */
import type { ErrorName } from '../protocol/errors.ts'
import { KafkaError } from '../protocol/errors.ts'
import { type FollowerFetch, FollowerState } from './follower_state.ts'

/** A leadership, or its ISR, as the metadata says. */
export interface LeaderTerm {
  readonly leaderEpoch: number
  readonly partitionEpoch: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
}

/** The cluster's brokers, as far as this one has heard. */
export interface Brokers {
  /** Registered and not fenced. */
  isAlive(brokerId: number): boolean
  /** Alive, and not about to stop. */
  isActive(brokerId: number): boolean
  /** Of the registration. */
  epochOf(brokerId: number): number | undefined
}

/** A change of the ISR, for AlterPartition. */
export interface IsrChange {
  readonly kind: 'expand' | 'shrink'
  readonly leaderEpoch: number
  readonly partitionEpoch: number
  readonly isr: readonly { readonly brokerId: number; readonly brokerEpoch: number }[]
}

/** What the controller has made of it. */
export type IsrOutcome =
  | { readonly leaderEpoch: number; readonly partitionEpoch: number; readonly isr: readonly number[] }
  | { readonly error: ErrorName }

/** The moment at which something is looked at. */
export interface Moment {
  /** Exclusive end of the leader's log. */
  readonly logEndOffset: number
  /** Monotonic. */
  readonly nowMs: number
  /** replica.lag.time.max.ms */
  readonly lagTimeMaxMs: number
}

/** The controller says that the epoch was right and that nothing has happened: the change may be proposed again. */
const REJECTED: ReadonlySet<ErrorName> = new Set(['OPERATION_NOT_ATTEMPTED', 'INELIGIBLE_REPLICA'])
/** One that was refused is proposed again after so long. */
const REFUSED_MS = 500
/** The metadata is ahead of this leader, or it is none any more: what has become of the change comes with the metadata. */
const AWAITS_METADATA: ReadonlySet<ErrorName> = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'UNKNOWN_TOPIC_ID',
  'FENCED_LEADER_EPOCH',
  'INVALID_UPDATE_VERSION',
  'INVALID_REQUEST',
  'NEW_LEADER_ELECTED',
])

export class LeaderState {
  leaderEpoch = -1
  partitionEpoch = -1
  /** Where the log ended when this term began: what is before may be unknown to followers that were never leaders. */
  epochStartOffset = 0
  private committed: readonly number[] = []
  private pending: { readonly change: IsrChange; readonly isr: readonly number[] } | undefined
  private readonly byId = new Map<number, FollowerState>()

  constructor(
    private readonly nodeId: number,
    private readonly brokers: Brokers,
  ) {}

  /** As the controller has committed it, as far as this leader knows. */
  get isr(): readonly number[] {
    return this.committed
  }
  /** The largest ISR that may be in force. */
  get maximalIsr(): readonly number[] {
    return this.pending?.change.kind === 'expand' ? this.pending.isr : this.committed
  }
  /** May the ISR be the leader alone? Then nobody else must have what is acknowledged. */
  get mayBeAlone(): boolean {
    return (this.pending?.change.kind === 'shrink' ? this.pending.isr : this.committed).length <= 1
  }
  get followers(): Iterable<FollowerState> {
    return this.byId.values()
  }
  follower(brokerId: number): FollowerState | undefined {
    return this.byId.get(brokerId)
  }
  isPending(change: IsrChange): boolean {
    return this.pending?.change === change
  }

  /** Of min.insync.replicas more than there are replicas are not asked for. */
  isUnderMinIsr(minInsyncReplicas: number): boolean {
    return this.committed.length < this.effectiveMinIsr(minInsyncReplicas)
  }
  effectiveMinIsr(minInsyncReplicas: number): number {
    return Math.min(minInsyncReplicas, this.byId.size + 1)
  }

  /**
   * The metadata says so. Returns whether it was news: what is older than what the controller has answered is not, and what is
   * the same does not end a proposal.
   */
  begin(term: LeaderTerm, logEndOffset: number, nowMs: number): boolean {
    const isNewTerm = term.leaderEpoch > this.leaderEpoch
    if (term.leaderEpoch < this.leaderEpoch || term.partitionEpoch < this.partitionEpoch) return false
    if (!isNewTerm && term.partitionEpoch === this.partitionEpoch) return false
    for (const id of this.byId.keys()) if (!term.replicas.includes(id)) this.byId.delete(id)
    for (const id of term.replicas)
      if (id !== this.nodeId && !this.byId.has(id)) this.byId.set(id, new FollowerState(id))
    if (isNewTerm) {
      this.epochStartOffset = logEndOffset
      const mayBeCut = term.leaderEpoch > this.leaderEpoch + 1
      for (const f of this.byId.values()) {
        // Another may have led meanwhile, of whom this broker has not heard in time: by that one's log followers have been cut.
        if (mayBeCut) f.logEndOffset = -1
        f.termBegins(logEndOffset, term.isr.includes(f.brokerId), nowMs)
      }
    }
    for (const f of this.byId.values()) {
      const isTakenOut = this.committed.includes(f.brokerId) && !term.isr.includes(f.brokerId)
      if (isTakenOut && this.brokers.isActive(f.brokerId)) f.isRefused()
    }
    this.leaderEpoch = term.leaderEpoch
    this.partitionEpoch = term.partitionEpoch
    this.committed = [...term.isr]
    this.pending = undefined
    return true
  }

  /**
   * The follower of which a fetch comes. Throws UNKNOWN_LEADER_EPOCH if it is none of this partition, as far as this leader has
   * heard (NOT_LEADER_OR_FOLLOWER where the request told no epoch), NOT_LEADER_OR_FOLLOWER if it comes from its life before.
   */
  fetchingFollower(brokerId: number, brokerEpoch: number, toldLeaderEpoch: boolean): FollowerState {
    const follower = this.byId.get(brokerId)
    if (!follower) throw new KafkaError(toldLeaderEpoch ? 'UNKNOWN_LEADER_EPOCH' : 'NOT_LEADER_OR_FOLLOWER')
    const known = this.brokers.epochOf(brokerId)
    if (brokerEpoch !== -1 && known !== undefined && known > brokerEpoch) throw new KafkaError('NOT_LEADER_OR_FOLLOWER')
    return follower
  }

  /** Takes note of a fetch. Returns the change of the ISR to propose now, if it has caught up and may come in. */
  fetched(follower: FollowerState, fetch: FollowerFetch, highWatermark: number, at: Moment): IsrChange | undefined {
    follower.fetched(fetch, at.logEndOffset, at.nowMs)
    return this.expansion(follower, highWatermark, at.nowMs)
  }

  private expansion(follower: FollowerState, highWatermark: number, nowMs: number): IsrChange | undefined {
    const { brokerId, logEndOffset, refused } = follower
    if (this.pending || this.committed.includes(brokerId)) return undefined
    if (refused !== undefined && nowMs - refused.ms < REFUSED_MS) return undefined
    if (logEndOffset < highWatermark || logEndOffset < this.epochStartOffset) return undefined
    return this.mayComeIn(follower) ? this.propose('expand', [...this.committed, brokerId]) : undefined
  }

  /** The change of the ISR to propose because followers have not caught up for too long. */
  shrink(at: Moment): IsrChange | undefined {
    if (this.pending) return undefined
    const kept = this.committed.filter(
      (id) => id === this.nodeId || this.byId.get(id)?.isCaughtUp(at.logEndOffset, at.nowMs, at.lagTimeMaxMs),
    )
    return kept.length === this.committed.length ? undefined : this.propose('shrink', kept)
  }

  private propose(kind: IsrChange['kind'], isr: readonly number[]): IsrChange {
    const change: IsrChange = {
      kind,
      leaderEpoch: this.leaderEpoch,
      partitionEpoch: this.partitionEpoch,
      isr: isr.map((brokerId) => ({ brokerId, brokerEpoch: this.epochToTell(brokerId) })),
    }
    this.pending = { change, isr }
    return change
  }

  /** -1 for one that is in sync and has not fetched yet: should it restart, the controller takes it out and the change is too late. */
  private epochToTell(brokerId: number): number {
    return (brokerId === this.nodeId ? this.brokers.epochOf(brokerId) : this.byId.get(brokerId)?.brokerEpoch) ?? -1
  }

  /**
   * The controller has answered a proposal. `changed`: the ISR is another now; `rejected`: it is as before; `waits`: the metadata
   * will say; `again`: it is to be proposed once more; `outdated`: nobody waits for this any more.
   */
  answered(change: IsrChange, outcome: IsrOutcome): 'changed' | 'rejected' | 'waits' | 'again' | 'outdated' {
    if (!this.isPending(change)) return 'outdated'
    if ('error' in outcome) {
      if (AWAITS_METADATA.has(outcome.error)) return 'waits'
      if (!REJECTED.has(outcome.error)) return 'again'
      this.pending = undefined
      // One of those that were to come in is the reason.
      if (outcome.error === 'INELIGIBLE_REPLICA') {
        for (const { brokerId } of change.isr)
          if (!this.committed.includes(brokerId)) this.byId.get(brokerId)?.isRefused()
      }
      return 'rejected'
    }
    if (outcome.leaderEpoch !== this.leaderEpoch || outcome.partitionEpoch < this.partitionEpoch) return 'waits'
    this.committed = [...outcome.isr]
    this.partitionEpoch = outcome.partitionEpoch
    this.pending = undefined
    return 'changed'
  }

  /**
   * Exclusive: up to here everybody has it who is in sync, or will be in a moment: one that has caught up is waited for, or it
   * would never come in under load. Undefined where it must not move.
   */
  replicatedTo(at: Moment, minInsyncReplicas: number): number | undefined {
    if (this.isUnderMinIsr(minInsyncReplicas)) return undefined
    const { maximalIsr } = this
    let to = at.logEndOffset
    for (const f of this.byId.values()) {
      if (f.logEndOffset >= to) continue
      const counts = maximalIsr.includes(f.brokerId) || this.isComingIn(f, at)
      if (counts) to = f.logEndOffset
    }
    return to
  }

  private isComingIn(f: FollowerState, at: Moment): boolean {
    if (f.refused !== undefined) return false
    return f.isCaughtUp(at.logEndOffset, at.nowMs, at.lagTimeMaxMs) && this.mayComeIn(f)
  }

  private mayComeIn({ brokerId, brokerEpoch }: FollowerState): boolean {
    if (brokerEpoch === undefined || !this.brokers.isActive(brokerId)) return false
    return brokerEpoch === -1 || brokerEpoch === this.brokers.epochOf(brokerId)
  }

  /** The start that all replicas on living brokers have reached. */
  lowWatermark(logStartOffset: number): number {
    let low = logStartOffset
    for (const f of this.byId.values()) {
      if (f.logStartOffset < low && this.brokers.isAlive(f.brokerId)) low = f.logStartOffset
    }
    return low
  }
}
