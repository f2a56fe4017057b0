'use client'
/** The columns of the list of topics. */
import Link from 'next/link'
import { useMemo } from 'react'
import { Badge } from '../../../_ui/badge.tsx'
import { useClusterId } from '../../../_ui/cluster.tsx'
import { paths } from '../../../_ui/paths.ts'
import { Unknown } from '../../../_ui/table/body.tsx'
import type { Column } from '../../../_ui/table/column.ts'
import { useFormat } from '../../../_ui/use-format.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { messages } from './messages.ts'
import type { TopicRow } from './topics.tsx'

export function useTopicColumns(): readonly Column<TopicRow>[] {
  const m = useMessages(messages)
  const f = useFormat()
  const cluster = useClusterId()
  return useMemo(() => {
    const figure = (
      id: keyof typeof m.columns & keyof TopicRow,
      width: number,
      write: (n: number) => string,
    ): Column<TopicRow> => ({
      id,
      header: m.columns[id],
      width,
      numeric: true,
      value: (row) => row[id] as number | null,
      cell: (row) => {
        const n = row[id] as number | null
        return n === null ? <Unknown /> : write(n)
      },
    })
    return [
      {
        id: 'name',
        header: m.columns.name,
        width: 228,
        grow: true,
        fixed: true,
        value: (row) => row.name,
        cell: (row) => (
          <span className="flex min-w-0 items-center gap-2">
            <Link
              href={paths.topic(cluster, row.name)}
              title={row.name}
              className="num truncate hover:text-accent hover:underline"
            >
              {row.name}
            </Link>
            {row.internal && <Badge>{m.internalBadge}</Badge>}
            {row.offlinePartitions > 0 ? (
              <Badge tone="bad">{m.offline(f.integer(row.offlinePartitions))}</Badge>
            ) : (
              row.underReplicatedPartitions > 0 && (
                <Badge tone="warn">{m.underReplicated(f.integer(row.underReplicatedPartitions))}</Badge>
              )
            )}
          </span>
        ),
      },
      figure('partitions', 84, f.integer),
      figure('replicationFactor', 78, f.integer),
      figure('records', 112, f.integer),
      figure('sizeBytes', 92, f.bytes),
      figure('recordsInPerSecond', 90, f.rate),
      figure('bytesInPerSecond', 102, f.byteRate),
      { ...figure('groups', 76, f.integer), sortable: false },
      figure('lag', 88, f.integer),
    ]
  }, [m, f, cluster])
}
