/** The folder of a log dir and those above it; the names of new ones survive a crash, as nothing in them would without. */
import { dirname } from 'node:path'
import type { Disk } from '../env/env.ts'
import { META_PROPERTIES } from './file_names.ts'

export function makeFolder(disk: Disk, dir: string): void {
  const parents: string[] = []
  for (let d = dir; !disk.exists(d) && dirname(d) !== d; d = dirname(d)) parents.push(dirname(d))
  // A kill right after the folder was made.
  if (parents.length === 0 && !disk.exists(`${dir}/${META_PROPERTIES}`)) parents.push(dirname(dir))
  disk.mkdir(dir)
  for (const parent of parents) disk.syncDirectory(parent)
}
