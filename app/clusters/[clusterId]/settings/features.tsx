'use client'
/** What the console can do with this cluster, and which API is missing where it cannot. */
import { useMemo } from 'react'
import { messages as shell } from '../../../_shell/messages.ts'
import { Badge } from '../../../_ui/badge.tsx'
import { ToggleChip } from '../../../_ui/chips.tsx'
import { useClusterId } from '../../../_ui/cluster.tsx'
import { Empty } from '../../../_ui/states.tsx'
import { Unknown } from '../../../_ui/table/body.tsx'
import type { Column } from '../../../_ui/table/column.ts'
import { DataTable } from '../../../_ui/table/data-table.tsx'
import type { Outputs } from '../../../_ui/trpc.tsx'
import { flag, text, useUrlState } from '../../../_ui/url-state.ts'
import { useFormat } from '../../../_ui/use-format.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { type Feature, featuresOf } from './feature-list.ts'
import { featureWords } from './feature-words.ts'
import { messages } from './messages.ts'

const urlTable = { fsort: text(), fdesc: flag(), lacking: flag() }
const rowKey = (row: Feature) => row.id

export function Features({
  known,
  capabilities,
  error,
  onRetry,
}: {
  /** Whether any broker has said what it offers. */
  known: boolean
  capabilities: Outputs['clusters']['get']['capabilities'] | undefined
  error: unknown
  onRetry(): void
}) {
  const m = useMessages(messages).features
  const f = useFormat()
  const cluster = useClusterId()
  const columns = useColumns()
  const [url, setUrl] = useUrlState(urlTable)
  const all = useMemo(() => capabilities && (known ? featuresOf(capabilities) : []), [capabilities, known])
  const rows = useMemo(() => (url.lacking ? all?.filter((row) => !row.supported) : all), [all, url.lacking])
  const lacking = all?.filter((row) => !row.supported).length ?? 0
  return (
    <DataTable
      id="features"
      label={m.title}
      columns={columns}
      rows={rows}
      rowKey={rowKey}
      sort={{ by: url.fsort, descending: url.fdesc }}
      onSort={(sort) => setUrl({ fsort: sort.by, fdesc: sort.descending })}
      csv={`${cluster}_features`}
      error={error}
      onRetry={onRetry}
      skeletonRows={12}
      toolbar={
        <>
          <h2 className="mr-1 text-sm">{m.title}</h2>
          <ToggleChip on={url.lacking} onChange={(on) => setUrl({ lacking: on })}>
            {m.lackingOnly}
          </ToggleChip>
          {all && known && (
            <span className="text-muted">{lacking === 0 ? m.complete : m.lacks(f.integer(lacking))}</span>
          )}
        </>
      }
      empty={<Empty title={known ? m.complete : m.unknown} className="py-6" />}
    />
  )
}

function useColumns(): readonly Column<Feature>[] {
  const m = useMessages(messages).features
  const pages = useMessages(shell).nav as Readonly<Record<string, string>>
  const words = useMessages(featureWords) as Readonly<Record<string, string>>
  return useMemo((): readonly Column<Feature>[] => {
    const area = (row: Feature) => row.id.split('.')[0]!
    return [
      {
        id: 'area',
        header: m.columns.area,
        width: 120,
        value: (row) => pages[area(row)] ?? m.others,
        cell: (row) => <span className="text-muted">{pages[area(row)] ?? m.others}</span>,
      },
      { id: 'feature', header: m.columns.feature, width: 240, fixed: true, value: (row) => words[row.id] ?? row.id },
      {
        id: 'supported',
        header: m.columns.supported,
        width: 110,
        value: (row) => (row.supported ? m.yes : m.no),
        cell: (row) => <Badge tone={row.supported ? 'ok' : 'warn'}>{row.supported ? m.yes : m.no}</Badge>,
      },
      {
        id: 'missing',
        header: m.columns.missing,
        width: 220,
        grow: true,
        value: (row) => row.missing.join(', '),
        cell: (row) => {
          const names = row.missing.join(', ')
          return names === '' ? (
            <Unknown />
          ) : (
            <span className="num" title={names}>
              {names}
            </span>
          )
        },
      },
    ]
  }, [m, pages, words])
}
