'use client'
/** What the group has committed on each partition, how far it is behind, and who reads it; figures move in place. */
import { RotateCcw } from 'lucide-react'
import Link from 'next/link'
import { useCallback, useMemo, useState } from 'react'
import { Button } from '../../../../_ui/button.tsx'
import { ToggleChip } from '../../../../_ui/chips.tsx'
import { useClusterId } from '../../../../_ui/cluster.tsx'
import { messages as common } from '../../../../_ui/common.ts'
import { paths } from '../../../../_ui/paths.ts'
import { SearchBox } from '../../../../_ui/search-box.tsx'
import { Empty } from '../../../../_ui/states.tsx'
import { Unknown } from '../../../../_ui/table/body.tsx'
import type { Column } from '../../../../_ui/table/column.ts'
import { DataTable } from '../../../../_ui/table/data-table.tsx'
import { useFormat } from '../../../../_ui/use-format.ts'
import { useMessages } from '../../../../_ui/use-messages.ts'
import { messages } from './messages.ts'
import type { GroupDetail, GroupPartition } from './use-group.ts'
import type { GroupUrl } from './view.ts'

const rowKey = (row: GroupPartition) => `${row.topic} ${row.partition}`

export function GroupPartitions({
  group,
  error,
  onRetry,
  url,
  setUrl,
  csv,
  onReset,
}: {
  group: GroupDetail | undefined
  error: unknown
  onRetry(): void
  csv: string
  /** Of the rows chosen: topic and partition. */
  onReset(chosen: readonly { topic: string; partition: number }[]): void
} & GroupUrl) {
  const m = useMessages(messages)
  const c = useMessages(common)
  const columns = useColumns()
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const search = useCallback((q: string) => setUrl({ q }), [setUrl])

  const rows = useMemo(() => {
    const wanted = url.q.trim().toLowerCase()
    return group?.partitions.filter(
      (p) =>
        p.topic.toLowerCase().includes(wanted) &&
        (!url.behind || (p.lag ?? 0) > 0 || p.lost > 0) &&
        (!url.unread || p.memberId === null),
    )
  }, [group?.partitions, url.q, url.behind, url.unread])
  const filtered = url.q !== '' || url.behind || url.unread

  return (
    <DataTable
      id="group-partitions"
      label={m.partitions.title}
      live
      columns={columns}
      rows={rows}
      rowKey={rowKey}
      sort={{ by: url.sort, descending: url.desc }}
      onSort={(sort) => setUrl({ sort: sort.by, desc: sort.descending })}
      csv={csv}
      error={error}
      onRetry={onRetry}
      skeletonRows={6}
      selection={{
        selected,
        onChange: setSelected,
        actions: (keys) => (
          <Button
            icon={RotateCcw}
            onClick={() => {
              const wanted = new Set(keys)
              onReset((group?.partitions ?? []).filter((p) => wanted.has(rowKey(p))))
            }}
          >
            {m.actions.reset}
          </Button>
        ),
      }}
      toolbar={
        <>
          <h2 className="mr-1 text-sm">{m.partitions.title}</h2>
          <SearchBox value={url.q} onChange={search} label={m.partitions.search} className="w-48" />
          <ToggleChip on={url.behind} onChange={(behind) => setUrl({ behind })}>
            {m.partitions.behind}
          </ToggleChip>
          <ToggleChip on={url.unread} onChange={(unread) => setUrl({ unread })}>
            {m.partitions.unread}
          </ToggleChip>
        </>
      }
      empty={
        filtered ? (
          <Empty
            title={c.table.nothingFound}
            className="py-6"
            action={
              <Button onClick={() => setUrl({ q: '', behind: false, unread: false })}>{c.table.clearFilters}</Button>
            }
          />
        ) : (
          <Empty title={m.partitions.emptyTitle} className="py-6">
            {m.partitions.empty}
          </Empty>
        )
      }
    />
  )
}

function useColumns(): readonly Column<GroupPartition>[] {
  const m = useMessages(messages).partitions
  const f = useFormat()
  const cluster = useClusterId()
  return useMemo(() => {
    const h = m.columns
    const figure = (id: 'endOffset' | 'startOffset', width: number): Column<GroupPartition> => ({
      id,
      header: h[id],
      width,
      numeric: true,
      value: (row) => row[id],
      cell: (row) => (row[id] === null ? <Unknown /> : f.integer(row[id])),
    })
    return [
      {
        id: 'topic',
        header: h.topic,
        width: 200,
        grow: true,
        fixed: true,
        value: (row) => row.topic,
        cell: (row) => (
          <Link
            href={paths.topic(cluster, row.topic, 'partitions')}
            title={row.topic}
            className="num hover:text-accent hover:underline"
          >
            {row.topic}
          </Link>
        ),
      },
      { id: 'partition', header: h.partition, width: 84, numeric: true, fixed: true, value: (row) => row.partition },
      {
        id: 'committedOffset',
        header: h.committedOffset,
        width: 128,
        numeric: true,
        value: (row) => row.committedOffset,
        cell: (row) =>
          row.committedOffset === null ? (
            <span className="font-sans text-faint">{m.nothing}</span>
          ) : (
            f.integer(row.committedOffset)
          ),
      },
      figure('endOffset', 112),
      {
        id: 'lag',
        header: h.lag,
        width: 104,
        numeric: true,
        value: (row) => row.lag,
        cell: (row) => (row.lag === null ? <Unknown /> : f.integer(row.lag)),
      },
      {
        id: 'lost',
        header: h.lost,
        width: 84,
        numeric: true,
        value: (row) => row.lost,
        cell: (row) =>
          row.lost > 0 ? (
            <span className="text-bad" title={m.lostHelp}>
              ■ {f.integer(row.lost)}
            </span>
          ) : (
            '0'
          ),
      },
      {
        id: 'member',
        header: h.member,
        width: 180,
        value: (row) => row.clientId,
        cell: (row) =>
          row.memberId === null ? (
            <span className="text-faint">{m.noMember}</span>
          ) : (
            <span className="num" title={row.memberId}>
              {row.clientId || row.memberId}
            </span>
          ),
      },
      { ...figure('startOffset', 112), hiddenAtFirst: true },
      { id: 'metadata', header: h.metadata, width: 140, value: (row) => row.metadata, hiddenAtFirst: true },
    ]
  }, [m, f, cluster])
}
