'use client'
/**
 * The table of every page: 34 px rows, head that stays, columns that sort, resize, hide and are remembered, selection with a
 * bar of actions, export as CSV, its own empty, loading and failed states, and only the rows in sight beyond 200.
 * It does not fetch: rows come in, `undefined` while they are being loaded.
 */
import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useMemo, useRef, useState } from 'react'
import { cx } from '../cx.ts'
import { ErrorState } from '../states.tsx'
import { Body } from './body.tsx'
import { type Column, keepOrder, type Sort, sortRows } from './column.ts'
import { Head } from './head.tsx'
import { useTableLayout } from './layout-store.ts'
import { Toolbar } from './toolbar.tsx'

const rowPx = 34
const virtualBeyond = 200

export interface Selection {
  readonly selected: ReadonlySet<string>
  onChange(selected: ReadonlySet<string>): void
  /** The buttons of the bar. */
  actions(keys: readonly string[]): ReactNode
}

export interface DataTableProps<R> {
  /** Under this the layout is remembered. */
  id: string
  /** Names the table for screen readers. */
  label: string
  columns: readonly Column<R>[]
  rows: readonly R[] | undefined
  rowKey(row: R): string
  /** What a row is called, for its checkbox. Default: its key. */
  rowName?(row: R): string
  sort?: Sort
  onSort?(sort: Sort): void
  /** The rows come in order already: a page of a list that the server sorts. */
  sorted?: boolean
  /** A click anywhere on a row. The same must be reachable by a link or button in it. */
  onOpen?(row: R): void
  /** The row whose details are open. */
  openKey?: string | null
  selection?: Selection
  /** Search and filters, left above the table. */
  toolbar?: ReactNode
  /** File name without ending; null: no export. */
  csv?: string | null
  /** All rows, where the table holds a page of them. */
  csvRows?: () => Promise<readonly R[]>
  empty: ReactNode
  error?: unknown
  onRetry?: () => void
  /** Paging, or what was counted. */
  footer?: ReactNode
  /** Scrolls in itself: takes all the height that is left on the page, or at most that. */
  fill?: boolean | 'atMost'
  skeletonRows?: number
  className?: string
  /** Rows change in place while one looks: they keep their order under the pointer. */
  live?: boolean
  /** Called when the last rows come into sight. */
  onEnd?: () => void
}

export function DataTable<R>(props: DataTableProps<R>) {
  const { id, label, columns, rows, rowKey, sort, sorted = false, fill = false, live = false } = props
  const { layout, show, setWidth, reset } = useTableLayout(id)
  const scroller = useRef<HTMLElement>(null)
  const [pointed, setPointed] = useState(false)
  const order = useRef<readonly string[]>([])

  const visible = useMemo(
    () => columns.filter((c) => c.fixed || (layout.shown[c.id] ?? !c.hiddenAtFirst)),
    [columns, layout.shown],
  )
  const shownRows = useMemo(() => {
    if (!rows) return undefined
    const inOrder =
      sorted || !sort
        ? rows
        : sortRows(
            rows,
            columns.find((c) => c.id === sort.by),
            sort.descending,
          )
    const kept = live && pointed ? keepOrder(inOrder, order.current, rowKey) : inOrder
    order.current = kept.map(rowKey)
    return kept
  }, [rows, sorted, sort, columns, live, pointed, rowKey])

  const count = shownRows?.length ?? 0
  const virtual = count > virtualBeyond
  const virtualizer = useVirtualizer({
    count: virtual ? count : 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: 16,
    enabled: virtual,
  })

  const failed = props.error !== undefined && props.error !== null && !rows
  const widthOf = (c: Column<R>) => layout.widths[c.id] ?? c.width
  const minWidth = visible.reduce((sum, c) => sum + widthOf(c), props.selection ? 36 : 0)

  return (
    <div className={cx('flex min-w-0 flex-col gap-2', fill && 'min-h-[420px] flex-1 sm:min-h-0', props.className)}>
      <Toolbar
        columns={columns}
        visible={visible}
        onShow={show}
        onReset={reset}
        selection={props.selection}
        csv={props.csv === undefined ? id : props.csv}
        csvRows={props.csvRows ?? (() => Promise.resolve(shownRows ?? []))}
        empty={count === 0}
      >
        {props.toolbar}
      </Toolbar>
      <div
        className={cx(
          'flex min-w-0 flex-col overflow-hidden rounded-lg border bg-surface',
          fill && 'min-h-0',
          fill === true && 'flex-1',
        )}
      >
        <section
          ref={scroller}
          aria-label={label}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled with the arrow keys
          tabIndex={0}
          onPointerEnter={() => setPointed(true)}
          onPointerLeave={() => setPointed(false)}
          onScroll={(event) => {
            const at = event.currentTarget
            if (props.onEnd && at.scrollHeight - at.scrollTop - at.clientHeight < 400) props.onEnd()
          }}
          className={cx(
            'relative min-h-0 overflow-auto -outline-offset-2',
            fill ? (fill === true ? 'flex-1' : '') : virtual ? 'h-[70vh]' : 'max-h-[80vh]',
          )}
        >
          <table
            aria-label={label}
            aria-rowcount={shownRows ? count + 1 : -1}
            className="w-full table-fixed border-separate border-spacing-0"
            style={{ minWidth }}
          >
            <colgroup>
              {props.selection && <col style={{ width: 36 }} />}
              {visible.map((c) => (
                <col key={c.id} style={c.grow ? undefined : { width: widthOf(c) }} />
              ))}
            </colgroup>
            <Head
              columns={visible}
              sort={sort}
              onSort={props.onSort}
              widthOf={widthOf}
              onWidth={setWidth}
              selection={props.selection}
              keys={order.current}
              loading={!shownRows}
            />
            <Body
              columns={visible}
              rows={failed ? [] : shownRows}
              rowKey={rowKey}
              rowName={props.rowName ?? rowKey}
              onOpen={props.onOpen}
              openKey={props.openKey ?? null}
              selection={props.selection}
              skeletonRows={props.skeletonRows ?? 10}
              window={
                virtual ? { items: virtualizer.getVirtualItems(), totalPx: virtualizer.getTotalSize() } : undefined
              }
            />
          </table>
          {failed && (
            <div className="sticky left-0">
              <ErrorState error={props.error} onRetry={props.onRetry} />
            </div>
          )}
          {shownRows && count === 0 && !failed && <div className="sticky left-0">{props.empty}</div>}
        </section>
        {props.footer && (
          <div className="flex min-h-9 shrink-0 items-center gap-3 border-t px-3 py-1 text-muted">{props.footer}</div>
        )}
      </div>
    </div>
  )
}
