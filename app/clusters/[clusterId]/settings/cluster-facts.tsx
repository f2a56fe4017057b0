'use client'
/** The cluster as the console sees it, and whether the console can keep its history, audit log and views. */
import { messages as shell } from '../../../_shell/messages.ts'
import { Badge } from '../../../_ui/badge.tsx'
import { Facts, Panel } from '../../../_ui/page.tsx'
import { useFailure } from '../../../_ui/problem.ts'
import { RelativeTime } from '../../../_ui/relative-time.tsx'
import { Bone, ErrorState, LoadingNote } from '../../../_ui/states.tsx'
import type { Outputs } from '../../../_ui/trpc.tsx'
import { useFormat } from '../../../_ui/use-format.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { messages } from './messages.ts'

type Cluster = Outputs['clusters']['get']

const tones = { connected: 'ok', connecting: 'warn', unreachable: 'bad' } as const

export function ClusterFacts({
  cluster,
  error,
  onRetry,
}: {
  cluster: Cluster | undefined
  error: unknown
  onRetry(): void
}) {
  const m = useMessages(messages).cluster
  return (
    <Panel title={m.title}>
      {cluster ? (
        <Known cluster={cluster} />
      ) : error ? (
        <ErrorState error={error} onRetry={onRetry} />
      ) : (
        <div className="flex min-h-44 flex-col gap-3">
          <LoadingNote />
          {[1, 2, 3, 4, 5, 6].map((n) => (
            <Bone key={n} className={n % 2 ? 'w-1/2' : 'w-1/3'} />
          ))}
        </div>
      )}
    </Panel>
  )
}

function Known({ cluster }: { cluster: Cluster }) {
  const m = useMessages(messages).cluster
  const s = useMessages(shell)
  const f = useFormat()
  const ready = cluster.store.state === 'ready'
  return (
    <Facts
      rows={[
        { label: m.name, value: cluster.name, mono: false },
        {
          label: m.state,
          mono: false,
          value: (
            <>
              <Badge tone={tones[cluster.state]}>{s.states[cluster.state]}</Badge>
              <ProblemText problem={cluster.problem} />
            </>
          ),
        },
        { label: m.bootstrap, value: cluster.bootstrap.join(', ') },
        { label: m.clusterId, value: cluster.clusterId ?? '–' },
        { label: m.brokers, value: cluster.brokers === null ? '–' : f.integer(cluster.brokers) },
        { label: m.controller, value: cluster.controllerId ?? '–' },
        {
          label: m.metadata,
          mono: false,
          value: cluster.metadataAtMs === null ? '–' : <RelativeTime ms={cluster.metadataAtMs} />,
        },
        {
          label: m.metrics,
          value: (
            <a href="/metrics" className="text-accent hover:underline">
              /metrics
            </a>
          ),
        },
        {
          label: m.store,
          mono: false,
          value: (
            <>
              <Badge tone={ready ? 'ok' : 'bad'}>{ready ? m.storeReady : m.storeUnavailable}</Badge>
              <p className="mt-1 text-muted">{ready ? m.storeKeeps : m.storeMissing}</p>
              <ProblemText problem={cluster.store.problem} />
            </>
          ),
        },
      ]}
    />
  )
}

/** In the words of the reader's language where there are any. */
function ProblemText({ problem }: { problem: Cluster['problem'] }) {
  const say = useFailure()
  if (!problem) return null
  const failure = say({ message: problem.message, data: { problem } })
  return (
    <div className="mt-1">
      <p>{failure.message}</p>
      {failure.detail && (
        <p lang="en" className="text-muted">
          {failure.detail}
        </p>
      )}
      {failure.hint && <p className="text-muted">{failure.hint}</p>}
    </div>
  )
}
