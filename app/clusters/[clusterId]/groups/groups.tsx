'use client'
/** All consumer groups: searched, sorted and cut into pages by the server, with their lag and where it is going. */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Trash2 } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useCallback, useMemo, useState } from 'react'
import { Button } from '../../../_ui/button.tsx'
import { ToggleChip } from '../../../_ui/chips.tsx'
import { useClusterId } from '../../../_ui/cluster.tsx'
import { messages as common } from '../../../_ui/common.ts'
import { Page, PageHead } from '../../../_ui/page.tsx'
import { paths, shownName } from '../../../_ui/paths.ts'
import { Callout, PlanDialog, type PlanRequest } from '../../../_ui/plan-dialog.tsx'
import { SearchBox } from '../../../_ui/search-box.tsx'
import { Empty } from '../../../_ui/states.tsx'
import { DataTable } from '../../../_ui/table/data-table.tsx'
import { Paging } from '../../../_ui/table/paging.tsx'
import { type Outputs, useTRPC, useTRPCClient } from '../../../_ui/trpc.tsx'
import { flag, integer, list, oneOf, text, useUrlState } from '../../../_ui/url-state.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { useGroupColumns } from './columns.tsx'
import { messages } from './messages.ts'
import { deleteRequest } from './requests.ts'

export type GroupRow = Outputs['groups']['list']['rows'][number]

/** Chips, and Kafka's states behind each. */
const stateFilters = {
  stable: ['Stable'],
  rebalancing: ['PreparingRebalance', 'CompletingRebalance', 'Assigning', 'Reconciling'],
  empty: ['Empty'],
  dead: ['Dead'],
} as const
type StateFilter = keyof typeof stateFilters
const filterNames = Object.keys(stateFilters) as StateFilter[]

const sortKeys = ['groupId', 'state', 'members', 'lag'] as const
const urlTable = {
  q: text(),
  state: list(),
  sort: oneOf(sortKeys, 'groupId'),
  desc: flag(),
  page: integer(1, 1),
  per: integer(50, 1),
}

const refreshMs = 5_000
const exportPage = 500
const rowKey = (row: GroupRow) => row.groupId
const rowName = (row: GroupRow) => shownName(row.groupId)

export function Groups() {
  const m = useMessages(messages)
  const c = useMessages(common)
  const trpc = useTRPC()
  const client = useTRPCClient()
  const router = useRouter()
  const cluster = useClusterId()
  const columns = useGroupColumns()
  const [url, setUrl] = useUrlState(urlTable)
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [plan, setPlan] = useState<PlanRequest<any> | null>(null)

  const input = useMemo(
    () => ({
      cluster,
      search: url.q,
      states: filterNames.filter((name) => url.state.includes(name)).flatMap((name) => [...stateFilters[name]]),
      sortBy: url.sort,
      descending: url.desc,
      page: url.page,
      perPage: Math.min(url.per, exportPage),
    }),
    [cluster, url],
  )
  const groups = useQuery(
    trpc.groups.list.queryOptions(input, { placeholderData: keepPreviousData, refetchInterval: refreshMs }),
  )
  const data = groups.data
  const filtered = url.q !== '' || input.states.length > 0

  const open = useCallback((row: GroupRow) => router.push(paths.group(cluster, row.groupId)), [router, cluster])
  const search = useCallback((q: string) => setUrl({ q, page: 1 }), [setUrl])

  async function allRows(): Promise<GroupRow[]> {
    const rows: GroupRow[] = []
    for (let page = 1; ; page++) {
      const part = await client.groups.list.query({ ...input, page, perPage: exportPage })
      rows.push(...part.rows)
      if (part.rows.length < exportPage) return rows
    }
  }

  return (
    <Page fill>
      <PageHead title={m.title} />
      {data && data.silentBrokers.length > 0 && (
        <Callout level="warning">{m.silent(data.silentBrokers.join(', '))}</Callout>
      )}
      <DataTable
        id="groups"
        label={m.title}
        fill
        live
        sorted
        columns={columns}
        rows={data?.rows}
        rowKey={rowKey}
        rowName={rowName}
        sort={{ by: url.sort, descending: url.desc }}
        onSort={(sort) =>
          setUrl({ sort: sortKeys.find((k) => k === sort.by) ?? 'groupId', desc: sort.descending, page: 1 })
        }
        onOpen={open}
        csv={`${cluster}_groups`}
        csvRows={allRows}
        error={groups.error}
        onRetry={() => void groups.refetch()}
        skeletonRows={14}
        selection={{
          selected,
          onChange: setSelected,
          actions: (groupIds) => (
            <Button
              icon={Trash2}
              onClick={() =>
                setPlan(deleteRequest({ client, cluster, groupIds, m, done: () => setSelected(new Set()) }))
              }
            >
              {m.delete}
            </Button>
          ),
        }}
        toolbar={
          <>
            <SearchBox value={url.q} onChange={search} label={m.search} />
            {filterNames.map((name) => (
              <ToggleChip
                key={name}
                on={url.state.includes(name)}
                onChange={(on) =>
                  setUrl({
                    state: filterNames.filter((n) => (n === name ? on : url.state.includes(n))),
                    page: 1,
                  })
                }
              >
                {m.stateFilters[name]}
              </ToggleChip>
            ))}
          </>
        }
        empty={
          filtered ? (
            <Empty
              title={c.table.nothingFound}
              action={<Button onClick={() => setUrl({ q: '', state: [], page: 1 })}>{c.table.clearFilters}</Button>}
            >
              {c.table.nothingFoundDetail}
            </Empty>
          ) : (
            <NoGroups />
          )
        }
        footer={
          <Paging
            page={url.page}
            perPage={url.per}
            total={data?.total}
            onPage={(page) => setUrl({ page }, { push: true })}
            onPerPage={(per) => setUrl({ per, page: 1 })}
          />
        }
      />
      <PlanDialog request={plan} onClose={() => setPlan(null)} />
    </Page>
  )
}

/** How to get the first one, with the address and a topic that are in use. */
function NoGroups() {
  const m = useMessages(messages)
  const trpc = useTRPC()
  const cluster = useClusterId()
  const clusters = useQuery(trpc.clusters.list.queryOptions())
  const topics = useQuery(trpc.topics.list.queryOptions({ cluster, perPage: 1 }))
  const bootstrap = clusters.data?.find((one) => one.id === cluster)?.bootstrap.join(',') ?? ''
  return (
    <Empty title={m.emptyTitle} command={`kcat -b ${bootstrap} -G my-group ${topics.data?.rows[0]?.name ?? 'hello'}`}>
      {m.empty}
    </Empty>
  )
}
