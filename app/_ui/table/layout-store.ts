'use client'
/** Which columns of a table are hidden and how wide they are, remembered in this browser under the table's id. */
import { useCallback, useMemo, useSyncExternalStore } from 'react'

export interface TableLayout {
  /** Columns shown or hidden against their default. */
  readonly shown: Readonly<Record<string, boolean>>
  /** px */
  readonly widths: Readonly<Record<string, number>>
}

const nothing: TableLayout = { shown: {}, widths: {} }
const cache = new Map<string, TableLayout>()
const listeners = new Set<() => void>()
const keyOf = (id: string) => `weir-table-${id}`

function read(id: string): TableLayout {
  let layout = cache.get(id)
  if (layout === undefined) {
    layout = nothing
    try {
      const kept: unknown = JSON.parse(localStorage.getItem(keyOf(id)) ?? 'null')
      if (kept && typeof kept === 'object') layout = { ...nothing, ...(kept as Partial<TableLayout>) }
    } catch {
      // Storage switched off, or somebody else's text under our key: the default layout.
    }
    cache.set(id, layout)
  }
  return layout
}

function write(id: string, layout: TableLayout) {
  cache.set(id, layout)
  try {
    localStorage.setItem(keyOf(id), JSON.stringify(layout))
  } catch {
    // Then it lasts as long as the page.
  }
  for (const tell of listeners) tell()
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useTableLayout(id: string) {
  const layout = useSyncExternalStore(
    subscribe,
    useCallback(() => read(id), [id]),
    () => nothing,
  )
  return useMemo(
    () => ({
      layout,
      show: (column: string, shown: boolean) =>
        write(id, { ...read(id), shown: { ...read(id).shown, [column]: shown } }),
      setWidth: (column: string, px: number) =>
        write(id, { ...read(id), widths: { ...read(id).widths, [column]: px } }),
      reset: () => write(id, nothing),
    }),
    [id, layout],
  )
}
