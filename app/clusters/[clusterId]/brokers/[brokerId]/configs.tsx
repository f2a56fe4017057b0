'use client'
/** A broker's configuration: value, where it comes from, whether it takes effect without a restart; at the side what it is for, and a change. */
import { useQuery } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import { Badge } from '../../../../_ui/badge.tsx'
import { Button } from '../../../../_ui/button.tsx'
import { ToggleChip } from '../../../../_ui/chips.tsx'
import { useClusterId } from '../../../../_ui/cluster.tsx'
import { messages as common } from '../../../../_ui/common.ts'
import { Sheet } from '../../../../_ui/dialog.tsx'
import { Facts } from '../../../../_ui/page.tsx'
import { SearchBox } from '../../../../_ui/search-box.tsx'
import { Empty } from '../../../../_ui/states.tsx'
import { Unknown } from '../../../../_ui/table/body.tsx'
import type { Column } from '../../../../_ui/table/column.ts'
import { DataTable } from '../../../../_ui/table/data-table.tsx'
import { type Outputs, useTRPC } from '../../../../_ui/trpc.tsx'
import { flag, text, useUrlState } from '../../../../_ui/url-state.ts'
import { useMessages } from '../../../../_ui/use-messages.ts'
import { useDefaultText } from '../../topics/_config/config-field.tsx'
import { messages as topicMessages } from '../../topics/[topic]/messages-table.ts'
import { messages } from '../messages.ts'
import { EditConfig } from './edit-config.tsx'

type Config = Outputs['brokers']['configs'][number]

const urlTable = { q: text(), set: flag(), dynamic: flag(), sort: text('name'), desc: flag(), config: text() }
const rowKey = (row: Config) => row.name

export function BrokerConfigs({ brokerId }: { brokerId: number }) {
  const m = useMessages(messages).configs
  const c = useMessages(common)
  const trpc = useTRPC()
  const cluster = useClusterId()
  const [url, setUrl] = useUrlState(urlTable)
  const configs = useQuery(trpc.brokers.configs.queryOptions({ cluster, brokerId }))
  const open = useCallback((row: Config) => setUrl({ config: row.name }, { push: true }), [setUrl])
  const columns = useColumns(open)
  const rows = useMemo(() => {
    const wanted = url.q.trim().toLowerCase()
    return configs.data?.filter(
      (row) =>
        (row.name.includes(wanted) || (row.value ?? '').toLowerCase().includes(wanted)) &&
        (!url.set || row.source !== 'DEFAULT_CONFIG') &&
        (!url.dynamic || !row.readOnly),
    )
  }, [configs.data, url.q, url.set, url.dynamic])
  const opened = configs.data?.find((row) => row.name === url.config)

  return (
    <>
      <DataTable
        id="broker-configs"
        label={m.title}
        columns={columns}
        rows={rows}
        rowKey={rowKey}
        sort={{ by: url.sort, descending: url.desc }}
        onSort={(sort) => setUrl({ sort: sort.by, desc: sort.descending })}
        onOpen={open}
        openKey={url.config}
        csv={`${cluster}_broker_${brokerId}_configs`}
        error={configs.error}
        onRetry={() => void configs.refetch()}
        skeletonRows={12}
        toolbar={
          <>
            <h2 className="mr-1 text-sm">{m.title}</h2>
            <SearchBox value={url.q} onChange={useCallback((q: string) => setUrl({ q }), [setUrl])} label={m.search} />
            <ToggleChip on={url.set} onChange={(set) => setUrl({ set })}>
              {m.setOnly}
            </ToggleChip>
            <ToggleChip on={url.dynamic} onChange={(dynamic) => setUrl({ dynamic })}>
              {m.dynamicOnly}
            </ToggleChip>
          </>
        }
        empty={
          <Empty
            title={c.table.nothingFound}
            className="py-6"
            action={
              <Button onClick={() => setUrl({ q: '', set: false, dynamic: false })}>{c.table.clearFilters}</Button>
            }
          />
        }
      />
      {opened && (
        <Sheet open modal={false} title={opened.name} onClose={() => setUrl({ config: '' })}>
          <div className="flex flex-col gap-5">
            <Details config={opened} />
            {!opened.readOnly && !opened.sensitive && (
              <EditConfig key={opened.name} brokerId={brokerId} config={opened} />
            )}
          </div>
        </Sheet>
      )}
    </>
  )
}

