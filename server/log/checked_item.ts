/** An item of an append that may go into the log, as far as its bytes tell. Nothing of the log is touched here. */
import { KafkaError } from '../protocol/errors.ts'
import { batches, type RecordBatch } from '../records/batch.ts'
import { validateProduce } from '../records/validate.ts'
import type { AppendItem } from './append_item.ts'
import type { LogConfig } from './log_config.ts'
import type { AppendOrigin } from './producer_state.ts'

export interface CheckedItem {
  readonly all: readonly RecordBatch[]
  readonly origin: AppendOrigin
  /** Ms since the epoch under LogAppendTime, otherwise -1. */
  readonly logAppendTimeMs: number
}

/** What is wrong comes back: a KafkaError, or our bug. Whatever a stranger has sent costs nobody but its sender. */
export function checkItem(item: AppendItem, config: LogConfig, nowMs: number): CheckedItem | Error {
  try {
    return check(item, config, nowMs)
  } catch (e) {
    return e instanceof Error ? e : new Error(String(e))
  }
}

function check({ records, produceVersion }: AppendItem, config: LogConfig, nowMs: number): CheckedItem {
  const valid =
    produceVersion === undefined ? undefined : validateProduce(records, config, { version: produceVersion, now: nowMs })
  const bytes = valid ? valid.batches : records
  if (bytes === null || bytes.length === 0) throw new KafkaError('INVALID_RECORD')
  if (bytes.length > config.segmentBytes) {
    throw new KafkaError(
      'RECORD_LIST_TOO_LARGE',
      `The batch has ${bytes.length} bytes and does not fit into a segment of ${config.segmentBytes}.`,
    )
  }
  return {
    all: [...batches(bytes)],
    origin: valid ? 'client' : 'coordinator',
    logAppendTimeMs: valid ? valid.logAppendTimeMs : -1,
  }
}
