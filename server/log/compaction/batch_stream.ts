/** Reads a segment batch by batch in pieces of a bounded size, without holding up the process. */
import { BATCH_OVERHEAD, RecordBatch } from '../../records/batch.ts'
import { DamagedLogError, type Segment } from '../segment.ts'

/** Whole batches that follow each other; valid until the next piece is asked for. */
export type Piece = readonly RecordBatch[]

/**
 * From the position `from` on; reads `bytes` at a time, more only where a single batch is larger. `endOffset` is where the
 * next segment begins: base offsets are not in any checksum, so they are looked at. Throws a DamagedLogError.
 */
export async function* batchesOf(
  s: Segment,
  o: { from: number; bytes: number; endOffset: number },
): AsyncGenerator<Piece> {
  const { size } = s
  let nextOffset = s.baseOffset
  let position = o.from
  let buf = Buffer.allocUnsafeSlow(Math.max(BATCH_OVERHEAD, Math.min(o.bytes, size - position)))
  while (position < size) {
    const into = buf.subarray(0, Math.min(buf.length, size - position))
    const n = await s.files.get(s.logPath, 'read').read(into, position)
    const piece: RecordBatch[] = []
    let at = 0
    let need = BATCH_OVERHEAD
    while (n - at >= BATCH_OVERHEAD) {
      const batch = new RecordBatch(into, at)
      need = batch.sizeInBytes
      if (need < BATCH_OVERHEAD || need > size - position - at || batch.magic !== 2 || batch.lastOffsetDelta < 0) {
        throw new DamagedLogError(`${s.logPath} is damaged at byte ${position + at}`)
      }
      if (need > n - at) break
      if (batch.baseOffset < nextOffset || batch.nextOffset > o.endOffset) {
        throw new DamagedLogError(`${s.logPath} holds offset ${batch.baseOffset} after ${nextOffset - 1}`)
      }
      nextOffset = batch.nextOffset
      piece.push(batch)
      at += need
    }
    if (piece.length > 0) yield piece
    else if (n === into.length && need > buf.length) buf = Buffer.allocUnsafeSlow(need)
    else throw new DamagedLogError(`${s.logPath} ends at byte ${position + n} of ${size}`)
    position += at
  }
}
