'use client'
/** Says once, on whatever page, that the cluster does not answer, and asks everything again when it does. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { ServerOff } from 'lucide-react'
import { useEffect, useSyncExternalStore } from 'react'
import { useClusterId } from '../_ui/cluster.tsx'
import { messages as common } from '../_ui/common.ts'
import { connectionStore } from '../_ui/connection-store.ts'
import { useTRPC } from '../_ui/trpc.tsx'
import { useMessages } from '../_ui/use-messages.ts'
import { messages } from './messages.ts'

/** What is asked is known to the console; no broker is asked for it. */
const refreshMs = 3_000

export function ClusterNotice() {
  const m = useMessages(messages)
  const c = useMessages(common)
  const trpc = useTRPC()
  const queries = useQueryClient()
  const clusterId = useClusterId()
  const clusters = useQuery(trpc.clusters.list.queryOptions(undefined, { refetchInterval: refreshMs }))
  // Without the console nothing is known of the cluster, and that is said already.
  const connected = useSyncExternalStore(connectionStore.subscribe, connectionStore.get, () => 'up' as const) === 'up'
  const cluster = clusters.data?.find((one) => one.id === clusterId)
  const gone = cluster?.state === 'unreachable'

  useEffect(() => {
    if (gone) return () => void queries.invalidateQueries()
  }, [gone, queries])

  return (
    <div role="status" aria-live="polite">
      {gone && connected && (
        <div className="flex flex-wrap items-center gap-x-2 border-b bg-warn-soft px-3 py-1.5 text-warn sm:px-5">
          <ServerOff size={15} aria-hidden className="shrink-0" />
          <span>
            <strong className="font-semibold">{m.clusterGone}</strong> {c.connection.lostDetail}
          </span>
          {cluster.problem && <span className="num break-all">{cluster.problem.message}</span>}
        </div>
      )}
    </div>
  )
}
