/**
 * The cluster lab of one cluster: its processes where they are ours, one run at a time, and the runs that are kept. What a run
 * does is `lab/`; here are plans, the audit log, the store, and what pages are told while it goes on.
 */
import type { Env } from '../../env/env.ts'
import { LAB_TOPIC, LabRun } from '../../lab/lab_run.ts'
import type { Control, LabProcess } from '../../lab/processes.ts'
import { type Actor, type AuditLog, changeOf } from '../audit.ts'
import type { ClusterConnection } from '../cluster/connection.ts'
import { outdated } from '../plans.ts'
import { ConsoleError } from '../problems.ts'
import type { LabService } from '../service.ts'
import {
  type ApplyAct,
  type ApplyFaults,
  type ApplyStart,
  type KeptRun,
  type LabProcessRow,
  type LabState,
  type LabTick,
  type PlanAct,
  type PlanFaults,
  type PlanStart,
  type Run,
  type Scenario,
  scenarios,
} from '../shapes/lab.ts'
import type { Applied, Plan } from '../shapes/plan.ts'
import type { Store } from '../store/store.ts'
import { KeptRuns } from './kept_runs.ts'
import { actPlan, faultsPlan, startPlan } from './plans.ts'

const TICK_MS = 500
/** So much of a run is lost at most if this process ends in the middle of it. */
const KEEP_MS = 10_000

export interface LabParts {
  readonly env: Env
  readonly connection: ClusterConnection
  readonly control: Control | null
  readonly audit: AuditLog
  readonly store: () => Store
  readonly cluster: string
  readonly warn: (message: string) => void
}

export class Lab implements LabService {
  private readonly kept: KeptRuns
  /** The one that goes on, or the last. */
  private current: LabRun | undefined
  private starting = false
  private keeping: Promise<void> = Promise.resolve()
  /** The current run, as far as it has come. */
  private keepNow: () => Promise<void> = async () => {}
  /** Processor time at the last look, by pid. */
  private readonly cpu = new Map<number, { at: number; cpuMs: number; share: number | null }>()

  constructor(private readonly parts: LabParts) {
    this.kept = new KeptRuns(parts.store, parts.cluster)
  }

  readonly state = async (): Promise<LabState> => ({
    embedded: this.parts.control !== null,
    brokers: this.parts.connection.lastKnown?.brokers.length ?? 0,
    running: this.current?.running ? this.current.head : null,
  })

  readonly live = async function* (this: Lab, signal: AbortSignal): AsyncGenerator<LabTick> {
    const told = { id: '', events: 0, seconds: 0, ended: false }
    const { clock } = this.parts.env
    let wake = () => {}
    signal.addEventListener('abort', () => wake(), { once: true })
    while (!signal.aborted) {
      const { processes, problem } = await this.look()
      yield { atMs: clock.now(), processes, problem, run: this.news(told) }
      if (signal.aborted) return
      await new Promise<void>((resolve) => {
        const cancel = clock.after(TICK_MS, resolve)
        wake = () => {
          cancel()
          resolve()
        }
      })
    }
  }.bind(this)

  // --- processes ---

  readonly planAct = async (input: PlanAct): Promise<Plan<ApplyAct>> => {
    const { process, processes } = await this.find(input.process)
    return actPlan(input, process, this.topics(), processes)
  }

  readonly applyAct = async (input: ApplyAct, actor: Actor): Promise<Applied> => {
    const { basis, ...asked } = input
    const plan = await this.planAct(asked)
    if (plan.apply.basis !== basis) throw outdated()
    return this.parts.audit.record(actor, changeOf(plan), async () => {
      this.running?.recorder.event({ kind: 'action', process: input.process, action: input.action })
      await this.obey(this.control().act(input.process, input.action))
      return `${plan.steps[0]!.subject}: ${plan.steps[0]!.after}.`
    })
  }

  readonly planFaults = async (input: PlanFaults): Promise<Plan<ApplyFaults>> => {
    const { process, processes } = await this.find(input.process)
    return faultsPlan(input, process, this.topics(), processes)
  }

