'use client'
/** Brokers, topics, partitions, rates in and out as they are this second, charts of the last while, top lag, recent changes. */
import { useQuery } from '@tanstack/react-query'
import { useSubscription } from '@trpc/tanstack-react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { RangePicker, useRange } from '../../../_charts/range.tsx'
import { useSeries } from '../../../_charts/use-series.ts'
import { LinkButton } from '../../../_ui/button.tsx'
import { useClusterId } from '../../../_ui/cluster.tsx'
import { Code, CopyButton } from '../../../_ui/copy.tsx'
import { Page, PageHead, Panel } from '../../../_ui/page.tsx'
import { paths } from '../../../_ui/paths.ts'
import { Empty, ErrorState } from '../../../_ui/states.tsx'
import { type Outputs, useTRPC } from '../../../_ui/trpc.tsx'
import { useHydrated } from '../../../_ui/use-format.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { useVisible } from '../../../_ui/use-visible.ts'
import { Changes } from './changes.tsx'
import { Counts, RateFigures } from './figures.tsx'
import { messages } from './messages.ts'
import { RateCharts } from './rate-charts.tsx'
import { TopLag } from './top-lag.tsx'

type Tick = Outputs['overview']['live'] extends AsyncIterable<infer T> ? T : never

const refreshMs = 10_000
const seriesNames = ['recordsIn', 'recordsOut', 'bytesIn', 'bytesOut'] as const

export function Overview() {
  const m = useMessages(messages)
  const trpc = useTRPC()
  const cluster = useClusterId()
  const range = useRange()
  const visible = useVisible()
  const overview = useQuery(trpc.overview.get.queryOptions({ cluster }, { refetchInterval: refreshMs }))
  const [tick, setTick] = useState<Tick>()
  useSubscription(trpc.overview.live.subscriptionOptions({ cluster }, { enabled: visible, onData: setTick }))
  const series = useSeries(seriesNames, range.windowMs, '', tick)

  const data = overview.data
  if (overview.error && !data) {
    return (
      <Page>
        <PageHead title={m.title} />
        <Panel>
          <ErrorState error={overview.error} onRetry={() => void overview.refetch()} busy={overview.isFetching} />
        </Panel>
      </Page>
    )
  }
  const counts = tick?.counts ?? data
  return (
    <Page>
      <PageHead
        title={m.title}
        aside={data && <Bootstrap addresses={data.cluster.bootstrap} />}
        actions={<RangePicker />}
      />
      <Counts data={data} counts={counts} />
      {counts?.topics === 0 && data && <First bootstrap={data.cluster.bootstrap.join(',')} />}
      <RateFigures rates={tick?.rates ?? data?.rates} series={series} />
      <RateCharts series={series} />
      <p className="-mt-1 px-1 text-faint text-xs">{m.outNote}</p>
      <div className="grid gap-3 lg:grid-cols-2">
        <TopLag rows={tick?.topLag ?? data?.topLag} />
        <Changes rows={data?.recentChanges} />
      </div>
    </Page>
  )
}

function Bootstrap({ addresses }: { addresses: readonly string[] }) {
  const m = useMessages(messages)
  const list = addresses.join(',')
  return (
    <span className="inline-flex items-center gap-1">
      <span className="text-faint">{m.bootstrap}</span>
      <code>
        {addresses.map((address, i) => (
          <span key={address} className="inline-block break-all">
            {i < addresses.length - 1 ? `${address},` : address}
          </span>
        ))}
      </code>
      <CopyButton text={list} />
    </span>
  )
}

/** Nothing there yet: how to begin, with the addresses that are in use. */
function First({ bootstrap }: { bootstrap: string }) {
  const m = useMessages(messages)
  const cluster = useClusterId()
  const hydrated = useHydrated()
  const origin = hydrated ? window.location.origin : ''
  return (
    <Panel>
      <Empty
        className="py-5"
        title={m.firstTitle}
        command={`curl -X POST ${origin}/rest/topics/hello -H 'Content-Type: application/vnd.kafka.json.v2+json' -d '{"records":[{"value":{"hello":"world"}}]}'`}
        action={
          <>
            <div className="flex w-full max-w-[640px] flex-col gap-1 text-left">
              <span className="text-muted">{m.orWithClient}</span>
              <Code>{`echo hello | kcat -P -b ${bootstrap} -t hello`}</Code>
            </div>
            <LinkButton kind="primary" icon={Plus} href={paths.newTopic(cluster)} className="mt-2">
              {m.newTopic}
            </LinkButton>
          </>
        }
      >
        {m.first}
      </Empty>
    </Panel>
  )
}
