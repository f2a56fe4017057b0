/**
 * The supervisor's side of the lab: answers what the console asks of the processes, and keeps the faults that are set. What a
 * fault does is `env/faults.ts`, in the process that has it; how processes are started and watched is the supervisor's own.
 */
import { areNone, type Faults } from '../env/faults.ts'
import type { LabAnswer, LabCall, LabProcess, ProcessFaults, ProcessState } from './processes.ts'
import { isFaultless, NO_PROCESS_FAULTS } from './processes.ts'
import { type Usage, usageOf } from './usage.ts'

/** A process as the supervisor holds it. */
export interface Controlled {
  readonly id: string
  readonly name: string
  readonly role: string
  /** Null: no node of the cluster. */
  readonly nodeId: number | null
  readonly pid: number | undefined
  readonly state: ProcessState
  readonly sinceMs: number
  /** Where the other nodes reach it; null before it has said so. */
  readonly port: number | null
  /** SIGKILL; resolves when it is gone. It is started again, unless it is held. */
  kill(): Promise<void>
  pause(): void
  resume(): void
  /** From now on it is not started again when it ends. */
  hold(): void
  /** No longer held: it is started, if it does not run. */
  release(): void
  /** A clean stop; resolves when it is gone. */
  end(): Promise<void>
  give(faults: Faults): void
}

export class LabControl {
  private readonly wanted = new Map<string, ProcessFaults>()
  /** What each process was last told. */
  private readonly given = new Map<string, Faults>()
  /** Processes to which a scenario has done something, and who plays it. */
  private readonly passing = new Map<string, string>()

  constructor(
    private readonly all: () => readonly Controlled[],
    private readonly usage: (pid: number) => Promise<Usage | undefined> = usageOf,
  ) {}

  /** Never throws: what cannot be done is said in a sentence. `asker`: the process that asks. */
  async answer(call: LabCall, asker = ''): Promise<LabAnswer> {
    try {
      if (call.do !== 'list' && call.passing) this.passing.set(this.find(call.process).id, asker)
      if (call.do === 'act') await this.act(call.process, call.action)
      if (call.do === 'faults') this.setFaults(call.process, call.faults)
      if (call.do !== 'list' && !call.passing) this.noteUndone(this.find(call.process))
      return { processes: await Promise.all(this.all().map((one) => this.describe(one))) }
    } catch (error) {
      return { error: (error as Error).message }
    }
  }

  /** To be called when a process was started, and when it has said where it is: it is told of its faults, and the others of its port. */
  changed(one: Controlled): void {
    if (this.wanted.size === 0) return
    if (one.state === 'starting') this.given.delete(one.id)
    this.tell()
  }

  /** Whoever asked is gone. What its scenario did is undone, as it would have been at the end; what somebody did by hand stays. */
  gone(asker: string): void {
    const left = this.all().filter((one) => this.passing.get(one.id) === asker)
    for (const one of left) {
      this.passing.delete(one.id)
      this.wanted.delete(one.id)
      if (one.state === 'paused') one.resume()
      one.release()
    }
    if (left.length > 0) this.tell()
  }

  private noteUndone(one: Controlled): void {
    if (!this.wanted.has(one.id) && one.state !== 'paused' && one.state !== 'stopped') this.passing.delete(one.id)
  }

  private async act(id: string, action: Extract<LabCall, { do: 'act' }>['action']): Promise<void> {
    const one = this.find(id)
    switch (action) {
      case 'kill':
        demand(one.pid !== undefined, `${one.name} does not run.`)
        await one.kill()
        break
      case 'killAndHold':
        one.hold()
        await one.kill()
        break
      case 'pause':
        demand(one.pid !== undefined, `${one.name} does not run.`)
        one.pause()
        break
      case 'resume':
        demand(one.state === 'paused', `${one.name} is not paused.`)
        one.resume()
        break
      case 'stop':
        one.hold()
        await one.end()
        break
      case 'start':
        one.release()
        break
      case 'restart':
        one.hold()
        await one.end()
        one.release()
    }
  }

  private setFaults(id: string, faults: ProcessFaults): void {
    const one = this.find(id)
    if (isFaultless(faults)) this.wanted.delete(one.id)
    else this.wanted.set(one.id, faults)
    this.tell()
  }

  private find(id: string): Controlled {
    const one = this.all().find((c) => c.id === id)
    if (!one) throw new Error(`There is no process ${id}.`)
    demand(one.nodeId !== null, `${one.name} is left alone: it is no node of the cluster.`)
    return one
  }

  private tell(): void {
    const nodes = this.all().filter((one) => one.nodeId !== null)
    const next = faultsOf(nodes.map((one) => ({ id: one.id, port: one.port, faults: this.faults(one) })))
    for (const one of nodes) {
      const faults = next.get(one.id)!
      const before = this.given.get(one.id)
      if (before === undefined ? areNone(faults) : JSON.stringify(before) === JSON.stringify(faults)) continue
      this.given.set(one.id, faults)
      one.give(faults)
    }
  }

  private faults(one: Controlled): ProcessFaults {
    return this.wanted.get(one.id) ?? NO_PROCESS_FAULTS
  }

  private async describe(one: Controlled): Promise<LabProcess> {
    const usage = one.pid === undefined ? undefined : await this.usage(one.pid)
    return {
      id: one.id,
      name: one.name,
      role: one.role,
      nodeId: one.nodeId,
      pid: one.pid ?? null,
      state: one.state,
      sinceMs: one.sinceMs,
      memoryBytes: usage?.memoryBytes ?? null,
      cpuMs: usage?.cpuMs ?? null,
      faults: this.faults(one),
      controllable: one.nodeId !== null,
    }
  }
}

function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise)
}

/**
 * Each process's own share: two are apart when one of them is cut off, and then each gets the other's port, for it does not
 * matter who opened the connection.
 */
export function faultsOf(
  nodes: readonly { readonly id: string; readonly port: number | null; readonly faults: ProcessFaults }[],
): Map<string, Faults> {
  return new Map(
    nodes.map((own) => {
      const apart = nodes.filter((o) => o !== own && (own.faults.cutOff !== 'no' || o.faults.cutOff !== 'no'))
      const resets = [own, ...apart].some((one) => one.faults.cutOff === 'reset')
      const faults: Faults = {
        cutPorts: apart.flatMap(({ port }) => (port === null ? [] : [port])),
        cutHow: resets ? 'reset' : 'silent',
        slowDiskMs: own.faults.slowDiskMs,
        fullDisk: own.faults.fullDisk,
      }
      return [own.id, faults]
    }),
  )
}
