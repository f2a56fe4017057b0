/** What a link to the models restores: everything. */
import type { InputName } from '../../../../server/console/models/inputs.ts'
import { models } from '../../../../server/console/models/models.ts'
import { flag, list, oneOf, text, type useUrlState } from '../../../_ui/url-state.ts'
import { inputNames } from './held.ts'

export const quantities = ['throughput', 'latency', 'availability', 'storage'] as const
export type Quantity = (typeof quantities)[number]

export const windowsMs = { '10s': 10_000, '1m': 60_000, '5m': 300_000, '15m': 900_000, '1h': 3_600_000 } as const
export type WindowName = keyof typeof windowsMs
export const windowNames = Object.keys(windowsMs) as WindowName[]

/** An input typed by hand, under its name; empty: the live figure. */
const typed = Object.fromEntries(inputNames.map((name) => [name, text()])) as Record<InputName, ReturnType<typeof text>>

export const modelsUrl = {
  show: oneOf(quantities, 'throughput'),
  /** Empty: all of the cluster's. */
  topic: text(),
  window: oneOf(windowNames, '1m'),
  /** The input on the x axis; empty: the first of the quantity's choice below. */
  x: text(),
  from: text(),
  to: text(),
  log: flag(),
  logy: flag(),
  held: list(),
  ...typed,
}

type State = ReturnType<typeof useUrlState<typeof modelsUrl>>
export interface ModelsUrl {
  readonly url: State[0]
  readonly setUrl: State[1]
}

const firstX: Readonly<Record<Quantity, InputName>> = {
  throughput: 'messageSize',
  latency: 'messageSize',
  availability: 'partitions',
  storage: 'partitions',
}

export const modelsOf = (quantity: Quantity) => models.filter((m) => m.quantity === quantity)

/** The inputs of any formula of the quantity, in the order in which they come. */
export const inputsOf = (quantity: Quantity): InputName[] => [
  ...new Set(modelsOf(quantity).flatMap((m) => [...m.inputs])),
]

export function xOf(quantity: Quantity, x: string): InputName {
  return inputsOf(quantity).find((name) => name === x) ?? firstX[quantity]
}
