/** Whole clusters from seeds. A seed that fails tells its story by `npx tsx server/sim/cluster/run.ts --seeds N-N --verbose`. */
import { expect, test } from 'vitest'
import { clusterMutants } from './cluster_mutants.ts'
import { runCluster } from './cluster_world.ts'

const SEEDS = 12
const CHUNK = 3

test.each(Array.from({ length: SEEDS / CHUNK }, (_, i) => [i * CHUNK + 1, (i + 1) * CHUNK]))(
  'no judge convicts a cluster whose nodes die, stop and are cut off, seeds %i to %i',
  async (from, to) => {
    for (let seed = from; seed <= to; seed++) {
      const { convictions, history } = await runCluster({ seed, faults: 10 })
      expect(convictions, `seed ${seed}`).toEqual([])
      expect(history.count('acknowledged'), `seed ${seed}: nobody could do anything`).toBeGreaterThan(0)
    }
  },
  240_000,
)

test('the same seed is the same cluster, to the event', async () => {
  const run = async () => {
    const { fingerprint, history } = await runCluster({ seed: 5, faults: 3 })
    return { fingerprint, events: JSON.stringify(history.events) }
  }
  expect(await run()).toEqual(await run())
}, 120_000)

test.each(Object.entries(clusterMutants))(
  '%s: convicted',
  async (_, mutant) => {
    const convicted = new Set<string>()
    for (let seed = mutant.seed; seed < mutant.seed + 12 && !convicted.has(mutant.judge); seed++) {
      for (const { judge } of (await runCluster({ seed, faults: 10, mutant })).convictions) convicted.add(judge)
    }
    expect([...convicted]).toContain(mutant.judge)
  },
  240_000,
)
