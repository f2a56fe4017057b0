/**
 * Tells the controller in which log dirs partitions have been put or found (KIP-858), for as long as it takes: by that it knows what others
 * have to lead when a dir fails. What comes later of a partition takes the place of what was to be told before.
 */
import type { Clock } from '../env/env.ts'
import { errorOf } from '../protocol/errors.ts'
import type { AssignReplicasToDirs } from '../protocol/messages/73_assign_replicas_to_dirs.ts'
import type { Infer, Input } from '../protocol/schema.ts'

export interface Placed {
  readonly topicId: string
  readonly partitionIndex: number
  readonly directoryId: string
}

export interface DirectoryAssignmentsOptions {
  readonly clock: Pick<Clock, 'after'>
  readonly nodeId: number
  /** Of the present registration; -1 before the first. */
  readonly brokerEpoch: () => number
  /** Rejects where the controller cannot be asked. */
  readonly ask: (
    request: Input<typeof AssignReplicasToDirs.request>,
  ) => Promise<Infer<typeof AssignReplicasToDirs.response>>
  readonly warn: (line: string) => void
}

const RETRY_MS = 1_000
/** Of as many Kafka's brokers tell in one request. */
const MOST_AT_ONCE = 2_250

export class DirectoryAssignments {
  private readonly untold = new Map<string, Placed>()
  private asking = false
  private failed = false
  private stopped = false
  private cancelRetry = () => {}

  constructor(private readonly o: DirectoryAssignmentsOptions) {}

  /** `tell` says it. */
  put(placed: Placed): void {
    this.untold.set(keyOf(placed), placed)
  }

  /** Says what there is to say, if there is a registration to say it for. */
  tell(): void {
    if (this.asking || this.stopped || this.untold.size === 0 || this.o.brokerEpoch() < 0) return
    this.cancelRetry()
    void this.ask()
  }

  stop(): void {
    this.stopped = true
    this.cancelRetry()
  }

  private async ask(): Promise<void> {
    const { nodeId, brokerEpoch, ask, warn, clock } = this.o
    const told = [...this.untold.values()].slice(0, MOST_AT_ONCE)
    this.asking = true
    try {
      const { errorCode } = await ask({ brokerId: nodeId, brokerEpoch: brokerEpoch(), directories: byDirectory(told) })
      if (errorCode !== 0) throw new Error(errorOf(errorCode))
      this.failed = false
      // What it says of single partitions is that they are not this broker's any more.
      for (const placed of told) if (this.untold.get(keyOf(placed)) === placed) this.untold.delete(keyOf(placed))
    } catch (error) {
      if (!this.failed && !this.stopped) {
        warn(`the metadata does not know yet where some partitions are, it is told again: ${(error as Error).message}`)
      }
      this.failed = true
    }
    this.asking = false
    if (!this.failed) this.tell()
    else if (!this.stopped) this.cancelRetry = clock.after(RETRY_MS, () => this.tell())
  }
}

const keyOf = ({ topicId, partitionIndex }: Placed) => `${partitionIndex}/${topicId}`

function byDirectory(all: readonly Placed[]) {
  const directories = new Map<string, Map<string, { partitionIndex: number }[]>>()
  for (const { topicId, partitionIndex, directoryId } of all) {
    let topics = directories.get(directoryId)
    if (!topics) directories.set(directoryId, (topics = new Map()))
    const partitions = topics.get(topicId)
    if (partitions) partitions.push({ partitionIndex })
    else topics.set(topicId, [{ partitionIndex }])
  }
  return [...directories].map(([id, topics]) => ({
    id,
    topics: [...topics].map(([topicId, partitions]) => ({ topicId, partitions })),
  }))
}