  readonly applyFaults = async (input: ApplyFaults, actor: Actor): Promise<Applied> => {
    const { basis, ...asked } = input
    const plan = await this.planFaults(asked)
    if (plan.apply.basis !== basis) throw outdated()
    return this.parts.audit.record(actor, changeOf(plan), async () => {
      await this.obey(this.control().setFaults(input.process, input.faults))
      return `The faults of ${input.process} are set.`
    })
  }

  // --- runs ---

  readonly planStart = async (input: PlanStart): Promise<Plan<ApplyStart>> => {
    const { scenario, ...shape } = await this.shapeOf(input)
    if (input.watched !== null) await this.parts.connection.topic(input.watched)
    const { byName } = await this.parts.connection.metadata()
    return startPlan(input, { topic: LAB_TOPIC, exists: byName.has(LAB_TOPIC), ...shape })
  }

  readonly applyStart = async (input: ApplyStart, actor: Actor): Promise<Applied & { run: string }> => {
    const { basis, ...asked } = input
    const plan = await this.planStart(asked)
    if (plan.apply.basis !== basis) throw outdated()
    if (this.starting || this.running) throw new ConsoleError('INVALID', 'A run is going on.', 'Stop it first.')
    this.starting = true
    let run = ''
    try {
      const shape = await this.shapeOf(asked)
      const applied = await this.parts.audit.record(actor, changeOf(plan), async () => {
        const { env, control, connection } = this.parts
        const id = env.random.uuid()
        const started = await LabRun.start(env, {
          id,
          bootstrap: connection.bootstrap,
          control,
          watched: input.watched,
          ...shape,
        })
        this.current = started
        this.keepAsItGoes(started, actor.who)
        run = id
        return `The run has begun.`
      })
      return { ...applied, run }
    } finally {
      this.starting = false
    }
  }

  readonly stop = async (): Promise<void> => this.running?.stop()

  /** But the one that goes on. */
  readonly runs = async (): Promise<readonly KeptRun[]> =>
    (await this.kept.list()).filter(({ id }) => id !== this.running?.head.id)

  /** Also the one that goes on, and one that could not be kept. */
  readonly run = async (id: string): Promise<Run> =>
    this.current?.head.id === id ? this.current.read() : this.kept.get(id)

  readonly deleteRun = (id: string): Promise<void> => this.kept.delete(id)

  /** A run that goes on is stopped, what it has done is undone, and it is kept. */
  async close(): Promise<void> {
    const { running } = this
    if (running) {
      const ended = new Promise<void>((resolve) => {
        const before = running.onEnd
        running.onEnd = (run) => {
          before(run)
          resolve()
        }
      })
      running.stop()
      let cancel = () => {}
      await Promise.race([
        ended,
        new Promise<void>((resolve) => (cancel = this.parts.env.clock.after(CLOSE_MS, resolve))),
      ])
      cancel()
    }
    await (running?.running ? this.keepNow() : this.keeping)
  }

  private get running(): LabRun | undefined {
    return this.current?.running ? this.current : undefined
  }

  private async shapeOf({ scenario: id, partitions }: PlanStart): Promise<{
    scenario: Scenario | null
    partitions: number
    replicationFactor: number
    minInsyncReplicas: number
  }> {
    // Not as of some seconds ago: the run before has moved what it could.
    const brokers = (await this.parts.connection.refresh()).brokers.length
    if (id === null) {
      const replicationFactor = Math.max(1, Math.min(3, brokers))
      return { scenario: null, partitions, replicationFactor, minInsyncReplicas: replicationFactor > 2 ? 2 : 1 }
    }
    const scenario = scenarios.find((s) => s.id === id)
    if (!scenario) throw new ConsoleError('INVALID', `There is no scenario ${id}.`)
    this.control()
    if (brokers < scenario.brokers)
      throw new ConsoleError(
        'INVALID',
        `This scenario needs ${scenario.brokers} brokers; ${brokers} of them are there.`,
        'Start the brokers that are down, or Weir with BROKERS=3.',
      )
    const { replicationFactor, minInsyncReplicas } = scenario
    return { scenario, partitions: scenario.partitions, replicationFactor, minInsyncReplicas }
  }

