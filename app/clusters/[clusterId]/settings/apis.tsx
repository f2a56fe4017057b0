'use client'
/** The APIs that every broker of the cluster offers, with the versions they have in common. */
import { useMemo } from 'react'
import { useClusterId } from '../../../_ui/cluster.tsx'
import { Empty } from '../../../_ui/states.tsx'
import type { Column } from '../../../_ui/table/column.ts'
import { DataTable } from '../../../_ui/table/data-table.tsx'
import type { Outputs } from '../../../_ui/trpc.tsx'
import { flag, text, useUrlState } from '../../../_ui/url-state.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { messages } from './messages.ts'

type Api = Outputs['clusters']['get']['apis'][number]

const urlTable = { asort: text('key'), adesc: flag() }
const rowKey = (row: Api) => String(row.key)

export function Apis({ apis, error, onRetry }: { apis: readonly Api[] | undefined; error: unknown; onRetry(): void }) {
  const m = useMessages(messages).apis
  const cluster = useClusterId()
  const [url, setUrl] = useUrlState(urlTable)
  const columns = useMemo((): readonly Column<Api>[] => {
    const h = m.columns
    return [
      { id: 'key', header: h.key, width: 80, numeric: true, value: (row) => row.key },
      {
        id: 'name',
        header: h.name,
        width: 220,
        grow: true,
        fixed: true,
        value: (row) => row.name,
        cell: (row) => <span className="num">{row.name}</span>,
      },
      { id: 'min', header: h.min, width: 120, numeric: true, value: (row) => row.min },
      { id: 'max', header: h.max, width: 120, numeric: true, value: (row) => row.max },
    ]
  }, [m])
  return (
    <DataTable
      id="apis"
      label={m.title}
      columns={columns}
      rows={apis}
      rowKey={rowKey}
      sort={{ by: url.asort, descending: url.adesc }}
      onSort={(sort) => setUrl({ asort: sort.by, adesc: sort.descending })}
      csv={`${cluster}_apis`}
      error={error}
      onRetry={onRetry}
      skeletonRows={12}
      toolbar={<h2 className="mr-1 text-sm">{m.title}</h2>}
      empty={<Empty title={m.none} className="py-6" />}
    />
  )
}
