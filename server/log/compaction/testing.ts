/** What the tests of compaction share: one compaction at a time, and a look at what a log holds. */
import { batches, type DecodedRecord, decodeRecords, RecordBatch } from '../../records/batch.ts'
import type { Log } from '../log.ts'
import type { Bench } from '../testing.ts'
import { cleanableOf } from './cleanable.ts'
import { Pace } from './pace.ts'
import { compact, type RoundResult } from './round.ts'

export interface CompactOptions {
  readonly nowMs: number
  readonly mapBytes?: number
  readonly ioBytes?: number
  readonly isStopping?: () => boolean
}

/** Compacts what may be compacted now, in one round; undefined if there is nothing. */
export async function compactOnce(b: Bench, log: Log, o: CompactOptions): Promise<RoundResult | undefined> {
  const target = cleanableOf(log, o.nowMs)
  if (!target) return undefined
  const done = await b.wait(
    compact(target, {
      pace: new Pace(b.env.clock, () => Number.MAX_VALUE),
      ioBytes: o.ioBytes ?? 4096,
      mapBytes: o.mapBytes ?? 2 ** 24,
      secret: b.env.random.bytes(8),
      nowMs: o.nowMs,
      isStopping: o.isStopping ?? (() => false),
    }),
  )
  log.cleanedTo = done.endOffset
  return done
}

export interface Held extends Omit<DecodedRecord, 'key' | 'value'> {
  readonly key: string | null
  readonly value: string | null
}

/** Every record from `from` on, as readers get them, in pieces of `maxBytes`. */
export async function recordsOf(b: Bench, log: Log, from = log.logStartOffset, maxBytes = 3000): Promise<Held[]> {
  const found: Held[] = []
  for (const batch of await batchesOf(b, log, from, maxBytes)) {
    for (const r of decodeRecords(batch)) {
      const key = r.key?.toString() ?? null
      const value = r.value?.toString() ?? null
      if (r.offset >= from) found.push({ ...r, key, value })
    }
  }
  return found
}

/** Every batch from that which holds `from` on; what a reader would get in its place is an error. */
export async function batchesOf(b: Bench, log: Log, from: number, maxBytes = 3000): Promise<RecordBatch[]> {
  const found: RecordBatch[] = []
  let offset = from
  while (offset < log.logEndOffset) {
    const before = offset
    for (const part of await b.wait(Promise.resolve(log.read({ offset, maxBytes, minOneBatch: true })))) {
      for (const view of batches(part)) {
        const batch = new RecordBatch(Buffer.from(view.bytes()))
        if (!batch.isValid) throw new Error(`a damaged batch was served at ${batch.baseOffset}`)
        if (batch.lastOffset < offset) throw new Error(`asked for ${offset}, a batch that ends before it was served`)
        if (found.length > 0 && batch.baseOffset <= found.at(-1)!.lastOffset) throw new Error('batches overlap')
        found.push(batch)
        offset = batch.nextOffset
      }
    }
    if (offset === before) throw new Error(`nothing to read at ${offset}, though the log ends at ${log.logEndOffset}`)
  }
  return found
}
