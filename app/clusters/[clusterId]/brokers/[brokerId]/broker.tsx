'use client'
/** One broker: what it leads and holds, its log dirs and largest partitions, its configuration. */
import { Badge } from '../../../../_ui/badge.tsx'
import { LinkButton } from '../../../../_ui/button.tsx'
import { useClusterId } from '../../../../_ui/cluster.tsx'
import { Figure, Figures, Page, PageHead, Panel } from '../../../../_ui/page.tsx'
import { paths } from '../../../../_ui/paths.ts'
import { Bone, Empty, ErrorState } from '../../../../_ui/states.tsx'
import { useFormat } from '../../../../_ui/use-format.ts'
import { useMessages } from '../../../../_ui/use-messages.ts'
import { messages } from '../messages.ts'
import { BrokerState } from '../state.tsx'
import { useBrokers, useQuorum } from '../use-brokers.ts'
import { BrokerConfigs } from './configs.tsx'
import { LogDirs } from './log-dirs.tsx'

export function Broker({ brokerId }: { brokerId: number }) {
  const m = useMessages(messages)
  const f = useFormat()
  const cluster = useClusterId()
  const brokers = useBrokers()
  const quorum = useQuorum()
  const broker = brokers.data?.find((b) => b.brokerId === brokerId)
  const name = m.broker(String(brokerId))

  if (!broker && (brokers.data || brokers.error)) {
    return (
      <Page>
        <PageHead title={name} />
        <Panel>
          {brokers.data ? (
            <Empty title={m.absent} action={<LinkButton href={paths.brokers(cluster)}>{m.all}</LinkButton>} />
          ) : (
            <ErrorState error={brokers.error} onRetry={() => void brokers.refetch()} busy={brokers.isFetching} />
          )}
        </Panel>
      </Page>
    )
  }
  const bone = <Bone className="w-10" />
  return (
    <Page>
      <PageHead
        title={name}
        aside={
          broker ? (
            <>
              <BrokerState state={broker.state} />
              {broker.host !== null && (
                <span className="num">
                  {broker.host}:{broker.port}
                </span>
              )}
              {quorum.data?.leaderId === brokerId && <Badge tone="accent">{m.controller}</Badge>}
              <span>{broker.rack ?? m.noRack}</span>
            </>
          ) : (
            <Bone className="w-40" />
          )
        }
      />
      <Figures>
        <Figure
          label={m.columns.leaders}
          value={broker ? f.integer(broker.leaders) : bone}
          note={broker && broker.preferredLeaders > broker.leaders && m.preferred(f.integer(broker.preferredLeaders))}
        />
        <Figure label={m.columns.replicas} value={broker ? f.integer(broker.replicas) : bone} />
        <Figure
          label={m.columns.outOfSync}
          value={
            broker ? (
              <span className={broker.outOfSync > 0 ? 'text-warn' : ''}>
                {broker.outOfSync > 0 && '▲ '}
                {f.integer(broker.outOfSync)}
              </span>
            ) : (
              bone
            )
          }
        />
        <Figure
          label={m.columns.recordsInPerSecond}
          value={broker ? (broker.recordsInPerSecond === null ? '–' : f.rate(broker.recordsInPerSecond)) : bone}
        />
        <Figure
          label={m.columns.bytesInPerSecond}
          value={broker ? (broker.bytesInPerSecond === null ? '–' : f.byteRate(broker.bytesInPerSecond)) : bone}
        />
        <Figure
          label={m.columns.sizeBytes}
          value={broker ? (broker.sizeBytes === null ? '–' : f.bytes(broker.sizeBytes)) : bone}
        />
      </Figures>
      {broker && broker.state !== 'up' ? (
        <Panel>
          <Empty title={m.downTitle}>
            <p>{m.stateNotes[broker.state]}</p>
            <p className="mt-1">{m.down}</p>
          </Empty>
        </Panel>
      ) : (
        <>
          <LogDirs brokerId={brokerId} />
          <BrokerConfigs brokerId={brokerId} />
        </>
      )}
    </Page>
  )
}
