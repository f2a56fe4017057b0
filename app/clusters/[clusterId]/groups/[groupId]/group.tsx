'use client'
/** One group: lag now and over time, what is committed on each partition, its members; reset and delete. */
import { RotateCcw, Trash2 } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useMemo, useState } from 'react'
import { RangePicker, useRange } from '../../../../_charts/range.tsx'
import { type SeriesTick, useSeries } from '../../../../_charts/use-series.ts'
import { Button, LinkButton } from '../../../../_ui/button.tsx'
import { useClusterId } from '../../../../_ui/cluster.tsx'
import { CopyButton } from '../../../../_ui/copy.tsx'
import { GroupState } from '../../../../_ui/group-state.tsx'
import { Page, PageHead, Panel } from '../../../../_ui/page.tsx'
import { paths, shownName } from '../../../../_ui/paths.ts'
import { PlanDialog, type PlanRequest } from '../../../../_ui/plan-dialog.tsx'
import { Bone, Empty, ErrorState } from '../../../../_ui/states.tsx'
import { useTRPCClient } from '../../../../_ui/trpc.tsx'
import { useUrlState } from '../../../../_ui/url-state.ts'
import { useMessages } from '../../../../_ui/use-messages.ts'
import { messages as listMessages } from '../messages.ts'
import { deleteRequest } from '../requests.ts'
import { slopeOf } from '../trend.ts'
import { GroupFigures } from './figures.tsx'
import { LagChart } from './lag-chart.tsx'
import { GroupMembers } from './members.tsx'
import { messages } from './messages.ts'
import { GroupPartitions } from './partitions.tsx'
import { ResetDialog } from './reset-dialog.tsx'
import { type Scope, scopeOf } from './reset-scope.ts'
import { type GroupDetail, useGroup } from './use-group.ts'
import { groupUrl } from './view.ts'

const slopeMs = 60_000

export function Group({ groupId }: { groupId: string }) {
  const m = useMessages(messages)
  const list = useMessages(listMessages)
  const client = useTRPCClient()
  const router = useRouter()
  const cluster = useClusterId()
  const { query, group, gone } = useGroup(groupId)
  const [url, setUrl] = useUrlState(groupUrl)
  const [scope, setScope] = useState<Scope>(null)
  const [plan, setPlan] = useState<PlanRequest<any, any> | null>(null)
  const range = useRange()
  const name = shownName(groupId)

  const topics = useMemo(() => [...new Set(group?.partitions.map((p) => p.topic))], [group?.partitions])
  const tick = useMemo(() => group && tickOf(group, url.topic), [group, url.topic])
  const series = useSeries(
    [url.topic === '' ? 'groupLag' : 'groupTopicLag'],
    range.windowMs,
    url.topic === '' ? groupId : `${groupId}\u0000${url.topic}`,
    tick,
  )
  const slope = useMemo(() => slopeOf(series.points?.groupLag ?? [], slopeMs), [series.points])

  function askDelete() {
    const done = () => router.push(paths.groups(cluster))
    setPlan(deleteRequest({ client, cluster, groupIds: [groupId], m: list, done }))
  }

  if (gone || (query.error && !group)) {
    return (
      <Page>
        <PageHead title={name} mono />
        <Panel>
          {gone ? (
            <Empty title={m.gone} action={<LinkButton href={paths.groups(cluster)}>{m.all}</LinkButton>}>
              {m.goneDetail}
            </Empty>
          ) : (
            <ErrorState error={query.error} onRetry={() => void query.refetch()} busy={query.isFetching} />
          )}
        </Panel>
      </Page>
    )
  }
  return (
    <Page>
      <PageHead
        title={name}
        mono
        aside={
          <>
            <CopyButton text={groupId} />
            {group ? <GroupState state={group.state} /> : <Bone className="w-20" />}
            {group && <Kind group={group} />}
          </>
        }
        actions={
          <>
            <RangePicker />
            <Button
              kind="primary"
              icon={RotateCcw}
              disabled={!group}
              onClick={() => {
                setScope(null)
                setUrl({ reset: true })
              }}
            >
              {m.actions.reset}
            </Button>
            <Button icon={Trash2} disabled={!group} onClick={askDelete}>
              {m.actions.delete}
            </Button>
          </>
        }
      />
      <GroupFigures group={group} slope={url.topic === '' ? slope : undefined} />
      <LagChart series={series} topics={topics} topic={url.topic} onTopic={(topic) => setUrl({ topic })} />
      <GroupPartitions
        group={group}
        error={query.error}
        onRetry={() => void query.refetch()}
        url={url}
        setUrl={setUrl}
        csv={`${cluster}_${name}_partitions`}
        onReset={(chosen) => {
          setScope(scopeOf(chosen))
          setUrl({ reset: true })
        }}
      />
      <GroupMembers group={group} csv={`${cluster}_${name}_members`} url={url} setUrl={setUrl} />
      {group && url.reset && (
        <ResetDialog group={group} scope={scope} onPlan={setPlan} onClose={() => setUrl({ reset: false })} />
      )}
      <PlanDialog request={plan} onClose={() => setPlan(null)} />
    </Page>
  )
}

function Kind({ group }: { group: GroupDetail }) {
  const types = useMessages(listMessages).types as Readonly<Record<string, string>>
  return (
    <span className="flex gap-x-3">
      <span>{types[group.type] ?? group.type}</span>
      {group.protocolType && group.protocolType !== group.type && <span className="num">{group.protocolType}</span>}
    </span>
  )
}

/** What the page is told of the group, as a point of its chart. */
function tickOf(group: GroupDetail, topic: string): SeriesTick {
  if (topic === '') {
    const samples = group.lag === null ? [] : [{ name: 'groupLag' as const, subject: group.groupId, value: group.lag }]
    return { atMs: group.atMs, samples }
  }
  const value = group.partitions.reduce((sum, p) => sum + (p.topic === topic ? (p.lag ?? 0) : 0), 0)
  return { atMs: group.atMs, samples: [{ name: 'groupTopicLag', subject: `${group.groupId}\u0000${topic}`, value }] }
}
