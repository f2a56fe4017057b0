/** The batches of a replica from `logStart` on, as they stand in its files. */
import type { Partition } from '../../replication/partition.ts'

export function replicaBytes({ log }: Partition, logStart: number): Buffer {
  const batches: Buffer[] = []
  for (const segment of log.segments.all) {
    const file = segment.files.get(segment.logPath, 'read')
    const bytes = Buffer.alloc(segment.size)
    file.readSync(bytes, 0)
    for (let at = 0; at < bytes.length; ) {
      const size = 12 + bytes.readInt32BE(at + 8)
      if (Number(bytes.readBigInt64BE(at)) >= logStart) batches.push(bytes.subarray(at, at + size))
      at += size
    }
  }
  return Buffer.concat(batches)
}
