/**
 * Records as they come, without end: from the partitions' ends, or from where an interrupted stream stopped. A reader that
 * cannot keep up (a token bucket stands for it) is told how many records were not shown, never buffered for.
 */
import type { BrowseEvent, BrowseInput, RecordRow } from '../shapes/record.ts'
import { type BrowseContext, choose } from './browse.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { matcher, rowOf } from './rows.ts'
import type { Chunk } from './source.ts'

/** What a table can show and a person can see pass. */
export const ROWS_PER_SECOND = 200
const ROWS_PER_BATCH = 100
const BYTES_PER_PARTITION = 256 * 1024
const FETCH_WAIT_MS = 400
const RETRY_PAUSE_MS = 500
/** A topic that is unknown for so many answers in a row has been deleted. */
const MAX_UNKNOWN = 6
/** How often new partitions of the topic are looked for. */
const PARTITIONS_EVERY_MS = 10_000

export type LiveEvent = BrowseEvent & { readonly id: string }

export async function* live(
  input: BrowseInput,
  context: BrowseContext & { readonly pause: (ms: number, signal: AbortSignal) => Promise<void> },
): AsyncGenerator<LiveEvent> {
  const { source, signal, monotonicMs } = context
  const resumed = startOf(input)
  const partitions = await choose(source, resumed ? [...resumed.keys()] : input.partitions)
  const positions = new Map<number, number>()
  const id = (): string =>
    encodeCursor({
      direction: 'forward',
      rests: [...positions].map(([partition, low]) => ({ partition, low, high: null })),
    })
  for (const b of await source.bounds(partitions, input)) {
    const from = resumed?.get(b.partition)
    if (b.error === null) positions.set(b.partition, from === undefined ? b.endOffset : Math.max(from, b.startOffset))
  }
  yield { type: 'phase', phase: 'live', resumed: resumed !== null, id: id() }

  const matches = matcher(input.filter)
  const bucket = new TokenBucket(ROWS_PER_SECOND, monotonicMs)
  let unknown = 0
  let looked = monotonicMs()
  while (!signal.aborted) {
    if (input.partitions === null && monotonicMs() - looked >= PARTITIONS_EVERY_MS) {
      looked = monotonicMs()
      for (const p of await source.partitions()) if (!positions.has(p)) positions.set(p, 0)
    }
    const asks = [...positions].map(([partition, offset]) => ({ partition, offset, maxBytes: BYTES_PER_PARTITION }))
    const { readCommitted } = input
    const chunks = await source.fetch(asks, { readCommitted, signal, maxWaitMs: FETCH_WAIT_MS })
    if (signal.aborted) return
    const rows: RecordRow[] = []
    let found = 0
    for (const chunk of chunks) {
      if (chunk.error) continue
      for (const record of chunk.records) {
        if (matches && !matches(record)) continue
        found++
        rows.push(rowOf(chunk.partition, record))
        // Only the newest can be shown anyway.
        if (rows.length > 2 * ROWS_PER_SECOND) rows.splice(0, ROWS_PER_SECOND)
      }
      positions.set(chunk.partition, chunk.nextOffset)
    }
    const shown = bucket.take(Math.min(rows.length, ROWS_PER_SECOND))
    const kept = rows.sort(byTime).slice(rows.length - shown)
    for (let i = 0; i < kept.length || (i === 0 && found > 0); i += ROWS_PER_BATCH) {
      const records = kept.slice(i, i + ROWS_PER_BATCH)
      yield { type: 'batch', records, dropped: i === 0 ? found - kept.length : 0, id: id() }
    }
    const gone = chunks.find((c) => c.error?.error === 'UNKNOWN_TOPIC_OR_PARTITION')
    unknown = gone ? unknown + 1 : 0
    if (gone && unknown >= MAX_UNKNOWN) throw gone.error
    if (chunks.length === 0 || chunks.some((c) => c.error)) await recover(chunks, positions, input, context)
  }
}

const byTime = (a: RecordRow, b: RecordRow): number =>
  a.partition === b.partition ? a.offset - b.offset : a.timestampMs - b.timestampMs || a.partition - b.partition

/** Offsets that retention or truncation took away are left for the nearest that is there; other errors are waited out. */
async function recover(
  chunks: readonly Chunk[],
  positions: Map<number, number>,
  input: BrowseInput,
  context: BrowseContext & { readonly pause: (ms: number, signal: AbortSignal) => Promise<void> },
): Promise<void> {
  const gone = chunks.filter((c) => c.error?.error === 'OFFSET_OUT_OF_RANGE').map((c) => c.partition)
  if (gone.length > 0) {
    for (const b of await context.source.bounds(gone, input)) {
      const at = positions.get(b.partition)!
      if (b.error === null) positions.set(b.partition, at < b.startOffset ? b.startOffset : b.endOffset)
    }
  }
  const fatal = chunks.find((c) => c.error !== null && !c.error.retriable && c.error.error !== 'OFFSET_OUT_OF_RANGE')
  if (fatal) throw fatal.error
  await context.pause(RETRY_PAUSE_MS, context.signal)
}

/** Where an interrupted stream stopped: null for a new one, also if the id is not one of ours. */
function startOf({ lastEventId, cursor }: BrowseInput): Map<number, number> | null {
  const text = lastEventId || cursor
  if (!text) return null
  return new Map(decodeCursor(text).rests.map((r) => [r.partition, r.low ?? 0]))
}

class TokenBucket {
  private tokens: number
  private at: number
  constructor(
    private readonly perSecond: number,
    private readonly monotonicMs: () => number,
  ) {
    this.tokens = perSecond
    this.at = monotonicMs()
  }

  /** As many as there are, up to `n`. */
  take(n: number): number {
    const now = this.monotonicMs()
    this.tokens = Math.min(this.perSecond, this.tokens + ((now - this.at) / 1000) * this.perSecond)
    this.at = now
    const taken = Math.min(n, Math.floor(this.tokens))
    this.tokens -= taken
    return taken
  }
}
