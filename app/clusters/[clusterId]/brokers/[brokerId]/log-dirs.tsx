'use client'
/** The folders of a broker's logs, how full their file systems are, and which partitions are the largest. */
import Link from 'next/link'
import { useMemo } from 'react'
import { Badge } from '../../../../_ui/badge.tsx'
import { useClusterId } from '../../../../_ui/cluster.tsx'
import { paths } from '../../../../_ui/paths.ts'
import { Empty } from '../../../../_ui/states.tsx'
import { Unknown } from '../../../../_ui/table/body.tsx'
import type { Column } from '../../../../_ui/table/column.ts'
import { DataTable } from '../../../../_ui/table/data-table.tsx'
import { useFormat } from '../../../../_ui/use-format.ts'
import { useMessages } from '../../../../_ui/use-messages.ts'
import { messages } from '../messages.ts'
import { type LogDir, useLogDirs } from '../use-brokers.ts'

type Large = LogDir['largest'][number]

const dirKey = (row: LogDir) => row.path
const largeKey = (row: Large) => `${row.topic}-${row.partition}`
const shown = 10

export function LogDirs({ brokerId }: { brokerId: number }) {
  const m = useMessages(messages)
  const cluster = useClusterId()
  const dirs = useLogDirs(brokerId)
  const dirColumns = useDirColumns()
  const total = dirs.data?.reduce((sum, d) => sum + d.sizeBytes, 0) ?? 0
  const largeColumns = useLargeColumns(total)
  const largest = useMemo(
    () =>
      dirs.data
        ?.flatMap((d) => d.largest.filter((p) => p.sizeBytes > 0))
        .sort((a, b) => b.sizeBytes - a.sizeBytes)
        .slice(0, shown),
    [dirs.data],
  )
  return (
    <>
      <DataTable
        id="log-dirs"
        label={m.dirsTitle}
        columns={dirColumns}
        rows={dirs.data}
        rowKey={dirKey}
        csv={`${cluster}_broker_${brokerId}_log_dirs`}
        error={dirs.error}
        onRetry={() => void dirs.refetch()}
        skeletonRows={1}
        toolbar={<h2 className="text-sm">{m.dirsTitle}</h2>}
        empty={<Empty title={m.noPartitions} className="py-6" />}
      />
      {!(dirs.error && !dirs.data) && (
        <DataTable
          id="largest-partitions"
          label={m.largestTitle}
          columns={largeColumns}
          rows={largest}
          rowKey={largeKey}
          csv={`${cluster}_broker_${brokerId}_largest`}
          skeletonRows={5}
          toolbar={<h2 className="text-sm">{m.largestTitle}</h2>}
          empty={<Empty title={m.noPartitions} className="py-6" />}
        />
      )}
    </>
  )
}

function useDirColumns(): readonly Column<LogDir>[] {
  const m = useMessages(messages)
  const f = useFormat()
  return useMemo(() => {
    const h = m.dirColumns
    const bytes = (id: 'sizeBytes' | 'usableBytes' | 'totalBytes', width: number): Column<LogDir> => ({
      id,
      header: h[id],
      width,
      numeric: true,
      value: (row) => row[id],
      cell: (row) => (row[id] === null ? <Unknown /> : f.bytes(row[id])),
    })
    return [
      {
        id: 'path',
        header: h.path,
        width: 260,
        grow: true,
        fixed: true,
        value: (row) => row.path,
        cell: (row) => (
          <span className="num" title={row.path}>
            {row.path}
          </span>
        ),
      },
      {
        id: 'state',
        header: h.state,
        width: 170,
        value: (row) => row.error ?? (row.usableBytes === 0 ? m.full : m.fine),
        cell: (row) =>
          row.error !== null ? (
            <Badge tone="bad">{row.error}</Badge>
          ) : row.usableBytes === 0 ? (
            <Badge tone="bad">{m.full}</Badge>
          ) : (
            <Badge tone="ok">{m.fine}</Badge>
          ),
      },
      {
        id: 'partitions',
        header: h.partitions,
        width: 96,
        numeric: true,
        value: (row) => row.partitions,
        cell: (row) => f.integer(row.partitions),
      },
      bytes('sizeBytes', 110),
      bytes('usableBytes', 170),
      bytes('totalBytes', 120),
    ]
  }, [m, f])
}

function useLargeColumns(totalBytes: number): readonly Column<Large>[] {
  const m = useMessages(messages)
  const f = useFormat()
  const cluster = useClusterId()
  return useMemo(() => {
    const h = m.largestColumns
    const share = (row: Large) => (totalBytes > 0 ? row.sizeBytes / totalBytes : 0)
    return [
      {
        id: 'topic',
        header: h.topic,
        width: 240,
        grow: true,
        fixed: true,
        value: (row) => row.topic,
        cell: (row) => (
          <Link href={paths.topic(cluster, row.topic, 'partitions')} className="num hover:text-accent hover:underline">
            {row.topic}
          </Link>
        ),
      },
      { id: 'partition', header: h.partition, width: 96, numeric: true, value: (row) => row.partition },
      {
        id: 'sizeBytes',
        header: h.sizeBytes,
        width: 120,
        numeric: true,
        value: (row) => row.sizeBytes,
        cell: (row) => f.bytes(row.sizeBytes),
      },
      {
        id: 'share',
        header: h.share,
        width: 200,
        numeric: true,
        value: share,
        cell: (row) => (
          <span className="flex items-center gap-2">
            <span aria-hidden className="h-2 min-w-0 flex-1 overflow-hidden rounded-sm bg-sunken">
              <span className="block h-full bg-accent" style={{ width: `${share(row) * 100}%` }} />
            </span>
            <span className="w-14">{f.percent(share(row))}</span>
          </span>
        ),
      },
    ]
  }, [m, f, cluster, totalBytes])
}
