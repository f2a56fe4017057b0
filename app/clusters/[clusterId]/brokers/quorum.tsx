'use client'
/** Who decides: the active controller, the other voters, and how far the brokers have its metadata. */
import { useMemo } from 'react'
import { Badge } from '../../../_ui/badge.tsx'
import { useClusterId } from '../../../_ui/cluster.tsx'
import { problemIn } from '../../../_ui/problem.ts'
import { RelativeTime } from '../../../_ui/relative-time.tsx'
import { Empty } from '../../../_ui/states.tsx'
import { Unknown } from '../../../_ui/table/body.tsx'
import type { Column } from '../../../_ui/table/column.ts'
import { DataTable } from '../../../_ui/table/data-table.tsx'
import { useFormat } from '../../../_ui/use-format.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { messages } from './messages.ts'
import type { QuorumNode, useQuorum } from './use-brokers.ts'

const rowKey = (row: QuorumNode) => String(row.nodeId)

export function Quorum({ query }: { query: ReturnType<typeof useQuorum> }) {
  const m = useMessages(messages)
  const f = useFormat()
  const cluster = useClusterId()
  const columns = useColumns()
  // Clusters that are not in KRaft mode have none: nothing is missing there.
  if (query.error && ['UNSUPPORTED', 'UNSUPPORTED_VERSION'].includes(problemIn(query.error)?.code ?? '')) return null
  return (
    <DataTable
      id="quorum"
      label={m.quorumTitle}
      columns={columns}
      rows={query.error ? undefined : query.data?.nodes}
      rowKey={rowKey}
      csv={`${cluster}_quorum`}
      error={query.error}
      onRetry={() => void query.refetch()}
      skeletonRows={4}
      toolbar={
        <>
          <h2 className="text-sm">{m.quorumTitle}</h2>
          {query.data && !query.error && (
            <span className="num text-muted">
              {query.data.leaderId < 0 ? m.quorumNone : m.quorumEpoch(f.integer(query.data.leaderEpoch))}
            </span>
          )}
        </>
      }
      empty={<Empty title={m.quorumEmpty} className="py-6" />}
    />
  )
}

function useColumns(): readonly Column<QuorumNode>[] {
  const m = useMessages(messages)
  const f = useFormat()
  return useMemo(() => {
    const h = m.quorumColumns
    const figure = (id: 'logEndOffset' | 'lag', width: number): Column<QuorumNode> => ({
      id,
      header: h[id],
      width,
      numeric: true,
      value: (row) => row[id],
      cell: (row) => f.integer(row[id]),
    })
    const time = (id: 'lastFetchMs' | 'lastCaughtUpMs'): Column<QuorumNode> => ({
      id,
      header: h[id],
      width: 130,
      value: (row) => row[id],
      cell: (row) => {
        const ms = row[id]
        return ms === null || row.role === 'leader' ? <Unknown /> : <RelativeTime ms={ms} />
      },
    })
    return [
      { id: 'nodeId', header: h.nodeId, width: 150, fixed: true, value: (row) => row.nodeId },
      {
        id: 'role',
        header: h.role,
        width: 180,
        grow: true,
        value: (row) => m.roles[row.role],
        cell: (row) =>
          row.role === 'leader' ? <Badge tone="accent">{m.roles.leader}</Badge> : <span>{m.roles[row.role]}</span>,
      },
      figure('logEndOffset', 140),
      figure('lag', 92),
      time('lastFetchMs'),
      time('lastCaughtUpMs'),
    ]
  }, [m, f])
}
