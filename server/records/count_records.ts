/** How many records there are in whole batches, read from their headers alone. A message of the formats before counts as one. */
import { BATCH_OVERHEAD, LOG_OVERHEAD, MAGIC, RecordBatch } from './batch.ts'

export function countRecords(parts: readonly Buffer[]): number {
  let records = 0
  for (const bytes of parts) {
    let at = 0
    while (at + LOG_OVERHEAD + 4 < bytes.length) {
      const old = bytes[at + MAGIC]! < 2
      if (!old && at + BATCH_OVERHEAD > bytes.length) break
      const batch = new RecordBatch(bytes, at)
      records += old ? 1 : batch.recordCount
      at += Math.max(batch.sizeInBytes, LOG_OVERHEAD)
    }
  }
  return records
}
