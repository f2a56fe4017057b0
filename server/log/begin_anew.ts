/** A log that begins anew makes a segment where all others go. */
import { isOutOfRoom } from './disk_room.ts'
import { DELETED_SUFFIX, fileOf, LOG_SUFFIX } from './file_names.ts'
import type { Files } from './files.ts'

/**
 * Removes the files that are `gone` and has `create` make the segment at `baseOffset` in the folder. Where a full disk has no room for a new
 * file one of the old ones becomes it: otherwise the log could neither go on nor go back.
 */
export function beginAnew(
  { disk }: Files,
  dir: string,
  gone: readonly string[],
  baseOffset: number,
  create: () => void,
): void {
  const kept = gone.find((path) => path.endsWith(LOG_SUFFIX + DELETED_SUFFIX))!
  for (const path of gone) if (path !== kept) disk.remove(path)
  try {
    create()
  } catch (e) {
    if (!isOutOfRoom(e)) throw e
    const file = disk.open(kept, 'write')
    try {
      file.truncate(0)
    } finally {
      file.close()
    }
    disk.rename(kept, `${dir}/${fileOf(baseOffset, LOG_SUFFIX)}`)
    create()
    return
  }
  disk.remove(kept)
}
