/**
 * Fills lanes: upwards chunk by chunk, downwards by windows that grow, each read from its lower end up. A range ends where
 * offsets say so, never because a fetch came back empty: compaction and control batches leave gaps of any size.
 */
import type { BrowseNote, RecordRow } from '../shapes/record.ts'
import type { Entry, Lane } from './lane.ts'
import type { Chunk, RecordSource, SourceRecord } from './source.ts'

export interface Reading {
  readonly source: RecordSource
  readonly readCommitted: boolean
  readonly signal: AbortSignal
  /** Null: scanned, but not to be shown. */
  readonly show: (partition: number, record: SourceRecord) => RecordRow | null
  readonly bytesPerFetch: number
  readonly count: { bytes: number; records: number }
  readonly notes: Map<string, BrowseNote>
}

/** So many partitions are filled at once: a page over thousands must not hold a chunk of each. */
const LANES_AT_ONCE = 32
/** What one window downwards may cost, by the size that records have had so far. */
const WINDOW_BYTES = 1 << 20
const MAX_WINDOW = 10_000
/** After a window in which nothing was left. */
const MAX_WINDOW_IN_A_GAP = 100_000
/** Fetches in a row that neither bring anything nor move, before a partition is given up. */
const MAX_IDLE = 8
const FETCH_WAIT_MS = 200

interface Fill {
  readonly lane: Lane
  readonly from: number
  readonly to: number
  position: number
  idle: number
  readonly entries: Entry[]
}

/** Adds to each lane that has run dry, as far as one group goes. Returns false if none had. */
export async function fill(reading: Reading, lanes: readonly Lane[]): Promise<boolean> {
  const dry = lanes.filter((lane) => lane.head === undefined && !lane.exhausted).slice(0, LANES_AT_ONCE)
  if (dry.length === 0) return false
  let open: Fill[] = dry.map((lane) => ({ lane, ...lane.wanted, position: lane.wanted.from, idle: 0, entries: [] }))
  while (open.length > 0) {
    const { readCommitted, signal } = reading
    const asks = open.map((f) => ({ partition: f.lane.partition, offset: f.position, maxBytes: reading.bytesPerFetch }))
    const chunks = await reading.source.fetch(asks, { readCommitted, signal, maxWaitMs: FETCH_WAIT_MS })
    signal.throwIfAborted()
    const still: Fill[] = []
    for (const [i, f] of open.entries()) {
      if (chunks[i]!.error) await recover(reading, f, chunks[i]!)
      else take(reading, f, chunks[i]!)
      if (f.lane.failed) continue
      // Upwards every chunk can be merged at once; downwards only a window that is whole.
      if (f.position >= f.to || (f.lane.direction === 'forward' && f.position > f.from)) complete(reading, f)
      else still.push(f)
    }
    open = still
  }
  return true
}

function take(reading: Reading, f: Fill, chunk: Chunk): void {
  const { lane } = f
  reading.count.bytes += chunk.bytes
  if (chunk.unreadable > 0)
    note(
      reading,
      'unreadable',
      lane.partition,
      `Partition ${lane.partition} holds batches that cannot be read; they are left out.`,
    )
  for (const record of chunk.records) {
    if (record.offset < f.position || record.offset >= f.to) continue
    reading.count.records++
    f.entries.push({
      offset: record.offset,
      timestampMs: record.timestampMs,
      row: reading.show(lane.partition, record),
    })
  }
  f.idle = chunk.nextOffset > f.position ? 0 : f.idle + 1
  f.position = Math.max(f.position, Math.min(chunk.nextOffset, f.to))
  if (f.idle >= MAX_IDLE)
    giveUp(reading, lane, `Partition ${lane.partition} did not answer for offset ${f.position}; it is left out.`)
}

/** Retention may have moved past where we read, or a truncation below it. Any other error leaves the partition out. */
async function recover(reading: Reading, f: Fill, chunk: Chunk): Promise<void> {
  const { lane } = f
  const error = chunk.error!
  if (error.error !== 'OFFSET_OUT_OF_RANGE')
    return giveUp(reading, lane, `Partition ${lane.partition} is left out: ${error.message}`)
  const [bounds] = await reading.source.bounds([lane.partition], reading)
  if (!bounds || bounds.error)
    return giveUp(reading, lane, `Partition ${lane.partition} is left out: ${(bounds?.error ?? error).message}`)
  if (bounds.startOffset > f.position) {
    note(
      reading,
      'retention-moved',
      lane.partition,
      `Records of partition ${lane.partition} before offset ${bounds.startOffset} have been deleted.`,
    )
    f.position = Math.min(bounds.startOffset, f.to)
  } else f.position = f.to
}

function complete(reading: Reading, f: Fill): void {
  f.lane.add({ from: f.from, to: f.position }, f.entries)
  const meanBytes = reading.count.records === 0 ? 1 : Math.max(1, reading.count.bytes / reading.count.records)
  const affordable = Math.max(10, Math.floor(WINDOW_BYTES / meanBytes))
  f.lane.window =
    f.entries.length === 0
      ? Math.min(f.lane.window * 4, MAX_WINDOW_IN_A_GAP)
      : Math.min(f.lane.window * 2, MAX_WINDOW, affordable)
}

function giveUp(reading: Reading, lane: Lane, message: string): void {
  lane.failed = true
  note(reading, 'no-leader', lane.partition, message)
}

function note(reading: Reading, code: BrowseNote['code'], partition: number | null, message: string): void {
  reading.notes.set(`${code} ${partition}`, { code, partition, message })
}