function Details({ config }: { config: Config }) {
  const m = useMessages(messages).configs
  const sources = useMessages(topicMessages).configuration.sources
  const say = useSay()
  return (
    <div className="flex flex-col gap-4">
      <p className="prose-width">{config.documentation ?? <span className="text-muted">{m.noDoc}</span>}</p>
      <Facts
        rows={[
          { label: m.value, value: say(config, config.value) },
          { label: m.source, value: sources[config.source], mono: false },
          { label: m.change, value: config.readOnly ? m.restart : m.running, mono: false },
        ]}
      />
      {config.synonyms.length > 0 && (
        <section>
          <h3 className="mb-1 text-sm">{m.order}</h3>
          <ol className="flex flex-col rounded-md border">
            {config.synonyms.map((one) => (
              <li
                key={`${one.source} ${one.name}`}
                className="flex flex-wrap items-baseline gap-x-3 border-b px-3 py-1.5 last:border-b-0"
              >
                <span className="num break-all">{one.name}</span>
                <span className="num break-all text-muted">{say(config, one.value)}</span>
                <span className="ml-auto text-faint text-xs">{sources[one.source]}</span>
              </li>
            ))}
          </ol>
        </section>
      )}
    </div>
  )
}

/** A value with its meaning beside it; what is kept secret says so. */
function useSay(): (config: Config, value: string | null) => string {
  const m = useMessages(messages).configs
  const say = useDefaultText()
  return (config, value) => {
    if (config.sensitive) return m.secret
    if (value === null) return '–'
    return say({ unit: /\.(ms|bytes|seconds)$/.exec(config.name)?.[1] ?? null }, value)
  }
}

function useColumns(open: (row: Config) => void): readonly Column<Config>[] {
  const m = useMessages(messages).configs
  const sources = useMessages(topicMessages).configuration.sources
  const say = useSay()
  // biome-ignore lint/correctness/useExhaustiveDependencies: `say` follows the language, as `m` does
  return useMemo(
    (): readonly Column<Config>[] => [
      {
        id: 'name',
        header: m.columns.name,
        width: 330,
        fixed: true,
        value: (row) => row.name,
        cell: (row) => (
          <button
            type="button"
            aria-label={m.details(row.name)}
            title={row.documentation ?? undefined}
            onClick={() => open(row)}
            className="num max-w-full truncate align-middle hover:text-accent hover:underline"
          >
            {row.name}
          </button>
        ),
      },
      {
        id: 'value',
        header: m.columns.value,
        width: 260,
        grow: true,
        value: (row) => row.value,
        cell: (row) =>
          row.value === null && !row.sensitive ? (
            <Unknown />
          ) : (
            <span className="num" title={row.value ?? undefined}>
              {say(row, row.value)}
            </span>
          ),
      },
      {
        id: 'source',
        header: m.columns.source,
        width: 160,
        value: (row) => sources[row.source],
        cell: (row) =>
          row.source === 'DEFAULT_CONFIG' ? (
            <span className="text-muted">{sources[row.source]}</span>
          ) : (
            <Badge tone="accent">{sources[row.source]}</Badge>
          ),
      },
      {
        id: 'change',
        header: m.columns.change,
        width: 130,
        value: (row) => (row.readOnly ? m.restart : m.running),
        cell: (row) => <span className="text-muted">{row.readOnly ? m.restart : m.running}</span>,
      },
    ],
    [m, sources, open],
  )
}
