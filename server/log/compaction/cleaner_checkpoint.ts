/**
 * `cleaner-offset-checkpoint` of a log dir: up to where each log was compacted. It only saves work: what is missing in it is
 * compacted again.
 */
import { encodeOffsetCheckpoint, readOffsetCheckpoint } from '../checkpoint.ts'
import { CLEANER_CHECKPOINT } from '../file_names.ts'
import type { Files } from '../files.ts'

export class CleanerCheckpoint {
  private readonly path: string
  /** By the partition's name, exclusive. */
  private readonly offsets: Map<string, number>
  private saving: Promise<void> | undefined
  private changed = false

  constructor(
    private readonly files: Files,
    dir: string,
  ) {
    this.path = `${dir}/${CLEANER_CHECKPOINT}`
    this.offsets = readOffsetCheckpoint(files.disk, this.path)
  }

  get(name: string): number | undefined {
    return this.offsets.get(name)
  }

  /** Undefined: the log is gone. Resolves when the file says so; several changes share a write. Rejects with a DiskError. */
  set(name: string, offset: number | undefined): Promise<void> {
    if (this.offsets.get(name) === offset) return this.saving ?? Promise.resolve()
    if (offset === undefined) this.offsets.delete(name)
    else this.offsets.set(name, offset)
    this.changed = true
    this.saving ??= this.save().finally(() => {
      this.saving = undefined
    })
    return this.saving
  }

  private async save(): Promise<void> {
    const { files, path } = this
    while (this.changed) {
      this.changed = false
      files.write(`${path}.tmp`, encodeOffsetCheckpoint(this.offsets))
      await files.get(`${path}.tmp`, 'write').sync()
      files.forget(`${path}.tmp`)
      files.disk.rename(`${path}.tmp`, path)
    }
  }
}
