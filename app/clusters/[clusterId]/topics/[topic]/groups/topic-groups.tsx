'use client'
/** The consumer groups that have committed offsets on the topic, with their lag on it. */
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useCallback, useMemo } from 'react'
import { useClusterId } from '../../../../../_ui/cluster.tsx'
import { GroupState } from '../../../../../_ui/group-state.tsx'
import { paths } from '../../../../../_ui/paths.ts'
import { Empty } from '../../../../../_ui/states.tsx'
import { Unknown } from '../../../../../_ui/table/body.tsx'
import type { Column } from '../../../../../_ui/table/column.ts'
import { DataTable } from '../../../../../_ui/table/data-table.tsx'
import { type Outputs, useTRPC } from '../../../../../_ui/trpc.tsx'
import { flag, text, useUrlState } from '../../../../../_ui/url-state.ts'
import { useFormat } from '../../../../../_ui/use-format.ts'
import { useMessages } from '../../../../../_ui/use-messages.ts'
import { messages } from '../messages-table.ts'
import { useTopicName } from '../use-topic.ts'

type GroupRow = Outputs['topics']['groups'][number]

const refreshMs = 5_000
const urlTable = { sort: text('lag'), desc: flag(true) }
const rowKey = (row: GroupRow) => row.groupId

export function TopicGroups() {
  const m = useMessages(messages)
  const f = useFormat()
  const trpc = useTRPC()
  const router = useRouter()
  const cluster = useClusterId()
  const topic = useTopicName()
  const [url, setUrl] = useUrlState(urlTable)
  const query = useQuery(trpc.topics.groups.queryOptions({ cluster, topic }, { refetchInterval: refreshMs }))
  const clusters = useQuery(trpc.clusters.list.queryOptions())
  const bootstrap = clusters.data?.find((c) => c.id === cluster)?.bootstrap.join(',') ?? ''

  const columns = useMemo((): readonly Column<GroupRow>[] => {
    const h = m.groupColumns
    const figure = (id: 'members' | 'partitions' | 'lag'): Column<GroupRow> => ({
      id,
      header: h[id],
      width: 110,
      numeric: true,
      value: (row) => row[id],
      cell: (row) => (row[id] === null ? <Unknown /> : f.integer(row[id])),
    })
    return [
      {
        id: 'groupId',
        header: h.groupId,
        width: 260,
        grow: true,
        fixed: true,
        value: (row) => row.groupId,
        cell: (row) => (
          <Link href={paths.group(cluster, row.groupId)} className="num hover:text-accent hover:underline">
            {row.groupId || '""'}
          </Link>
        ),
      },
      {
        id: 'state',
        header: h.state,
        width: 180,
        value: (row) => row.state,
        cell: (row) => <GroupState state={row.state} />,
      },
      figure('members'),
      figure('partitions'),
      figure('lag'),
    ]
  }, [m, f, cluster])

  return (
    <DataTable
      id="topic-groups"
      label={m.tabs.groups}
      fill="atMost"
      live
      columns={columns}
      rows={query.data}
      rowKey={rowKey}
      sort={{ by: url.sort, descending: url.desc }}
      onSort={(sort) => setUrl({ sort: sort.by, desc: sort.descending })}
      onOpen={useCallback((row: GroupRow) => router.push(paths.group(cluster, row.groupId)), [router, cluster])}
      skeletonRows={6}
      csv={`${cluster}_${topic}_groups`}
      error={query.error}
      onRetry={() => void query.refetch()}
      empty={
        <Empty title={m.groupsEmptyTitle} command={`kcat -b ${bootstrap} -G my-group ${topic}`}>
          {m.groupsEmpty}
        </Empty>
      }
    />
  )
}
