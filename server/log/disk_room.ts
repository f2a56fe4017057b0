/**
 * Failures after which nothing is wrong with the disk: there is no room, or this process has too many files open. What was
 * being written is taken back, its writer is told, and the next one may find that there is room again.
 */
import { type Disk, DiskError } from '../env/env.ts'

const NO_ROOM = new Set(['ENOSPC', 'EDQUOT'])
const NO_DESCRIPTORS = new Set(['EMFILE', 'ENFILE'])

/** Of a write, or of opening, making or renaming a file. Of a sync it is no such thing: what that has dropped is not known. */
export const isOutOfRoom = (e: unknown): e is DiskError =>
  e instanceof DiskError && (NO_ROOM.has(e.code) || NO_DESCRIPTORS.has(e.code))

/** The call was not even begun, a sync neither. */
export const isOutOfDescriptors = (e: unknown): e is DiskError => e instanceof DiskError && NO_DESCRIPTORS.has(e.code)

/** For records of a while: who came back for less would be full again at once. */
const TRIAL_BYTES = 1024 * 1024
const TRIAL_FILE = '.room-trial'

/** Tries to write a file in that folder, and takes it away again. What fails for another reason is no want of room. */
export function hasRoom(disk: Disk, folder: string): boolean {
  const path = `${folder}/${TRIAL_FILE}`
  try {
    const file = disk.open(path, 'write')
    try {
      file.write([Buffer.alloc(TRIAL_BYTES)], 0)
    } finally {
      file.close()
    }
    return true
  } catch (e) {
    if (!(e instanceof DiskError)) throw e
    return !isOutOfRoom(e)
  } finally {
    removeTrial(disk, path)
  }
}

function removeTrial(disk: Disk, path: string): void {
  try {
    if (disk.exists(path)) disk.remove(path)
  } catch (e) {
    // The next trial begins with it.
    if (!(e instanceof DiskError)) throw e
  }
}
