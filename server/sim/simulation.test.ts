/** Whole brokers from seeds. A seed that fails is printed by its number: `npx tsx server/sim/run.ts --seeds N-N --verbose` tells the story. */
import { expect, test } from 'vitest'
import { mutants } from './mutants.ts'
import { runWorld } from './world.ts'

const SEEDS = 110
const CHUNK = 10
const LIVES = 14

let deaths = 0

test.each(Array.from({ length: SEEDS / CHUNK }, (_, i) => [i * CHUNK + 1, (i + 1) * CHUNK]))(
  'no judge convicts a broker that dies and comes back, seeds %i to %i',
  async (from, to) => {
    for (let seed = from; seed <= to; seed++) {
      const { convictions, ends, history } = await runWorld({ seed, lives: LIVES })
      expect(convictions, `seed ${seed}`).toEqual([])
      expect(history.count('acknowledged'), `seed ${seed}: nobody could do anything`).toBeGreaterThan(0)
      deaths += ends.crash + ends.kill
    }
  },
  240_000,
)

test('these were thousands of deaths', () => {
  expect(deaths).toBeGreaterThan(1_500)
})

test('the same seed is the same life, to the event', async () => {
  const run = async () => {
    const { fingerprint, history } = await runWorld({ seed: 7, lives: 4 })
    return { fingerprint, events: JSON.stringify(history.events) }
  }
  expect(await run()).toEqual(await run())
})

test.each(Object.entries(mutants))(
  '%s: convicted',
  async (_, mutant) => {
    const convicted = new Set<string>()
    const { seed: first = 1 } = mutant
    for (let seed = first; seed < first + 30 && !convicted.has(mutant.judge); seed++) {
      for (const { judge } of (await runWorld({ seed, lives: 10, mutant })).convictions) convicted.add(judge)
    }
    expect([...convicted]).toContain(mutant.judge)
  },
  180_000,
)
