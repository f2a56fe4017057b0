'use client'
/** Where a group's offsets shall go, and for which partitions. Ends in a plan that shows every offset before it is set. */
import { useQuery } from '@tanstack/react-query'
import { Plus, X } from 'lucide-react'
import { useId, useState } from 'react'
import { Button, IconButton } from '../../../../_ui/button.tsx'
import { Segments } from '../../../../_ui/chips.tsx'
import { useClusterId } from '../../../../_ui/cluster.tsx'
import { messages as common } from '../../../../_ui/common.ts'
import { Field, TextInput } from '../../../../_ui/field.tsx'
import { FormDialog } from '../../../../_ui/form-dialog.tsx'
import { shownName } from '../../../../_ui/paths.ts'
import { Callout, type PlanRequest } from '../../../../_ui/plan-dialog.tsx'
import { type Inputs, type Outputs, useTRPC, useTRPCClient } from '../../../../_ui/trpc.tsx'
import { useFormat } from '../../../../_ui/use-format.ts'
import { useMessages } from '../../../../_ui/use-messages.ts'
import { messages } from './messages.ts'
import { ResetPreview } from './reset-preview.tsx'
import { readScope, type Scope } from './reset-scope.ts'
import type { GroupDetail } from './use-group.ts'

type To = Inputs['groups']['planReset']['to']
type ResetPlan = Outputs['groups']['planReset']

const kinds = ['earliest', 'latest', 'offset', 'timestamp', 'shift'] as const satisfies readonly To['kind'][]

export function ResetDialog({
  group,
  scope: initial,
  onPlan,
  onClose,
}: {
  group: GroupDetail
  scope: Scope
  onPlan(request: PlanRequest<Inputs['groups']['applyReset'], ResetPlan>): void
  onClose(): void
}) {
  const m = useMessages(messages).reset
  const f = useFormat()
  const client = useTRPCClient()
  const cluster = useClusterId()
  const { groupId } = group
  const committed = [...new Set(group.partitions.flatMap((p) => (p.committedOffset === null ? [] : [p.topic])))]
  const [kind, setKind] = useState<To['kind']>('earliest')
  const [text, setText] = useState({ offset: '', timestamp: '', shift: '' })
  const [scope, setScope] = useState<Scope>(initial ?? (committed.length === 0 ? {} : null))

  const to = readTarget(kind, text, f.parseDateTime)
  const topics = readScope(scope)
  const valid = to !== undefined && topics !== undefined
  const members = group.members.length

  function submit() {
    if (to === undefined || topics === undefined) return
    onClose()
    onPlan({
      title: m.title(shownName(groupId)),
      verb: m.verb,
      make: async () => [await client.groups.planReset.mutate({ cluster, groupId, topics, to })],
      difference: (plans) => <ResetPreview preview={plans[0]!.preview} />,
      blocked: (plans) => plans.some((plan) => plan.notes.some((note) => note.code === 'group-active')),
      apply: (input) => client.groups.applyReset.mutate(input),
      said: m.said,
    })
  }

  return (
    <FormDialog title={m.title(shownName(groupId))} verb={m.plan} valid={valid} onSubmit={submit} onClose={onClose}>
      {members > 0 && (
        <Callout level="warning">{m.active(members === 1 ? m.oneMember : m.manyMembers(f.integer(members)))}</Callout>
      )}
      <div className="flex flex-col gap-1.5">
        <span className="font-medium">{m.where}</span>
        <Segments
          label={m.where}
          value={kind}
          onChange={setKind}
          options={kinds.map((value) => ({ value, label: m.to[value] }))}
        />
        <p className="text-muted">{m.says[kind]}</p>
      </div>
      {kind === 'offset' && (
        <Field label={m.offset} error={text.offset !== '' && !to ? m.offsetError : null}>
          <TextInput
            mono
            inputMode="numeric"
            value={text.offset}
            onChange={(event) => setText({ ...text, offset: event.target.value })}
          />
        </Field>
      )}
      {kind === 'timestamp' && (
        <Field label={m.time} help={m.timeHelp(f.zone)} error={text.timestamp !== '' && !to ? m.timeError : null}>
          <TextInput
            mono
            value={text.timestamp}
            onChange={(event) => setText({ ...text, timestamp: event.target.value })}
          />
        </Field>
      )}
      {kind === 'shift' && (
        <Field label={m.shift} help={m.shiftHelp} error={text.shift !== '' && !to ? m.shiftError : null}>
          <TextInput
            mono
            value={text.shift}
            placeholder="-1000"
            onChange={(event) => setText({ ...text, shift: event.target.value })}
          />
        </Field>
      )}
      <ScopeFields committed={committed} scope={scope} onChange={setScope} />
    </FormDialog>
  )
}

