'use client'
/** What is measured of a quantity: the window's figures, and the course over the window as solid lines. */
import { useMemo } from 'react'
import { TimeChart } from '../../../_charts/chart.tsx'
import type { ChartSeries } from '../../../_charts/series.ts'
import { useSeries } from '../../../_charts/use-series.ts'
import type { Inputs } from '../../../_ui/trpc.tsx'
import { useFormat } from '../../../_ui/use-format.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { messages } from './messages.ts'
import { useFigures } from './use-figures.ts'
import type { Quantity } from './view.ts'

type Metric = Inputs['metrics']['series']['names'][number]
type Words = (typeof messages)['en']['measured']

interface Line {
  readonly metric: Metric
  readonly label: keyof Words & ('in' | 'out' | 'p50' | 'p99' | 'title')
}

interface Chart {
  readonly title: keyof Words & `${string}Chart`
  readonly unit: 'messages/s' | 'B/s' | 'ms' | '0..1' | 'B'
  readonly lines: readonly Line[]
  /** Of one topic, where it is recorded by topic. */
  readonly topicLines?: readonly Line[]
}

const charts: Readonly<Record<Quantity, readonly Chart[]>> = {
  throughput: [
    {
      title: 'recordsChart',
      unit: 'messages/s',
      lines: [
        { metric: 'recordsIn', label: 'in' },
        { metric: 'recordsOut', label: 'out' },
      ],
      topicLines: [{ metric: 'topicRecordsIn', label: 'in' }],
    },
    {
      title: 'bytesChart',
      unit: 'B/s',
      lines: [
        { metric: 'bytesIn', label: 'in' },
        { metric: 'bytesOut', label: 'out' },
      ],
      topicLines: [{ metric: 'topicBytesIn', label: 'in' }],
    },
  ],
  latency: [
    {
      title: 'latencyChart',
      unit: 'ms',
      lines: [
        { metric: 'probeLatencyP50', label: 'p50' },
        { metric: 'probeLatencyP99', label: 'p99' },
      ],
    },
  ],
  availability: [
    { title: 'availabilityChart', unit: '0..1', lines: [{ metric: 'probeAvailability', label: 'title' }] },
  ],
  storage: [
    {
      title: 'storageChart',
      unit: 'B',
      lines: [{ metric: 'sizeBytes', label: 'title' }],
      topicLines: [{ metric: 'topicSizeBytes', label: 'title' }],
    },
  ],
}

/** A chart of ten seconds says nothing. */
const leastMs = 60_000

export function MeasuredCharts({ quantity, topic, windowMs }: { quantity: Quantity; topic: string; windowMs: number }) {
  const m = useMessages(messages).measured
  const f = useFormat()
  const { write } = useFigures()
  const shown = charts[quantity]
  const linesOf = (chart: Chart) => (topic !== '' && chart.topicLines ? chart.topicLines : chart.lines)
  const byTopic = topic !== '' && shown.some((chart) => chart.topicLines)
  const names = useMemo(
    () => charts[quantity].flatMap((c) => (topic !== '' && c.topicLines ? c.topicLines : c.lines).map((l) => l.metric)),
    [quantity, topic],
  )
  const series = useSeries(names, Math.max(windowMs, leastMs), byTopic ? topic : '')
  const { points } = series
  return (
    <div className={shown.length > 1 ? 'grid gap-3 xl:grid-cols-2' : 'grid gap-3'}>
      {shown.map((chart) => (
        <TimeChart
          key={chart.title}
          title={m[chart.title]}
          name={chart.title}
          series={
            points &&
            linesOf(chart).map(
              (line, index): ChartSeries => ({
                id: line.metric,
                label: m[line.label],
                points: points[line.metric] ?? [],
                colour: index === 0 ? 2 : 3,
              }),
            )
          }
          stepMs={series.stepMs}
          fromMs={series.fromMs}
          toMs={series.toMs}
          sync="models"
          maxY={chart.unit === '0..1' ? 1 : undefined}
          formatY={(y) =>
            chart.unit === 'ms'
              ? f.duration(y)
              : chart.unit === 'messages/s'
                ? `${f.compact(y)}/s`
                : write(y, chart.unit)
          }
          error={series.error}
          onRetry={series.retry}
          empty={m.empty}
          heightPx={130}
        />
      ))}
    </div>
  )
}
