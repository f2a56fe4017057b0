/** Who leads a partition, told beside an error, so that the client need not ask for metadata first (KIP-951). */
import { errorCode } from '../../protocol/errors.ts'
import type { BrokerView } from '../cluster_view.ts'
import type { RequestContext } from '../handler.ts'

const TOLD_WITH = new Set<number>([errorCode.NOT_LEADER_OR_FOLLOWER, errorCode.FENCED_LEADER_EPOCH])

/** The leaders that one answer names. */
export class LeadersTold {
  private readonly ids = new Set<number>()

  constructor(private readonly context: RequestContext) {}

  /** For the answer of one partition that failed with `code`. */
  of(code: number, topic: string | undefined, index: number) {
    if (!TOLD_WITH.has(code) || topic === undefined) return undefined
    const known = this.context.broker.metadata.topic(topic)?.partitions[index]
    if (!known) return undefined
    const { leader: leaderId, leaderEpoch } = known
    this.ids.add(leaderId)
    return { leaderId, leaderEpoch }
  }

  /** Where they are. */
  get nodeEndpoints(): BrokerView[] {
    if (this.ids.size === 0) return []
    return this.context.broker.metadata.brokers().filter((b) => this.ids.has(b.nodeId))
  }
}
