'use client'
/** A group's lag over the last quarter of an hour as a line, and in a word where it is going. */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Minus, TrendingDown, TrendingUp } from 'lucide-react'
import { Sparkline } from '../../../_charts/sparkline.tsx'
import { useClusterId } from '../../../_ui/cluster.tsx'
import { useTRPC } from '../../../_ui/trpc.tsx'
import { useNow } from '../../../_ui/use-format.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { messages } from './messages.ts'
import { slopeOf, type Trend } from './trend.ts'

const windowMs = 900_000
/** All rows ask for the same moment, so that their questions travel together. */
const stepMs = 15_000
const recentMs = 120_000

const marks = {
  rising: { icon: TrendingUp, look: 'text-warn' },
  falling: { icon: TrendingDown, look: 'text-ok' },
  steady: { icon: Minus, look: 'text-faint' },
} as const

export function LagTrend({ groupId }: { groupId: string }) {
  const trpc = useTRPC()
  const cluster = useClusterId()
  const toMs = Math.floor(useNow() / stepMs) * stepMs
  const series = useQuery(
    trpc.metrics.series.queryOptions(
      { cluster, names: ['groupLag'], subject: groupId, fromMs: toMs - windowMs, toMs, maxPoints: 60 },
      { placeholderData: keepPreviousData, staleTime: stepMs },
    ),
  )
  const points = series.data?.[0]?.points.map(([ms, mean]) => [ms, mean] as const) ?? []
  const slope = slopeOf(points, recentMs)
  return (
    <span className="flex h-6 items-center gap-1.5">
      <span className="min-w-0 flex-1">
        <Sparkline points={points} />
      </span>
      <span className="w-3.5 shrink-0">{slope && <TrendMark trend={slope.trend} />}</span>
    </span>
  )
}

export function TrendMark({ trend }: { trend: Trend }) {
  const m = useMessages(messages)
  const { icon: Icon, look } = marks[trend]
  return (
    <span title={m.trends[trend]}>
      <Icon size={14} aria-hidden className={look} />
      <span className="sr-only">{m.trends[trend]}</span>
    </span>
  )
}
