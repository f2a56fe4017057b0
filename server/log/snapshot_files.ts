/** The `.snapshot` files of a partition: one for the beginning of each segment, and one where the last clean stop was. */
import { fileOf, SNAPSHOT_SUFFIX } from './file_names.ts'
import type { Files } from './files.ts'
import { encodeProducerSnapshot } from './producer_snapshot.ts'
import type { ProducerState } from './producer_state.ts'

export class SnapshotFiles {
  constructor(
    private readonly files: Files,
    /** Ascending; shared with who loads them. */
    readonly offsets: number[],
  ) {}

  /** Not synced: it proves itself when it is read, and without it the log is. False if there is one already. */
  write(dir: string, offset: number, producers: ProducerState): boolean {
    if (offset === 0 || this.offsets.at(-1) === offset) return false
    this.files.write(`${dir}/${fileOf(offset, SNAPSHOT_SUFFIX)}`, encodeProducerSnapshot(producers.all))
    this.offsets.push(offset)
    return true
  }

  /** What comes before `offset` in the log is about to go, so the snapshot there is all that is left of it. */
  secure(dir: string, offset: number): void {
    if (!this.offsets.includes(offset)) return
    const path = `${dir}/${fileOf(offset, SNAPSHOT_SUFFIX)}`
    this.files.get(path, 'write').syncSync()
    this.files.forget(path)
  }

  /** Forgets some; returns their paths. */
  drop(dir: string, which: (offset: number) => boolean): string[] {
    const dropped = this.offsets.filter(which)
    this.offsets.splice(0, this.offsets.length, ...this.offsets.filter((offset) => !which(offset)))
    return dropped.map((offset) => `${dir}/${fileOf(offset, SNAPSHOT_SUFFIX)}`)
  }
}
