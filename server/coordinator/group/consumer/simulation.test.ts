import { describe, expect, test } from 'vitest'
import { type Mutant, simulate } from './simulation.ts'

const SEEDS = Array.from({ length: 12 }, (_, i) => i + 1)

/** Each breaks one promise; the judge that must notice. */
const mutants: Record<Mutant, RegExp> = {
  'answers before the commit': /acknowledged|belongs to|was fetched after/,
  'loads all but the last batch': /differ|acknowledged|was fetched after/,
  'takes commits of any epoch': /was committed after/,
  'thinks that everyone gives up at once': /which belongs to/,
  'never ends a session': /in peace/,
}

describe('consumer groups under crashes, restarts, stalls and moves between the protocols', () => {
  test('no partition has two owners, no commit goes back, everything is read in the end, live state equals the replay', async () => {
    const total = { commits: 0, epochs: 0, crashes: 0, moves: 0 }
    for (const seed of SEEDS) {
      const { violations, counts } = await simulate(seed)
      expect(violations, `seed ${seed}`).toEqual([])
      for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += counts[key]
    }
    // Something did happen.
    expect(total.commits).toBeGreaterThan(SEEDS.length * 100)
    expect(total.epochs).toBeGreaterThan(SEEDS.length * 10)
    expect(total.crashes).toBeGreaterThan(SEEDS.length * 3)
    expect(total.moves).toBeGreaterThan(SEEDS.length)
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
