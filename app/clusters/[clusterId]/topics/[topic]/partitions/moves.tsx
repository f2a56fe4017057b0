'use client'
/** Replicas that are being moved: how many, a way to call it off, and how far the copies are. */
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../../../../_ui/button.tsx'
import { useClusterId } from '../../../../../_ui/cluster.tsx'
import { Callout, PlanDialog, type PlanRequest } from '../../../../../_ui/plan-dialog.tsx'
import { type Outputs, useTRPC, useTRPCClient } from '../../../../../_ui/trpc.tsx'
import { useFormat } from '../../../../../_ui/use-format.ts'
import { useMessages } from '../../../../../_ui/use-messages.ts'
import { messages } from '../messages-table.ts'

export type Move = Outputs['replicas']['ongoing'][number]

const idleMs = 5_000
const goingMs = 1_500

/** None where the cluster does not tell, or no controller answers: the page shows what it has. */
export function useMoves(topic: string): readonly Move[] {
  const trpc = useTRPC()
  const cluster = useClusterId()
  const query = useQuery(
    trpc.replicas.ongoing.queryOptions(
      { cluster, topic },
      { refetchInterval: (q) => (q.state.data?.length ? goingMs : idleMs), retry: false },
    ),
  )
  return query.error ? none : (query.data ?? none)
}

const none: readonly Move[] = []

export function Moves({ topic, moves }: { topic: string; moves: readonly Move[] }) {
  const m = useMessages(messages).moves
  const f = useFormat()
  const client = useTRPCClient()
  const cluster = useClusterId()
  const [plan, setPlan] = useState<PlanRequest<any> | null>(null)
  return (
    <>
      {moves.length > 0 && (
        <Callout level="info">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <span>{m.going(f.integer(moves.length))}</span>
            <Button
              onClick={() =>
                setPlan({
                  title: m.cancelTitle(topic),
                  verb: m.cancelVerb,
                  make: async () => [await client.replicas.planCancel.mutate({ cluster, topic })],
                  apply: (input) => client.replicas.applyCancel.mutate(input),
                  said: m.cancelled,
                })
              }
            >
              {m.cancel}
            </Button>
          </div>
        </Callout>
      )}
      <PlanDialog request={plan} onClose={() => setPlan(null)} />
    </>
  )
}

export function MoveText({ move }: { move: Move }) {
  const m = useMessages(messages).moves
  const f = useFormat()
  return (
    <span className="truncate text-muted">
      {[
        move.adding.length > 0 && m.adding(move.adding.join(', ')),
        move.removing.length > 0 && m.removing(move.removing.join(', ')),
        move.copied !== null && m.copied(f.percent(move.copied)),
      ]
        .filter(Boolean)
        .join(' · ')}
    </span>
  )
}
