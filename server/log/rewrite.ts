/**
 * Writes the end of a log once more, as it reads. Where a sync has failed, the system may have given up what was to be synced, shows it
 * all the same, and has nothing to do at the next sync; after this it has. For logs that are started again after that, and whose
 * records must not be told before they are safe.
 */
import type { Disk, DiskFile } from '../env/env.ts'
import { LOG_SUFFIX } from './file_names.ts'
import { scanBatches } from './scan_batches.ts'

const CHUNK_BYTES = 1024 * 1024

/** From the batch that holds `offset` on, in the folder of a log that has been recovered and is not yet appended to. */
export function rewriteFrom(disk: Disk, folder: string, offset: number): void {
  const segments = disk
    .list(folder)
    .flatMap(({ name }) => (name.endsWith(LOG_SUFFIX) ? [{ name, baseOffset: Number.parseInt(name, 10) }] : []))
    .sort((a, b) => a.baseOffset - b.baseOffset)
  for (const [i, { name }] of segments.entries()) {
    const next = segments[i + 1]
    if (next !== undefined && next.baseOffset <= offset) continue
    const file = disk.open(`${folder}/${name}`, 'write')
    try {
      rewrite(file, offset)
    } finally {
      file.close()
    }
  }
}

function rewrite(file: DiskFile, offset: number): void {
  const size = file.size()
  let from = size
  scanBatches(file, { from: 0, size, checkCrc: false }, (batch, position) => {
    if (batch.lastOffset < offset) return
    from = position
    return false
  })
  const chunk = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, size - from))
  while (from < size) {
    const n = file.readSync(chunk, from)
    file.write([chunk.subarray(0, Math.min(n, size - from))], from)
    from += n
  }
  // How long it is may have been given up, too.
  file.truncate(size)
}
