import type { Decision } from '../../../state/runtime.ts'
import type { GroupRecord } from '../records.ts'

/** Keeps a batch far below any limit of a log's. */
const RECORDS_A_BATCH = 1_000

/** Clean-up that need not be all or nothing: what fails is found again next time. */
export function inBatches(records: readonly GroupRecord[]): Decision<GroupRecord, void> {
  const next = []
  for (let i = RECORDS_A_BATCH; i < records.length; i += RECORDS_A_BATCH) {
    const batch = records.slice(i, i + RECORDS_A_BATCH)
    next.push(() => ({ records: batch, reply: undefined }))
  }
  return { records: records.slice(0, RECORDS_A_BATCH), reply: undefined, next }
}
