'use client'
import { Crown } from 'lucide-react'
/** All brokers, those that are down too: what each leads and holds, how full its disks are; and the controllers behind them. */
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useCallback, useMemo, useState } from 'react'
import { Badge } from '../../../_ui/badge.tsx'
import { Button } from '../../../_ui/button.tsx'
import { useClusterId } from '../../../_ui/cluster.tsx'
import { Page, PageHead } from '../../../_ui/page.tsx'
import { paths } from '../../../_ui/paths.ts'
import { PlanDialog, type PlanRequest } from '../../../_ui/plan-dialog.tsx'
import { Bone, Empty } from '../../../_ui/states.tsx'
import { Unknown } from '../../../_ui/table/body.tsx'
import type { Column } from '../../../_ui/table/column.ts'
import { DataTable } from '../../../_ui/table/data-table.tsx'
import { Tip } from '../../../_ui/tip.tsx'
import { useTRPCClient } from '../../../_ui/trpc.tsx'
import { flag, text, useUrlState } from '../../../_ui/url-state.ts'
import { useFormat } from '../../../_ui/use-format.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { messages } from './messages.ts'
import { Quorum } from './quorum.tsx'
import { BrokerState } from './state.tsx'
import { type BrokerRow, useBrokers, useLogDirs, useQuorum } from './use-brokers.ts'

const urlTable = { sort: text('brokerId'), desc: flag() }
const rowKey = (row: BrokerRow) => String(row.brokerId)

export function Brokers() {
  const m = useMessages(messages)
  const router = useRouter()
  const cluster = useClusterId()
  const brokers = useBrokers()
  const quorum = useQuorum()
  const columns = useColumns(quorum.data?.leaderId, brokers.data?.some((b) => b.rack !== null) ?? false)
  const client = useTRPCClient()
  const [plan, setPlan] = useState<PlanRequest<any> | null>(null)
  const [url, setUrl] = useUrlState(urlTable)
  return (
    <Page>
      <PageHead
        title={m.title}
        actions={
          // One leads everything, or nothing.
          (brokers.data?.length ?? 0) > 1 && (
            <Button
              icon={Crown}
              onClick={() =>
                setPlan({
                  title: m.electTitle,
                  verb: m.electVerb,
                  make: async () => [await client.replicas.planElect.mutate({ cluster, topic: null })],
                  apply: (input) => client.replicas.applyElect.mutate(input),
                  said: m.elected,
                })
              }
            >
              {m.elect}
            </Button>
          )
        }
      />
      <DataTable
        id="brokers"
        label={m.title}
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
      <Quorum query={quorum} />
      <PlanDialog request={plan} onClose={() => setPlan(null)} />
    </Page>
  )
}

function useColumns(controllerId: number | undefined, racks: boolean): readonly Column<BrokerRow>[] {
  const m = useMessages(messages)
  const f = useFormat()
  const cluster = useClusterId()
  return useMemo(() => {
    const h = m.columns
    return [
      {
        id: 'brokerId',
        header: h.brokerId,
        width: 128,
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
            {row.brokerId === controllerId && <Badge tone="accent">{m.controller}</Badge>}
          </span>
        ),
      },
      {
        id: 'state',
        header: h.state,
        width: 80,
        value: (row) => m.states[row.state],
        cell: (row) => <BrokerState state={row.state} />,
      },
      {
        id: 'address',
        header: h.address,
        width: 144,
        grow: true,
        value: addressOf,
        cell: (row) => (row.host === null ? <Unknown /> : <span className="num">{addressOf(row)}</span>),
      },
      {
        id: 'rack',
        header: h.rack,
        width: 76,
        // A column of dashes tells nothing.
        hiddenAtFirst: !racks,
        value: (row) => row.rack,
        cell: (row) => (row.rack === null ? <Unknown /> : <span className="num">{row.rack}</span>),
      },
      {
        id: 'leaders',
        header: h.leaders,
        width: 100,
        numeric: true,
        value: (row) => row.leaders,
        cell: (row) => (
          <span className="flex items-baseline justify-end gap-1.5">
            {f.integer(row.leaders)}
            {row.preferredLeaders > row.leaders && (
              <Tip text={m.preferredNote(f.integer(row.preferredLeaders))}>
                <span className="text-muted">{m.ofPreferred(f.integer(row.preferredLeaders))}</span>
              </Tip>
            )}
          </span>
        ),
      },
      {
        id: 'replicas',
        header: h.replicas,
        width: 76,
        numeric: true,
        value: (row) => row.replicas,
        cell: (row) => f.integer(row.replicas),
      },
      {
        id: 'outOfSync',
        header: h.outOfSync,
        width: 92,
        numeric: true,
        value: (row) => row.outOfSync,
        cell: (row) =>
          row.outOfSync > 0 ? <span className="text-warn">▲ {f.integer(row.outOfSync)}</span> : f.integer(0),
      },
      {
        id: 'recordsInPerSecond',
        header: h.recordsInPerSecond,
        width: 80,
        numeric: true,
        value: (row) => row.recordsInPerSecond,
        cell: (row) => (row.recordsInPerSecond === null ? <Unknown /> : f.rate(row.recordsInPerSecond)),
      },
      {
        id: 'bytesInPerSecond',
        header: h.bytesInPerSecond,
        width: 88,
        numeric: true,
        value: (row) => row.bytesInPerSecond,
        cell: (row) => (row.bytesInPerSecond === null ? <Unknown /> : f.byteRate(row.bytesInPerSecond)),
      },
      {
        id: 'sizeBytes',
        header: h.sizeBytes,
        width: 84,
        numeric: true,
        value: (row) => row.sizeBytes,
        cell: (row) => (row.sizeBytes === null ? <Unknown /> : f.bytes(row.sizeBytes)),
      },
      {
        id: 'logDirs',
        header: h.logDirs,
        width: 176,
        cell: (row) => (row.state === 'up' ? <Dirs brokerId={row.brokerId} /> : <Unknown />),
      },
    ]
  }, [m, f, cluster, controllerId, racks])
}

const addressOf = (row: BrokerRow) => (row.host === null ? null : `${row.host}:${row.port}`)

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
      {free.length > 0 && Math.min(...free) > 0 && (
        <span className="num text-muted">{m.usable(f.bytes(Math.min(...free)))}</span>
      )}
      {free.includes(0) && <Badge tone="bad">{m.full}</Badge>}
      {failed > 0 && <Badge tone="bad">{m.failedDirs(f.integer(failed))}</Badge>}
    </span>
  )
}
