/**
 * Kafka's checkpoint files: a version, a count, one line an entry. A file that is damaged counts as absent, for what
 * stands in it only saves work or is derived from the log.
 */
import type { Disk } from '../env/env.ts'
import { parsePartitionName } from './file_names.ts'

const VERSION = '0'

/** The fields of each line, or undefined if the file is missing or damaged. */
function readLines(disk: Disk, path: string): string[][] | undefined {
  const text = disk.readFile(path)?.toString('utf8')
  if (text === undefined || !text.endsWith('\n')) return undefined
  const [version, count, ...lines] = text.slice(0, -1).split('\n')
  if (version !== VERSION || count !== String(lines.length)) return undefined
  return lines.map((line) => line.split(' '))
}

const render = (lines: readonly string[]): Buffer =>
  Buffer.from([VERSION, lines.length, ...lines].map((line) => `${line}\n`).join(''))

const isOffset = (s: string | undefined): s is string => s !== undefined && /^\d{1,16}$/.test(s)

/** Offsets by the partition's name (`topic-0`). */
export function readOffsetCheckpoint(disk: Disk, path: string): Map<string, number> {
  const offsets = new Map<string, number>()
  for (const line of readLines(disk, path) ?? []) {
    const [topic, partition, offset] = line
    if (line.length !== 3 || !isOffset(partition) || !isOffset(offset)) return new Map()
    offsets.set(`${topic}-${partition}`, Number(offset))
  }
  return offsets
}

/** In one step and synced. */
export const writeOffsetCheckpoint = (disk: Disk, path: string, offsets: Iterable<readonly [string, number]>): void =>
  disk.replaceFile(path, encodeOffsetCheckpoint(offsets))

export function encodeOffsetCheckpoint(offsets: Iterable<readonly [string, number]>): Buffer {
  const lines: string[] = []
  for (const [name, offset] of offsets) {
    const p = parsePartitionName(name)
    if (p) lines.push(`${p.topic} ${p.partition} ${offset}`)
  }
  return render(lines)
}

export interface EpochEntry {
  readonly epoch: number
  /** Of the first record of that epoch. */
  readonly startOffset: number
}

export function readEpochCheckpoint(disk: Disk, path: string): EpochEntry[] {
  const entries: EpochEntry[] = []
  for (const line of readLines(disk, path) ?? []) {
    const [epoch, startOffset] = line
    if (line.length !== 2 || !isOffset(epoch) || !isOffset(startOffset)) return []
    entries.push({ epoch: Number(epoch), startOffset: Number(startOffset) })
  }
  return entries
}

export const encodeEpochCheckpoint = (entries: readonly EpochEntry[]): Buffer =>
  render(entries.map((e) => `${e.epoch} ${e.startOffset}`))
