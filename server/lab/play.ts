/**
 * Plays a scenario: does what its steps say, waits for what they wait for, and takes down what happened against what should.
 * After the first step that fails nothing more is done to anybody: everything is set right again, and the checks at the end
 * are made all the same.
 */
import type { Clock } from '../env/env.ts'
import type { Observer } from './observer.ts'
import type { Prober } from './prober.ts'
import { type Control, isFaultless, NO_PROCESS_FAULTS } from './processes.ts'
import type { Recorder } from './recorder.ts'
import { isClean, type StepState, type Verdict } from './run_shape.ts'
import type { Scenario, Step, Who } from './scenarios/scenario.ts'

export interface Stage {
  readonly clock: Clock
  readonly control: Control
  readonly observer: Pick<Observer, 'topic' | 'processes' | 'processesAt'>
  readonly prober: Prober
  readonly recorder: Recorder
  /** Ends the writing and reads all again. */
  verify(): Promise<Verdict>
  readonly signal: AbortSignal
}

export interface Played {
  /** Null: it was stopped. */
  readonly passed: boolean | null
  readonly verdict: Verdict | null
}

const LOOK_MS = 50
const PASSING = { passing: true }
const NOT_ENOUGH = new Set(['NOT_ENOUGH_REPLICAS', 'NOT_ENOUGH_REPLICAS_AFTER_APPEND'])
const CHECKS = new Set<Step['do']>(['nothingLost', 'gap'])

export async function play(scenario: Scenario, stage: Stage): Promise<Played> {
  const parts = partsOf(stage)
  let failed = false
  let verdict: Verdict | null = null
  for (const [step, one] of scenario.steps.entries()) {
    const note = (state: StepState, found: Readonly<Record<string, number>> = {}) =>
      stage.recorder.event({ kind: 'step', step, state, found })
    if (stage.signal.aborted || (failed && !CHECKS.has(one.do))) {
      note('skipped')
      continue
    }
    if (failed && verdict === null) await setRight(stage)
    note('running')
    try {
      const done = await take(one, stage, parts)
      if (done.verdict) verdict = done.verdict
      failed ||= !done.passed
      note(done.passed ? 'passed' : 'failed', done.found)
    } catch (error) {
      if (stage.signal.aborted) {
        note('skipped')
        continue
      }
      failed = true
      stage.recorder.event({ kind: 'trouble', step, message: (error as Error).message })
      note('failed')
    }
  }
  await setRight(stage)
  return { passed: stage.signal.aborted ? null : !failed, verdict }
}

/** Every fault cleared, everything that was paused or stopped runs again. What cannot be is left as it is. */
export async function setRight({ control }: Pick<Stage, 'control'>): Promise<void> {
  for (const { id, state, faults, controllable } of await control.processes().catch(() => [])) {
    if (!controllable) continue
    if (!isFaultless(faults)) await control.setFaults(id, NO_PROCESS_FAULTS).catch(() => {})
    if (state === 'paused') await control.act(id, 'resume').catch(() => {})
    if (state === 'stopped') await control.act(id, 'start').catch(() => {})
  }
}

type Parts = Readonly<Record<Who, string | undefined>>

/** Process ids of the scenario's parts. */
function partsOf({ observer }: Stage): Parts {
  const first = observer.topic?.partitions[0]
  const [b, c] = first?.replicas.filter((id) => id !== first.leader) ?? []
  const at = (node: number | undefined) => observer.processes.find((p) => p.nodeId === node && p.controllable)?.id
  const controller = observer.processes.find((p) => p.role === 'controller')?.id
  return { a: at(first?.leader), b: at(b), c: at(c), controller }
}

interface Done {
  readonly passed: boolean
  readonly found: Readonly<Record<string, number>>
  readonly verdict?: Verdict
}

async function take(step: Step, stage: Stage, parts: Parts): Promise<Done> {
  const { clock, control, recorder, prober } = stage
  const process = (who: Who): string => {
    const id = parts[who]
    if (id === undefined) throw new Error(`The cluster has no process for the part ${who}.`)
    return id
  }
  const began = clock.monotonic()
  const tookMs = () => ({ tookMs: clock.monotonic() - began })
  switch (step.do) {
    case 'act':
      recorder.event({ kind: 'action', process: process(step.who), action: step.action })
      await control.act(process(step.who), step.action, PASSING)
      return { passed: true, found: tookMs() }
    case 'faults':
      await control.setFaults(process(step.who), step.faults, PASSING)
      return { passed: true, found: tookMs() }
    case 'hold':
      await until(() => clock.monotonic() - began >= step.ms, step.ms + LOOK_MS, stage)
      return { passed: true, found: {} }
    case 'await': {
      const holds = condition(step, stage, (step.who ?? []).map(process))
      return { passed: await until(holds, step.withinMs, stage), found: tookMs() }
    }
    case 'nothingLost': {
      const verdict = await stage.verify()
      return { passed: isClean(verdict), found: { ...verdict }, verdict }
    }
    case 'gap': {
      const longestGapMs = Math.max(...prober.partitions.map((p) => p.longestGapMs))
      return { passed: longestGapMs <= step.atMostMs, found: { longestGapMs } }
    }
  }
}

function condition(
  step: Extract<Step, { do: 'await' }>,
  { prober, observer, clock }: Stage,
  who: readonly string[],
): () => boolean {
  const numbers = prober.numbers()
  const began = clock.monotonic()
  // What was seen before the step says nothing of what it has done.
  const partitions = () => (observer.topic && observer.topic.at > began ? observer.topic.partitions : [])
  const nodes = () => observer.processes.flatMap((p) => (who.includes(p.id) && p.nodeId !== null ? [p.nodeId] : []))
  switch (step.what) {
    case 'writes':
      return () => prober.partitions.every((p, i) => p.lastAckedNumber >= numbers[i]!)
    case 'refused':
      return () =>
        prober.partitions.every((_, i) => {
          const last = prober.lastErrors[i]
          return last !== undefined && last.at > began && NOT_ENOUGH.has(last.code)
        })
    case 'ledByOthers':
      return () => partitions().length > 0 && partitions().every((p) => p.leader >= 0 && !nodes().includes(p.leader))
    case 'outOfSync':
      return () => partitions().length > 0 && partitions().every((p) => !nodes().some((id) => p.isr.includes(id)))
    case 'inSync':
      return () =>
        partitions().length > 0 && partitions().every((p) => p.leader >= 0 && p.isr.length === p.replicas.length)
    case 'running':
      return () =>
        observer.processesAt > began &&
        who.every((id) => observer.processes.some((p) => p.id === id && p.state === 'running'))
  }
}

/** Whether it came to hold in time. Throws when the run is stopped. */
async function until(holds: () => boolean, withinMs: number, { clock, signal }: Stage): Promise<boolean> {
  const deadline = clock.monotonic() + withinMs
  for (;;) {
    signal.throwIfAborted()
    if (holds()) return true
    if (clock.monotonic() >= deadline) return false
    await new Promise<void>((resolve) => clock.after(LOOK_MS, resolve))
  }
}
