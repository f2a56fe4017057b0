'use client'
/** The run that the address names, kept or going on, and what the lab sends of the processes. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useSubscription } from '@trpc/tanstack-react-query'
import { useState } from 'react'
import { useClusterId } from '../../../_ui/cluster.tsx'
import { type Outputs, useTRPC } from '../../../_ui/trpc.tsx'
import { useVisible } from '../../../_ui/use-visible.ts'

export type Run = Outputs['lab']['run']
export type Process = NonNullable<Live['processes']>[number]

interface Live {
  readonly atMs: number
  readonly processes: readonly ProcessRow[]
  readonly problem: string | null
}
type ProcessRow = Tick['processes'][number]
type Tick = Outputs['lab']['live'] extends AsyncIterable<infer T> ? T : never

/** What the stream has told so far: of the processes the last, of the run all. */
export function useLive(): { live: Live | undefined; run: Run | undefined } {
  const trpc = useTRPC()
  const cluster = useClusterId()
  const queries = useQueryClient()
  const visible = useVisible()
  const [live, setLive] = useState<Live>()
  const [run, setRun] = useState<Run>()
  useSubscription(
    trpc.lab.live.subscriptionOptions(
      { cluster },
      {
        enabled: visible,
        onData: ({ atMs, processes, problem, run: news }) => {
          setLive({ atMs, processes, problem })
          if (!news) return
          setRun((before) => {
            if (news.head) return { ...news, head: news.head }
            if (!before) return before
            return {
              head: before.head,
              events: news.events.length > 0 ? [...before.events, ...news.events] : before.events,
              seconds: news.seconds.length > 0 ? [...before.seconds, ...news.seconds] : before.seconds,
              summary: news.summary,
            }
          })
          if (news.head || news.summary) void queries.invalidateQueries({ queryKey: trpc.lab.pathKey() })
        },
      },
    ),
  )
  return { live, run }
}

/** A run by its id: from the stream if it is that one, else as it was kept. */
export function useRun(id: string, streamed: Run | undefined) {
  const trpc = useTRPC()
  const cluster = useClusterId()
  const isStreamed = streamed !== undefined && (id === '' || streamed.head.id === id)
  const kept = useQuery(
    trpc.lab.run.queryOptions(
      { cluster, id },
      { enabled: id !== '' && !isStreamed, staleTime: Number.POSITIVE_INFINITY },
    ),
  )
  if (isStreamed) return { run: streamed, error: null, loading: false, retry: () => {} }
  return { run: kept.data, error: kept.error, loading: kept.isLoading, retry: () => void kept.refetch() }
}
