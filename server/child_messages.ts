/** What the supervisor and its children say to each other. */
import type { Faults } from './env/faults.ts'
import type { LabAnswer, LabCall } from './lab/processes.ts'

/** What a child tells its supervisor. */
export type FromChild =
  /** It serves. Lines for the person who started us. */
  | { kind: 'ready'; lines: readonly string[]; addresses: readonly string[] }
  | { kind: 'said'; lines: readonly string[] }
  /** It cannot start, and would not a second time: one sentence. */
  | { kind: 'fatal'; sentence: string }
  /** For the process that takes its place, among its settings: the last that was said counts. */
  | { kind: 'left'; left: unknown }
  /** It got a SIGTERM. If everything is to be stopped, it waits for its turn; if not, it wants to be told to stop now. */
  | { kind: 'signalled' }
  /** Of a job: these children, by their ids, are to be stopped for good. `retired` is the answer. */
  | { kind: 'retire'; ids: readonly string[] }
  /** Of a job: it has nothing more to do, and ends. */
  | { kind: 'done' }
  /** Of the console: the lab asks for the processes, or has something done to one. */
  | { kind: 'lab'; id: string; call: LabCall }
  /** What do all those say who answer? */
  | Ask
  /** A part of what it says to an ask. */
  | Told

export type ToChild =
  | { kind: 'stop' }
  | { kind: 'retired' }
  /** The brokers are there, as far as they are ready by now. */
  | { kind: 'reached'; addresses: readonly string[] }
  | { kind: 'lab'; id: string; answer: LabAnswer }
  /** It has these from now on, and no others. */
  | { kind: 'faults'; faults: Faults }
  | Ask
  | (Told & { from: string })

export interface Ask {
  kind: 'ask'
  /** The asker's, whom nobody else's may be like. */
  id: string
  about: string
}

export interface Told {
  kind: 'told'
  id: string
  parts: readonly unknown[]
  /** The last part; `gone`: there is no answer, or it breaks off here. */
  end?: 'whole' | 'gone'
}
