'use client'
/** The HTTP endpoint's operations; the one that is open stands in the address. */
import { useQuery } from '@tanstack/react-query'
import { FileJson } from 'lucide-react'
import { LinkButton } from '../../../_ui/button.tsx'
import { useClusterId } from '../../../_ui/cluster.tsx'
import { CopyButton } from '../../../_ui/copy.tsx'
import { Field, TextInput } from '../../../_ui/field.tsx'
import { Page, PageHead, Panel } from '../../../_ui/page.tsx'
import { useTRPC } from '../../../_ui/trpc.tsx'
import { text, useUrlState } from '../../../_ui/url-state.ts'
import { useHydrated } from '../../../_ui/use-format.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { messages } from './messages.ts'
import { OperationCard } from './operation-card.tsx'
import type { Operation } from './operations.ts'

const urlTable = { op: text('produceToTopic'), topic: text() }
const tags = ['Records', 'Topics', 'Clusters'] as const

export function HttpApi({ base, operations }: { base: string; operations: readonly Operation[] }) {
  const m = useMessages(messages)
  const trpc = useTRPC()
  const cluster = useClusterId()
  const hydrated = useHydrated()
  const [url, setUrl] = useUrlState(urlTable)
  const topics = useQuery(trpc.topics.list.queryOptions({ cluster, perPage: 1 }))
  const detail = useQuery(trpc.clusters.get.queryOptions({ cluster }))
  const origin = hydrated ? window.location.origin : ''
  const suggested = topics.data?.rows[0]?.name ?? m.noTopic
  const values = {
    topic: url.topic || suggested,
    partition: '0',
    cluster: detail.data?.clusterId ?? '{cluster}',
  }

  return (
    <Page className="max-w-[1080px]">
      <PageHead
        title={m.title}
        actions={
          <LinkButton href={`${base}/openapi.json`} prefetch={false} target="_blank" icon={FileJson}>
            {m.document}
          </LinkButton>
        }
      />
      <p className="prose-width text-muted">{m.intro}</p>
      <div className="flex flex-wrap items-end gap-x-6 gap-y-3">
        <div>
          <div className="mb-1 font-medium">{m.base}</div>
          <div className="flex h-7 items-center gap-1">
            <code>
              {origin}
              {base}
            </code>
            <CopyButton text={`${origin}${base}`} />
          </div>
        </div>
        <Field label={m.example} className="w-60">
          <TextInput
            mono
            value={url.topic}
            placeholder={suggested}
            onChange={(event) => setUrl({ topic: event.target.value })}
          />
        </Field>
      </div>
      {tags.map((tag) => (
        <Panel key={tag} flush title={m.tags[tag]}>
          {operations
            .filter((operation) => operation.tag === tag)
            .map((operation) => (
              <OperationCard
                key={operation.id}
                operation={operation}
                origin={origin}
                values={values}
                open={url.op === operation.id}
                onToggle={(open) => setUrl({ op: open ? operation.id : 'none' })}
              />
            ))}
        </Panel>
      ))}
    </Page>
  )
}
