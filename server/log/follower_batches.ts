/** What comes from another log, to be appended with its offsets: gaps are allowed, as compaction leaves them. */
import { KafkaError } from '../protocol/errors.ts'
import { batches, type RecordBatch } from '../records/batch.ts'

/** `logEndOffset` is of the log that they shall follow. Throws CORRUPT_MESSAGE, or a RangeError if they do not follow it. */
export function followerBatches(records: Buffer, log: { name: string; logEndOffset: number }): RecordBatch[] {
  const all = [...batches(records)]
  let end = log.logEndOffset
  for (const batch of all) {
    if (!batch.isValid) throw new KafkaError('CORRUPT_MESSAGE')
    if (batch.baseOffset < end) {
      throw new RangeError(`${log.name}: a batch at ${batch.baseOffset} cannot follow the log's end ${end}`)
    }
    end = batch.nextOffset
  }
  return all
}
