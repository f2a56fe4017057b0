/**
 * Live figures written into an address, so that a link shows the very same curves and points later: the moment, what was
 * measured, the inputs with where each came from. Pure.
 */
import { type InputName, inputs } from '../../../../server/console/models/inputs.ts'
import type { ModelInputs } from '../../../../server/console/shapes/model.ts'
import { writeInput } from './input-text.ts'

export const measuredNames = [
  'recordsInPerSecond',
  'bytesInPerSecond',
  'recordsOutPerSecond',
  'bytesOutPerSecond',
  'sizeBytes',
  'latencyP50Ms',
  'latencyP99Ms',
  'availability',
] as const
export type MeasuredName = (typeof measuredNames)[number]

export const inputNames = Object.keys(inputs) as InputName[]

export type From = ModelInputs['inputs'][InputName]['from']

/** What the page starts from: of this moment, or of the one that was held. */
export interface Basis {
  readonly atMs: number
  readonly windowMs: number
  readonly inputs: Readonly<Record<InputName, { readonly value: number; readonly from: From }>>
  readonly measured: Readonly<Record<MeasuredName, number | null>>
}

const letters: Readonly<Record<From, string>> = { metadata: 'm', sampled: 's', config: 'c', assumed: 'a' }
const froms = Object.fromEntries(Object.entries(letters).map(([from, letter]) => [letter, from])) as Record<
  string,
  From
>

export function writeHeld(basis: Basis): readonly string[] {
  const measured = measuredNames.map((name) => {
    const value = basis.measured[name]
    return value === null ? '' : writeInput(value)
  })
  const given = inputNames.map((name) => writeInput(basis.inputs[name].value) + letters[basis.inputs[name].from])
  return [String(basis.atMs), String(basis.windowMs), ...measured, ...given]
}

/** Null if it is none of ours. */
export function readHeld(parts: readonly string[]): Basis | null {
  if (parts.length !== 2 + measuredNames.length + inputNames.length) return null
  const number = (text: string | undefined) => (text ? Number(text) : Number.NaN)
  const at = 2 + measuredNames.length
  const basis = {
    atMs: number(parts[0]),
    windowMs: number(parts[1]),
    measured: Object.fromEntries(
      measuredNames.map((name, i) => [name, parts[2 + i] === '' ? null : number(parts[2 + i])]),
    ),
    inputs: Object.fromEntries(
      inputNames.map((name, i) => {
        const part = parts[at + i]!
        return [name, { value: number(part.slice(0, -1)), from: froms[part.slice(-1)] }]
      }),
    ),
  } as Basis
  const numbers = [basis.atMs, basis.windowMs, ...inputNames.map((n) => basis.inputs[n].value)]
  const readable =
    numbers.every(Number.isFinite) &&
    Object.values(basis.measured).every((v) => v === null || Number.isFinite(v)) &&
    inputNames.every((n) => basis.inputs[n].from !== undefined)
  return readable ? basis : null
}
