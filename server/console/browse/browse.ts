/**
 * One page of records over some partitions of a topic: from either end, an offset or a time, up to a limit, an end of the
 * range or a budget, whichever comes first, and it says which. Partitions are merged by time, each keeping its own order.
 *
 * It deliberately does not join a group, commit, or remember anything: where a page ends is in its cursors. Live tails are
 * `live.ts`.
 */
import { ConsoleError } from '../problems.ts'
import type { BrowseEvent, BrowseInput, BrowseNote, BrowseProgress, RecordRow } from '../shapes/record.ts'
import { type Cursor, type Direction, decodeCursor, encodeCursor } from './cursor.ts'
import { Lane, nextLane } from './lane.ts'
import { fill, type Reading } from './read.ts'
import { matcher, rowOf } from './rows.ts'
import type { Bounds, RecordSource, SourceRecord } from './source.ts'

export interface BrowseContext {
  readonly source: RecordSource
  readonly signal: AbortSignal
  /** Of any origin, never going back. */
  readonly monotonicMs: () => number
}

/** Rows of one event, at most; and how often events come while rows do. */
const ROWS_PER_BATCH = 100
const PROGRESS_MS = 250
const BYTES_PER_FETCH = 128 * 1024
const BYTES_PER_FETCH_WITH_FILTER = 1 << 20

interface Page {
  readonly direction: Direction
  readonly lanes: readonly Lane[]
  readonly bounds: ReadonlyMap<number, Bounds>
  /** The range ends where the partition does, also on later pages. */
  readonly openEnd: boolean
}

export async function* browse(input: BrowseInput, context: BrowseContext): AsyncGenerator<BrowseEvent> {
  const { signal, monotonicMs } = context
  const started = monotonicMs()
  yield { type: 'phase', phase: 'resolving', resumed: false }
  const notes = new Map<string, BrowseNote>()
  const page = await open(input, context, notes)
  const reading = readingOf(input, context, notes)
  yield { type: 'phase', phase: 'reading', resumed: false }

  let rows: RecordRow[] = []
  let matched = 0
  let lastEvent = monotonicMs()
  const progress = (): BrowseProgress => progressOf(page, reading, matched, monotonicMs() - started)
  const spent = () =>
    reading.count.bytes >= input.maxBytes ? 'bytes' : monotonicMs() - started >= input.maxMs ? 'time' : null

  let stop: 'full' | 'end' | 'bytes' | 'time' | undefined
  while (stop === undefined) {
    const lane = nextLane(page.lanes, page.direction)
    if (lane) {
      const { row } = lane.take()
      if (row) {
        rows.push(row)
        matched++
      }
      if (matched >= input.limit) stop = 'full'
    } else {
      stop = spent() ?? ((await fill(reading, page.lanes)) ? undefined : 'end')
      if (signal.aborted) return
    }
    const due = lane === undefined && monotonicMs() - lastEvent >= PROGRESS_MS
    if (rows.length >= ROWS_PER_BATCH || (rows.length > 0 && (due || stop))) {
      yield { type: 'batch', records: rows, dropped: 0 }
      rows = []
    }
    if (due) {
      yield { type: 'progress', progress: progress() }
      lastEvent = monotonicMs()
    }
  }
  yield { type: 'done', stop, progress: progress(), ...cursorsOf(page), notes: [...notes.values()] }
}

function readingOf(input: BrowseInput, { source, signal }: BrowseContext, notes: Map<string, BrowseNote>): Reading {
  const matches = matcher(input.filter)
  const sinceMs = input.cursor === null && input.from.kind === 'timestamp' ? input.from.timestampMs : -Infinity
  const untilMs = input.untilMs ?? Infinity
  const show = (partition: number, r: SourceRecord): RecordRow | null => {
    // With CreateTime, records may stand before or after the place that their time would give them.
    if (r.timestampMs < sinceMs || r.timestampMs > untilMs) {
      notes.set('timestamps-unordered', {
        code: 'timestamps-unordered',
        partition: null,
        message: 'Timestamps are not in order here: records of the time asked for may stand elsewhere too.',
      })
      return null
    }
    return matches === undefined || matches(r) ? rowOf(partition, r) : null
  }
  const bytesPerFetch = matches ? BYTES_PER_FETCH_WITH_FILTER : BYTES_PER_FETCH
  return {
    source,
    signal,
    show,
    bytesPerFetch,
    notes,
    readCommitted: input.readCommitted,
    count: { bytes: 0, records: 0 },
  }
}

async function open(input: BrowseInput, { source }: BrowseContext, notes: Map<string, BrowseNote>): Promise<Page> {
  const cursor = input.cursor === null ? null : decodeCursor(input.cursor)
  const partitions = await choose(source, cursor ? cursor.rests.map((r) => r.partition) : input.partitions)
  const all = await source.bounds(partitions, input)
  const bounds = new Map<number, Bounds>()
  for (const b of all) {
    if (b.error === null) bounds.set(b.partition, b)
    else {
      const message = `Partition ${b.partition} is left out: ${b.error.message}`
      notes.set(`no-leader ${b.partition}`, { code: 'no-leader', partition: b.partition, message })
    }
  }
  if (bounds.size === 0 && all[0]?.error) throw all[0].error
  const page = cursor ? fromCursor(cursor, bounds, notes) : await fromStart(input, source, bounds)
  const share = Math.max(10, Math.ceil(input.limit / Math.max(1, page.lanes.length)))
  for (const lane of page.lanes) lane.window = share
  return page
}

