'use client'
/** Every offset of a reset before it is set: from where to where, how many records are read again or skipped, and from when. */
import { useMemo } from 'react'
import { Badge } from '../../../../_ui/badge.tsx'
import { Unknown } from '../../../../_ui/table/body.tsx'
import type { Column } from '../../../../_ui/table/column.ts'
import { DataTable } from '../../../../_ui/table/data-table.tsx'
import type { Outputs } from '../../../../_ui/trpc.tsx'
import { useFormat } from '../../../../_ui/use-format.ts'
import { useMessages } from '../../../../_ui/use-messages.ts'
import { messages } from './messages.ts'

type Preview = Outputs['groups']['planReset']['preview']
type Row = Preview['rows'][number]

const rowKey = (row: Row) => `${row.topic}-${row.partition}`

export function ResetPreview({ preview }: { preview: Preview }) {
  const m = useMessages(messages).reset
  const f = useFormat()
  const columns = useColumns()
  const rows = useMemo(() => preview.rows.filter((row) => row.before !== row.after), [preview])
  const unchanged = preview.rows.length - rows.length
  return (
    <div className="flex flex-col gap-1">
      <DataTable
        id="reset-preview"
        label={m.plan}
        columns={columns}
        rows={rows}
        rowKey={rowKey}
        csv="offset-reset"
        className="[&_section]:max-h-[38vh]"
        toolbar={
          <span className="flex flex-wrap items-center gap-2">
            {preview.recordsAgain > 0 && <Badge tone="warn">{m.again(f.integer(preview.recordsAgain))}</Badge>}
            {preview.recordsSkipped > 0 && <Badge tone="warn">{m.skipped(f.integer(preview.recordsSkipped))}</Badge>}
            {unchanged > 0 && <span className="text-muted">{m.unchanged(f.integer(unchanged))}</span>}
          </span>
        }
        empty={null}
      />
      <p className="text-faint text-xs">{m.upTo}</p>
    </div>
  )
}

function useColumns(): readonly Column<Row>[] {
  const m = useMessages(messages).reset
  const f = useFormat()
  return useMemo(() => {
    const h = m.columns
    const figure = (id: string, header: string, value: (row: Row) => number | null): Column<Row> => ({
      id,
      header,
      width: 84,
      numeric: true,
      value,
      cell: (row) => {
        const n = value(row)
        return n === null ? <span className="font-sans text-faint">{m.none}</span> : f.integer(n)
      },
    })
    return [
      {
        id: 'partition',
        header: h.partition,
        width: 130,
        grow: true,
        fixed: true,
        value: rowKey,
        cell: (row) => (
          <span className="num" title={rowKey(row)}>
            {rowKey(row)}
          </span>
        ),
      },
      figure('before', h.before, (row) => row.before),
      figure('after', h.after, (row) => row.after),
      {
        id: 'effect',
        header: h.effect,
        width: 150,
        value: (row) => (row.effect === 'skipped' ? row.records : -row.records),
        cell: (row) =>
          row.effect === 'none' ? (
            <Unknown />
          ) : (
            <span className="text-warn">
              {row.effect === 'again' ? '↺ ' : '↷ '}
              {row.effect === 'again' ? m.again(f.integer(row.records)) : m.skipped(f.integer(row.records))}
            </span>
          ),
      },
      {
        id: 'span',
        header: h.span,
        width: 260,
        value: (row) => row.firstTimestampMs,
        cell: (row) => <Span row={row} />,
      },
      figure('lag', h.lag, (row) => row.lagAfter),
    ]
  }, [m, f])
}

/** From the first to the last record; on one day the date is said once. */
function Span({ row }: { row: Row }) {
  const f = useFormat()
  const { firstTimestampMs: from, lastTimestampMs: to } = row
  if (from === null || to === null) return <Unknown />
  const [first, last] = [f.dateTime(from), f.dateTime(to)]
  const end = first.slice(0, 10) === last.slice(0, 10) ? last.slice(11) : last
  return (
    <span className="num" title={`${first} – ${last} ${f.zone}`}>
      {first} – {end}
    </span>
  )
}
