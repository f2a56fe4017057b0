'use client'
/** How many replicas a topic's partitions shall have, and on which brokers; where each goes stands in the plan that follows. */
import { useState } from 'react'
import { useClusterId } from '../../../../../_ui/cluster.tsx'
import { Checkbox, Field, TextInput } from '../../../../../_ui/field.tsx'
import { FormDialog } from '../../../../../_ui/form-dialog.tsx'
import type { PlanRequest } from '../../../../../_ui/plan-dialog.tsx'
import { useTRPCClient } from '../../../../../_ui/trpc.tsx'
import { useFormat } from '../../../../../_ui/use-format.ts'
import { useMessages } from '../../../../../_ui/use-messages.ts'
import { useBrokers } from '../../../brokers/use-brokers.ts'
import { messages } from '../messages-table.ts'
import { parsePartitions } from './partition-list.ts'

export function ReplicasDialog({
  topic,
  partitions,
  replicationFactor,
  onPlan,
  onClose,
}: {
  topic: string
  partitions: number
  replicationFactor: number
  onPlan(request: PlanRequest<any>): void
  onClose(): void
}) {
  const m = useMessages(messages).replicas
  const p = useMessages(messages).purge
  const f = useFormat()
  const client = useTRPCClient()
  const cluster = useClusterId()
  const up = useBrokers().data?.filter((b) => b.state === 'up')
  const [factor, setFactor] = useState(String(replicationFactor))
  const [left, setLeft] = useState<ReadonlySet<number>>(new Set())
  const [which, setWhich] = useState('')
  const brokers = up?.filter((b) => !left.has(b.brokerId)).map((b) => b.brokerId) ?? []
  const wanted = /^\d{1,3}$/.test(factor.trim()) ? Number(factor) : 0
  const some = which.trim() === '' ? null : parsePartitions(which, partitions)
  const whichWrong = which.trim() !== '' && some === null
  const factorError =
    wanted < 1 ? m.factorError : up && wanted > brokers.length ? m.tooFew(f.integer(brokers.length)) : null
  const valid = factorError === null && !whichWrong && brokers.length > 0

  function submit() {
    if (!valid) return
    const asked = { cluster, topic, partitions: some, replicationFactor: wanted, brokers }
    onClose()
    onPlan({
      title: m.title(topic),
      verb: m.verb,
      make: async () => [await client.replicas.planReassign.mutate(asked)],
      apply: (input) => client.replicas.applyReassign.mutate(input),
      said: m.said,
    })
  }

  return (
    <FormDialog
      title={m.title(topic)}
      className="w-[480px]"
      verb={m.plan}
      valid={valid}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field label={m.factor} help={m.factorHelp} error={factorError}>
        <TextInput
          mono
          autoFocus
          inputMode="numeric"
          className="max-w-24"
          value={factor}
          onChange={(event) => setFactor(event.target.value)}
        />
      </Field>
      <fieldset className="flex flex-col gap-1">
        <legend className="mb-1 font-medium">{m.brokers}</legend>
        {up?.map((b) => (
          <Checkbox
            key={b.brokerId}
            checked={!left.has(b.brokerId)}
            onChange={(on) =>
              setLeft((before) => {
                const next = new Set(before)
                if (on) next.delete(b.brokerId)
                else next.add(b.brokerId)
                return next
              })
            }
            label={
              <>
                {m.broker(String(b.brokerId))}
                <span className="text-muted">
                  {` · ${m.has(f.integer(b.replicas))}`}
                  {b.rack !== null && ` · ${b.rack}`}
                </span>
              </>
            }
          />
        ))}
        <p className="text-faint text-xs">{m.brokersHelp}</p>
      </fieldset>
      <Field label={p.partitions} help={p.partitionsHelp} error={whichWrong ? p.partitionsError : null}>
        <TextInput mono value={which} onChange={(event) => setWhich(event.target.value)} />
      </Field>
    </FormDialog>
  )
}
