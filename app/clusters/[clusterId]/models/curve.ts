/** A formula over one of its inputs: which points, from where to where. Pure. */
import { type InputName, type Inputs, inputs } from '../../../../server/console/models/inputs.ts'
import { type Model, ModelInputError } from '../../../../server/console/models/model.ts'

export interface Range {
  readonly from: number
  readonly to: number
  readonly log: boolean
}

const pointCount = 160
/** Whole numbers are drawn one by one up to here. */
const wholeUpTo = 400

/** What formulas divide by: near zero they run away, so that ranges begin above it. */
const divisors: readonly InputName[] = ['time', 'rate']

/** The range that shows something around a value. */
export function rangeAround(name: InputName, value: number, log: boolean): Range {
  const at = value > 0 && Number.isFinite(value) ? value : 10
  if (log) return { from: at / 100, to: at * 100, log }
  if (inputs[name].unit === '1') return { from: 1, to: Math.max(10, Math.ceil(at * 2)), log }
  return divisors.includes(name) ? { from: at / 4, to: at * 4, log } : { from: 0, to: at * 2, log }
}

/** Rising, in the range, with the points that must be among them: else a marked value falls between two of them. */
export function sample(name: InputName, { from, to, log }: Range, also: readonly number[]): number[] {
  const xs = new Set<number>(also.filter((x) => x >= from && x <= to))
  const whole = inputs[name].unit === '1' && !log && to - from <= wholeUpTo
  if (whole) for (let x = Math.ceil(from); x <= to; x++) xs.add(x)
  xs.add(from)
  xs.add(to)
  if (!whole) {
    for (let i = 1; i < pointCount; i++) {
      const share = i / pointCount
      xs.add(log ? from * (to / from) ** share : from + (to - from) * share)
    }
  }
  return [...xs].sort((a, b) => a - b)
}

/** Null where the formula has no value. */
export function curve(
  model: Model,
  given: Inputs,
  name: InputName,
  xs: readonly number[],
): readonly (readonly [number, number | null])[] {
  return xs.map((x) => {
    const at = evaluate(model, { ...given, [name]: x })
    return [x, 'value' in at ? at.value : null] as const
  })
}

export type Evaluation = { readonly value: number } | { readonly error: ModelInputError }

export function evaluate(model: Model, given: Inputs): Evaluation {
  try {
    return { value: model.compute(given) }
  } catch (error) {
    if (error instanceof ModelInputError) return { error }
    throw error
  }
}

/** What the formulas say of each input by itself, and of all together: every bad one is named, not only the first. */
export function faults(models: readonly Model[], given: Inputs): readonly ModelInputError[] {
  const ones = Object.fromEntries(Object.keys(inputs).map((name) => [name, 1])) as unknown as Inputs
  return models.flatMap((model) =>
    [...model.inputs.map((name) => ({ ...ones, [name]: given[name] })), given].flatMap((some) => {
      const at = evaluate(model, some)
      return 'error' in at ? [at.error] : []
    }),
  )
}
