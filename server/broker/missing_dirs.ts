/**
 * Refuses to start without a log dir that holds partitions and is not there: a disk that is not mounted, a folder left out of
 * log.dirs. To begin anew without it would look like losing them. One that is there and broken is another matter: then what is
 * not found is in it. And so is a partition that other brokers have whole: it is copied from them, as onto a new disk.
 */
import type { LogDirs } from '../log/log_dirs.ts'
import { directoryOf } from '../metadata/directory_id.ts'
import type { MetadataImage, PartitionImage } from '../metadata/image.ts'
import { StartError } from '../rpc/start_error.ts'

const MOST_NAMES = 3

/** Others have all of it, and nobody counts on what this broker had. */
export function isWholeElsewhere(p: PartitionImage, nodeId: number): boolean {
  const whole = [...p.isr, ...p.eligibleLeaderReplicas]
  return whole.length > 0 && !whole.includes(nodeId)
}

export function refuseMissingDirs(image: MetadataImage, nodeId: number, logs: LogDirs): void {
  if (logs.unusable.length > 0) return
  const missing = new Map<string, string[]>()
  for (const { name, partitions } of image.topics.values()) {
    for (const p of partitions) {
      const id = directoryOf(p, nodeId)
      if (id === undefined || logs.find(id) || logs.dirOf(name, p.partitionId) || isWholeElsewhere(p, nodeId)) continue
      missing.set(id, [...(missing.get(id) ?? []), `${name}-${p.partitionId}`])
    }
  }
  for (const [id, names] of missing) {
    const more = names.length - MOST_NAMES
    const some = names.slice(0, MOST_NAMES).join(', ') + (more > 0 ? ` and ${more} more` : '')
    const named = logs.all.map((d) => d.dir).join(',')
    throw new StartError(
      `The log dir with directory.id=${id}, which holds ${some}, is not among ${named}; mount it or name it in log.dirs, or, to ` +
        'give up what was in it, put a meta.properties with this directory.id into an empty folder there.',
    )
  }
}
