'use client'
/** Lag over the page's range: of the whole group or on one topic, kept history continued by what the page is told live. */
import { useMemo } from 'react'
import { TimeChart } from '../../../../_charts/chart.tsx'
import type { LiveSeries } from '../../../../_charts/use-series.ts'
import { Select } from '../../../../_ui/field.tsx'
import { useFormat } from '../../../../_ui/use-format.ts'
import { useMessages } from '../../../../_ui/use-messages.ts'
import { messages } from './messages.ts'

export function LagChart({
  series,
  topics,
  topic,
  onTopic,
}: {
  series: LiveSeries
  topics: readonly string[]
  /** Empty: all. */
  topic: string
  onTopic(topic: string): void
}) {
  const m = useMessages(messages).chart
  const f = useFormat()
  const points = series.points && (series.points[topic === '' ? 'groupLag' : 'groupTopicLag'] ?? [])
  const lines = useMemo(
    () => points && [{ id: 'lag', label: topic === '' ? m.allTopics : topic, points, area: true, colour: 1 as const }],
    [points, topic, m],
  )
  return (
    <TimeChart
      title={m.title}
      name="lag"
      aside={
        topics.length > 1 && (
          <Select
            aria-label={m.topic}
            value={topic}
            onChange={onTopic}
            options={[{ value: '', label: m.allTopics }, ...topics.map((t) => ({ value: t, label: t }))]}
            className="max-w-56 text-ink"
          />
        )
      }
      series={lines}
      stepMs={series.stepMs}
      fromMs={series.fromMs}
      toMs={series.toMs}
      error={series.error}
      onRetry={series.retry}
      formatY={(y) => (y >= 1e7 ? f.compact(y) : f.integer(y))}
      empty={m.empty}
    />
  )
}
