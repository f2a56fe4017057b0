'use client'
/** The columns of the list of groups. */
import Link from 'next/link'
import { useMemo } from 'react'
import { useClusterId } from '../../../_ui/cluster.tsx'
import { GroupState } from '../../../_ui/group-state.tsx'
import { paths, shownName } from '../../../_ui/paths.ts'
import { Unknown } from '../../../_ui/table/body.tsx'
import type { Column } from '../../../_ui/table/column.ts'
import { useFormat } from '../../../_ui/use-format.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import type { GroupRow } from './groups.tsx'
import { LagTrend } from './lag-trend.tsx'
import { messages } from './messages.ts'

export function useGroupColumns(): readonly Column<GroupRow>[] {
  const m = useMessages(messages)
  const f = useFormat()
  const cluster = useClusterId()
  return useMemo(() => {
    const h = m.columns
    const figure = (id: 'members' | 'topics' | 'lag' | 'coordinator', width: number): Column<GroupRow> => ({
      id,
      header: h[id],
      width,
      numeric: true,
      value: (row) => row[id],
      cell: (row) => (row[id] === null ? <Unknown /> : f.integer(row[id])),
      sortable: id === 'members' || id === 'lag',
    })
    const types = m.types as Readonly<Record<string, string>>
    return [
      {
        id: 'groupId',
        header: h.groupId,
        width: 240,
        grow: true,
        fixed: true,
        value: (row) => row.groupId,
        cell: (row) => (
          <Link
            href={paths.group(cluster, row.groupId)}
            title={row.groupId}
            className="num whitespace-pre hover:text-accent hover:underline"
          >
            {shownName(row.groupId)}
          </Link>
        ),
      },
      {
        id: 'state',
        header: h.state,
        width: 168,
        value: (row) => row.state,
        cell: (row) => <GroupState state={row.state} />,
      },
      {
        id: 'type',
        header: h.type,
        width: 88,
        sortable: false,
        value: (row) => row.type,
        cell: (row) => <span className="text-muted">{types[row.type] ?? row.type}</span>,
      },
      {
        id: 'protocolType',
        header: h.protocolType,
        width: 96,
        sortable: false,
        value: (row) => row.protocolType,
        cell: (row) => <span className="num text-muted">{row.protocolType || <Unknown />}</span>,
      },
      figure('members', 88),
      figure('topics', 76),
      figure('lag', 104),
      { id: 'trend', header: h.trend, width: 150, cell: (row) => <LagTrend groupId={row.groupId} /> },
      { ...figure('coordinator', 100), hiddenAtFirst: true },
    ]
  }, [m, f, cluster])
}
