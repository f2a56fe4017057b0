/**
 * One formula of the documents, exactly as printed: where it stands, what goes in, the unit that comes out, and what a
 * reader must know before believing it. Nothing here needs Node: the page computes its curves in the browser.
 */
import { type InputName, type Inputs, inputs } from './inputs.ts'

export interface Model<N extends InputName = InputName> {
  readonly id: string
  readonly quantity: 'throughput' | 'latency' | 'availability' | 'storage'
  readonly source: { readonly document: string; readonly section: string }
  /** As printed, with our input names. */
  readonly formula: string
  readonly inputs: readonly N[]
  /** Unit of the result that follows from the units of the inputs. */
  readonly unit: string
  readonly caveat: string | null
  /** Throws a ModelInputError that names the input. Inputs that the formula does not have are ignored. */
  readonly compute: (given: Inputs<N>) => number
}

/** An input with which the formula has no value. */
export class ModelInputError extends Error {
  override name = 'ModelInputError'
  constructor(
    readonly input: InputName,
    readonly reason: 'missing' | 'not finite' | 'negative' | 'zero divisor' | 'too large',
  ) {
    super(`${input} (${inputs[input].meaning}) ${sentences[reason]}`)
  }
}

const sentences = {
  missing: 'is missing',
  'not finite': 'must be a finite number',
  negative: 'must not be negative',
  'zero divisor': 'must be above zero: the formula divides by it',
  'too large': 'is too large: the result is beyond what a number holds',
} as const

/** A model whose inputs are checked before `expression` sees them. `divisor` names the inputs that must not sum to zero. */
export function model<const N extends InputName>(
  row: Omit<Model<N>, 'compute'> & { divisor: readonly N[]; expression: (given: Inputs<N>) => number },
): Model<N> {
  const { divisor, expression, ...rest } = row
  const compute = (given: Inputs<N>): number => {
    for (const name of row.inputs) {
      const value: unknown = given[name]
      if (value === undefined || value === null) throw new ModelInputError(name, 'missing')
      if (typeof value !== 'number' || !Number.isFinite(value)) throw new ModelInputError(name, 'not finite')
      if (value < 0) throw new ModelInputError(name, 'negative')
    }
    if (divisor.length > 0 && divisor.every((name) => given[name] === 0))
      throw new ModelInputError(divisor[0]!, 'zero divisor')
    const result = expression(given)
    if (!Number.isFinite(result)) throw new ModelInputError(largest(row.inputs, given), 'too large')
    return result
  }
  return { ...rest, compute }
}

const largest = <N extends InputName>(names: readonly N[], given: Inputs<N>): N =>
  names.reduce((a, b) => (given[b] > given[a] ? b : a))
