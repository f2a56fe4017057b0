'use client'
/** The probe that measures latency and availability: off until someone turns it on, because it writes to the cluster. */
import { Play, Square } from 'lucide-react'
import { useState } from 'react'
import { Badge } from '../../../_ui/badge.tsx'
import { Button } from '../../../_ui/button.tsx'
import { useClusterId } from '../../../_ui/cluster.tsx'
import { Panel } from '../../../_ui/page.tsx'
import { Callout, PlanDialog, type PlanRequest } from '../../../_ui/plan-dialog.tsx'
import { type Outputs, useTRPCClient } from '../../../_ui/trpc.tsx'
import { useFormat } from '../../../_ui/use-format.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { messages } from './messages.ts'

type State = Outputs['models']['inputs']['measured']['probe']

export function Probe({ state }: { state: State }) {
  const m = useMessages(messages).probe
  const f = useFormat()
  const client = useTRPCClient()
  const cluster = useClusterId()
  const [plan, setPlan] = useState<PlanRequest<{ cluster: string; on: boolean }> | null>(null)
  const writes = state.partitions > 0 ? m.writes(f.integer(state.partitions)) : m.writesAny

  function ask(on: boolean) {
    const step = { kind: 'records' as const, subject: state.topic }
    setPlan({
      title: on ? m.start : m.stop,
      verb: on ? m.start : m.stop,
      make: async () => [
        {
          action: on ? 'models.startProbe' : 'models.stopProbe',
          resource: { type: 'topic', name: state.topic },
          steps: [{ ...step, before: on ? m.nothing : writes, after: on ? writes : m.nothing }],
          affected: [],
          notes: on ? [{ code: 'probe-writes', level: 'info', values: {}, message: m.note }] : [],
          reversible: true,
          validated: false,
          apply: { cluster, on },
        },
      ],
      apply: async (input) => {
        await client.models.probe.mutate(input)
        return { auditId: null, message: '' }
      },
      said: on ? m.started : m.stopped,
    })
  }

  return (
    <Panel
      title={
        <span className="flex items-center gap-2">
          {m.title}
          {state.running ? (
            <Badge tone="ok">{m.running(f.integer(state.partitions), f.integer(state.samples))}</Badge>
          ) : (
            <Badge>{m.off}</Badge>
          )}
        </span>
      }
      actions={
        <Button icon={state.running ? Square : Play} onClick={() => ask(!state.running)}>
          {state.running ? m.stop : m.start}
        </Button>
      }
    >
      <p className="prose-width text-muted">{m.what(state.topic)}</p>
      {state.problem && (
        <div className="mt-2">
          <Callout level="warning">{state.problem}</Callout>
        </div>
      )}
      <PlanDialog request={plan} onClose={() => setPlan(null)} />
    </Panel>
  )
}
