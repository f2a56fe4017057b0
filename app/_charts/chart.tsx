'use client'
/**
 * A chart with its title, its legend, its states and the same figures as a table one click away. `TimeChart` has time on the
 * x axis, `FunctionChart` any quantity. Measured values are solid lines, models dashed.
 */
import { ChartLine, Table2 } from 'lucide-react'
import dynamic from 'next/dynamic'
import { type ReactNode, useMemo, useState } from 'react'
import { IconButton } from '../_ui/button.tsx'
import { messages } from '../_ui/common.ts'
import { cx } from '../_ui/cx.ts'
import { Bone, ErrorState } from '../_ui/states.tsx'
import type { Column } from '../_ui/table/column.ts'
import { DataTable } from '../_ui/table/data-table.tsx'
import { useFormat } from '../_ui/use-format.ts'
import { useMessages } from '../_ui/use-messages.ts'
import type { LinesProps } from './lines.tsx'
import { type ChartRow, type ChartSeries, toRows } from './series.ts'
import { Swatch } from './swatch.tsx'

const Lines = dynamic(() => import('./lines.tsx'), { ssr: false, loading: () => null })

interface Common {
  title: string
  /** Beside the title: what stands out of the figures, or a note on how they came about. */
  aside?: ReactNode
  /** Undefined while they are being loaded. */
  series: readonly ChartSeries[] | undefined
  formatY(y: number): string
  /** For the table's file of comma-separated values. */
  name: string
  heightPx?: number
  sync?: string
  maxY?: number
  error?: unknown
  onRetry?: () => void
  /** Instead of the usual words where there is nothing to draw. */
  empty?: ReactNode
  className?: string
}

export function TimeChart({
  stepMs,
  fromMs,
  toMs,
  ...common
}: Common & {
  fromMs: number
  toMs: number /** Distance of the points; more than 2.5 of it is a gap. */
  stepMs: number
}) {
  const m = useMessages(messages)
  const format = useFormat()
  const rows = useMemo(() => common.series && toRows(common.series, stepMs), [common.series, stepMs])
  return (
    <Chart
      {...common}
      rows={rows}
      xName={`${m.chart.time} (${format.zone})`}
      formatX={(x) => format.dateTime(x)}
      newestFirst
      axis={{ from: fromMs, to: toMs, timeZone: format.timeZone }}
    />
  )
}

export function FunctionChart({
  xName,
  formatX,
  from,
  to,
  logX,
  logY,
  markX,
  ...common
}: Common & {
  xName: string
  formatX(x: number): string
  from: number
  to: number
  /** Base of a logarithmic x axis. */
  logX?: number
  logY?: boolean
  markX?: number
}) {
  const rows = useMemo(() => common.series && toRows(common.series, null), [common.series])
  return (
    <Chart
      {...common}
      rows={rows}
      xName={xName}
      formatX={formatX}
      newestFirst={false}
      axis={{ from, to, timeZone: undefined, logX, logY, markX }}
    />
  )
}

function Chart({
  title,
  aside,
  series,
  rows,
  formatY,
  formatX,
  xName,
  name,
  heightPx = 180,
  sync,
  maxY,
  error,
  onRetry,
  empty,
  className,
  newestFirst,
  axis,
}: Common & {
  rows: readonly ChartRow[] | undefined
  xName: string
  formatX(x: number): string
  newestFirst: boolean
  axis: Pick<LinesProps, 'from' | 'to' | 'timeZone' | 'logX' | 'logY' | 'markX'>
}) {
  const m = useMessages(messages)
  const [asTable, setAsTable] = useState(false)
  const failed = error !== undefined && error !== null && !series
  const known = series?.filter((one) => one.points.some(([, y]) => y !== null)) ?? []
  const nothing = rows !== undefined && known.length === 0

  return (
    <figure className={cx('flex min-w-0 flex-col rounded-lg border bg-surface', className)}>
      <figcaption className="flex min-h-9 flex-wrap items-center gap-x-3 gap-y-1 py-1 pr-1.5 pl-3.5">
        <span className="font-semibold">{title}</span>
        {series && series.length > 0 && !asTable && (
          <ul className="flex flex-wrap gap-x-3">
            {series.map((one) => (
              <li key={one.id} className="flex items-center gap-1.5 text-muted text-xs">
                <Swatch series={series} one={one} />
                {one.label}
              </li>
            ))}
          </ul>
        )}
        <span className="ml-auto flex items-center gap-2 text-muted text-xs">
          {aside}
          <IconButton
            label={`${asTable ? m.chart.chart : m.chart.table}: ${title}`}
            icon={asTable ? ChartLine : Table2}
            aria-pressed={asTable}
            onClick={() => setAsTable(!asTable)}
          />
        </span>
      </figcaption>
      <div className="min-w-0 px-2 pb-2" style={{ minHeight: heightPx + 8 }}>
        {failed ? (
          <ErrorState error={error} onRetry={onRetry} className="py-4" />
        ) : asTable && rows ? (
          <Figures {...{ title, rows, series: series!, formatY, formatX, xName, name, newestFirst, heightPx }} />
        ) : !rows ? (
          <div className="flex items-end gap-1 px-2" style={{ height: heightPx }}>
            <Bone className="h-2/3 w-full opacity-50" />
          </div>
        ) : nothing ? (
          <div className="flex items-center justify-center text-center text-muted" style={{ height: heightPx }}>
            {empty ?? m.chart.noData}
          </div>
        ) : (
          <div role="img" aria-label={`${title}. ${summary(known, formatY)}`} style={{ height: heightPx }}>
            <Lines {...axis} {...{ rows, series: series!, formatY, formatX, heightPx, sync, maxY }} />
          </div>
        )}
      </div>
    </figure>
  )
}

/** In words, for who does not see the lines: each series' last and highest value. */
function summary(series: readonly ChartSeries[], formatY: (y: number) => string): string {
  return series
    .map((one) => {
      const values = one.points.flatMap(([, y]) => (y === null ? [] : [y]))
      return `${one.label}: ${formatY(values.at(-1)!)}, max ${formatY(Math.max(...values))}`
    })
    .join('; ')
}

function Figures({
  title,
  rows,
  series,
  formatY,
  formatX,
  xName,
  name,
  newestFirst,
  heightPx,
}: {
  title: string
  rows: readonly ChartRow[]
  series: readonly ChartSeries[]
  formatY(y: number): string
  formatX(x: number): string
  xName: string
  name: string
  newestFirst: boolean
  heightPx: number
}) {
  const columns = useMemo<Column<ChartRow>[]>(
    () => [
      {
        id: 'x',
        header: xName,
        width: 190,
        grow: true,
        fixed: true,
        value: (row) => formatX(row.x),
        cell: (row) => <span className="num">{formatX(row.x)}</span>,
      },
      ...series.map((one): Column<ChartRow> => {
        return {
          id: one.id,
          header: one.label,
          width: 130,
          numeric: true,
          value: (row) => row[one.id] ?? null,
          cell: (row) => {
            const y = row[one.id]
            return y === null || y === undefined ? '–' : formatY(y)
          },
        }
      }),
    ],
    [series, xName, formatX, formatY],
  )
  const ordered = useMemo(() => (newestFirst ? [...rows].reverse() : rows), [rows, newestFirst])
  return (
    <div style={{ height: heightPx }} className="overflow-auto">
      <DataTable
        id={`chart-${name}`}
        label={title}
        columns={columns}
        rows={ordered}
        rowKey={(row) => String(row.x)}
        csv={name}
        empty={null}
      />
    </div>
  )
}
