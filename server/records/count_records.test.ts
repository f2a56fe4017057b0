import { expect, test } from 'vitest'
import { buildBatch } from './build_batch.ts'
import { countRecords } from './count_records.ts'
import { batchesToMessageSet } from './message_set.ts'

const batch = (n: number) =>
  buildBatch(
    Array.from({ length: n }, (_, i) => ({ key: null, value: Buffer.from(`v${i}`) })),
    { timestamp: 1 },
  )

test('records of whole batches are counted, wherever the parts are cut between them', () => {
  expect(countRecords([])).toBe(0)
  expect(countRecords([batch(3), Buffer.concat([batch(1), batch(10)]), Buffer.alloc(0)])).toBe(14)
})

test('messages of the older formats count one each', () => {
  expect(countRecords(batchesToMessageSet([batch(3)], { magic: 1, fetchOffset: 0 }))).toBe(3)
})

test('bytes that are no batches end the count, and do not keep it', () => {
  for (const bytes of [Buffer.alloc(7), Buffer.alloc(100), Buffer.alloc(100, 0xff), batch(3).subarray(0, 50)])
    expect(countRecords([bytes])).toBeLessThanOrEqual(100)
})
