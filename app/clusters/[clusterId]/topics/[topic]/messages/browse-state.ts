/**
 * What a view of messages holds while records come in, as a pure function of the events: pages that were read, the page being
 * read, and for a live view the newest so many, what is held back and what was missed.
 */
import type { Outputs } from '../../../../../_ui/trpc.tsx'

export type RecordRow = Outputs['messages']['get'] extends infer Whole ? Omit<Whole, 'bytes'> : never

export interface Progress {
  readonly scannedRecords: number
  readonly scannedBytes: number
  readonly matched: number
  readonly elapsedMs: number
  readonly partitions: readonly {
    readonly partition: number
    readonly startOffset: number
    readonly endOffset: number
    readonly scannedFrom: number
    readonly scannedTo: number
  }[]
}

export type BrowseEvent =
  | { readonly type: 'phase'; readonly phase: 'resolving' | 'reading' | 'live'; readonly resumed: boolean }
  | { readonly type: 'batch'; readonly records: readonly RecordRow[]; readonly dropped: number }
  | { readonly type: 'progress'; readonly progress: Progress }
  | {
      readonly type: 'done'
      readonly stop: 'full' | 'end' | 'bytes' | 'time'
      readonly progress: Progress
      readonly next: string | null
      readonly previous: string | null
      readonly notes: readonly { readonly code: string; readonly partition: number | null; readonly message: string }[]
    }

export interface BrowseState {
  readonly phase: 'resolving' | 'reading' | 'live' | 'done' | 'failed'
  /** Pages read before this one: what "go on" adds to. */
  readonly earlier: readonly RecordRow[]
  readonly rows: readonly RecordRow[]
  readonly progress: Progress | null
  readonly done: Extract<BrowseEvent, { type: 'done' }> | null
  readonly error: unknown
  /** Live: records that arrived while the list is not to move, newest first. */
  readonly held: readonly RecordRow[]
  /** Live: what arrived while paused. */
  readonly missed: number
  /** Live: matching records that the server left out, because there were too many. */
  readonly dropped: number
}

/** Rows that a live view keeps. */
export const ringRows = 2_000

export const nothingRead: BrowseState = {
  phase: 'resolving',
  earlier: [],
  rows: [],
  progress: null,
  done: null,
  error: null,
  held: [],
  missed: 0,
  dropped: 0,
}

export type Action =
  | { readonly do: 'event'; readonly event: BrowseEvent; readonly paused: boolean; readonly hold: boolean }
  | { readonly do: 'failed'; readonly error: unknown }
  /** The following page is about to be read. */
  | { readonly do: 'continue' }
  /** Another view: nothing of this one stays. */
  | { readonly do: 'restart' }
  /** The list may move again. */
  | { readonly do: 'release' }
  | { readonly do: 'resume' }

export function browse(state: BrowseState, action: Action): BrowseState {
  switch (action.do) {
    case 'restart':
      return nothingRead
    case 'continue':
      return { ...nothingRead, earlier: [...state.earlier, ...state.rows] }
    case 'failed':
      return { ...state, phase: 'failed', error: action.error }
    case 'release':
      return state.held.length === 0
        ? state
        : { ...state, rows: [...state.held, ...state.rows].slice(0, ringRows), held: [] }
    case 'resume':
      return { ...state, missed: 0, dropped: 0 }
    case 'event':
      return onEvent(state, action.event, action)
  }
}

function onEvent(
  state: BrowseState,
  event: BrowseEvent,
  { paused, hold }: { paused: boolean; hold: boolean },
): BrowseState {
  switch (event.type) {
    case 'phase':
      // A connection that broke begins its page again, unless a live stream could go on where it was.
      if (event.phase === 'resolving' && !event.resumed) return { ...nothingRead, earlier: state.earlier }
      return { ...state, phase: event.phase, error: null }
    case 'progress':
      return { ...state, progress: event.progress }
    case 'done':
      return { ...state, phase: 'done', done: event, progress: event.progress, error: null }
    case 'batch': {
      if (state.phase !== 'live') return { ...state, rows: [...state.rows, ...event.records] }
      if (paused) return { ...state, missed: state.missed + event.records.length + event.dropped }
      const arrived = [...event.records].reverse()
      const dropped = state.dropped + event.dropped
      if (hold) return { ...state, held: [...arrived, ...state.held].slice(0, ringRows), dropped }
      return { ...state, rows: [...arrived, ...state.held, ...state.rows].slice(0, ringRows), held: [], dropped }
    }
  }
}
