/**
 * Puts a compacted segment in the place of those that it was made from, so that a crash at any moment leaves either all of
 * them or the new one (Kafka's way, and its names):
 *
 * 1. The new files are written as `.cleaned` and synced. A start removes what is left of them.
 * 2. They are renamed to `.swap`, the log last: from here on a start completes what is missing.
 * 3. The old files are renamed to `.deleted`.
 * 4. The new files get their names, the log first.
 *
 * Renames of one folder survive a crash in their order.
 */
import { COMPANION_SUFFIXES, DELETED_SUFFIX, fileOf, LOG_SUFFIX, offsetIn, SNAPSHOT_SUFFIX } from '../file_names.ts'
import type { Files } from '../files.ts'
import { scanBatches } from '../scan_batches.ts'
import type { Segment } from '../segment.ts'
import type { SegmentList } from '../segment_list.ts'
import type { SnapshotFiles } from '../snapshot_files.ts'

export const CLEANED_SUFFIX = '.cleaned'
const SWAP_SUFFIX = '.swap'
const KINDS = [LOG_SUFFIX, ...COMPANION_SUFFIXES]

/** `cleaned` is on the disk; the log must not have changed otherwise. Returns the files that are of no use any more. */
export function swapIn(
  log: { readonly dir: string; readonly segments: SegmentList; readonly snapshots: SnapshotFiles },
  old: readonly Segment[],
  cleaned: Segment,
): string[] {
  cleaned.rename(SWAP_SUFFIX, [...COMPANION_SUFFIXES, LOG_SUFFIX])
  const gone = old.flatMap((s) => s.markDeleted(DELETED_SUFFIX))
  cleaned.rename('', KINDS)
  log.segments.replace(old, cleaned)
  // The state of the producers where a segment began that begins no more.
  const merged = new Set(old.slice(1).map((s) => s.baseOffset))
  const { disk } = cleaned.files
  for (const path of log.snapshots.drop(log.dir, (offset) => merged.has(offset))) {
    if (!disk.exists(path)) continue
    disk.rename(path, path + DELETED_SUFFIX)
    gone.push(path + DELETED_SUFFIX)
  }
  return gone
}

/** At the start, before anything else: completes or undoes what a crash has interrupted. */
export function settleSwaps(files: Files, dir: string): void {
  const { disk } = files
  const names = disk.list(dir).flatMap((f) => (f.directory ? [] : [f.name]))
  const path = (name: string) => `${dir}/${name}`
  const offsets = (suffix: string, kinds: readonly string[]) =>
    names.flatMap((name) => {
      const offset = kinds.map((kind) => offsetIn(name, kind + suffix)).find((o) => o !== undefined)
      return offset === undefined ? [] : [{ name, offset }]
    })
  const cleaned = offsets(CLEANED_SUFFIX, KINDS)
  const swaps = offsets(SWAP_SUFFIX, KINDS)
  const unfinishedFrom = Math.min(...cleaned.map((f) => f.offset))
  const undone = swaps.filter((f) => f.offset >= unfinishedFrom)
  const kept = swaps.filter((f) => f.offset < unfinishedFrom)
  for (const { name } of [...undone, ...cleaned]) disk.remove(path(name))
  for (const log of kept.filter((f) => f.name === fileOf(f.offset, LOG_SUFFIX + SWAP_SUFFIX))) {
    const end = endOf(files, path(log.name), log.offset)
    for (const { name, offset } of offsets('', [...KINDS, SNAPSHOT_SUFFIX])) {
      const replaced = offset >= log.offset && offset < end
      // The snapshot where the segment begins says what was before it, which is as it was.
      if (replaced && name !== fileOf(log.offset, SNAPSHOT_SUFFIX)) disk.remove(path(name))
    }
  }
  // The log first: its companions alone are orphans.
  for (const kind of KINDS) {
    for (const { name } of kept) {
      if (name.endsWith(kind + SWAP_SUFFIX)) disk.rename(path(name), path(name.slice(0, -SWAP_SUFFIX.length)))
    }
  }
}

/** Where the batches of a log file end, exclusive. */
function endOf(files: Files, path: string, baseOffset: number): number {
  let end = baseOffset
  const file = files.disk.open(path, 'read')
  try {
    scanBatches(file, { from: 0, size: file.size(), checkCrc: false }, (batch) => {
      end = batch.nextOffset
    })
  } finally {
    file.close()
  }
  return end
}
