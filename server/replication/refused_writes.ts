/**
 * Writes that come while too few replicas are in sync. Kafka forgets them, and so may take a producer's second batch, which was on its way,
 * before the first has come again; that one would never be in order. Here its first batch stays the one that must come next.
 */
import type { ProducerState } from '../log/producer_state.ts'
import { KafkaError } from '../protocol/errors.ts'
import { BATCH_OVERHEAD, RecordBatch } from '../records/batch.ts'
import type { Queued } from './partition_options.ts'

/** Those that wait for all replicas are refused; returns the others. */
export function refuseForNow(writes: readonly Queued[], producers: ProducerState): Queued[] {
  const rest: Queued[] = []
  for (const write of writes) {
    if (write.acks !== -1) {
      rest.push(write)
      continue
    }
    const { records } = write.item
    if (records !== null && records.length >= BATCH_OVERHEAD) {
      const batch = new RecordBatch(records)
      if (batch.magic === 2 && batch.hasProducerId && batch.isValid) producers.beginsAgain(batch)
    }
    write.reject(new KafkaError('NOT_ENOUGH_REPLICAS'))
  }
  return rest
}