function ScopeFields({
  committed,
  scope,
  onChange,
}: {
  committed: readonly string[]
  scope: Scope
  onChange(scope: Scope): void
}) {
  const m = useMessages(messages).reset
  return (
    <div className="flex flex-col gap-2">
      <span className="font-medium">{m.what}</span>
      {committed.length > 0 && (
        <Segments
          label={m.what}
          value={scope === null ? 'all' : 'chosen'}
          onChange={(next) => onChange(next === 'all' ? null : Object.fromEntries(committed.map((t) => [t, ''])))}
          options={[
            { value: 'all', label: m.allTopics },
            { value: 'chosen', label: m.chosen },
          ]}
        />
      )}
      {scope !== null && (
        <>
          {Object.entries(scope).map(([topic, text]) => (
            <OneTopic
              key={topic}
              topic={topic}
              text={text}
              onText={(next) => onChange({ ...scope, [topic]: next })}
              onRemove={() => {
                const { [topic]: _, ...others } = scope
                onChange(others)
              }}
            />
          ))}
          <AddTopic known={Object.keys(scope)} onAdd={(topic) => onChange({ ...scope, [topic]: '' })} />
        </>
      )}
    </div>
  )
}

function OneTopic({
  topic,
  text,
  onText,
  onRemove,
}: {
  topic: string
  text: string
  onText(text: string): void
  onRemove(): void
}) {
  const m = useMessages(messages).reset
  const c = useMessages(common)
  return (
    <div className="flex items-start gap-1.5">
      <Field
        className="flex-1"
        label={
          <span className="font-normal">
            <span className="sr-only">{m.topic(topic)}</span>
            <span aria-hidden className="num break-all">
              {topic}
            </span>
          </span>
        }
        aside={m.partitionsHelp}
        error={readScope({ [topic]: text }) === undefined ? m.partitionsError : null}
      >
        <TextInput mono value={text} placeholder={c.all} onChange={(event) => onText(event.target.value)} />
      </Field>
      <IconButton label={c.filters.remove(topic)} icon={X} onClick={onRemove} className="mt-[22px]" />
    </div>
  )
}

/** A topic that the group has not committed on: its offsets are set for the first time. */
function AddTopic({ known, onAdd }: { known: readonly string[]; onAdd(topic: string): void }) {
  const m = useMessages(messages).reset
  const trpc = useTRPC()
  const cluster = useClusterId()
  const options = useId()
  const [typed, setTyped] = useState('')
  const topics = useQuery(trpc.topics.list.queryOptions({ cluster, search: typed.trim(), perPage: 20 }))
  const names = topics.data?.rows.map((row) => row.name) ?? []
  const topic = typed.trim()

  function add() {
    if (topic === '' || known.includes(topic)) return
    onAdd(topic)
    setTyped('')
  }

  return (
    <div className="flex items-end gap-1.5">
      <Field label={<span className="font-normal text-muted">{m.addTopic}</span>} className="flex-1">
        <TextInput
          mono
          value={typed}
          list={options}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return
            event.preventDefault()
            add()
          }}
        />
      </Field>
      <datalist id={options}>
        {names
          .filter((name) => !known.includes(name))
          .map((name) => (
            <option key={name} value={name} />
          ))}
      </datalist>
      <Button icon={Plus} disabled={topic === '' || known.includes(topic)} onClick={add}>
        {m.add}
      </Button>
    </div>
  )
}

/** Undefined while what is typed cannot be read. */
function readTarget(
  kind: To['kind'],
  text: { offset: string; timestamp: string; shift: string },
  parseTime: (text: string) => number | undefined,
): To | undefined {
  switch (kind) {
    case 'earliest':
    case 'latest':
      return { kind }
    case 'offset':
      return /^\d{1,15}$/.test(text.offset.trim()) ? { kind, offset: Number(text.offset) } : undefined
    case 'timestamp': {
      const timestampMs = parseTime(text.timestamp)
      return timestampMs === undefined ? undefined : { kind, timestampMs }
    }
    case 'shift': {
      const by = Number(text.shift.trim().replace('−', '-').replaceAll(',', ''))
      return text.shift.trim() !== '' && Number.isSafeInteger(by) && by !== 0 ? { kind, by } : undefined
    }
  }
}
