import { expect, test } from 'vitest'
import type { MetadataImage } from '../../metadata/image.ts'
import { isOnlyLeader } from './only_leader.ts'

const NOBODY = -1

/** Broker 1 looks at one partition on 1, 2 and 3; 3 does not run. */
const look = (p: { leader: number; isr: number[]; elr?: number[]; last?: number[]; replicas?: number[] }) => {
  const { leader, isr, elr = [], last = [], replicas = [1, 2, 3] } = p
  const partitions = [{ leader, isr, replicas, eligibleLeaderReplicas: elr, lastKnownElr: last }]
  const image = { topics: new Map([['t', { partitions }]]), isActive: (id: number) => id !== 3 }
  return isOnlyLeader(image as unknown as MetadataImage, 1)
}

test.each([
  ['leads with another in sync', { leader: 1, isr: [1, 2] }, false],
  ['leads, and who else is in sync does not run', { leader: 1, isr: [1, 3] }, true],
  ['leads alone', { leader: 1, isr: [1] }, true],
  ['follows', { leader: 2, isr: [1, 2] }, false],
  ['was the last in sync of what nobody leads', { leader: NOBODY, isr: [1] }, true],
  ['is eligible for what nobody leads', { leader: NOBODY, isr: [], elr: [1, 3] }, true],
  ['was the last leader of what nobody leads', { leader: NOBODY, isr: [], last: [1] }, true],
  ['has not what nobody leads', { leader: NOBODY, isr: [3] }, false],
  ['has the only replica of what nobody leads', { leader: NOBODY, isr: [], replicas: [1] }, true],
  ['has no replica', { leader: NOBODY, isr: [], last: [2], replicas: [2] }, false],
] as const)('a broker that %s', (_what, p, isNeeded) => {
  expect(look(p as unknown as Parameters<typeof look>[0])).toBe(isNeeded)
})
