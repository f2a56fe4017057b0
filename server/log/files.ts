/**
 * Open files of all logs: opened when used, the one unused for longest closed when there are too many. So thousands of
 * idle partitions hold no descriptors.
 */
import type { Disk, DiskFile } from '../env/env.ts'
import { BlockPool } from '../lib/block_pool.ts'

type Mode = 'read' | 'write'

export class Files {
  /** In the order of their last use. */
  private readonly open = new Map<string, { file: DiskFile; mode: Mode }>()

  constructor(
    readonly disk: Disk,
    private readonly limit = 500,
    /** What is read of logs lies in its blocks. */
    readonly blocks = new BlockPool(0),
  ) {}

  /** Valid until the caller's turn of the event loop ends; an operation that was begun on it ends well in any case. */
  get(path: string, mode: Mode): DiskFile {
    const known = this.open.get(path)
    if (known && (known.mode === 'write' || mode === 'read')) {
      this.open.delete(path)
      this.open.set(path, known)
      return known.file
    }
    if (known) this.forget(path)
    if (this.open.size >= this.limit) this.forget(this.open.keys().next().value!)
    const file = this.disk.open(path, mode)
    this.open.set(path, { file, mode })
    return file
  }

  /** Before a file is renamed or removed. */
  forget(path: string): void {
    const known = this.open.get(path)
    if (!known) return
    this.open.delete(path)
    known.file.close()
  }

  forgetFolder(path: string): void {
    for (const name of [...this.open.keys()]) if (name.startsWith(`${path}/`)) this.forget(name)
  }

  /** Bytes, without keeping the file open. */
  sizeOf(path: string): number {
    const known = this.open.get(path)
    if (known) return known.file.size()
    const file = this.disk.open(path, 'read')
    try {
      return file.size()
    } finally {
      file.close()
    }
  }

  /** Writes a small file whose content proves itself, without a sync. */
  write(path: string, data: Buffer): void {
    const file = this.disk.open(path, 'write')
    try {
      file.truncate(0)
      file.write([data], 0)
    } finally {
      file.close()
    }
  }
}
