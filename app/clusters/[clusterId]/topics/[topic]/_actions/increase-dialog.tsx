'use client'
/** How many partitions a topic shall have; ends in a plan. */
import { useState } from 'react'
import { Button } from '../../../../../_ui/button.tsx'
import { useClusterId } from '../../../../../_ui/cluster.tsx'
import { messages as common } from '../../../../../_ui/common.ts'
import { Dialog } from '../../../../../_ui/dialog.tsx'
import { Field, TextInput } from '../../../../../_ui/field.tsx'
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
  const c = useMessages(common)
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
    <Dialog
      open
      onClose={onClose}
      title={m.title(topic)}
      className="w-[440px]"
      footer={
        <>
          <Button onClick={onClose}>{c.cancel}</Button>
          <Button kind="primary" disabled={!valid} onClick={submit}>
            {m.plan}
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
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
      </form>
    </Dialog>
  )
}
