/** What a table knows of its columns, and what a person changed about them. */
import type { ReactNode } from 'react'

export interface Column<R> {
  readonly id: string
  /** Plain text: in the head, the menu of columns and the CSV. */
  readonly header: string
  /** For sorting in the browser, the CSV, and the cell if it says nothing else. Null: unknown. */
  readonly value?: (row: R) => string | number | null
  readonly cell?: (row: R) => ReactNode
  /** Right-aligned, figures under one another. */
  readonly numeric?: boolean
  /** px at first; also the least when the table is wider than its place. */
  readonly width: number
  /** Takes what is left of the width. */
  readonly grow?: boolean
  /** Default: whether there is a `value`. */
  readonly sortable?: boolean
  /** Cannot be hidden: what names the row. */
  readonly fixed?: boolean
  readonly hiddenAtFirst?: boolean
  /** Buttons of the row: the head is only for screen readers; not in the menu of columns. */
  readonly bare?: boolean
}

export interface Sort {
  readonly by: string
  readonly descending: boolean
}

/** Sorted copy; unknown values come last either way. Texts are compared with their numbers as numbers: t2 before t10. */
export function sortRows<R>(rows: readonly R[], column: Column<R> | undefined, descending: boolean): readonly R[] {
  const value = column?.value
  if (!value) return rows
  const sign = descending ? -1 : 1
  return [...rows].sort((a, b) => {
    const x = value(a)
    const y = value(b)
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1
    return sign * (typeof x === 'number' && typeof y === 'number' ? x - y : collator.compare(String(x), String(y)))
  })
}

const collator = new Intl.Collator('en', { numeric: true })

/** The new rows in the order of the old ones, if they are the same; for while the pointer is over them. */
export function keepOrder<R>(rows: readonly R[], before: readonly string[], keyOf: (row: R) => string): readonly R[] {
  if (rows.length !== before.length) return rows
  const byKey = new Map(rows.map((row) => [keyOf(row), row]))
  const kept: R[] = []
  for (const key of before) {
    const row = byKey.get(key)
    if (row === undefined) return rows
    kept.push(row)
  }
  return kept
}
