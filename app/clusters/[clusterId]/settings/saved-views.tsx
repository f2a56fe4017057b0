'use client'
/** Saved views: opened, saved by a page's address, deleted (and taken back as long as the toast stands). */
import { useQuery } from '@tanstack/react-query'
import { Plus, Trash2 } from 'lucide-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useCallback, useMemo, useState } from 'react'
import { toast } from 'sonner'
import { messages as shell } from '../../../_shell/messages.ts'
import { Button, IconButton } from '../../../_ui/button.tsx'
import { useClusterId } from '../../../_ui/cluster.tsx'
import { useFailure } from '../../../_ui/problem.ts'
import { Empty } from '../../../_ui/states.tsx'
import type { Column } from '../../../_ui/table/column.ts'
import { DataTable } from '../../../_ui/table/data-table.tsx'
import { type Outputs, useTRPC, useTRPCClient } from '../../../_ui/trpc.tsx'
import { flag, text, useUrlState } from '../../../_ui/url-state.ts'
import { useFormat } from '../../../_ui/use-format.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { messages } from './messages.ts'
import { SaveViewDialog } from './save-view-dialog.tsx'

type View = Outputs['views']['list'][number]

const urlTable = { vsort: text('name'), vdesc: flag() }
const rowKey = (row: View) => row.id

export function SavedViews() {
  const m = useMessages(messages).views
  const trpc = useTRPC()
  const client = useTRPCClient()
  const cluster = useClusterId()
  const router = useRouter()
  const say = useFailure()
  const [url, setUrl] = useUrlState(urlTable)
  const [saving, setSaving] = useState(false)
  const views = useQuery(trpc.views.list.queryOptions({ cluster }))
  const { refetch } = views

  const remove = useCallback(
    async (view: View) => {
      const failed = (error: unknown) => void toast.error(say(error).message)
      const { name, page, url } = view
      try {
        await client.views.delete.mutate({ cluster, id: view.id })
        const takeBack = () => client.views.save.mutate({ cluster, name, page, url }).then(() => refetch(), failed)
        toast.success(m.deleted(name), { action: { label: m.undo, onClick: () => void takeBack() } })
      } catch (error) {
        failed(error)
      }
      await refetch()
    },
    [client, cluster, refetch, m, say],
  )
  const columns = useColumns(remove)
  return (
    <>
      <DataTable
        id="saved-views"
        label={m.title}
        columns={columns}
        rows={views.data}
        rowKey={rowKey}
        sort={{ by: url.vsort, descending: url.vdesc }}
        onSort={(sort) => setUrl({ vsort: sort.by, vdesc: sort.descending })}
        onOpen={(view) => router.push(view.url)}
        csv={`${cluster}_views`}
        error={views.error}
        onRetry={() => void refetch()}
        skeletonRows={3}
        toolbar={
          <>
            <h2 className="mr-1 text-sm">{m.title}</h2>
            <Button icon={Plus} onClick={() => setSaving(true)}>
              {m.save}
            </Button>
          </>
        }
        empty={
          <Empty title={m.emptyTitle} className="py-6">
            {m.empty}
          </Empty>
        }
      />
      {saving && (
        <SaveViewDialog
          onClose={() => setSaving(false)}
          onSaved={(name) => {
            setSaving(false)
            toast.success(m.saved(name))
            void refetch()
          }}
        />
      )}
    </>
  )
}

function useColumns(onDelete: (view: View) => Promise<void>): readonly Column<View>[] {
  const m = useMessages(messages).views
  const pages = useMessages(shell).nav as Readonly<Record<string, string>>
  const f = useFormat()
  return useMemo(
    (): readonly Column<View>[] => [
      {
        id: 'name',
        header: m.columns.name,
        width: 200,
        fixed: true,
        value: (row) => row.name,
        cell: (row) => (
          <Link href={row.url} title={row.name} className="font-medium hover:text-accent hover:underline">
            {row.name}
          </Link>
        ),
      },
      { id: 'page', header: m.columns.page, width: 110, value: (row) => pages[row.page] ?? row.page },
      {
        id: 'url',
        header: m.columns.url,
        width: 260,
        grow: true,
        value: (row) => row.url,
        cell: (row) => (
          <span className="num text-muted" title={row.url}>
            {row.url}
          </span>
        ),
      },
      { id: 'by', header: m.columns.by, width: 90, value: (row) => row.createdBy },
      {
        id: 'at',
        header: m.columns.at(f.zone),
        width: 172,
        value: (row) => row.createdAtMs,
        cell: (row) => <span className="num">{f.dateTime(row.createdAtMs)}</span>,
      },
      {
        id: 'delete',
        header: m.columns.delete,
        bare: true,
        fixed: true,
        width: 52,
        cell: (row) => (
          <IconButton
            label={m.delete(row.name)}
            icon={Trash2}
            tip={false}
            className="text-faint group-hover:text-ink"
            onClick={() => void onDelete(row)}
          />
        ),
      },
    ],
    [m, pages, f, onDelete],
  )
}
