/**
 * A log dir whose disk has failed may hold files that read as they were written though the system has given up writing them, and has nothing to
 * do at the next sync. So that the next start knows, a mark is left in the dir, which only has to outlast the process: where the power goes
 * instead, what was given up is gone, and recovery finds that. Under the mark what is behind the recovery point is written once more before it
 * is synced.
 */
import { type Disk, DiskError } from '../env/env.ts'
import type { Log } from './log.ts'
import { rewriteFrom } from './rewrite.ts'

const MARK = '.disk-failed'

export class UnsafeFiles {
  private marked: boolean
  /** Written once more, and where they ended then. */
  private readonly unsynced = new Map<Log, number>()

  constructor(
    private readonly disk: Disk,
    private readonly dir: string,
  ) {
    this.marked = disk.exists(this.path)
  }

  private get path(): string {
    return `${this.dir}/${MARK}`
  }

  /** The dir goes offline. */
  mark(): void {
    try {
      this.disk.open(this.path, 'write').close()
    } catch (e) {
      // It is no worse than without.
      if (!(e instanceof DiskError)) throw e
    }
  }

  /** A log was found and recovered, and nothing has been appended yet. Throws a DiskError if it cannot be written. */
  opened(log: Log): void {
    if (!this.marked || log.recoveryPoint >= log.logEndOffset) return
    rewriteFrom(this.disk, log.dir, log.recoveryPoint)
    this.unsynced.set(log, log.logEndOffset)
  }

  /** Now and then, once all logs are open: is there nothing left that could be unsafe? */
  settle(): void {
    if (!this.marked) return
    for (const [log, end] of this.unsynced) {
      if (log.isOffline || log.recoveryPoint >= Math.min(end, log.logEndOffset)) this.unsynced.delete(log)
    }
    if (this.unsynced.size > 0) return
    this.disk.remove(this.path)
    this.marked = false
  }
}
