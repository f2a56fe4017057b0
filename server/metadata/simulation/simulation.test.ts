import { describe, expect, test } from 'vitest'
import { mutants } from './mutants.ts'
import { simulate } from './world.ts'

const SEEDS = Array.from({ length: 24 }, (_, i) => i + 1)

describe('a controller while brokers come, go, stall, lose directories, and it crashes itself', () => {
  test('one leader an epoch, in sync and running; no acknowledged record is lost by a clean election; moves end; the log gives the same image', async () => {
    const total: Record<string, number> = {}
    for (const seed of SEEDS) {
      const { violations, counts } = await simulate(seed)
      expect(violations, `seed ${seed}`).toEqual([])
      for (const [name, n] of Object.entries(counts)) total[name] = (total[name] ?? 0) + n
    }
    // Something did happen.
    expect(total.elections).toBeGreaterThan(SEEDS.length * 20)
    expect(total.proposals).toBeGreaterThan(SEEDS.length * 20)
    for (const name of ['unclean', 'emptyIsr', 'moves', 'stops', 'crashes'])
      expect(total[name], name).toBeGreaterThan(20)
  }, 60_000)

  test('the same seed lives the same life', async () => {
    expect(await simulate(7)).toEqual(await simulate(7))
  })

  for (const [name, mutant] of Object.entries(mutants)) {
    test(`a controller that ${name} is convicted`, async () => {
      for (const seed of SEEDS) {
        const { violations } = await simulate(seed, mutant)
        if (violations.some((v) => mutant.judge.test(v))) return
      }
      expect.unreachable(`nobody noticed a controller that ${name}`)
    }, 60_000)
  }
})