  /** At its end, and before that from time to time. */
  private keepAsItGoes(run: LabRun, startedBy: string): void {
    const { clock } = this.parts.env
    let cancel = () => {}
    this.keepNow = () => {
      this.keeping = this.keeping.then(() => this.keep(run, startedBy))
      return this.keeping
    }
    const later = () => {
      cancel = clock.after(KEEP_MS, () => void this.keepNow().then(() => run.running && later()))
    }
    later()
    run.onEnd = () => {
      cancel()
      void this.keepNow()
    }
  }

  private async keep(run: LabRun, startedBy: string): Promise<void> {
    try {
      await this.kept.keep(run.soFar(), startedBy)
    } catch (error) {
      this.parts.warn(`A run of the lab could not be kept: ${(error as Error).message}`)
    }
  }

  private news(told: { id: string; events: number; seconds: number; ended: boolean }): LabTick['run'] {
    if (!this.current) return null
    const { head, events, seconds, summary } = this.current.read()
    const isNew = told.id !== head.id
    if (isNew) Object.assign(told, { id: head.id, events: 0, seconds: 0, ended: false })
    if (told.ended) return null
    const news = {
      head: isNew ? head : null,
      events: events.slice(told.events),
      seconds: seconds.slice(told.seconds),
      summary,
    }
    Object.assign(told, { events: events.length, seconds: seconds.length, ended: summary !== null })
    return news
  }

  // --- the control ---

  private control(): Control {
    if (!this.parts.control)
      throw new ConsoleError(
        'UNSUPPORTED',
        'The brokers of this cluster are not processes of this program.',
        'Start Weir with its own brokers to have a cluster to experiment on.',
      )
    return this.parts.control
  }

  private async find(id: string): Promise<{ process: LabProcess; processes: readonly LabProcess[] }> {
    const processes = await this.obey(this.control().processes())
    const process = processes.find((p) => p.id === id)
    if (!process) throw new ConsoleError('NOT_FOUND', `There is no process ${id}.`)
    if (!process.controllable) throw new ConsoleError('INVALID', `${process.name} serves the lab itself.`)
    return { process, processes }
  }

  /** What the supervisor refuses is an answer, not a bug. */
  private async obey<T>(asked: Promise<T>): Promise<T> {
    try {
      return await asked
    } catch (error) {
      throw new ConsoleError('INVALID', (error as Error).message)
    }
  }

  private topics() {
    return this.parts.connection.lastKnown?.topics ?? []
  }

  private async look(): Promise<{ processes: readonly LabProcessRow[]; problem: string | null }> {
    if (!this.parts.control) return { processes: [], problem: null }
    try {
      const processes = await this.parts.control.processes()
      return { processes: processes.map((p) => ({ ...p, cpu: this.share(p) })), problem: null }
    } catch (error) {
      return { processes: [], problem: (error as Error).message }
    }
  }

  /** Of a processor, since the last look that is long enough ago; several pages may look. */
  private share({ pid, cpuMs }: LabProcess): number | null {
    if (pid === null || cpuMs === null) return null
    const now = this.parts.env.clock.monotonic()
    const before = this.cpu.get(pid)
    if (before && now - before.at < TICK_MS * 1.5) return before.share
    const share = before ? Math.max(0, cpuMs - before.cpuMs) / (now - before.at) : null
    this.cpu.set(pid, { at: now, cpuMs, share })
    for (const [other, seen] of this.cpu) if (now - seen.at > FORGET_MS) this.cpu.delete(other)
    return share
  }
}

const FORGET_MS = 60_000
/** The console has ten seconds to end. */
const CLOSE_MS = 5_000
