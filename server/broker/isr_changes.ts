/**
 * Changes of ISRs on their way to the controller (AlterPartition): one request at a time, with all that has come up meanwhile. It is
 * asked until it answers, however long that takes; a partition that has a newer change to propose takes the place of its older one.
 */
import type { Clock } from '../env/env.ts'
import { errorOf } from '../protocol/errors.ts'
import type { AlterPartition } from '../protocol/messages/56_alter_partition.ts'
import type { Infer, Input } from '../protocol/schema.ts'
import type { IsrChange, IsrOutcome } from '../replication/leader_state.ts'

export interface IsrChangesOptions {
  readonly clock: Clock
  readonly nodeId: number
  /** Of the present registration. */
  readonly brokerEpoch: () => number
  /** Rejects where the controller cannot be asked. */
  readonly ask: (request: Input<typeof AlterPartition.request>) => Promise<Infer<typeof AlterPartition.response>>
  readonly warn: (line: string) => void
}

interface Proposal {
  readonly topicId: string
  readonly partitionIndex: number
  readonly change: IsrChange
  resolve(outcome: IsrOutcome): void
}

const RECOVERED = 0
/** After a request that was not answered, or refused as a whole. */
const RETRY_MS = 50
const RETRY_MAX_MS = 1_000

export class IsrChanges {
  private unsent = new Map<string, Proposal>()
  private planned = false
  private failures = 0
  private stopped = false

  constructor(private readonly o: IsrChangesOptions) {}

  /** Does not reject. */
  submit(topicId: string, partitionIndex: number, change: IsrChange): Promise<IsrOutcome> {
    return new Promise((resolve) => {
      this.put({ topicId, partitionIndex, change, resolve })
      this.plan()
    })
  }

  stop(): void {
    this.stopped = true
  }

  private put(proposal: Proposal): void {
    const key = keyOf(proposal)
    this.unsent.get(key)?.resolve({ error: 'OPERATION_NOT_ATTEMPTED' })
    this.unsent.set(key, proposal)
  }

  private plan(afterMs = 0): void {
    if (this.planned || this.stopped || this.unsent.size === 0) return
    this.planned = true
    if (afterMs > 0) this.o.clock.after(afterMs, () => void this.send())
    else this.o.clock.soon(() => void this.send())
  }

  private async send(): Promise<void> {
    if (this.stopped) return
    const sent = [...this.unsent.values()]
    this.unsent = new Map()
    let afterMs = 0
    try {
      const answer = await this.o.ask(this.request(sent))
      if (answer.errorCode !== 0) throw new Error(errorOf(answer.errorCode))
      this.failures = 0
      const outcomes = outcomesOf(answer)
      for (const p of sent) p.resolve(outcomes.get(keyOf(p)) ?? { error: 'UNKNOWN_SERVER_ERROR' })
    } catch (error) {
      if (this.failures++ === 0) {
        this.o.warn(
          `who is in sync cannot be changed for ${sent.length} partitions yet, it is tried again: ${(error as Error).message}`,
        )
      }
      for (const p of sent) {
        // Its partition has something newer to propose: nobody waits for this any more.
        if (this.unsent.has(keyOf(p))) p.resolve({ error: 'OPERATION_NOT_ATTEMPTED' })
        else this.put(p)
      }
      afterMs = Math.min(RETRY_MS * 2 ** Math.min(this.failures - 1, 10), RETRY_MAX_MS)
    }
    this.planned = false
    this.plan(afterMs)
  }

  private request(proposals: readonly Proposal[]): Input<typeof AlterPartition.request> {
    const topics = new Map<string, Proposal[]>()
    for (const p of proposals) {
      const list = topics.get(p.topicId)
      if (list) list.push(p)
      else topics.set(p.topicId, [p])
    }
    return {
      brokerId: this.o.nodeId,
      brokerEpoch: this.o.brokerEpoch(),
      topics: [...topics].map(([topicId, list]) => ({
        topicId,
        partitions: list.map(({ partitionIndex, change }) => ({
          partitionIndex,
          leaderEpoch: change.leaderEpoch,
          partitionEpoch: change.partitionEpoch,
          leaderRecoveryState: RECOVERED,
          newIsrWithEpochs: change.isr.map((member) => ({ ...member })),
          newIsr: change.isr.map(({ brokerId }) => brokerId),
        })),
      })),
    }
  }
}

const keyOf = (p: { topicId: string; partitionIndex: number }) => `${p.partitionIndex}/${p.topicId}`

function outcomesOf({ topics }: Infer<typeof AlterPartition.response>): Map<string, IsrOutcome> {
  const outcomes = new Map<string, IsrOutcome>()
  for (const { topicId, partitions } of topics) {
    for (const { partitionIndex, errorCode, leaderEpoch, partitionEpoch, isr } of partitions) {
      const outcome = errorCode === 0 ? { leaderEpoch, partitionEpoch, isr } : { error: errorOf(errorCode) }
      outcomes.set(keyOf({ topicId, partitionIndex }), outcome)
    }
  }
  return outcomes
}
