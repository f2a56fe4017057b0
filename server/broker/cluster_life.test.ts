import { describe, expect, test } from 'vitest'
import { ClusterLife, type LifeOptions } from './cluster_life.ts'

async function check(o: LifeOptions): Promise<void> {
  const life = new ClusterLife(o)
  await life.run()
  const problems = await life.judge()
  expect(problems.slice(0, 10), `seed ${o.seed}\n${life.shown()}\n${life.stage.lines.slice(-40).join('\n')}`).toEqual(
    [],
  )
  expect(life.acknowledged.every((values) => values.length > 0)).toBe(true)
}

/** WEIR_SEED=7 runs one, WEIR_SEEDS=500 runs more. */
const seeds = process.env.WEIR_SEED
  ? [Number(process.env.WEIR_SEED)]
  : Array.from({ length: Number(process.env.WEIR_SEEDS ?? 60) }, (_, i) => i + 1)

describe('three brokers that die, stop, lose power and are cut off from each other', () => {
  test.each(seeds)('lose nothing that was acknowledged, and end with the same bytes: seed %i', (seed) =>
    check({ seed, faults: 6 }),
  )
})
