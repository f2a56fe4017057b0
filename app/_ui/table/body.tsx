'use client'
/** The rows of a table: all of them, the ones in sight with room for the rest, or grey bars while they are being loaded. */
import type { VirtualItem } from '@tanstack/react-virtual'
import { memo, type ReactNode } from 'react'
import { messages } from '../common.ts'
import { cx } from '../cx.ts'
import { Bone, LoadingNote } from '../states.tsx'
import { useMessages } from '../use-messages.ts'
import type { Column } from './column.ts'
import type { Selection } from './data-table.tsx'

interface BodyProps<R> {
  columns: readonly Column<R>[]
  rows: readonly R[] | undefined
  rowKey(row: R): string
  rowName(row: R): string
  onOpen: ((row: R) => void) | undefined
  openKey: string | null
  selection: Selection | undefined
  skeletonRows: number
  window: { items: readonly VirtualItem[]; totalPx: number } | undefined
}

export function Body<R>({ columns, rows, window, skeletonRows, ...rest }: BodyProps<R>) {
  if (!rows) return <Skeleton columns={columns} rows={skeletonRows} selectable={rest.selection !== undefined} />
  const one = (row: R, index: number) => {
    const key = rest.rowKey(row)
    return (
      <Row
        key={key}
        row={row}
        index={index}
        columns={columns}
        open={rest.openKey === key}
        onOpen={rest.onOpen}
        name={rest.selection ? rest.rowName(row) : ''}
        selected={rest.selection?.selected.has(key)}
        onSelect={
          rest.selection &&
          ((on) => {
            const next = new Set(rest.selection!.selected)
            if (on) next.add(key)
            else next.delete(key)
            rest.selection!.onChange(next)
          })
        }
      />
    )
  }
  if (!window) return <tbody>{rows.map(one)}</tbody>
  const first = window.items[0]
  const last = window.items.at(-1)
  return (
    <tbody>
      {first && first.start > 0 && <Gap px={first.start} />}
      {window.items.map((item) => one(rows[item.index]!, item.index))}
      {last && last.end < window.totalPx && <Gap px={window.totalPx - last.end} />}
    </tbody>
  )
}

function Gap({ px }: { px: number }) {
  return (
    <tr aria-hidden>
      <td style={{ height: px, padding: 0 }} />
    </tr>
  )
}

interface RowProps<R> {
  row: R
  index: number
  columns: readonly Column<R>[]
  open: boolean
  onOpen: ((row: R) => void) | undefined
  name: string
  selected: boolean | undefined
  onSelect: ((on: boolean) => void) | undefined
}

function PlainRow<R>({ row, index, columns, open, onOpen, name, selected, onSelect }: RowProps<R>) {
  const m = useMessages(messages)
  return (
    <tr
      aria-rowindex={index + 2}
      data-row
      onClick={
        onOpen &&
        ((event) => {
          // A link, a button or selected text in the row has its own meaning.
          if ((event.target as Element).closest('a, button, input, label') || !getSelection()?.isCollapsed) return
          onOpen(row)
        })
      }
      className={cx(
        'group h-[34px] hover:bg-hover',
        onOpen && 'cursor-pointer',
        (open || selected) && 'bg-accent-soft hover:bg-accent-soft',
      )}
    >
      {onSelect && (
        <td className="border-line border-b p-0 text-center">
          <input
            type="checkbox"
            aria-label={m.table.selectRow(name)}
            checked={selected ?? false}
            onChange={(event) => onSelect(event.target.checked)}
            className="size-3.5 align-middle accent-[var(--accent)]"
          />
        </td>
      )}
      {columns.map((column) => (
        <td
          key={column.id}
          className={cx('h-[34px] truncate border-line border-b px-2.5 py-0', column.numeric && 'num text-right')}
        >
          {cellOf(column, row)}
        </td>
      ))}
    </tr>
  )
}

// Rows that did not change are not drawn again: a live table of thousands stays quick.
const Row = memo(PlainRow, (a, b) => {
  return (
    a.row === b.row &&
    a.index === b.index &&
    a.columns === b.columns &&
    a.open === b.open &&
    a.selected === b.selected &&
    a.onOpen === b.onOpen &&
    a.onSelect === undefined &&
    b.onSelect === undefined
  )
}) as typeof PlainRow

function cellOf<R>(column: Column<R>, row: R): ReactNode {
  if (column.cell) return column.cell(row)
  const value = column.value?.(row)
  return value === null || value === undefined ? <Unknown /> : value
}

/** Not known, or not yet. */
export function Unknown() {
  return (
    <span className="text-faint" aria-hidden>
      –
    </span>
  )
}

function Skeleton<R>({
  columns,
  rows,
  selectable,
}: {
  columns: readonly Column<R>[]
  rows: number
  selectable: boolean
}) {
  return (
    <tbody>
      {Array.from({ length: rows }, (_, index) => (
        <tr key={index} className="h-[34px]">
          {selectable && <td className="border-line border-b" />}
          {columns.map((column, at) => (
            <td key={column.id} className={cx('border-line border-b px-2.5', column.numeric && 'text-right')}>
              <Bone className={column.numeric ? 'w-10' : index % 3 === 0 ? 'w-2/3' : 'w-1/2'} />
              {index === 0 && at === 0 && <LoadingNote />}
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  )
}
