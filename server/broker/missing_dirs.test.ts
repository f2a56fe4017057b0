import { expect, test } from 'vitest'
import type { PartitionImage } from '../metadata/image.ts'
import { isWholeElsewhere } from './missing_dirs.ts'

test.each([
  ['others are in sync', [1, 2], [], true],
  ['another may lead by what it had', [], [2], true],
  ['this broker counts as one that has all', [1, 2, 3], [], false],
  ['this broker may lead by what it had', [1], [3], false],
  ['this broker is the only one', [3], [], false],
  ['nobody has all', [], [], false],
])('a partition of which %s', (_what, isr, eligibleLeaderReplicas, elsewhere) => {
  const partition = { replicas: [1, 2, 3], isr, eligibleLeaderReplicas } as unknown as PartitionImage
  expect(isWholeElsewhere(partition, 3)).toBe(elsewhere)
})
