import { expect, test } from 'vitest'
import type { ResetInput } from '../shapes/group.ts'
import { type ResetPartition, resetRow } from './reset.ts'

const at = (more: Partial<ResetPartition>): ResetPartition => ({
  topic: 'orders',
  partition: 0,
  committed: 500,
  startOffset: 100,
  endOffset: 1000,
  atTime: null,
  ...more,
})

const check = (
  title: string,
  to: ResetInput['to'],
  p: Partial<ResetPartition>,
  expected: Partial<ReturnType<typeof resetRow>>,
) => test(title, () => expect(resetRow(to, at(p))).toMatchObject(expected))

check(
  'earliest reads all that is left again',
  { kind: 'earliest' },
  {},
  { before: 500, after: 100, effect: 'again', records: 400, lagAfter: 900 },
)
check(
  'latest skips what has not been read',
  { kind: 'latest' },
  {},
  { after: 1000, effect: 'skipped', records: 500, lagAfter: 0 },
)
check(
  'an offset within the partition',
  { kind: 'offset', offset: 600 },
  {},
  { after: 600, effect: 'skipped', records: 100 },
)
check(
  'an offset that has been deleted becomes the first one left',
  { kind: 'offset', offset: 3 },
  {},
  { after: 100, records: 400 },
)
check('an offset beyond the end becomes the end', { kind: 'offset', offset: 5000 }, {}, { after: 1000, records: 500 })
check(
  'a time goes to its first record',
  { kind: 'timestamp', timestampMs: 1 },
  { atTime: 250 },
  { after: 250, effect: 'again', records: 250 },
)
check(
  'a time after the last record goes to the end',
  { kind: 'timestamp', timestampMs: 1 },
  { atTime: null },
  { after: 1000, effect: 'skipped' },
)
check('a shift back', { kind: 'shift', by: -50 }, {}, { after: 450, effect: 'again', records: 50 })
check('a shift forward', { kind: 'shift', by: 50 }, {}, { after: 550, effect: 'skipped', records: 50 })
check('a shift stops at the beginning', { kind: 'shift', by: -5000 }, {}, { after: 100, records: 400 })
check('a shift stops at the end', { kind: 'shift', by: 5000 }, {}, { after: 1000, records: 500 })
check(
  'without a commit a shift counts from the beginning',
  { kind: 'shift', by: 10 },
  { committed: null },
  { before: null, after: 110, effect: 'none' },
)
check(
  'without a commit nothing is read again or skipped',
  { kind: 'latest' },
  { committed: null },
  { before: null, after: 1000, effect: 'none', records: 0 },
)
check('where it is already, nothing happens', { kind: 'offset', offset: 500 }, {}, { effect: 'none', records: 0 })
check(
  'records deleted before they were read are neither read again nor skipped',
  { kind: 'latest' },
  { committed: 20 },
  {
    before: 20,
    after: 1000,
    effect: 'skipped',
    records: 900,
  },
)
check(
  'a commit behind the deleted part, set to the first that is left, changes what is committed and nothing else',
  { kind: 'earliest' },
  { committed: 20 },
  {
    before: 20,
    after: 100,
    effect: 'none',
    records: 0,
  },
)
check(
  'a commit beyond the end, after a truncation',
  { kind: 'latest' },
  { committed: 1200 },
  { before: 1200, after: 1000, effect: 'none', records: 0 },
)
