import { expect, test } from 'vitest'
import { settleAll } from './settle_all.ts'

test('no more are under way than allowed, results stand in the order of the items, and a failure stops no other', async () => {
  let underWay = 0
  let most = 0
  const results = await settleAll([1, 2, 3, 4, 5, 6, 7], 3, async (n) => {
    most = Math.max(most, ++underWay)
    await new Promise((resolve) => setImmediate(resolve))
    underWay--
    if (n === 4) throw new Error('four')
    return n * 10
  })
  expect(most).toBe(3)
  expect(results.map((r) => (r.status === 'fulfilled' ? r.value : String(r.reason)))).toEqual([
    10,
    20,
    30,
    'Error: four',
    50,
    60,
    70,
  ])
  expect(await settleAll([], 3, async () => 1)).toEqual([])
})
