'use client'
/** A topic's partitions: leader, replicas, what is in sync or being moved, offsets as they move, size. */
import { useQuery } from '@tanstack/react-query'
import { useSubscription } from '@trpc/tanstack-react-query'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { Badge } from '../../../../../_ui/badge.tsx'
import { useClusterId } from '../../../../../_ui/cluster.tsx'
import { messages as common } from '../../../../../_ui/common.ts'
import { Unknown } from '../../../../../_ui/table/body.tsx'
import type { Column } from '../../../../../_ui/table/column.ts'
import { DataTable } from '../../../../../_ui/table/data-table.tsx'
import { Tip } from '../../../../../_ui/tip.tsx'
import { type Outputs, useTRPC } from '../../../../../_ui/trpc.tsx'
import { flag, text, useUrlState } from '../../../../../_ui/url-state.ts'
import { useFormat } from '../../../../../_ui/use-format.ts'
import { useMessages } from '../../../../../_ui/use-messages.ts'
import { useVisible } from '../../../../../_ui/use-visible.ts'
import { messages } from '../messages-table.ts'
import { useTopic, useTopicName } from '../use-topic.ts'
import { type Move, Moves, MoveText, useMoves } from './moves.tsx'

type Partition = Outputs['topics']['get']['partitions'][number]
type State = 'ok' | 'underReplicated' | 'underMinIsr' | 'offline'

const urlTable = { sort: text('partition'), desc: flag() }
const rowKey = (row: Partition) => String(row.partition)

export function Partitions() {
  const m = useMessages(messages)
  const c = useMessages(common)
  const trpc = useTRPC()
  const cluster = useClusterId()
  const topic = useTopicName()
  const query = useTopic()
  const configs = useQuery(trpc.topics.configs.queryOptions({ cluster, topic }))
  const minIsr = Number(configs.data?.find((one) => one.name === 'min.insync.replicas')?.value ?? 1)
  const moves = useMoves(topic)
  const { refetch } = query
  // What a move changes is shown at once, and when it is done.
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked whenever there are more or fewer of them
  useEffect(() => void refetch(), [moves.length, refetch])
  const columns = useColumns(minIsr, moves)
  const [url, setUrl] = useUrlState(urlTable)
  const [live, setLive] = useState<ReadonlyMap<number, { startOffset: number; endOffset: number }>>(new Map())

  useSubscription(
    trpc.metrics.offsetsLive.subscriptionOptions(
      { cluster, topic },
      {
        enabled: useVisible(),
        onData: useCallback(
          (tick: { partitions: readonly { partition: number; startOffset: number; endOffset: number }[] }) => {
            setLive((before) => {
              const next = new Map(before)
              for (const p of tick.partitions) next.set(p.partition, p)
              return next
            })
          },
          [],
        ),
      },
    ),
  )

  const rows = useMemo(
    () =>
      query.data?.partitions.map((row) => {
        const now = live.get(row.partition)
        // A purge or a deletion may move the start as well; the end never goes back while the topic is the same.
        return now && row.endOffset !== null && now.endOffset >= row.endOffset ? { ...row, ...now } : row
      }),
    [query.data, live],
  )

  return (
    <>
      <Moves topic={topic} moves={moves} />
      <DataTable
        id="partitions"
        label={m.tabs.partitions}
        fill="atMost"
        live
        columns={columns}
        rows={rows}
        rowKey={rowKey}
        sort={{ by: url.sort, descending: url.desc }}
        onSort={(sort) => setUrl({ sort: sort.by, desc: sort.descending })}
        skeletonRows={6}
        csv={`${cluster}_${topic}_partitions`}
        error={query.error}
        onRetry={() => void query.refetch()}
        empty={<p className="p-6 text-center text-muted">{c.none}</p>}
      />
    </>
  )
}

function stateOf(row: Partition, minIsr: number): State {
  if (row.leader < 0) return 'offline'
  // Where there are fewer replicas than that, all of them are enough.
  if (row.isr.length < Math.min(minIsr, row.replicas.length)) return 'underMinIsr'
  return row.isr.length < row.replicas.length ? 'underReplicated' : 'ok'
}

const tones = { ok: 'ok', underReplicated: 'warn', underMinIsr: 'bad', offline: 'bad' } as const

