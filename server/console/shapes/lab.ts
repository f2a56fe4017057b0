/** The cluster lab: processes, what is done to them, runs. */
import { z } from 'zod'
import { actions, type LabProcess } from '../../lab/processes.ts'
import type { RunEvent, RunHead, RunSecond, RunSummary } from '../../lab/run_shape.ts'
import { onCluster } from './cluster.ts'

export type { Action, LabProcess, ProcessFaults, ProcessState } from '../../lab/processes.ts'
export { isFaultless, NO_PROCESS_FAULTS } from '../../lab/processes.ts'
export type { Run, RunEvent, RunHead, RunSecond, RunSummary, StepState, Verdict } from '../../lab/run_shape.ts'
export { isClean } from '../../lab/run_shape.ts'
export type { Scenario, Step, Who } from '../../lab/scenarios/scenario.ts'
export { scenarios } from '../../lab/scenarios/scenarios.ts'
export { isGood } from '../../lab/summary.ts'

const process = z.string().min(1).max(60)
const basis = z.string().min(1).max(60)

export const planAct = onCluster.extend({ process, action: z.enum(actions) })
export type PlanAct = z.infer<typeof planAct>
export const applyAct = planAct.extend({ basis })
export type ApplyAct = z.infer<typeof applyAct>

const MAX_SLOW_MS = 60_000
export const planFaults = onCluster.extend({
  process,
  faults: z.object({
    cutOff: z.enum(['no', 'silent', 'reset']),
    slowDiskMs: z
      .number('A time in ms.')
      .int()
      .min(0, 'A time in ms, 0 for none.')
      .max(MAX_SLOW_MS, 'At most a minute: beyond that all waiting has ended.'),
    fullDisk: z.boolean(),
  }),
})
export type PlanFaults = z.infer<typeof planFaults>
export const applyFaults = planFaults.extend({ basis })
export type ApplyFaults = z.infer<typeof applyFaults>

export const planStart = onCluster.extend({
  /** Null: someone tries things by hand. */
  scenario: z.string().max(60).nullable(),
  /** Of the lab's topic in a run by hand; a scenario says them itself. */
  partitions: z.number().int().min(1).max(24).default(6),
  /** A topic whose partitions are looked at besides; null: none. */
  watched: z.string().max(249).nullable().default(null),
})
export type PlanStart = z.infer<typeof planStart>
export const applyStart = planStart.extend({ basis })
export type ApplyStart = z.infer<typeof applyStart>

export const runInput = onCluster.extend({ id: z.string().min(1).max(60) })

export interface LabState {
  /** False: the processes are not this program's; runs by hand can be made, and nothing done to anybody. */
  readonly embedded: boolean
  readonly brokers: number
  /** The run that goes on. */
  readonly running: RunHead | null
}

/** A process with what it takes of a processor at the moment. */
export interface LabProcessRow extends LabProcess {
  /** 1 is one processor; null until it has been looked at twice. */
  readonly cpu: number | null
}

export interface LabTick {
  readonly atMs: number
  readonly processes: readonly LabProcessRow[]
  /** Why they are not known. */
  readonly problem: string | null
  /** What is new since the last tick; `head` begins a run, and with it all there is. */
  readonly run: {
    readonly head: RunHead | null
    readonly events: readonly RunEvent[]
    readonly seconds: readonly RunSecond[]
    readonly summary: RunSummary | null
  } | null
}

export interface KeptRun {
  readonly id: string
  readonly scenario: string | null
  readonly startedAtMs: number
  readonly endedAtMs: number
  readonly passed: boolean | null
  readonly seconds: number
  readonly goodSeconds: number
  readonly startedBy: string
}
