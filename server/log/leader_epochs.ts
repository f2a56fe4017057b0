/**
 * Which leader epoch began at which offset (KIP-101), kept in `leader-epoch-checkpoint`. Every batch carries its epoch,
 * so the file is only written when a segment is rolled, because recovery does not read that one any more, and on a clean
 * stop.
 */
import type { Disk } from '../env/env.ts'
import { type EpochEntry, encodeEpochCheckpoint, readEpochCheckpoint } from './checkpoint.ts'
import { LEADER_EPOCH_CHECKPOINT } from './file_names.ts'
import type { Files } from './files.ts'

/** The answer where an epoch is not known. */
export const UNDEFINED_EPOCH = { epoch: -1, endOffset: -1 } as const

export class LeaderEpochs {
  private entries: EpochEntry[] = []
  private dirty = false

  load(disk: Disk, dir: string): void {
    this.entries = readEpochCheckpoint(disk, `${dir}/${LEADER_EPOCH_CHECKPOINT}`)
    const sorted = this.entries.every((e, i) => i === 0 || isAfter(e, this.entries[i - 1]!))
    if (!sorted) this.entries = []
  }

  /** Undefined before the first record. */
  get latest(): number | undefined {
    return this.entries.at(-1)?.epoch
  }
  get all(): readonly EpochEntry[] {
    return this.entries
  }

  /** An epoch begins at `startOffset`. Older or known epochs change nothing. */
  assign(epoch: number, startOffset: number): void {
    const last = this.entries.at(-1)
    if (epoch < 0 || (last && epoch <= last.epoch)) return
    // Epochs that began here or later have no records.
    while (this.entries.length > 0 && this.entries.at(-1)!.startOffset >= startOffset) this.entries.pop()
    this.entries.push({ epoch, startOffset })
    this.dirty = true
  }

  /**
   * A batch of `epoch` stands at `offset`: what the file says against that is older than a cut of the log's end. Epochs without records
   * are believed where nothing speaks against them: compaction may have taken theirs.
   */
  correct(epoch: number, offset: number): void {
    const at = this.entries.findLast((e) => e.startOffset <= offset)
    if (epoch < 0 || at?.epoch === epoch) return
    const before = this.entries.filter((e) => e.epoch <= epoch && e.startOffset <= offset)
    const after = this.entries.filter((e) => e.epoch > epoch && e.startOffset > offset)
    while (before.length > 0 && before.at(-1)!.epoch < epoch && before.at(-1)!.startOffset === offset) before.pop()
    if (before.at(-1)?.epoch !== epoch) before.push({ epoch, startOffset: offset })
    this.entries = [...before, ...after]
    this.dirty = true
  }

  /**
   * Where `epoch` ended: the start of the next one, or the log's end if it is the latest. The epoch in the answer is the
   * largest known one not above the one asked for.
   */
  endOffsetFor(epoch: number, logEndOffset: number): { epoch: number; endOffset: number } {
    if (epoch < 0 || this.entries.length === 0) return UNDEFINED_EPOCH
    if (epoch === this.latest) return { epoch, endOffset: logEndOffset }
    const next = this.entries.findIndex((e) => e.epoch > epoch)
    if (next === -1) return UNDEFINED_EPOCH
    return { epoch: this.entries[next - 1]?.epoch ?? epoch, endOffset: this.entries[next]!.startOffset }
  }

  /** The log now ends at `endOffset`. */
  truncateFromEnd(endOffset: number): void {
    const kept = this.entries.filter((e) => e.startOffset < endOffset)
    if (kept.length === this.entries.length) return
    this.entries = kept
    this.dirty = true
  }

  /** The log now starts at `startOffset`: the epoch that holds it starts there as well. */
  truncateFromStart(startOffset: number): void {
    let holder = -1
    for (const [i, e] of this.entries.entries()) if (e.startOffset <= startOffset) holder = i
    if (holder < 0 || (holder === 0 && this.entries[0]!.startOffset === startOffset)) return
    this.entries = [{ epoch: this.entries[holder]!.epoch, startOffset }, ...this.entries.slice(holder + 1)]
    this.dirty = true
  }

  /** Replaces the file if it is behind. It is durable once the folder has been synced after it; a failure changes nothing. */
  async flush(files: Files, dir: string): Promise<void> {
    if (!this.dirty) return
    this.dirty = false
    const path = `${dir}/${LEADER_EPOCH_CHECKPOINT}`
    try {
      files.write(`${path}.tmp`, encodeEpochCheckpoint(this.entries))
      await files.get(`${path}.tmp`, 'write').sync()
      files.forget(`${path}.tmp`)
      files.disk.rename(`${path}.tmp`, path)
    } catch (e) {
      this.dirty = true
      throw e
    }
  }
}

const isAfter = (b: EpochEntry, a: EpochEntry): boolean => b.epoch > a.epoch && b.startOffset >= a.startOffset
