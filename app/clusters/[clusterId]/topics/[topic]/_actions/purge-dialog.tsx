'use client'
/** Which records of a topic shall go: all there are, those before an offset, those before a time. Ends in a plan. */
import { useState } from 'react'
import { Segments } from '../../../../../_ui/chips.tsx'
import { useClusterId } from '../../../../../_ui/cluster.tsx'
import { messages as common } from '../../../../../_ui/common.ts'
import { Field, TextInput } from '../../../../../_ui/field.tsx'
import { FormDialog } from '../../../../../_ui/form-dialog.tsx'
import type { PlanRequest } from '../../../../../_ui/plan-dialog.tsx'
import { type Inputs, useTRPCClient } from '../../../../../_ui/trpc.tsx'
import { useFormat } from '../../../../../_ui/use-format.ts'
import { useMessages } from '../../../../../_ui/use-messages.ts'
import { messages } from '../messages-table.ts'
import { parsePartitions } from './partition-list.ts'

type Before = Inputs['topics']['planPurge']['before']

export function PurgeDialog({
  topic,
  partitions,
  onPlan,
  onClose,
}: {
  topic: string
  partitions: number
  onPlan(request: PlanRequest<any>): void
  onClose(): void
}) {
  const m = useMessages(messages).purge
  const c = useMessages(common)
  const f = useFormat()
  const client = useTRPCClient()
  const cluster = useClusterId()
  const [kind, setKind] = useState<'end' | 'offset' | 'timestamp'>('end')
  const [offset, setOffset] = useState('')
  const [time, setTime] = useState('')
  const [which, setWhich] = useState('')

  const chosen = which.trim() === '' ? undefined : parsePartitions(which, partitions)
  const atMs = f.parseDateTime(time)
  const before: Before | null =
    kind === 'end'
      ? { kind }
      : kind === 'offset'
        ? /^\d{1,15}$/.test(offset.trim())
          ? { kind, offset: Number(offset) }
          : null
        : atMs === undefined
          ? null
          : { kind, timestampMs: atMs }
  const valid = before !== null && chosen !== null

  function submit() {
    if (before === null || chosen === null) return
    onClose()
    onPlan({
      title: m.title(topic),
      verb: m.verb,
      danger: true,
      confirm: topic,
      make: async () => [await client.topics.planPurge.mutate({ cluster, topic, partitions: chosen ?? null, before })],
      apply: (input) => client.topics.applyPurge.mutate(input),
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
      <Segments
        label={m.which}
        value={kind}
        onChange={(next) => setKind(next)}
        options={[
          { value: 'end', label: m.all },
          { value: 'offset', label: m.beforeOffset },
          { value: 'timestamp', label: m.beforeTime },
        ]}
      />
      {kind === 'offset' && (
        <Field label={m.offset} error={offset !== '' && before === null ? m.offsetError : null}>
          <TextInput mono inputMode="numeric" value={offset} onChange={(event) => setOffset(event.target.value)} />
        </Field>
      )}
      {kind === 'timestamp' && (
        <Field label={m.time} help={m.timeHelp(f.zone)} error={time !== '' && before === null ? m.timeError : null}>
          <TextInput mono value={time} onChange={(event) => setTime(event.target.value)} />
        </Field>
      )}
      <Field label={m.partitions} help={m.partitionsHelp} error={chosen === null ? m.partitionsError : null}>
        <TextInput mono value={which} onChange={(event) => setWhich(event.target.value)} placeholder={c.all} />
      </Field>
    </FormDialog>
  )
}
