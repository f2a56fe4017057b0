/**
 * What the lab knows and does of the processes of an embedded cluster: shapes only, said once for the supervisor, which has
 * the processes, and for the console, which asks.
 */

/** Done to one process. `kill`: SIGKILL, after which the supervisor starts it again as after any crash; `killAndHold`: it stays down. */
export const actions = ['kill', 'killAndHold', 'pause', 'resume', 'stop', 'start', 'restart'] as const
export type Action = (typeof actions)[number]

export type ProcessState = 'starting' | 'running' | 'paused' | 'stopping' | 'stopped' | 'restarting'

export interface ProcessFaults {
  /**
   * Whether it and the other nodes can reach each other. `silent`: open connections say nothing more, as with a pulled cable;
   * `reset`: they break at once. Clients reach it all the same.
   */
  readonly cutOff: 'no' | 'silent' | 'reset'
  /** Every sync and every read from the device takes so much longer, ms. */
  readonly slowDiskMs: number
  /** What would make a file longer is refused with ENOSPC. */
  readonly fullDisk: boolean
}

export const NO_PROCESS_FAULTS: ProcessFaults = { cutOff: 'no', slowDiskMs: 0, fullDisk: false }

export const isFaultless = (f: ProcessFaults): boolean => f.cutOff === 'no' && f.slowDiskMs === 0 && !f.fullDisk

export interface LabProcess {
  /** `controller`, `broker-1`, `console`. */
  readonly id: string
  readonly name: string
  readonly role: string
  /** Kafka's node id; null for the console. */
  readonly nodeId: number | null
  readonly pid: number | null
  readonly state: ProcessState
  /** Of the state, ms since the epoch. */
  readonly sinceMs: number
  /** Resident memory; null where the system does not tell. */
  readonly memoryBytes: number | null
  /** Processor time since it began, ms. */
  readonly cpuMs: number | null
  readonly faults: ProcessFaults
  /** False for the process that serves the lab itself. */
  readonly controllable: boolean
}

export interface ActOptions {
  /** It is a scenario's, and ends with it: should who asks be gone before it is undone, the supervisor undoes it. */
  readonly passing?: boolean
}

/** The embedded cluster's processes, as whoever serves the lab holds them. All reject with an Error whose message is a sentence. */
export interface Control {
  processes(): Promise<readonly LabProcess[]>
  act(process: string, action: Action, o?: ActOptions): Promise<void>
  /** These and no others from now on, also after a restart of the process. */
  setFaults(process: string, faults: ProcessFaults, o?: ActOptions): Promise<void>
}

/** What the console asks of the supervisor. */
export type LabCall =
  | { readonly do: 'list' }
  | ({ readonly do: 'act'; readonly process: string; readonly action: Action } & ActOptions)
  | ({ readonly do: 'faults'; readonly process: string; readonly faults: ProcessFaults } & ActOptions)

export type LabAnswer = { readonly processes: readonly LabProcess[] } | { readonly error: string }
