/** All that a log holds, batch by batch from its start to the end it had: how a state machine is loaded. */
import type { Log } from '../log/log.ts'
import { batches } from '../records/batch.ts'

const CHUNK_BYTES = 1024 * 1024

export async function* allBatches(log: Log): AsyncGenerator<Buffer> {
  const endOffset = log.logEndOffset
  let offset = log.logStartOffset
  while (offset < endOffset) {
    const before = offset
    const read = await log.read({ offset, maxBytes: CHUNK_BYTES, maxOffset: endOffset, minOneBatch: true })
    for (const part of read) {
      for (const batch of batches(part)) {
        offset = batch.nextOffset
        yield batch.bytes()
      }
    }
    // Compaction may have left nothing before the end.
    if (offset === before) return
  }
}
