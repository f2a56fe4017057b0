'use client'
/** How many partitions a topic shall have; ends in a plan. */
import { useState } from 'react'
import { useClusterId } from '../../../../../_ui/cluster.tsx'
import { Field, TextInput } from '../../../../../_ui/field.tsx'
import { FormDialog } from '../../../../../_ui/form-dialog.tsx'
import type { PlanRequest } from '../../../../../_ui/plan-dialog.tsx'
import { useTRPCClient } from '../../../../../_ui/trpc.tsx'
import { useFormat } from '../../../../../_ui/use-format.ts'
import { useMessages } from '../../../../../_ui/use-messages.ts'
import { messages } from '../messages-table.ts'

export function IncreaseDialog({
  topic,
  now,
  onPlan,
  onClose,
}: {
  topic: string
  now: number
  onPlan(request: PlanRequest<any>): void
  onClose(): void
}) {
  const m = useMessages(messages).increase
  const f = useFormat()
  const client = useTRPCClient()
  const cluster = useClusterId()
  const [typed, setTyped] = useState(String(now + 1))
  const wanted = /^\d+$/.test(typed.trim()) ? Number(typed) : Number.NaN
  const valid = wanted > now && wanted <= 100_000

  function submit() {
    if (!valid) return
    onClose()
    onPlan({
      title: m.title(topic),
      verb: m.verb,
      make: async () => [await client.topics.planIncreasePartitions.mutate({ cluster, topic, partitions: wanted })],
      apply: (input) => client.topics.applyIncreasePartitions.mutate(input),
      said: m.said,
    })
  }

  return (
    <FormDialog
      title={m.title(topic)}
      className="w-[440px]"
      verb={m.plan}
      valid={valid}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field label={m.label} help={m.help(f.integer(now))} error={valid ? null : m.more(f.integer(now))}>
        <TextInput
          mono
          inputMode="numeric"
          autoFocus
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      </Field>
    </FormDialog>
  )
}
