/**
 * Failures after which nothing is wrong with the disk: there is no room, or this process has too many files open. What was
 * being written is taken back, its writer is told, and the next one may find that there is room again.
 */
import { DiskError } from '../env/env.ts'

const NO_ROOM = new Set(['ENOSPC', 'EDQUOT'])
const NO_DESCRIPTORS = new Set(['EMFILE', 'ENFILE'])

/** Of a write, or of opening, making or renaming a file. Of a sync it is no such thing: what that has dropped is not known. */
export const isOutOfRoom = (e: unknown): e is DiskError =>
  e instanceof DiskError && (NO_ROOM.has(e.code) || NO_DESCRIPTORS.has(e.code))

/** The call was not even begun, a sync neither. */
export const isOutOfDescriptors = (e: unknown): e is DiskError => e instanceof DiskError && NO_DESCRIPTORS.has(e.code)
