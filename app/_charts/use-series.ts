'use client'
/**
 * Series of the last so many minutes: what the console has kept, and on short ranges every new figure as it comes. The end of
 * the range moves on by itself; long ranges are asked for again, short ones once and then continued live.
 */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useSubscription } from '@trpc/tanstack-react-query'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { useClusterId } from '../_ui/cluster.tsx'
import { type Inputs, useTRPC } from '../_ui/trpc.tsx'
import { useVisible } from '../_ui/use-visible.ts'
import { appendPoints } from './series.ts'

type Name = Inputs['metrics']['series']['names'][number]
type Points = readonly (readonly [number, number | null])[]

/** Up to here new figures are drawn one by one. */
const liveUpToMs = 3_600_000

export interface LiveSeries {
  /** By name; undefined while they are being loaded. */
  readonly points: Readonly<Partial<Record<Name, Points>>> | undefined
  readonly stepMs: number
  readonly fromMs: number
  readonly toMs: number
  readonly error: unknown
  retry(): void
}

/** New figures, as the server's live procedures send them. */
export interface SeriesTick {
  readonly atMs: number
  readonly samples: readonly { readonly name: Name; readonly subject: string; readonly value: number }[]
}

export function useSeries(
  names: readonly Name[],
  windowMs: number,
  subject = '',
  /** The last tick of a stream that the page has anyway; `undefined` before the first. Left out: a stream of its own. */
  ...feed: [tick?: SeriesTick]
): LiveSeries {
  const fed = feed.length > 0
  const [tick] = feed
  const trpc = useTRPC()
  const cluster = useClusterId()
  const visible = useVisible()
  const live = windowMs <= liveUpToMs
  const refreshMs = live ? 300_000 : Math.max(30_000, windowMs / 300)
  const [anchorMs, setAnchor] = useState(() => Date.now())
  const [ticks, setTicks] = useState<Readonly<Partial<Record<Name, Points>>>>({})
  const [nowMs, setNow] = useState(anchorMs)
  const key = names.join()

  useEffect(() => {
    const timer = setInterval(() => setAnchor(Date.now()), refreshMs)
    return () => clearInterval(timer)
  }, [refreshMs])

  // biome-ignore lint/correctness/useExhaustiveDependencies: other series begin anew, and so does a tab that was hidden
  useEffect(() => {
    setAnchor(Date.now())
    setTicks({})
  }, [cluster, subject, windowMs, key, visible])

  const kept = useQuery(
    trpc.metrics.series.queryOptions(
      { cluster, names: [...names], subject, fromMs: anchorMs - windowMs, toMs: anchorMs, maxPoints: 400 },
      { placeholderData: keepPreviousData, staleTime: Number.POSITIVE_INFINITY },
    ),
  )

  const take = useCallback(
    ({ atMs, samples }: SeriesTick) => {
      setNow(atMs)
      setTicks((before) => {
        const next: Partial<Record<Name, Points>> = { ...before }
        for (const sample of samples) {
          if (sample.subject !== subject) continue
          next[sample.name] = appendPoints(before[sample.name] ?? [], [[atMs, sample.value]], atMs - windowMs)
        }
        return next
      })
    },
    [subject, windowMs],
  )
  useSubscription(
    trpc.metrics.live.subscriptionOptions(
      { cluster, names: [...names], subjects: [subject] },
      { enabled: live && visible && !fed, onData: take },
    ),
  )
  useEffect(() => {
    if (tick) take(tick)
  }, [tick, take])

  const toMs = live ? Math.max(nowMs, anchorMs) : anchorMs
  const fromMs = toMs - windowMs
  const points = useMemo(() => {
    if (!kept.data) return undefined
    const merged: Partial<Record<Name, Points>> = {}
    for (const series of kept.data) {
      const past = series.points.map(([ms, mean]) => [ms, mean] as const)
      merged[series.name] = live ? appendPoints(past, ticks[series.name] ?? [], fromMs) : past
    }
    return merged
  }, [kept.data, ticks, live, fromMs])

  return {
    points,
    stepMs: Math.max(...(kept.data ?? []).map((s) => s.stepMs), 1_000),
    fromMs,
    toMs,
    error: kept.error,
    retry: () => void kept.refetch(),
  }
}
