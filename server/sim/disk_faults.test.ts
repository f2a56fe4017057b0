/**
 * Whole brokers whose every life meets a disk that fails the Nth call of one kind, and perhaps a few after it. The broker stays up or
 * ends with a sentence; what it has acknowledged is there in the end. More of them by hand: `npx tsx server/sim/run.ts --faults N`.
 */
import { expect, test } from 'vitest'
import { diskFaults } from './disk_faults.ts'
import { runWorld } from './world.ts'

const ROUNDS = 1
let errors = 0

test.each(diskFaults.map(({ kind, code }) => [kind, code] as const))(
  'no judge convicts a broker whose disk fails a call: %s, %s',
  async (kind, code) => {
    for (let round = 0; round < ROUNDS; round++) {
      for (const { seed, fault } of diskFaults.find((f) => f.kind === kind && f.code === code)!.worlds(round)) {
        const { convictions, history } = await runWorld({ seed, lives: 2, fault })
        expect(convictions, `seed ${seed}, ${JSON.stringify(fault)}`).toEqual([])
        errors += history.count('disk error')
      }
    }
  },
  60_000,
)

test('a hundred calls failed', () => {
  expect(errors).toBeGreaterThan(80)
})
