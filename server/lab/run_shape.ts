/** A run of the lab as it is recorded, kept, shown and exported: what it was, what happened when, what came of it. Times are ms since the epoch. */
import type { ProcessFaults, ProcessState } from './processes.ts'

export interface RunHead {
  readonly id: string
  /** Null: someone tries things by hand. */
  readonly scenario: string | null
  readonly startedAtMs: number
  /** That it writes to. */
  readonly topic: string
  /** Another whose partitions it looks at; null: none. */
  readonly watched: string | null
  readonly partitions: number
  readonly replicationFactor: number
  readonly minInsyncReplicas: number
  readonly brokers: number
  /** True: processes can be acted on and are in the record. */
  readonly embedded: boolean
}

export type RunEvent = { readonly atMs: number } & (
  | { readonly kind: 'process'; readonly process: string; readonly state: ProcessState }
  | { readonly kind: 'faults'; readonly process: string; readonly faults: ProcessFaults }
  /** Someone or the scenario has done this to a process. */
  | { readonly kind: 'action'; readonly process: string; readonly action: string }
  | {
      readonly kind: 'partition'
      readonly topic: string
      readonly partition: number
      /** Node id, -1: none. */
      readonly leader: number
      readonly leaderEpoch: number
      readonly isr: readonly number[]
      readonly replicas: readonly number[]
    }
  /** All topics together; brokers: those that the cluster counts as there. */
  | {
      readonly kind: 'cluster'
      readonly brokers: readonly number[]
      readonly partitions: number
      readonly offline: number
      readonly underReplicated: number
    }
  | {
      readonly kind: 'group'
      readonly group: string
      readonly state: string
      readonly members: number
      /** Null in classic groups. */
      readonly epoch: number | null
      readonly coordinator: number
    }
  /** Records that were given up, with the error that the client was told last. */
  | { readonly kind: 'error'; readonly partition: number; readonly code: string }
  | {
      readonly kind: 'step'
      readonly step: number
      readonly state: StepState
      /** What was found, in figures. */
      readonly found: Readonly<Record<string, number>>
    }
  /** A step, or without one the run itself, could not be done: a sentence. */
  | { readonly kind: 'trouble'; readonly step: number | null; readonly message: string }
)

export type StepState = 'running' | 'passed' | 'failed' | 'skipped'

/** One second: for each partition, how many of its records were acknowledged in it. */
export interface RunSecond {
  readonly atMs: number
  readonly acks: readonly number[]
}

export interface RunSummary {
  readonly endedAtMs: number
  /** Of a scenario; null of a run by hand, and of one that was stopped. */
  readonly passed: boolean | null
  /** Whole seconds between the first and the last write. */
  readonly seconds: number
  /** In which every partition took a write with acks=all. */
  readonly goodSeconds: number
  readonly sent: number
  readonly acknowledged: number
  /** Given up by the client: they may have been written or not. */
  readonly failed: number
  /** By the name of the error. */
  readonly errors: Readonly<Record<string, number>>
  readonly latencyP50Ms: number | null
  readonly latencyP99Ms: number | null
  /** The longest time that a partition acknowledged nothing. */
  readonly longestGapMs: number
  readonly longestGapPartition: number | null
  /** Null: the records were not read again. */
  readonly verdict: Verdict | null
  /** Events beyond what a run may hold. */
  readonly droppedEvents: number
}

/** What the topic holds at the end, beside what was acknowledged. */
export interface Verdict {
  readonly acknowledged: number
  readonly found: number
  readonly lost: number
  readonly doubled: number
  readonly outOfOrder: number
  /** Acknowledged at one offset, found at another. */
  readonly elsewhere: number
}

export const isClean = (v: Verdict): boolean => v.lost + v.doubled + v.outOfOrder + v.elsewhere === 0

export interface Run {
  readonly head: RunHead
  readonly events: readonly RunEvent[]
  readonly seconds: readonly RunSecond[]
  /** Null while it runs. */
  readonly summary: RunSummary | null
}