/** Throws INVALID for partitions that the topic does not have. */
export async function choose(source: RecordSource, wanted: readonly number[] | null): Promise<readonly number[]> {
  const partitions = await source.partitions()
  if (wanted === null) return partitions
  const missing = wanted.find((p) => !partitions.includes(p))
  if (missing !== undefined)
    throw new ConsoleError('INVALID', `The topic has no partition ${missing}; it has ${partitions.length}.`)
  return [...new Set(wanted)]
}

async function fromStart(input: BrowseInput, source: RecordSource, bounds: ReadonlyMap<number, Bounds>): Promise<Page> {
  const list = [...bounds.values()]
  const direction: Direction = input.from.kind === 'newest' ? 'backward' : 'forward'
  const lows = await lowEnds(input, source, list)
  const highs = await highEnds(input, source, list)
  const lanes = list.map((b, i) => new Lane(b.partition, direction, Math.min(lows[i]!, highs[i]!), highs[i]!))
  return { direction, lanes, bounds, openEnd: input.untilMs === null }
}

async function lowEnds({ from }: BrowseInput, source: RecordSource, bounds: readonly Bounds[]): Promise<number[]> {
  if (from.kind === 'offset') return bounds.map((b) => Math.min(Math.max(from.offset, b.startOffset), b.endOffset))
  if (from.kind !== 'timestamp') return bounds.map((b) => b.startOffset)
  const found = await source.offsetsAt(
    bounds.map((b) => b.partition),
    from.timestampMs,
  )
  return bounds.map((b, i) => Math.min(found[i] ?? b.endOffset, b.endOffset))
}

async function highEnds({ untilMs }: BrowseInput, source: RecordSource, bounds: readonly Bounds[]): Promise<number[]> {
  if (untilMs === null) return bounds.map((b) => b.endOffset)
  const found = await source.offsetsAt(
    bounds.map((b) => b.partition),
    untilMs + 1,
  )
  return bounds.map((b, i) => Math.min(found[i] ?? b.endOffset, b.endOffset))
}

function fromCursor(cursor: Cursor, bounds: ReadonlyMap<number, Bounds>, notes: Map<string, BrowseNote>): Page {
  const lanes: Lane[] = []
  for (const { partition, low, high } of cursor.rests) {
    const b = bounds.get(partition)
    if (!b) continue
    const from = Math.max(low ?? b.startOffset, b.startOffset)
    const to = Math.max(from, Math.min(high ?? b.endOffset, b.endOffset))
    if (low !== null && low < b.startOffset && (high === null || low < high)) {
      const message = `Records of partition ${partition} before offset ${b.startOffset} have been deleted since.`
      notes.set(`retention-moved ${partition}`, { code: 'retention-moved', partition, message })
    }
    lanes.push(new Lane(partition, cursor.direction, from, to))
  }
  const openEnd = cursor.direction === 'backward' || cursor.rests.some((r) => r.high === null)
  return { direction: cursor.direction, lanes, bounds, openEnd }
}

/** Every partition of the page is in both, if only with an empty range: going back and forth loses none. */
function cursorsOf({ direction, lanes, bounds, openEnd }: Page): { next: string | null; previous: string | null } {
  const forward = direction === 'forward'
  const more = lanes.some((l) => l.rest.low < l.rest.high)
  const before = lanes.some((l) => {
    const b = bounds.get(l.partition)!
    return forward ? l.low > b.startOffset : l.high < b.endOffset
  })
  const next: Cursor = {
    direction,
    rests: lanes.map(({ partition, rest }) =>
      forward
        ? { partition, low: rest.low, high: openEnd ? null : rest.high }
        : { partition, low: null, high: rest.high },
    ),
  }
  const previous: Cursor = {
    direction: forward ? 'backward' : 'forward',
    rests: lanes.map(({ partition, low, high }) =>
      forward ? { partition, low: null, high: low } : { partition, low: high, high: null },
    ),
  }
  return { next: more ? encodeCursor(next) : null, previous: before ? encodeCursor(previous) : null }
}

function progressOf(page: Page, { count }: Reading, matched: number, elapsedMs: number): BrowseProgress {
  return {
    scannedRecords: count.records,
    scannedBytes: count.bytes,
    matched,
    elapsedMs: Math.round(elapsedMs),
    partitions: page.lanes.map((l) => ({
      partition: l.partition,
      startOffset: l.low,
      endOffset: l.high,
      scannedFrom: l.scanned.from,
      scannedTo: l.scanned.to,
    })),
  }
}
