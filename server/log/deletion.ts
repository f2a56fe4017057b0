/**
 * What is deleted is renamed at once and removed after file.delete.delay.ms. A crash before the new name is durable leaves a
 * folder of which the metadata knows nothing: it is set aside at the next start.
 */
import type { Clock, Disk, Random } from '../env/env.ts'
import {
  DELETE_DIR_SUFFIX,
  fileOf,
  INDEX_SUFFIX,
  LOG_SUFFIX,
  offsetIn,
  putAwayDirName,
  STRAY_DIR_SUFFIX,
  TIME_INDEX_SUFFIX,
  type TopicPartition,
} from './file_names.ts'
import type { Files } from './files.ts'

export interface DeletionContext {
  readonly env: { readonly clock: Clock; readonly random: Random }
  readonly files: Files
  /** Has the new name of a partition's folder made durable, with those of others. */
  readonly foldersRenamed: () => void
}

/** Puts a partition's folder away under another name, which it returns and which is durable soon; its files go later. */
export function deleteFolder(context: DeletionContext, p: TopicPartition, dir: string, delayMs = 0): string {
  const to = renameFolder(context, p, dir, DELETE_DIR_SUFFIX)
  removeLater(context, [to], delayMs)
  return to
}

/** The same, and nobody removes it. */
export const setFolderAside = (context: DeletionContext, p: TopicPartition, dir: string): string =>
  renameFolder(context, p, dir, STRAY_DIR_SUFFIX)

function renameFolder(context: DeletionContext, p: TopicPartition, dir: string, suffix: string): string {
  const parent = dir.slice(0, dir.lastIndexOf('/'))
  const to = `${parent}/${putAwayDirName(p, context.env.random.bytes(16).toString('hex'), suffix)}`
  context.files.forgetFolder(dir)
  context.files.disk.rename(dir, to)
  context.foldersRenamed()
  return to
}

/**
 * For an Apache Kafka that opens the log dir next: what is to be deleted it opens, too, and takes a log without indexes for damaged.
 * It is not synced.
 */
export function addMissingIndexes(files: Files, dir: string): void {
  const names = new Set(files.disk.list(dir).map((f) => f.name))
  for (const name of names) {
    const base = offsetIn(name, LOG_SUFFIX)
    if (base === undefined) continue
    for (const suffix of [INDEX_SUFFIX, TIME_INDEX_SUFFIX]) {
      const index = fileOf(base, suffix)
      if (!names.has(index)) files.write(`${dir}/${index}`, Buffer.alloc(0))
    }
  }
}

/**
 * Files and folders whose names say that they are deleted: what stays, the next start removes. Large files go piece by piece,
 * with rests between: file systems take tens of milliseconds for each hundred megabytes, and nobody waits for this.
 */
export function removeLater(
  { env, files }: Pick<DeletionContext, 'env' | 'files'>,
  paths: readonly string[],
  delayMs: number,
): void {
  const left = [...paths]
  const go = () => {
    for (let path = left[0]; path !== undefined; path = left[0]) {
      try {
        files.forget(path)
        files.forgetFolder(path)
        if (shrink(files.disk, path)) {
          env.clock.after(REST_MS, go)
          return
        }
        files.disk.remove(path)
      } catch {
        // A disk that does not even remove a file shows it elsewhere.
      }
      left.shift()
    }
  }
  env.clock.after(delayMs, go)
}

/** A millisecond's work. */
const REMOVED_AT_ONCE_BYTES = 4 * 1024 * 1024
const REST_MS = 4

/** Takes a piece off a file, or off one in a folder, that is too large to be removed at once. False if there is none. */
function shrink(disk: Disk, path: string): boolean {
  if (!disk.exists(path)) return false
  if (path.endsWith(DELETE_DIR_SUFFIX)) {
    return disk.list(path).some(({ name, directory }) => !directory && shrink(disk, `${path}/${name}`))
  }
  const file = disk.open(path, 'write')
  try {
    const size = file.size()
    if (size <= REMOVED_AT_ONCE_BYTES) return false
    file.truncate(size - REMOVED_AT_ONCE_BYTES)
    return true
  } finally {
    file.close()
  }
}
