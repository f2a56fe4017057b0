/** Resident memory of the engine's processes, and of all with the console's. */
import { residentBytes } from '../../lib/processes.ts'
import type { Contender } from '../contenders.ts'
import { compare, record, type Target } from '../results.ts'
import { type Measured, MiB } from './lib.ts'

export function memory(
  group: string,
  who: Contender,
  system: Measured,
  engine: Target,
  parts = 'supervisor and broker',
): void {
  for (const [what, pids, target] of [
    [`memory, engine (${parts})`, system.engine(), engine],
    ['memory, all processes (with the console)', system.all(), undefined],
  ] as const) {
    record(group, what, 'MiB', who, residentBytes(pids) / MiB)
    compare(group, what, 'MiB', { ours: 'weir', theirs: 'kafka' }, target)
  }
}
