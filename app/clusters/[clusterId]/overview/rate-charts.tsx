'use client'
/** Messages and bytes a second over the page's range, in and out on one chart each. */
import { useMemo } from 'react'
import { TimeChart } from '../../../_charts/chart.tsx'
import type { LiveSeries } from '../../../_charts/use-series.ts'
import { useFormat } from '../../../_ui/use-format.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { messages } from './messages.ts'

export function RateCharts({ series }: { series: LiveSeries }) {
  const m = useMessages(messages)
  const f = useFormat()
  const points = series.points
  const records = useMemo(
    () =>
      points && [
        { id: 'recordsIn', label: m.in, points: points.recordsIn ?? [], area: true, colour: 1 as const },
        { id: 'recordsOut', label: m.out, points: points.recordsOut ?? [], colour: 2 as const },
      ],
    [points, m],
  )
  const bytes = useMemo(
    () =>
      points && [
        { id: 'bytesIn', label: m.in, points: points.bytesIn ?? [], area: true, colour: 1 as const },
        { id: 'bytesOut', label: m.out, points: points.bytesOut ?? [], colour: 2 as const },
      ],
    [points, m],
  )
  const shared = {
    stepMs: series.stepMs,
    fromMs: series.fromMs,
    toMs: series.toMs,
    sync: 'overview',
    error: series.error,
    onRetry: series.retry,
  }
  return (
    <div className="grid gap-3 lg:grid-cols-2">
      <TimeChart
        {...shared}
        title={m.messageRate}
        name="message-rate"
        series={records}
        formatY={(y) => `${f.compact(y)}/s`}
      />
      <TimeChart {...shared} title={m.byteRate} name="byte-rate" series={bytes} formatY={f.byteRate} />
    </div>
  )
}
