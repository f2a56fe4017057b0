'use client'
/** All configs of a topic as fields: the common ones, then the rest with a search over names and documentation. */
import { useMemo, useState } from 'react'
import { Badge } from '../../../../_ui/badge.tsx'
import { formatInteger } from '../../../../_ui/format.ts'
import { Panel } from '../../../../_ui/page.tsx'
import { SearchBox } from '../../../../_ui/search-box.tsx'
import { Bone, ErrorState, LoadingNote } from '../../../../_ui/states.tsx'
import { useMessages } from '../../../../_ui/use-messages.ts'
import { messages } from '../messages.ts'
import { ConfigField, type ConfigSchema, useHelp } from './config-field.tsx'

/** What most topics set, in the order of how often. */
const common = [
  'cleanup.policy',
  'retention.ms',
  'retention.bytes',
  'min.insync.replicas',
  'max.message.bytes',
  'compression.type',
]

export function ConfigForm({
  schema,
  error,
  onRetry,
  values,
  onChange,
}: {
  schema: readonly ConfigSchema[] | undefined
  error: unknown
  onRetry(): void
  values: Readonly<Record<string, string>>
  onChange(config: string, value: string): void
}) {
  const m = useMessages(messages)
  const help = useHelp()
  const [search, setSearch] = useState('')
  const wanted = search.trim().toLowerCase()
  const { first, rest } = useMemo(() => {
    const all = schema ?? []
    return {
      first: common.flatMap((name) => all.filter((entry) => entry.name === name)),
      rest: all.filter((entry) => !common.includes(entry.name)).toSorted((a, b) => a.name.localeCompare(b.name)),
    }
  }, [schema])
  const fits = (entry: ConfigSchema) =>
    wanted === '' || entry.name.includes(wanted) || help(entry).toLowerCase().includes(wanted)
  const set = Object.values(values).filter((v) => v !== '').length

  if (error && !schema) {
    return (
      <Panel title={m.create.configs}>
        <ErrorState error={error} onRetry={onRetry} />
      </Panel>
    )
  }
  return (
    <Panel
      title={
        <span className="flex items-center gap-2">
          {m.create.configs}
          {set > 0 && <Badge tone="accent">{m.create.changed(formatInteger(set))}</Badge>}
        </span>
      }
      actions={<SearchBox value={search} onChange={setSearch} label={m.create.searchConfigs} className="w-52" />}
    >
      <p className="mb-4 text-muted">{m.create.configsHelp}</p>
      {!schema && (
        <div className="grid gap-6 md:grid-cols-2">
          <LoadingNote />
          {common.map((name) => (
            <div key={name} className="flex h-24 flex-col gap-2">
              <Bone className="w-40" />
              <Bone className="h-7 w-72" />
              <Bone className="w-full" />
            </div>
          ))}
        </div>
      )}
      {[first.filter(fits), rest.filter(fits)].map(
        (entries, index) =>
          entries.length > 0 && (
            <section key={index === 0 ? 'common' : 'all'} className="mb-5 last:mb-0">
              <h3 className="mb-3 border-b pb-1 text-faint text-xs">
                {index === 0 ? m.create.common : m.create.allConfigs}
              </h3>
              <div className="grid gap-x-8 gap-y-5 md:grid-cols-2">
                {entries.map((entry) => (
                  <ConfigField
                    key={entry.name}
                    schema={entry}
                    fallback={entry.default}
                    value={values[entry.name] ?? ''}
                    onChange={(value) => onChange(entry.name, value)}
                  />
                ))}
              </div>
            </section>
          ),
      )}
    </Panel>
  )
}
