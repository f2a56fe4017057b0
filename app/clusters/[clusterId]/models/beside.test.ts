import { expect, test } from 'vitest'
import { models } from '../../../../server/console/models/models.ts'
import { beside, isOdd } from './beside.ts'
import type { Basis } from './held.ts'

const measured = { latencyP50Ms: 4, latencyP99Ms: null } as Basis['measured']
const of = (id: string) => beside(models.find((m) => m.id === id)!, { measured } as Basis)

test('milliseconds stand beside seconds as seconds, and what is not measured stays unknown', () => {
  expect(of('simple.latency')).toEqual([
    { name: 'latencyP50Ms', value: 0.004 },
    { name: 'latencyP99Ms', value: null },
  ])
})

test('the formulas with nothing measured in their unit are exactly the odd ones', () => {
  expect(models.filter((m) => beside(m, { measured } as Basis).length === 0)).toEqual(models.filter(isOdd))
  expect(models.filter(isOdd).map((m) => m.id)).toEqual(['ratio.latency', 'product.latency', 'product.availability'])
})
