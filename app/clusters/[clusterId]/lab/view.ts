/** What the lab's address holds. */
import { oneOf, text } from '../../../_ui/url-state.ts'

export const windowNames = ['all', '1m', '15s'] as const
export type WindowName = (typeof windowNames)[number]
export const windowsMs: Readonly<Record<WindowName, number>> = {
  all: Number.POSITIVE_INFINITY,
  '1m': 60_000,
  '15s': 15_000,
}

export const labUrl = {
  /** A run's id; empty: the present one. */
  run: text(),
  /** Chosen to be done next. */
  scenario: text(),
  /** A topic to look at besides. */
  watched: text(),
  window: oneOf(windowNames, 'all'),
}
