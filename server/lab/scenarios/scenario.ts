/**
 * A scenario is a short script: what is done to which node, what must come of it and within what time, with waits for what is
 * to be seen in place of pauses. `play.ts` plays it, for the page and for tests alike.
 */
import type { Action, ProcessFaults } from '../processes.ts'

/**
 * Nodes by their part when the scenario begins: `a` leads partition 0 of the lab's topic, `b` and `c` are its other replicas in
 * their order.
 */
export type Who = 'a' | 'b' | 'c' | 'controller'

export type Condition =
  /** Every partition has acknowledged a record that was sent after the step began. */
  | 'writes'
  /** Every partition has refused one since for want of replicas in sync. */
  | 'refused'
  /** Every partition has a leader, and it is none of them. */
  | 'ledByOthers'
  /** They are in no ISR. */
  | 'outOfSync'
  /** Every replica is in its ISR. */
  | 'inSync'
  /** Their processes run. */
  | 'running'

export type Step =
  | { readonly do: 'act'; readonly who: Who; readonly action: Action }
  | { readonly do: 'faults'; readonly who: Who; readonly faults: ProcessFaults }
  /** Goes on like this for some time, so that it shows. */
  | { readonly do: 'hold'; readonly ms: number }
  | { readonly do: 'await'; readonly what: Condition; readonly who?: readonly Who[]; readonly withinMs: number }
  /** Writing ends, the topic is read from its beginning: all that was acknowledged is there, once, in order, where it was said to be. */
  | { readonly do: 'nothingLost' }
  /** No partition went without an acknowledgement for longer. */
  | { readonly do: 'gap'; readonly atMostMs: number }

export interface Scenario {
  readonly id: string
  /** It needs so many at least. */
  readonly brokers: number
  readonly partitions: number
  readonly replicationFactor: number
  readonly minInsyncReplicas: number
  readonly steps: readonly Step[]
}
