'use client'
/**
 * State that a link restores: named, typed parameters of the address. What equals its default is left out. Changes replace the
 * entry in the history unless they `push` one, so that "back" leaves the page rather than undoing a filter letter by letter.
 */
import { usePathname, useSearchParams } from 'next/navigation'
import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react'
import { type Param, readParams, type Values, writeParams } from './url-params.ts'

export { flag, integer, list, oneOf, text } from './url-params.ts'

const listeners = new Set<() => void>()

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function changed() {
  for (const listener of [...listeners]) listener()
}

const address = () => `${window.location.pathname}${window.location.search}`

export function useUrlState<T extends Record<string, Param<any>>>(
  /** A constant outside the component. */
  table: T,
): [Values<T>, (change: Partial<Values<T>>, how?: { push?: boolean }) => void] {
  const search = useSearchParams()
  const pathname = usePathname()
  // The router follows the address a moment later: too late for a field whose text stands there, which would lose what is typed
  // meanwhile. On the way to another page it is the router that is ahead.
  const now = useSyncExternalStore(subscribe, address, () => '')
  const [path] = now.split('?', 1)
  const query = path === pathname ? new URLSearchParams(now.slice(path.length)).toString() : search.toString()
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change by a link reaches the address after it was drawn
  useEffect(changed, [search])

  const state = useMemo(() => readParams(table, new URLSearchParams(query)), [table, query])
  const set = useCallback(
    (change: Partial<Values<T>>, how: { push?: boolean } = {}) => {
      // From the address itself: two changes in one turn add up.
      const query = writeParams(table, new URLSearchParams(window.location.search), change).toString()
      const url = query ? `${window.location.pathname}?${query}` : window.location.pathname
      if (how.push) window.history.pushState(null, '', url)
      else window.history.replaceState(null, '', url)
      changed()
    },
    [table],
  )
  return [state, set]
}
