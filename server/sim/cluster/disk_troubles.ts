/** What goes wrong with the disk of a machine for a while; see `cluster_world.ts`. */
import type { Machine } from '../../env/sim.ts'
import type { DiskCall } from '../../env/sim_disk.ts'
import type { SimRandom } from '../../env/sim_random.ts'

export interface Stage {
  readonly random: SimRandom
  later(ms: number, fn: () => void): void
}

/** What takes room on a disk. */
const GROWS: ReadonlySet<DiskCall> = new Set(['write', 'mkdir', 'create'])

export function slowDisk(machine: Machine, { later }: Stage): void {
  machine.changeDisk({ syncMs: { low: 1, high: 400 }, readMs: { low: 1, high: 400 } })
  later(2_000, () => machine.changeDisk({}))
}

export function fullDisk(machine: Machine, { random, later }: Stage): void {
  machine.changeDisk({ faults: ({ kind }) => (GROWS.has(kind) ? 'ENOSPC' : undefined) })
  later(random.int(random.chance(0.3) ? 5_000 : 500), () => machine.changeDisk({}))
}

/** Of one log dir, which stays offline until the next start. What was not synced may be gone. */
export function failDisk(machine: Machine, dirs: readonly string[], { random, later }: Stage): void {
  const dir = random.pick(dirs)
  const fails = random.pick<DiskCall>(['sync', 'write'])
  machine.changeDisk({ faults: ({ kind, path }) => (kind === fails && path.startsWith(dir) ? 'EIO' : undefined) })
  later(random.int(500), () => machine.changeDisk({}))
}