function useColumns(minIsr: number, moves: readonly Move[]): readonly Column<Partition>[] {
  const m = useMessages(messages)
  const f = useFormat()
  return useMemo(() => {
    const h = m.partitionColumns
    const moving = new Map(moves.map((move) => [move.partition, move]))
    const figure = (id: 'startOffset' | 'endOffset', width: number): Column<Partition> => ({
      id,
      header: h[id],
      width,
      numeric: true,
      value: (row) => row[id],
      cell: (row) => (row[id] === null ? <Unknown /> : f.integer(row[id])),
    })
    return [
      { id: 'partition', header: h.partition, width: 88, numeric: true, fixed: true, value: (row) => row.partition },
      {
        id: 'state',
        header: h.state,
        width: 140,
        grow: true,
        value: (row) => m.states[stateOf(row, minIsr)],
        cell: (row) => (
          <span className="flex items-center gap-2">
            <StateBadge row={row} minIsr={minIsr} />
            {moving.has(row.partition) && <MoveText move={moving.get(row.partition)!} />}
            {row.error && (
              <Tip text={row.error}>
                <span className="truncate text-muted">{row.error}</span>
              </Tip>
            )}
          </span>
        ),
      },
      {
        id: 'leader',
        header: h.leader,
        width: 76,
        numeric: true,
        value: (row) => row.leader,
        cell: (row) =>
          row.leader < 0 ? (
            <span className="text-bad">{m.none}</span>
          ) : row.leader === row.replicas[0] ? (
            row.leader
          ) : (
            <Tip text={m.notPreferred(String(row.replicas[0]))}>
              <span className="underline decoration-dotted underline-offset-4">{row.leader}</span>
            </Tip>
          ),
      },
      {
        id: 'replicas',
        header: h.replicas,
        width: 116,
        value: (row) => row.replicas.join(' '),
        cell: (row) => <Replicas row={row} />,
      },
      figure('startOffset', 116),
      figure('endOffset', 116),
      {
        id: 'records',
        header: h.records,
        width: 112,
        numeric: true,
        value: (row) => (row.startOffset === null || row.endOffset === null ? null : row.endOffset - row.startOffset),
        cell: (row) =>
          row.startOffset === null || row.endOffset === null ? <Unknown /> : f.integer(row.endOffset - row.startOffset),
      },
      {
        id: 'sizeBytes',
        header: h.sizeBytes,
        width: 96,
        numeric: true,
        value: (row) => row.sizeBytes,
        cell: (row) => (row.sizeBytes === null ? <Unknown /> : f.bytes(row.sizeBytes)),
      },
      {
        id: 'recordsInPerSecond',
        header: h.recordsInPerSecond,
        width: 92,
        numeric: true,
        value: (row) => row.recordsInPerSecond,
        cell: (row) => (row.recordsInPerSecond === null ? <Unknown /> : f.rate(row.recordsInPerSecond)),
      },
      {
        id: 'leaderEpoch',
        header: h.leaderEpoch,
        width: 108,
        numeric: true,
        value: (row) => row.leaderEpoch,
        hiddenAtFirst: true,
      },
    ]
  }, [m, f, minIsr, moves])
}

/** A state that keeps clients from writing or reading says what to do. */
function StateBadge({ row, minIsr }: { row: Partition; minIsr: number }) {
  const m = useMessages(messages)
  const f = useFormat()
  const state = stateOf(row, minIsr)
  const badge = <Badge tone={tones[state]}>{m.states[state]}</Badge>
  if (state === 'ok' || state === 'underReplicated') return badge
  const note =
    state === 'offline'
      ? m.stateNotes.offline((row.isr.length > 0 ? row.isr : row.replicas).join(', '))
      : m.stateNotes.underMinIsr(f.integer(row.isr.length), f.integer(minIsr))
  return (
    <Tip text={note}>
      <span>{badge}</span>
    </Tip>
  )
}

/** The brokers that hold the partition: the leader first in bold, who is out of sync marked. */
function Replicas({ row }: { row: Partition }) {
  const m = useMessages(messages)
  return (
    <span className="num flex gap-1.5">
      {row.replicas.map((id) => {
        const inSync = row.isr.includes(id)
        return (
          <span
            key={id}
            title={inSync ? undefined : m.outOfSync(String(id))}
            className={id === row.leader ? 'font-semibold' : inSync ? '' : 'text-warn line-through'}
          >
            {id}
            {!inSync && <span className="sr-only"> {m.states.underReplicated}</span>}
          </span>
        )
      })}
    </span>
  )
}
