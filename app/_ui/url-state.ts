'use client'
/**
 * State that a link restores: named, typed parameters of the address. What equals its default is left out. Changes replace the
 * entry in the history unless they `push` one, so that "back" leaves the page rather than undoing a filter letter by letter.
 */
import { useSearchParams } from 'next/navigation'
import { useCallback, useMemo } from 'react'
import { type Param, readParams, type Values, writeParams } from './url-params.ts'

export { flag, integer, list, oneOf, text } from './url-params.ts'

export function useUrlState<T extends Record<string, Param<any>>>(
  /** A constant outside the component. */
  table: T,
): [Values<T>, (change: Partial<Values<T>>, how?: { push?: boolean }) => void] {
  const search = useSearchParams()
  const state = useMemo(() => readParams(table, search), [table, search])
  const set = useCallback(
    (change: Partial<Values<T>>, how: { push?: boolean } = {}) => {
      // From the address itself: two changes in one turn add up.
      const query = writeParams(table, new URLSearchParams(window.location.search), change).toString()
      const url = query ? `${window.location.pathname}?${query}` : window.location.pathname
      if (how.push) window.history.pushState(null, '', url)
      else window.history.replaceState(null, '', url)
    },
    [table],
  )
  return [state, set]
}
