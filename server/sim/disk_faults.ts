/** Which calls to the disk fail in which worlds: every kind with every code that it can have, at the Nth call for many N. */
import type { DiskCall } from '../env/sim_disk.ts'
import type { DiskFault } from './world.ts'

const KINDS: readonly DiskCall[] = [
  'open',
  'list',
  'mkdir',
  'rename',
  'remove',
  'read',
  'write',
  'sync',
  'truncate',
  'syncDirectory',
]
const CODES = ['ENOSPC', 'EIO', 'EMFILE']
/** How rare a kind of call is: the Nth of some never comes. */
const MOST: Partial<Record<DiskCall, number>> = { list: 12, mkdir: 8, remove: 6, truncate: 12, rename: 40 }
const WORLDS_A_ROUND = 2

/** For each kind and code the worlds of a round; each round has other calls fail. */
export const diskFaults = KINDS.flatMap((kind, k) =>
  // A sync needs no descriptor: the system has no such error for it.
  CODES.filter((code) => !(kind === 'sync' && code === 'EMFILE')).map((code, c) => ({
    kind,
    code,
    worlds: (round: number): { seed: number; fault: DiskFault }[] =>
      Array.from({ length: WORLDS_A_ROUND }, (_, i) => {
        const n = round * WORLDS_A_ROUND + i
        const seed = 10_000 + n * 100 + k * CODES.length + c
        return { seed, fault: { kind, code, from: nth(n, MOST[kind] ?? 250), count: 1 + (n % 4) } }
      }),
  })),
)

/** Early, soon, and then here and there below `most`. */
const nth = (n: number, most: number): number => (n < 2 ? Math.min([2, 20][n]!, most) : 1 + ((n * 37) % most))
