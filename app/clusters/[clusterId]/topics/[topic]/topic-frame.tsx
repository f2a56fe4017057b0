'use client'
/** The head of a topic's pages, and its tabs. A topic that is gone is said here once, for all of them. */
import { Crown, MoreHorizontal, Network, PencilLine, Plus, Send, Trash2 } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { type ReactNode, useState } from 'react'
import { Badge } from '../../../../_ui/badge.tsx'
import { Button, IconButton } from '../../../../_ui/button.tsx'
import { useClusterId } from '../../../../_ui/cluster.tsx'
import { CopyButton } from '../../../../_ui/copy.tsx'
import { Menu, MenuItem, MenuLine } from '../../../../_ui/menu.tsx'
import { Page, PageHead, Panel, Tabs } from '../../../../_ui/page.tsx'
import { paths, topicTabs } from '../../../../_ui/paths.ts'
import { PlanDialog, type PlanRequest } from '../../../../_ui/plan-dialog.tsx'
import { problemIn } from '../../../../_ui/problem.ts'
import { Bone, ErrorState } from '../../../../_ui/states.tsx'
import { useTRPCClient } from '../../../../_ui/trpc.tsx'
import { flag, useUrlState } from '../../../../_ui/url-state.ts'
import { useFormat } from '../../../../_ui/use-format.ts'
import { useMessages } from '../../../../_ui/use-messages.ts'
import { IncreaseDialog } from './_actions/increase-dialog.tsx'
import { ProduceSheet } from './_actions/produce-sheet.tsx'
import { PurgeDialog } from './_actions/purge-dialog.tsx'
import { ReplicasDialog } from './_actions/replicas-dialog.tsx'
import { messages } from './messages-table.ts'
import { Produced, useTopic } from './use-topic.ts'

const urlTable = { produce: flag() }

export function TopicFrame({ topic, children }: { topic: string; children: ReactNode }) {
  const m = useMessages(messages)
  const f = useFormat()
  const client = useTRPCClient()
  const router = useRouter()
  const cluster = useClusterId()
  const query = useTopic()
  const [url, setUrl] = useUrlState(urlTable)
  const [dialog, setDialog] = useState<'increase' | 'purge' | 'replicas' | null>(null)
  const [plan, setPlan] = useState<PlanRequest<any> | null>(null)
  const [produced, setProduced] = useState(0)
  const data = query.data
  const gone = query.error && ['NOT_FOUND', 'UNKNOWN_TOPIC_OR_PARTITION'].includes(problemIn(query.error)?.code ?? '')

  function askDelete() {
    setPlan({
      title: m.delete.title(topic),
      verb: m.delete.verb,
      danger: true,
      confirm: topic,
      make: async () => [await client.topics.planDelete.mutate({ cluster, topic })],
      apply: (input) => client.topics.applyDelete.mutate(input),
      said: m.delete.said(topic),
      done: () => router.push(paths.topics(cluster)),
    })
  }

  function askElect() {
    setPlan({
      title: m.elect.title(topic),
      verb: m.elect.verb,
      make: async () => [await client.replicas.planElect.mutate({ cluster, topic })],
      apply: (input) => client.replicas.applyElect.mutate(input),
      said: m.elect.said,
    })
  }

  if (query.error && (gone || !data)) {
    return (
      <Page>
        <PageHead title={topic} mono />
        <Panel>
          <ErrorState error={query.error} onRetry={() => void query.refetch()} busy={query.isFetching} />
        </Panel>
      </Page>
    )
  }
  return (
    <Page fill>
      <PageHead
        title={topic}
        mono
        aside={
          <>
            <CopyButton text={topic} className="max-sm:hidden" />
            {data?.internal && <Badge>{m.internal}</Badge>}
            <span className="flex flex-wrap gap-x-3 text-muted tabular-nums">
              {data ? (
                <>
                  <span>
                    {data.partitions.length === 1
                      ? m.facts.onePartition
                      : m.facts.partitions(f.integer(data.partitions.length))}
                  </span>
                  <span>
                    {data.replicationFactor === 1
                      ? m.facts.oneReplica
                      : m.facts.replicas(f.integer(data.replicationFactor))}
                  </span>
                  {data.records !== null && <span>{m.facts.records(f.integer(data.records))}</span>}
                  {data.sizeBytes !== null && <span>{f.bytes(data.sizeBytes)}</span>}
                  {data.recordsInPerSecond !== null && <span>{f.messageRate(data.recordsInPerSecond)}</span>}
                </>
              ) : (
                <Bone className="w-64" />
              )}
            </span>
          </>
        }
        actions={
          <>
            <Button kind="primary" icon={Send} onClick={() => setUrl({ produce: true })}>
              {m.actions.produce}
            </Button>
            <Menu trigger={<IconButton label={m.actions.menu} icon={MoreHorizontal} kind="plain" tip={false} />}>
              <MenuItem icon={Plus} disabled={!data} onSelect={() => setDialog('increase')}>
                {m.actions.increase}
              </MenuItem>
              <MenuItem icon={Network} disabled={!data} onSelect={() => setDialog('replicas')}>
                {m.actions.replicas}
              </MenuItem>
              <MenuItem icon={Crown} disabled={!data} onSelect={askElect}>
                {m.actions.elect}
              </MenuItem>
              <MenuItem icon={PencilLine} onSelect={() => router.push(paths.topic(cluster, topic, 'configuration'))}>
                {m.tabs.configuration}
              </MenuItem>
              <MenuLine />
              <MenuItem icon={Trash2} danger disabled={!data} onSelect={() => setDialog('purge')}>
                {m.actions.purge}
              </MenuItem>
              <MenuItem icon={Trash2} danger onSelect={askDelete}>
                {m.actions.delete}
              </MenuItem>
            </Menu>
          </>
        }
      />
      <Tabs
        label={m.tabs.label}
        tabs={topicTabs.map((tab) => ({
          href: paths.topic(cluster, topic, tab),
          label: m.tabs[tab],
          count: tab === 'partitions' && data ? f.integer(data.partitions.length) : undefined,
        }))}
      />
      <Produced value={produced}>{children}</Produced>
      {data && dialog === 'increase' && (
        <IncreaseDialog topic={topic} now={data.partitions.length} onPlan={setPlan} onClose={() => setDialog(null)} />
      )}
      {data && dialog === 'purge' && (
        <PurgeDialog
          topic={topic}
          partitions={data.partitions.length}
          onPlan={setPlan}
          onClose={() => setDialog(null)}
        />
      )}
      {data && dialog === 'replicas' && (
        <ReplicasDialog
          topic={topic}
          partitions={data.partitions.length}
          replicationFactor={data.replicationFactor}
          onPlan={setPlan}
          onClose={() => setDialog(null)}
        />
      )}
      <PlanDialog request={plan} onClose={() => setPlan(null)} />
      <ProduceSheet
        topic={topic}
        partitions={data?.partitions.length ?? 1}
        open={url.produce}
        onProduced={() => setProduced((n) => n + 1)}
        onClose={() => setUrl({ produce: false })}
      />
    </Page>
  )
}
