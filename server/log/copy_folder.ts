/** Copies the files of a folder, without folders in it; all of it is durable when it returns. */
import type { Disk } from '../env/env.ts'

const CHUNK_BYTES = 1024 * 1024

/** `to` must not exist, or be empty. */
export function copyFolder(disk: Disk, from: string, to: string, wanted: (name: string) => boolean): void {
  disk.mkdir(to)
  for (const { name, directory } of disk.list(from)) {
    if (!directory && wanted(name)) copyFile(disk, `${from}/${name}`, `${to}/${name}`)
  }
  disk.syncDirectory(to)
}

function copyFile(disk: Disk, from: string, to: string): void {
  const source = disk.open(from, 'read')
  try {
    const target = disk.open(to, 'write')
    try {
      const chunk = Buffer.alloc(CHUNK_BYTES)
      for (let at = 0; ; ) {
        const n = source.readSync(chunk, at)
        if (n === 0) break
        target.write([chunk.subarray(0, n)], at)
        at += n
      }
      target.syncSync()
    } finally {
      target.close()
    }
  } finally {
    source.close()
  }
}
