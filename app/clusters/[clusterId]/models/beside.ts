/** Which measured figures stand beside which formula, in the formula's unit; none where its unit is not that of anything measured. */
import type { Model } from '../../../../server/console/models/model.ts'
import type { Basis, MeasuredName } from './held.ts'

/** The first is the one that the formula is compared with. `per`: figures in one of the formula's unit. */
const table: Readonly<Record<string, readonly { readonly name: MeasuredName; readonly per: number }[]>> = {
  'ratio.throughput': [
    { name: 'recordsOutPerSecond', per: 1 },
    { name: 'recordsInPerSecond', per: 1 },
  ],
  'ratio.availability': [{ name: 'availability', per: 1 }],
  'simple.throughput': [{ name: 'bytesInPerSecond', per: 1 }],
  'simple.latency': [
    { name: 'latencyP50Ms', per: 1_000 },
    { name: 'latencyP99Ms', per: 1_000 },
  ],
  'simple.storage': [{ name: 'sizeBytes', per: 1 }],
  'product.throughput': [{ name: 'bytesInPerSecond', per: 1 }],
}

export interface Beside {
  readonly name: MeasuredName
  /** In the formula's unit; null: not measured. */
  readonly value: number | null
}

export function beside(model: Model, basis: Basis): readonly Beside[] {
  return (table[model.id] ?? []).map(({ name, per }) => {
    const value = basis.measured[name]
    return { name, value: value === null ? null : value / per }
  })
}

/** Printed as a latency without being a time, or as an availability without being a share. */
export function isOdd(model: Model): boolean {
  if (model.quantity === 'latency') return model.unit !== 's'
  return model.quantity === 'availability' && model.unit !== '0..1'
}
