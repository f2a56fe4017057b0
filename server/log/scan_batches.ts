/** Reads a log file batch by batch in large steps: for recovery, which trusts nothing, and for loading after a clean stop. */
import type { DiskFile } from '../env/env.ts'
import { crc32 } from '../lib/crc32.ts'
import { BATCH_OVERHEAD, LOG_OVERHEAD, RecordBatch } from '../records/batch.ts'

const STEP = 1024 * 1024

/** A log that this broker cannot read though nothing is wrong with it. */
export class OldFormatError extends Error {
  override name = 'OldFormatError'
}

/**
 * Calls `see` for every good batch from `from` on, in order; `false` from it ends the scan as a bad batch would. Returns
 * where the first bad byte is: `size` if there is none. With `checkCrc` off only lengths and formats are looked at.
 */
export function scanBatches(
  file: DiskFile,
  { from, size, checkCrc }: { from: number; size: number; checkCrc: boolean },
  see: (batch: RecordBatch, position: number) => boolean | void,
): number {
  let buf = Buffer.allocUnsafeSlow(Math.min(STEP, Math.max(BATCH_OVERHEAD, size - from)))
  let start = from
  let length = 0
  let position = from
  /** Has the buffer hold `n` bytes from `position`; false if the file ends before. */
  const hold = (n: number): boolean => {
    if (position + n <= start + length) return true
    if (position + n > size) return false
    if (n > buf.length) buf = Buffer.allocUnsafeSlow(n)
    start = position
    length = file.readSync(buf.subarray(0, Math.min(buf.length, size - start)), start)
    return length >= n
  }
  while (position < size && hold(BATCH_OVERHEAD)) {
    const header = new RecordBatch(buf, position - start)
    const bytes = header.sizeInBytes
    if (bytes < LOG_OVERHEAD + 14 || bytes > size - position || !hold(bytes)) break
    const batch = new RecordBatch(buf, position - start)
    if (batch.magic !== 2) {
      refuseOldFormat(file, batch)
      break
    }
    if (bytes < BATCH_OVERHEAD || batch.lastOffsetDelta < 0 || (checkCrc && !batch.isValid)) break
    if (see(batch, position) === false) break
    position += bytes
  }
  return position
}

/** Formats 0 and 1 with a right checksum are someone's data, not damage: nothing may be cut off. */
function refuseOldFormat(file: DiskFile, batch: RecordBatch): void {
  if (batch.magic > 1) return
  const message = batch.bytes().subarray(LOG_OVERHEAD)
  if (message.readUInt32BE(0) !== crc32(message.subarray(4))) return
  throw new OldFormatError(
    `${file.path} holds message format ${batch.magic}, which only Kafka before 4.0 reads; copy the topic with its clients.`,
  )
}
