'use client'
/** A topic's configs: what holds and why, edited one by one, applied together by one plan. */
import { useQuery } from '@tanstack/react-query'
import { Pencil } from 'lucide-react'
import { useCallback, useMemo, useState } from 'react'
import { Badge } from '../../../../../_ui/badge.tsx'
import { Button, IconButton } from '../../../../../_ui/button.tsx'
import { ToggleChip } from '../../../../../_ui/chips.tsx'
import { useClusterId } from '../../../../../_ui/cluster.tsx'
import { messages as common } from '../../../../../_ui/common.ts'
import { PlanDialog, type PlanRequest } from '../../../../../_ui/plan-dialog.tsx'
import { SearchBox } from '../../../../../_ui/search-box.tsx'
import { Empty } from '../../../../../_ui/states.tsx'
import { Unknown } from '../../../../../_ui/table/body.tsx'
import type { Column } from '../../../../../_ui/table/column.ts'
import { DataTable } from '../../../../../_ui/table/data-table.tsx'
import { type Inputs, type Outputs, useTRPC, useTRPCClient } from '../../../../../_ui/trpc.tsx'
import { flag, text, useUrlState } from '../../../../../_ui/url-state.ts'
import { useFormat } from '../../../../../_ui/use-format.ts'
import { useMessages } from '../../../../../_ui/use-messages.ts'
import { useDefaultText } from '../../_config/config-field.tsx'
import { messages } from '../messages-table.ts'
import { useTopicName } from '../use-topic.ts'
import { EditConfig } from './edit-config.tsx'

export type ConfigRow = Outputs['topics']['configs'][number]

const urlTable = { q: text(), own: flag(), sort: text('name'), desc: flag() }
const rowKey = (row: ConfigRow) => row.name

export function Configuration() {
  const m = useMessages(messages).configuration
  const c = useMessages(common)
  const f = useFormat()
  const trpc = useTRPC()
  const client = useTRPCClient()
  const cluster = useClusterId()
  const topic = useTopicName()
  const [url, setUrl] = useUrlState(urlTable)
  const [pending, setPending] = useState<Readonly<Record<string, string | null>>>({})
  const [editing, setEditing] = useState<ConfigRow | null>(null)
  const [plan, setPlan] = useState<PlanRequest<Inputs['topics']['applyAlterConfigs']> | null>(null)

  const configs = useQuery(trpc.topics.configs.queryOptions({ cluster, topic }))
  const schema = useQuery(trpc.topics.configSchema.queryOptions({ cluster }, { staleTime: Number.POSITIVE_INFINITY }))
  const columns = useColumns(pending, setEditing)

  const rows = useMemo(() => {
    const wanted = url.q.trim().toLowerCase()
    return configs.data?.filter(
      (row) =>
        (wanted === '' || row.name.includes(wanted) || (row.value ?? '').toLowerCase().includes(wanted)) &&
        (!url.own || row.source === 'DYNAMIC_TOPIC_CONFIG' || row.name in pending),
    )
  }, [configs.data, url, pending])

  const count = Object.keys(pending).length

  function ask() {
    setPlan({
      title: m.title(topic),
      verb: m.verb,
      make: async () => [await client.topics.planAlterConfigs.mutate({ cluster, topic, configs: pending })],
      apply: (input) => client.topics.applyAlterConfigs.mutate(input),
      said: m.said,
      done: () => setPending({}),
    })
  }

  return (
    <>
      {count > 0 && (
        <div className="flex flex-wrap items-center gap-2 rounded-md bg-accent-soft px-3 py-1.5" role="status">
          <span className="font-medium text-accent">{m.pending(f.integer(count))}</span>
          <span className="ml-auto flex gap-2">
            <Button onClick={() => setPending({})}>{m.discard}</Button>
            <Button kind="primary" onClick={ask}>
              {m.plan}
            </Button>
          </span>
        </div>
      )}
      <DataTable
        id="topic-configs"
        label={m.title(topic)}
        fill="atMost"
        columns={columns}
        rows={rows}
        rowKey={rowKey}
        sort={{ by: url.sort, descending: url.desc }}
        onSort={(sort) => setUrl({ sort: sort.by, desc: sort.descending })}
        onOpen={useCallback((row: ConfigRow) => {
          if (!row.readOnly) setEditing(row)
        }, [])}
        csv={`${cluster}_${topic}_configs`}
        error={configs.error}
        onRetry={() => void configs.refetch()}
        skeletonRows={16}
        toolbar={
          <>
            <SearchBox value={url.q} onChange={useCallback((q: string) => setUrl({ q }), [setUrl])} label={m.search} />
            <ToggleChip on={url.own} onChange={(own) => setUrl({ own })}>
              {m.changedOnly}
            </ToggleChip>
          </>
        }
        empty={
          <Empty
            title={c.table.nothingFound}
            action={<Button onClick={() => setUrl({ q: '', own: false })}>{c.table.clearFilters}</Button>}
          />
        }
      />
      {editing && (
        <EditConfig
          row={editing}
          schema={schema.data?.find((entry) => entry.name === editing.name)}
          pending={pending[editing.name]}
          onClose={() => setEditing(null)}
          onChange={(value) => {
            const { [editing.name]: _, ...others } = pending
            const same =
              value === undefined || value === (editing.source === 'DYNAMIC_TOPIC_CONFIG' ? editing.value : null)
            setPending(same ? others : { ...others, [editing.name]: value })
            setEditing(null)
          }}
        />
      )}
      <PlanDialog request={plan} onClose={() => setPlan(null)} />
    </>
  )
}

