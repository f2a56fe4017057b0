/** What the supervisor and its children say to each other. */

/** What a child tells its supervisor. */
export type FromChild =
  /** It serves. Lines for the person who started us. */
  | { kind: 'ready'; lines: readonly string[]; addresses: readonly string[] }
  | { kind: 'said'; lines: readonly string[] }
  /** It cannot start, and would not a second time: one sentence. */
  | { kind: 'fatal'; sentence: string }
  /** Of a job: these children, by their ids, are to be stopped for good. `retired` is the answer. */
  | { kind: 'retire'; ids: readonly string[] }
  /** Of a job: it has nothing more to do, and ends. */
  | { kind: 'done' }
  /** What do all those say who answer? */
  | Ask
  /** A part of what it says to an ask. */
  | Told

export type ToChild = { kind: 'stop' } | { kind: 'retired' } | Ask | (Told & { from: string })

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
