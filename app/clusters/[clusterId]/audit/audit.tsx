'use client'
/** What was changed through the console, the newest first; cut into pages by the server. An entry opens at the side and has an address. */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import { Button, LinkButton } from '../../../_ui/button.tsx'
import { FilterChip, ToggleChip } from '../../../_ui/chips.tsx'
import { useClusterId } from '../../../_ui/cluster.tsx'
import { messages as common } from '../../../_ui/common.ts'
import { Page, PageHead } from '../../../_ui/page.tsx'
import { paths, shownName } from '../../../_ui/paths.ts'
import { SearchBox } from '../../../_ui/search-box.tsx'
import { Empty } from '../../../_ui/states.tsx'
import { DataTable } from '../../../_ui/table/data-table.tsx'
import { Paging } from '../../../_ui/table/paging.tsx'
import { type Outputs, useTRPC, useTRPCClient } from '../../../_ui/trpc.tsx'
import { flag, integer, oneOf, text, useUrlState } from '../../../_ui/url-state.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { useAuditColumns } from './columns.tsx'
import { EntrySheet } from './entry-sheet.tsx'
import { messages } from './messages.ts'

export type AuditRow = Outputs['audit']['list']['rows'][number]

const types = ['topic', 'group', 'broker', 'cluster', 'process'] as const
const urlTable = {
  q: text(),
  type: oneOf(['', ...types], ''),
  resource: text(),
  failed: flag(),
  page: integer(1, 1),
  per: integer(50, 1),
  entry: text(),
}
const noFilter = { q: '', type: '', resource: '', failed: false, page: 1 } as const

const refreshMs = 5_000
const mostOnPage = 200
const rowKey = (row: AuditRow) => row.id

export function Audit() {
  const m = useMessages(messages)
  const c = useMessages(common)
  const trpc = useTRPC()
  const client = useTRPCClient()
  const cluster = useClusterId()
  const [url, setUrl] = useUrlState(urlTable)
  const open = useCallback((row: AuditRow) => setUrl({ entry: row.id }), [setUrl])
  const columns = useAuditColumns(open)

  const input = useMemo(
    () => ({
      cluster,
      search: url.q,
      resourceType: url.type === '' ? null : url.type,
      resourceName: url.resource === '' ? null : url.resource,
      outcome: url.failed ? ('failed' as const) : null,
      page: url.page,
      perPage: Math.min(url.per, mostOnPage),
    }),
    [cluster, url.q, url.type, url.resource, url.failed, url.page, url.per],
  )
  const entries = useQuery(
    trpc.audit.list.queryOptions(input, { placeholderData: keepPreviousData, refetchInterval: refreshMs }),
  )
  const rows = entries.data?.rows
  const filtered = url.q !== '' || url.type !== '' || url.resource !== '' || url.failed
  const search = useCallback((q: string) => setUrl({ q, page: 1 }), [setUrl])

  async function allRows(): Promise<AuditRow[]> {
    const all: AuditRow[] = []
    for (let page = 1; ; page++) {
      const part = await client.audit.list.query({ ...input, page, perPage: mostOnPage })
      all.push(...part.rows)
      if (part.rows.length < mostOnPage) return all
    }
  }

  const at = rows?.findIndex((row) => row.id === url.entry) ?? -1
  const beside = (index: number) => {
    const row = at < 0 ? undefined : rows?.[index]
    return row && (() => open(row))
  }

  return (
    <Page fill>
      <PageHead title={m.title} />
      <DataTable
        id="audit"
        label={m.title}
        fill
        sorted
        columns={columns}
        rows={rows}
        rowKey={rowKey}
        onOpen={open}
        openKey={url.entry || null}
        csv={`${cluster}_audit`}
        csvRows={allRows}
        error={entries.error}
        onRetry={() => void entries.refetch()}
        skeletonRows={14}
        toolbar={
          <>
            <SearchBox value={url.q} onChange={search} label={m.search} />
            {types.map((type) => (
              <ToggleChip
                key={type}
                on={url.type === type}
                onChange={(on) => setUrl({ type: on ? type : '', page: 1 })}
              >
                {m.typeFilters[type]}
              </ToggleChip>
            ))}
            <ToggleChip on={url.failed} onChange={(failed) => setUrl({ failed, page: 1 })}>
              {m.failedOnly}
            </ToggleChip>
            {url.resource !== '' && (
              <FilterChip
                name={m.resourceFilter}
                value={shownName(url.resource)}
                onRemove={() => setUrl({ resource: '', page: 1 })}
              />
            )}
          </>
        }
        empty={
          filtered ? (
            <Empty
              title={c.table.nothingFound}
              action={<Button onClick={() => setUrl(noFilter)}>{c.table.clearFilters}</Button>}
            >
              {c.table.nothingFoundDetail}
            </Empty>
          ) : (
            <Empty title={m.emptyTitle} action={<LinkButton href={paths.newTopic(cluster)}>{m.newTopic}</LinkButton>}>
              {m.empty}
            </Empty>
          )
        }
        footer={
          <Paging
            page={url.page}
            perPage={input.perPage}
            total={entries.data?.total}
            onPage={(page) => setUrl({ page }, { push: true })}
            onPerPage={(per) => setUrl({ per, page: 1 })}
          />
        }
      />
      <EntrySheet
        id={url.entry}
        preview={rows?.[at]}
        onClose={() => setUrl({ entry: '' })}
        onPrevious={beside(at - 1)}
        onNext={beside(at + 1)}
        onOnly={(row) =>
          setUrl({ ...noFilter, type: types.find((t) => t === row.resourceType) ?? '', resource: row.resourceName })
        }
      />
    </Page>
  )
}
