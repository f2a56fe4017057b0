import { describe, expect, test } from 'vitest'
import { type Mutant, simulate } from './simulation.ts'

const SEEDS = Array.from({ length: 24 }, (_, i) => i + 1)

/** Each breaks one promise; the judge that must notice. */
const mutants: Record<Mutant, RegExp> = {
  'answers before the commit': /acknowledged|belongs to|was fetched after/,
  'loads all but the last batch': /differ|acknowledged|was fetched after/,
  'changes the state without a record': /differ/,
  'takes commits of any generation': /was committed after/,
  'gives everyone the leader’s assignment': /belongs to/,
  'acknowledges commits without storing them': /acknowledged/,
  'never ends a session': /in peace/,
}

describe('groups under crashes, restarts and stalls', () => {
  test('no commit goes back, no partition has two owners in a generation, and live state equals the replay', async () => {
    const total = { commits: 0, generations: 0, crashes: 0 }
    for (const seed of SEEDS) {
      const { violations, counts } = await simulate(seed)
      expect(violations, `seed ${seed}`).toEqual([])
      for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += counts[key]
    }
    // Something did happen.
    expect(total.commits).toBeGreaterThan(SEEDS.length * 100)
    expect(total.generations).toBeGreaterThan(SEEDS.length * 5)
    expect(total.crashes).toBeGreaterThan(SEEDS.length * 3)
  })

  test('the same seed lives the same life', async () => {
    expect(await simulate(7)).toEqual(await simulate(7))
  })

  for (const [mutant, judge] of Object.entries(mutants)) {
    test(`a coordinator that ${mutant} is convicted`, async () => {
      for (const seed of SEEDS) {
        const { violations } = await simulate(seed, mutant as Mutant)
        if (violations.some((v) => judge.test(v))) return
      }
      expect.unreachable(`${mutant} went unnoticed`)
    })
  }
})