function useColumns(
  pending: Readonly<Record<string, string | null>>,
  onEdit: (row: ConfigRow) => void,
): readonly Column<ConfigRow>[] {
  const m = useMessages(messages).configuration
  const say = useDefaultText()
  // biome-ignore lint/correctness/useExhaustiveDependencies: `say` follows the language, as `m` does
  return useMemo(
    (): readonly Column<ConfigRow>[] => [
      {
        id: 'name',
        header: m.columns.name,
        width: 300,
        fixed: true,
        value: (row) => row.name,
        cell: (row) => (
          <span title={row.documentation ?? undefined} className="num">
            {row.name}
          </span>
        ),
      },
      {
        id: 'value',
        header: m.columns.value,
        width: 260,
        grow: true,
        value: (row) => row.value,
        cell: (row) => {
          const change = pending[row.name]
          const now = row.sensitive ? (
            m.secret
          ) : row.value === null ? (
            <Unknown />
          ) : (
            say({ unit: unitIn(row.name) }, row.value)
          )
          return (
            <span className="flex items-center gap-2">
              <span className={change === undefined ? 'num truncate' : 'num truncate text-faint line-through'}>
                {now}
              </span>
              {change !== undefined && <Badge tone="accent">{change === null ? m.willReset : change || '""'}</Badge>}
            </span>
          )
        },
      },
      {
        id: 'source',
        header: m.columns.source,
        width: 150,
        value: (row) => m.sources[row.source],
        cell: (row) =>
          row.source === 'DYNAMIC_TOPIC_CONFIG' ? (
            <Badge tone="accent">{m.sources[row.source]}</Badge>
          ) : (
            <span className="text-muted">{m.sources[row.source]}</span>
          ),
      },
      {
        id: 'inherited',
        header: m.columns.inherited,
        width: 170,
        value: (row) => row.inherited,
        cell: (row) =>
          row.source === 'DYNAMIC_TOPIC_CONFIG' && row.inherited !== null ? (
            <span className="num text-muted">{say({ unit: unitIn(row.name) }, row.inherited)}</span>
          ) : (
            <Unknown />
          ),
      },
      {
        id: 'edit',
        header: m.columns.edit,
        bare: true,
        width: 56,
        fixed: true,
        cell: (row) =>
          !row.readOnly && (
            <IconButton
              label={m.edit(row.name)}
              icon={Pencil}
              tip={false}
              className="text-faint group-hover:text-ink"
              onClick={() => onEdit(row)}
            />
          ),
      },
    ],
    [m, pending, onEdit],
  )
}

/** As the schema tells it, by the ending of the name. */
function unitIn(name: string): 'ms' | 'bytes' | null {
  return name.endsWith('.ms') ? 'ms' : name.endsWith('.bytes') ? 'bytes' : null
}
