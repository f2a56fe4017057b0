'use client'
/** All brokers: who is controller, what each leads and holds, how full its disks are. */
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useCallback, useMemo } from 'react'
import { Badge } from '../../../_ui/badge.tsx'
import { useClusterId } from '../../../_ui/cluster.tsx'
import { Page, PageHead } from '../../../_ui/page.tsx'
import { paths } from '../../../_ui/paths.ts'
import { Bone, Empty } from '../../../_ui/states.tsx'
import { Unknown } from '../../../_ui/table/body.tsx'
import type { Column } from '../../../_ui/table/column.ts'
import { DataTable } from '../../../_ui/table/data-table.tsx'
import { flag, text, useUrlState } from '../../../_ui/url-state.ts'
import { useFormat } from '../../../_ui/use-format.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { messages } from './messages.ts'
import { type BrokerRow, useBrokers, useLogDirs } from './use-brokers.ts'

const urlTable = { sort: text('brokerId'), desc: flag() }
const rowKey = (row: BrokerRow) => String(row.brokerId)

export function Brokers() {
  const m = useMessages(messages)
  const router = useRouter()
  const cluster = useClusterId()
  const brokers = useBrokers()
  const columns = useColumns()
  const [url, setUrl] = useUrlState(urlTable)
  return (
    <Page fill>
      <PageHead title={m.title} />
      <DataTable
        id="brokers"
        label={m.title}
        fill="atMost"
        live
        columns={columns}
        rows={brokers.data}
        rowKey={rowKey}
        sort={{ by: url.sort, descending: url.desc }}
        onSort={(sort) => setUrl({ sort: sort.by, desc: sort.descending })}
        onOpen={useCallback((row: BrokerRow) => router.push(paths.broker(cluster, row.brokerId)), [router, cluster])}
        csv={`${cluster}_brokers`}
        error={brokers.error}
        onRetry={() => void brokers.refetch()}
        skeletonRows={3}
        empty={<Empty title={m.emptyTitle} />}
      />
    </Page>
  )
}

function useColumns(): readonly Column<BrokerRow>[] {
  const m = useMessages(messages)
  const f = useFormat()
  const cluster = useClusterId()
  return useMemo(() => {
    const h = m.columns
    const figure = (id: 'leaders' | 'replicas', width: number): Column<BrokerRow> => ({
      id,
      header: h[id],
      width,
      numeric: true,
      value: (row) => row[id],
      cell: (row) => f.integer(row[id]),
    })
    return [
      {
        id: 'brokerId',
        header: h.brokerId,
        width: 150,
        fixed: true,
        value: (row) => row.brokerId,
        cell: (row) => (
          <span className="flex items-center gap-2">
            <Link
              href={paths.broker(cluster, row.brokerId)}
              aria-label={m.broker(String(row.brokerId))}
              className="num hover:text-accent hover:underline"
            >
              {row.brokerId}
            </Link>
            {row.controller && <Badge tone="accent">{m.controller}</Badge>}
          </span>
        ),
      },
      {
        id: 'address',
        header: h.address,
        width: 200,
        grow: true,
        value: (row) => `${row.host}:${row.port}`,
        cell: (row) => (
          <span className="num">
            {row.host}:{row.port}
          </span>
        ),
      },
      {
        id: 'rack',
        header: h.rack,
        width: 110,
        value: (row) => row.rack,
        cell: (row) => (row.rack === null ? <Unknown /> : <span className="num">{row.rack}</span>),
      },
      figure('leaders', 92),
      figure('replicas', 92),
      {
        id: 'outOfSync',
        header: h.outOfSync,
        width: 100,
        numeric: true,
        value: (row) => row.outOfSync,
        cell: (row) =>
          row.outOfSync > 0 ? <span className="text-warn">▲ {f.integer(row.outOfSync)}</span> : f.integer(0),
      },
      {
        id: 'sizeBytes',
        header: h.sizeBytes,
        width: 100,
        numeric: true,
        value: (row) => row.sizeBytes,
        cell: (row) => (row.sizeBytes === null ? <Unknown /> : f.bytes(row.sizeBytes)),
      },
      { id: 'logDirs', header: h.logDirs, width: 200, cell: (row) => <Dirs brokerId={row.brokerId} /> },
    ]
  }, [m, f, cluster])
}

/** How many folders, how much is free on the fullest, which have failed. */
function Dirs({ brokerId }: { brokerId: number }) {
  const m = useMessages(messages)
  const f = useFormat()
  const dirs = useLogDirs(brokerId)
  if (!dirs.data) return dirs.error ? <Unknown /> : <Bone className="w-20" />
  const failed = dirs.data.filter((d) => d.error !== null).length
  const free = dirs.data.flatMap((d) => (d.usableBytes === null ? [] : [d.usableBytes]))
  return (
    <span className="flex items-center gap-2" title={dirs.data.map((d) => d.path).join('\n')}>
      <span>{m.dirs(f.integer(dirs.data.length))}</span>
      {free.length > 0 && <span className="num text-muted">{m.usable(f.bytes(Math.min(...free)))}</span>}
      {failed > 0 && <Badge tone="bad">{m.failedDirs(f.integer(failed))}</Badge>}
    </span>
  )
}
