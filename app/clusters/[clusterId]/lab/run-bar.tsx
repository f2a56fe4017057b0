'use client'
/** What is to be done next, and the button that begins or ends it. */
import { Play, Square } from 'lucide-react'
import { useState } from 'react'
import { toast } from 'sonner'
import { scenarios } from '../../../../server/console/shapes/lab.ts'
import { Button } from '../../../_ui/button.tsx'
import { useClusterId } from '../../../_ui/cluster.tsx'
import { Select } from '../../../_ui/field.tsx'
import { PlanDialog, type PlanRequest } from '../../../_ui/plan-dialog.tsx'
import { useFailure } from '../../../_ui/problem.ts'
import { TopicField } from '../../../_ui/topic-field.tsx'
import { type Outputs, useTRPCClient } from '../../../_ui/trpc.tsx'
import { useMessages } from '../../../_ui/use-messages.ts'
import { messages } from './messages.ts'
import { startRequest } from './requests.ts'

export function RunBar({
  state,
  running,
  scenario,
  onScenario,
  watched,
  onWatched,
  onBegun,
}: {
  state: Outputs['lab']['state'] | undefined
  running: boolean
  /** Empty: by hand. */
  scenario: string
  onScenario(scenario: string): void
  watched: string
  onWatched(topic: string): void
  onBegun(): void
}) {
  const m = useMessages(messages)
  const client = useTRPCClient()
  const cluster = useClusterId()
  const failure = useFailure()
  const [plan, setPlan] = useState<PlanRequest<any> | null>(null)
  const [stopping, setStopping] = useState(false)
  const offered = state?.embedded ? scenarios : []
  const names = m.scenarios as Readonly<Record<string, string>>
  const about = (m.about as Readonly<Record<string, string>>)[scenario]

  async function stop() {
    setStopping(true)
    try {
      await client.lab.stop.mutate({ cluster })
      toast.success(m.run.stopped)
    } catch (error) {
      toast.error(failure(error).message)
    } finally {
      setStopping(false)
    }
  }

  return (
    <div className="flex flex-col gap-1.5">
      <div className="flex flex-wrap items-center gap-2">
        <Select
          aria-label={m.run.what}
          value={scenario}
          onChange={onScenario}
          disabled={!state || running}
          className="w-auto min-w-64 max-w-full"
          options={[
            { value: '', label: m.run.byHand },
            ...offered.map(({ id, brokers }) => ({
              value: id,
              label: `${names[id] ?? id}${state && brokers > state.brokers ? ` (${m.run.needs(String(brokers))})` : ''}`,
            })),
          ]}
        />
        <TopicField
          topic={watched}
          onTopic={onWatched}
          label={m.run.watched}
          placeholder={m.run.noWatched}
          disabled={running}
        />
        {running ? (
          <Button icon={Square} busy={stopping} onClick={() => void stop()}>
            {m.run.stop}
          </Button>
        ) : (
          <Button
            kind="primary"
            icon={Play}
            disabled={!state}
            onClick={() =>
              setPlan(
                startRequest({ client, cluster, m }, { scenario: scenario || null, watched: watched || null }, onBegun),
              )
            }
          >
            {m.run.start}
          </Button>
        )}
      </div>
      {about && <p className="prose-width text-muted">{about}</p>}
      <PlanDialog request={plan} onClose={() => setPlan(null)} />
    </div>
  )
}
