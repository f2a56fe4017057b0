'use client'
/** The strips of figures: what there is, and what flows. */
import { Sparkline } from '../../../_charts/sparkline.tsx'
import type { LiveSeries } from '../../../_charts/use-series.ts'
import { Figure, Figures } from '../../../_ui/page.tsx'
import { Bone } from '../../../_ui/states.tsx'
import type { Outputs } from '../../../_ui/trpc.tsx'
import { useFormat } from '../../../_ui/use-format.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { messages } from './messages.ts'

type Overview = Outputs['overview']['get']

type ClusterCounts = Pick<
  Overview,
  | 'brokers'
  | 'brokersOffline'
  | 'topics'
  | 'internalTopics'
  | 'partitions'
  | 'underReplicatedPartitions'
  | 'offlinePartitions'
>

/** `counts` may be newer than the rest. */
export function Counts({ data, counts }: { data: Overview | undefined; counts: ClusterCounts | undefined }) {
  const m = useMessages(messages)
  const f = useFormat()
  const count = (n: number | null | undefined) =>
    n === undefined ? <Bone className="w-8" /> : n === null ? '–' : f.integer(n)
  return (
    <Figures>
      <Figure
        label={m.brokers}
        value={count(counts?.brokers)}
        note={
          counts &&
          (counts.brokersOffline > 0 ? <Bad>{m.offlineBrokers(f.integer(counts.brokersOffline))}</Bad> : m.allUp)
        }
      />
      <Figure
        label={m.topics}
        value={count(counts?.topics)}
        note={counts && m.internal(f.integer(counts.internalTopics))}
      />
      <Figure label={m.partitions} value={count(counts?.partitions)} note={counts && <Health counts={counts} />} />
      <Figure label={m.groups} value={count(data?.groups)} />
      <Figure
        label={m.size}
        value={data === undefined ? <Bone className="w-14" /> : data.sizeBytes === null ? '–' : f.bytes(data.sizeBytes)}
        note={m.allReplicas}
      />
    </Figures>
  )
}

function Health({ counts }: { counts: ClusterCounts }) {
  const m = useMessages(messages)
  const f = useFormat()
  if (counts.offlinePartitions > 0) return <Bad>{m.offlinePartitions(f.integer(counts.offlinePartitions))}</Bad>
  if (counts.underReplicatedPartitions > 0) {
    return <span className="text-warn">▲ {m.underReplicated(f.integer(counts.underReplicatedPartitions))}</span>
  }
  return m.healthy
}

function Bad({ children }: { children: string }) {
  return <span className="text-bad">■ {children}</span>
}

export function RateFigures({ rates, series }: { rates: Overview['rates'] | undefined; series: LiveSeries }) {
  const m = useMessages(messages)
  const f = useFormat()
  const { points, fromMs, toMs, stepMs } = series
  const shared = { from: fromMs, to: toMs, stepMs }
  const split = (text: string) => {
    const at = text.lastIndexOf(' ')
    return { value: text.slice(0, at), unit: text.slice(at + 1) }
  }
  const of = (n: number | null | undefined, write: (n: number) => string) =>
    n === undefined ? { value: <Bone className="w-14" /> } : n === null ? { value: '–' } : split(write(n))
  return (
    <Figures>
      <Figure label={m.messagesIn} {...of(rates?.recordsInPerSecond, f.messageRate)}>
        <Sparkline points={points?.recordsIn ?? []} {...shared} />
      </Figure>
      <Figure label={m.bytesIn} {...of(rates?.bytesInPerSecond, f.byteRate)}>
        <Sparkline points={points?.bytesIn ?? []} {...shared} />
      </Figure>
      <Figure label={`${m.messagesOut} · ${m.byCommits}`} {...of(rates?.recordsOutPerSecond, f.messageRate)}>
        <Sparkline points={points?.recordsOut ?? []} {...shared} />
      </Figure>
      <Figure label={`${m.bytesOut} · ${m.estimate}`} {...of(rates?.bytesOutPerSecond, f.byteRate)}>
        <Sparkline points={points?.bytesOut ?? []} {...shared} />
      </Figure>
    </Figures>
  )
}
