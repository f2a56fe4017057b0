/** Changes of a partition's ISR on their way to the controller, and what is done about its answers. */
import type { Clock } from '../env/env.ts'
import type { IsrChange, LeaderState } from './leader_state.ts'
import type { ReplicationOptions } from './partition_options.ts'

/** After an answer that says neither yes nor no. */
const RETRY_MS = 50

export class IsrProposals {
  constructor(
    private readonly o: ReplicationOptions,
    private readonly clock: Clock,
    /** The ISR, or who may be in it, is another. */
    private readonly changed: () => void,
  ) {}

  propose(change: IsrChange, team: LeaderState): void {
    void this.o.alterIsr(change).then((outcome) => {
      const end = team.answered(change, outcome)
      if (end === 'outdated') return
      if (end === 'again') {
        this.clock.after(RETRY_MS, () => {
          if (team.isPending(change)) this.propose(change, team)
        })
        return
      }
      this.o.onIsrChange?.(change, end === 'changed' ? team.isr : undefined)
      if (end !== 'waits') this.changed()
    })
  }
}
