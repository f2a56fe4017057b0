/** A partition's whole life with replicas, from seeds; and judges that convict it when its rules are broken. */
import { expect, test } from 'vitest'
import { ReplicationWorld, type ReplicationWorldOptions } from './simulation.ts'

const optionsOf = (seed: number): ReplicationWorldOptions => ({
  minInsyncReplicas: 1 + (seed % 2),
  dropped: seed % 3 === 0 ? 0 : 0.05,
  powerLoss: seed % 4 < 2,
})

async function live(seed: number, faults = 25) {
  const world = new ReplicationWorld(seed, optionsOf(seed))
  await world.run(faults)
  return world
}

test('whatever happens to brokers and messages, nothing acknowledged is lost, and replicas agree', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const world = await live(seed)
    expect({ seed, problems: world.problems }).toEqual({ seed, problems: [] })
  }
})
