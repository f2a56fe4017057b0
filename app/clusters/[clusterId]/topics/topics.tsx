'use client'
/** All topics: searched, sorted and cut into pages by the server, so that five thousand are as quick as five. */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Eraser, Plus, Trash2 } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useCallback, useMemo, useState } from 'react'
import { Button, LinkButton } from '../../../_ui/button.tsx'
import { ToggleChip } from '../../../_ui/chips.tsx'
import { useClusterId } from '../../../_ui/cluster.tsx'
import { messages as common } from '../../../_ui/common.ts'
import { Page, PageHead } from '../../../_ui/page.tsx'
import { paths } from '../../../_ui/paths.ts'
import { PlanDialog, type PlanRequest } from '../../../_ui/plan-dialog.tsx'
import { SearchBox } from '../../../_ui/search-box.tsx'
import { Empty } from '../../../_ui/states.tsx'
import { DataTable } from '../../../_ui/table/data-table.tsx'
import { Paging } from '../../../_ui/table/paging.tsx'
import { type Outputs, useTRPC, useTRPCClient } from '../../../_ui/trpc.tsx'
import { flag, integer, oneOf, text, useUrlState } from '../../../_ui/url-state.ts'
import { useFormat, useNow } from '../../../_ui/use-format.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { useTopicColumns } from './columns.tsx'
import { messages } from './messages.ts'
import { deleteRequest, purgeRequest } from './requests.ts'

export type TopicRow = Outputs['topics']['list']['rows'][number]

const sortKeys = [
  'name',
  'partitions',
  'replicationFactor',
  'records',
  'sizeBytes',
  'recordsInPerSecond',
  'bytesInPerSecond',
  'lag',
] as const

const urlTable = {
  q: text(),
  sort: oneOf(sortKeys, 'name'),
  desc: flag(),
  page: integer(1, 1),
  per: integer(50, 1),
  internal: flag(),
  unhealthy: flag(),
}

const refreshMs = 5_000
const exportPage = 500
const rowKey = (row: TopicRow) => row.name

export function Topics() {
  const m = useMessages(messages)
  const c = useMessages(common)
  const f = useFormat()
  const now = useNow()
  const trpc = useTRPC()
  const client = useTRPCClient()
  const router = useRouter()
  const cluster = useClusterId()
  const columns = useTopicColumns()
  const [url, setUrl] = useUrlState(urlTable)
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [plan, setPlan] = useState<PlanRequest<any> | null>(null)

  const input = useMemo(
    () => ({
      cluster,
      search: url.q,
      internal: url.internal,
      unhealthy: url.unhealthy,
      sortBy: url.sort,
      descending: url.desc,
      page: url.page,
      perPage: Math.min(url.per, 500),
    }),
    [cluster, url],
  )
  const list = useQuery(
    trpc.topics.list.queryOptions(input, { placeholderData: keepPreviousData, refetchInterval: refreshMs }),
  )
  const data = list.data
  const filtered = url.q !== '' || url.unhealthy

  const open = useCallback((row: TopicRow) => router.push(paths.topic(cluster, row.name)), [router, cluster])
  const search = useCallback((q: string) => setUrl({ q, page: 1 }), [setUrl])

  async function allRows(): Promise<TopicRow[]> {
    const rows: TopicRow[] = []
    for (let page = 1; ; page++) {
      const part = await client.topics.list.query({ ...input, page, perPage: exportPage })
      rows.push(...part.rows)
      if (part.rows.length < exportPage) return rows
    }
  }

  const done = () => setSelected(new Set())

  return (
    <Page fill>
      <PageHead
        title={m.title}
        actions={
          <LinkButton kind="primary" icon={Plus} href={paths.newTopic(cluster)}>
            {m.newTopic}
          </LinkButton>
        }
      />
      <DataTable
        id="topics"
        label={m.title}
        fill
        live
        sorted
        columns={columns}
        rows={data?.rows}
        rowKey={rowKey}
        sort={{ by: url.sort, descending: url.desc }}
        onSort={(sort) =>
          setUrl({ sort: sortKeys.find((k) => k === sort.by) ?? 'name', desc: sort.descending, page: 1 })
        }
        onOpen={open}
        csv={`${cluster}_topics`}
        csvRows={allRows}
        error={list.error}
        onRetry={() => void list.refetch()}
        skeletonRows={14}
        selection={{
          selected,
          onChange: setSelected,
          actions: (names) => (
            <>
              <Button icon={Eraser} onClick={() => setPlan(purgeRequest({ client, cluster, names, m, done }))}>
                {m.purge}
              </Button>
              <Button icon={Trash2} onClick={() => setPlan(deleteRequest({ client, cluster, names, m, done }))}>
                {m.delete}
              </Button>
            </>
          ),
        }}
        toolbar={
          <>
            <SearchBox value={url.q} onChange={search} label={m.search} />
            <ToggleChip on={url.internal} onChange={(internal) => setUrl({ internal, page: 1 })}>
              {m.internal}
            </ToggleChip>
            <ToggleChip on={url.unhealthy} onChange={(unhealthy) => setUrl({ unhealthy, page: 1 })}>
              {m.unhealthy}
            </ToggleChip>
          </>
        }
        empty={
          filtered ? (
            <Empty
              title={c.table.nothingFound}
              action={
                <Button onClick={() => setUrl({ q: '', unhealthy: false, page: 1 })}>{c.table.clearFilters}</Button>
              }
            >
              {c.table.nothingFoundDetail}
            </Empty>
          ) : (
            <Empty
              title={m.emptyTitle}
              action={
                <LinkButton kind="primary" icon={Plus} href={paths.newTopic(cluster)}>
                  {m.newTopic}
                </LinkButton>
              }
            >
              {m.empty}
            </Empty>
          )
        }
        footer={
          <>
            <Paging
              page={url.page}
              perPage={url.per}
              total={data?.total}
              onPage={(page) => setUrl({ page }, { push: true })}
              onPerPage={(per) => setUrl({ per, page: 1 })}
            />
            <span className="order-first hidden text-faint text-xs md:order-none md:inline">
              {data && (data.figuresAtMs === null ? m.figuresPending : m.figures(f.relative(data.figuresAtMs, now)))}
            </span>
          </>
        }
      />
      <PlanDialog request={plan} onClose={() => setPlan(null)} />
    </Page>
  )
}
