'use client'
/** Preferences, saved views, what the cluster can do, and whether the console can keep anything. */
import { useQuery } from '@tanstack/react-query'
import { useClusterId } from '../../../_ui/cluster.tsx'
import { Page, PageHead } from '../../../_ui/page.tsx'
import { useTRPC } from '../../../_ui/trpc.tsx'
import { useMessages } from '../../../_ui/use-messages.ts'
import { Apis } from './apis.tsx'
import { ClusterFacts } from './cluster-facts.tsx'
import { Features } from './features.tsx'
import { messages } from './messages.ts'
import { Preferences } from './preferences.tsx'
import { SavedViews } from './saved-views.tsx'

const refreshMs = 10_000

export function Settings() {
  const m = useMessages(messages)
  const trpc = useTRPC()
  const cluster = useClusterId()
  const detail = useQuery(trpc.clusters.get.queryOptions({ cluster }, { refetchInterval: refreshMs }))
  const retry = () => void detail.refetch()
  return (
    <Page>
      <PageHead title={m.title} />
      <div className="grid gap-3 lg:grid-cols-2">
        <Preferences />
        <ClusterFacts cluster={detail.data} error={detail.error} onRetry={retry} />
      </div>
      <SavedViews />
      <Features
        known={(detail.data?.apis.length ?? 0) > 0}
        capabilities={detail.data?.capabilities}
        error={detail.error}
        onRetry={retry}
      />
      <Apis apis={detail.data?.apis} error={detail.error} onRetry={retry} />
    </Page>
  )
}
