'use client'
/** The head of a table: sort by a click or Enter, width by dragging the edge or Shift and the arrow keys. */
import { ArrowDown, ArrowUp } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { messages } from '../common.ts'
import { cx } from '../cx.ts'
import { useMessages } from '../use-messages.ts'
import type { Column, Sort } from './column.ts'
import type { Selection } from './data-table.tsx'

const leastPx = 56
const stepPx = 16

export function Head<R>({
  columns,
  sort,
  onSort,
  widthOf,
  onWidth,
  selection,
  keys,
  loading,
}: {
  columns: readonly Column<R>[]
  sort: Sort | undefined
  onSort: ((sort: Sort) => void) | undefined
  widthOf(column: Column<R>): number
  onWidth(column: string, px: number): void
  selection: Selection | undefined
  keys: readonly string[]
  loading: boolean
}) {
  return (
    <thead className="sticky top-0 z-10">
      <tr>
        {selection && (
          <th scope="col" className="h-8 border-line border-b bg-sunken px-0 text-center">
            <SelectAll selection={selection} keys={keys} disabled={loading} />
          </th>
        )}
        {columns.map((column) => (
          <HeadCell
            key={column.id}
            column={column}
            sort={sort?.by === column.id ? sort : undefined}
            onSort={onSort && (column.sortable ?? column.value !== undefined) ? onSort : undefined}
            widthPx={widthOf(column)}
            onWidth={onWidth}
          />
        ))}
      </tr>
    </thead>
  )
}

function HeadCell<R>({
  column,
  sort,
  onSort,
  widthPx,
  onWidth,
}: {
  column: Column<R>
  sort: Sort | undefined
  onSort: ((sort: Sort) => void) | undefined
  widthPx: number
  onWidth(column: string, px: number): void
}) {
  const m = useMessages(messages)
  const cell = useRef<HTMLTableCellElement>(null)
  const Arrow = sort?.descending ? ArrowDown : ArrowUp
  const label = (
    <>
      <span className={column.bare ? 'sr-only' : 'truncate'}>{column.header}</span>
      {sort && <Arrow size={12} aria-hidden className="shrink-0" />}
    </>
  )

  function drag(event: React.PointerEvent) {
    event.preventDefault()
    const startX = event.clientX
    const startPx = cell.current?.offsetWidth ?? widthPx
    const move = (e: PointerEvent) => onWidth(column.id, Math.max(leastPx, Math.round(startPx + e.clientX - startX)))
    const up = () => {
      window.removeEventListener('pointermove', move)
      window.removeEventListener('pointerup', up)
    }
    window.addEventListener('pointermove', move)
    window.addEventListener('pointerup', up)
  }

  return (
    <th
      ref={cell}
      scope="col"
      aria-sort={sort ? (sort.descending ? 'descending' : 'ascending') : undefined}
      className="relative h-8 border-line border-b bg-sunken p-0 font-medium text-muted text-xs"
    >
      {onSort ? (
        <button
          type="button"
          title={`${m.table.sortBy(column.header)}. ${m.table.resizeHint}`}
          aria-label={column.header}
          onClick={() => onSort({ by: column.id, descending: sort ? !sort.descending : (column.numeric ?? false) })}
          onKeyDown={(event) => {
            const step = event.key === 'ArrowRight' ? stepPx : event.key === 'ArrowLeft' ? -stepPx : 0
            if (!event.shiftKey || step === 0) return
            event.preventDefault()
            onWidth(column.id, Math.max(leastPx, (cell.current?.offsetWidth ?? widthPx) + step))
          }}
          className={cx(
            'flex h-8 w-full items-center gap-1 px-2.5 -outline-offset-2 hover:text-ink',
            column.numeric && 'flex-row-reverse text-right',
            sort && 'text-ink',
          )}
        >
          {label}
        </button>
      ) : (
        <span className={cx('flex h-8 items-center px-2.5', column.numeric && 'justify-end')}>{label}</span>
      )}
      <span
        aria-hidden
        onPointerDown={drag}
        className="absolute inset-y-1.5 right-0 z-10 w-2 cursor-col-resize touch-none border-transparent border-r hover:border-accent"
      />
    </th>
  )
}

function SelectAll({
  selection,
  keys,
  disabled,
}: {
  selection: Selection
  keys: readonly string[]
  disabled: boolean
}) {
  const m = useMessages(messages)
  const box = useRef<HTMLInputElement>(null)
  const chosen = keys.filter((key) => selection.selected.has(key)).length
  const some = chosen > 0 && chosen < keys.length
  useEffect(() => {
    if (box.current) box.current.indeterminate = some
  }, [some])
  return (
    <input
      ref={box}
      type="checkbox"
      aria-label={m.table.selectAll}
      disabled={disabled || keys.length === 0}
      checked={keys.length > 0 && chosen === keys.length}
      onChange={(event) => {
        const next = new Set(selection.selected)
        for (const key of keys) {
          if (event.target.checked) next.add(key)
          else next.delete(key)
        }
        selection.onChange(next)
      }}
      className="size-3.5 align-middle accent-[var(--accent)]"
    />
  )
}
