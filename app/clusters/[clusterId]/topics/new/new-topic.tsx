'use client'
/** The form for a new topic: name, partitions, replication factor and every config, checked as they are typed; ends in a plan. */
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useMemo, useState } from 'react'
import { Button } from '../../../../_ui/button.tsx'
import { useClusterId } from '../../../../_ui/cluster.tsx'
import { messages as common } from '../../../../_ui/common.ts'
import { Field, TextInput } from '../../../../_ui/field.tsx'
import { Page, PageHead, Panel } from '../../../../_ui/page.tsx'
import { paths } from '../../../../_ui/paths.ts'
import { PlanDialog, type PlanRequest } from '../../../../_ui/plan-dialog.tsx'
import { type Inputs, useTRPC, useTRPCClient } from '../../../../_ui/trpc.tsx'
import { useFormat } from '../../../../_ui/use-format.ts'
import { useMessages } from '../../../../_ui/use-messages.ts'
import { checkConfig, checkTopicName } from '../_config/check-config.ts'
import { ConfigForm } from '../_config/config-form.tsx'
import { messages } from '../messages.ts'

export function NewTopic() {
  const m = useMessages(messages)
  const c = useMessages(common)
  const f = useFormat()
  const trpc = useTRPC()
  const client = useTRPCClient()
  const router = useRouter()
  const cluster = useClusterId()
  const [name, setName] = useState('')
  const [partitions, setPartitions] = useState('')
  const [replicas, setReplicas] = useState('')
  const [configs, setConfigs] = useState<Readonly<Record<string, string>>>({})
  const [submitted, setSubmitted] = useState(false)
  const [plan, setPlan] = useState<PlanRequest<Inputs['topics']['applyCreate']> | null>(null)

  const schema = useQuery(trpc.topics.configSchema.queryOptions({ cluster }, { staleTime: Number.POSITIVE_INFINITY }))
  const brokers = useQuery(trpc.brokers.list.queryOptions({ cluster }))
  const same = useQuery(
    trpc.topics.list.queryOptions(
      { cluster, search: name, internal: true, perPage: 50 },
      { enabled: checkTopicName(name) === null },
    ),
  )
  const exists = same.data?.rows.some((row) => row.name === name) ?? false

  const brokerCount = brokers.data?.length
  const rule = checkTopicName(name)
  const errors = {
    name:
      rule === 'nameMissing' && !submitted
        ? null
        : rule !== null
          ? m.errors[rule]
          : exists
            ? m.errors.nameExists
            : null,
    partitions: countError(partitions, 100_000),
    replicas:
      countError(replicas, 100) ??
      (brokerCount !== undefined && Number(replicas) > brokerCount
        ? m.errors.moreThanBrokers(f.integer(brokerCount))
        : null),
  }

  function countError(text: string, most: number): string | null {
    if (text.trim() === '') return null
    if (!/^\d+$/.test(text.trim())) return m.errors.whole
    const n = Number(text)
    return n < 1 ? m.errors.least('1') : n > most ? m.errors.most(f.integer(most)) : null
  }

  const values = useMemo(() => {
    const out: Record<string, string> = {}
    for (const entry of schema.data ?? []) {
      const typed = configs[entry.name] ?? ''
      if (typed === '') continue
      const checked = checkConfig(entry, typed)
      if ('fault' in checked) return null
      out[entry.name] = checked.value
    }
    return out
  }, [configs, schema.data])
  const valid = rule === null && !exists && !errors.partitions && !errors.replicas && values !== null

  function submit() {
    setSubmitted(true)
    if (!valid || values === null) return
    const input = {
      cluster,
      topic: name,
      partitions: partitions.trim() === '' ? -1 : Number(partitions),
      replicationFactor: replicas.trim() === '' ? -1 : Number(replicas),
      configs: values,
    }
    setPlan({
      title: m.create.planTitle(name),
      verb: m.create.verb,
      make: async () => [await client.topics.planCreate.mutate(input)],
      apply: (apply) => client.topics.applyCreate.mutate(apply),
      said: m.create.created(name),
      done: () => router.push(paths.topic(cluster, name)),
    })
  }

  return (
    <Page className="max-w-[1080px]">
      <PageHead title={m.create.title} />
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <Panel>
          <div className="grid gap-4 md:grid-cols-[minmax(0,2fr)_1fr_1fr]">
            <Field label={m.create.name} help={m.create.nameHelp} error={errors.name}>
              <TextInput
                mono
                autoFocus
                value={name}
                onChange={(event) => setName(event.target.value)}
                maxLength={300}
              />
            </Field>
            <Field
              label={m.create.partitions}
              help={m.create.partitionsHelp}
              error={errors.partitions}
              aside={c.optional}
            >
              <TextInput
                mono
                inputMode="numeric"
                value={partitions}
                placeholder={m.create.brokerDefault}
                onChange={(event) => setPartitions(event.target.value)}
              />
            </Field>
            <Field
              label={m.create.replicationFactor}
              help={m.create.replicationHelp(brokerCount === undefined ? '…' : f.integer(brokerCount))}
              error={errors.replicas}
              aside={c.optional}
            >
              <TextInput
                mono
                inputMode="numeric"
                value={replicas}
                placeholder={m.create.brokerDefault}
                onChange={(event) => setReplicas(event.target.value)}
              />
            </Field>
          </div>
        </Panel>
        <ConfigForm
          schema={schema.data}
          error={schema.error}
          onRetry={() => void schema.refetch()}
          values={configs}
          onChange={(config, value) => setConfigs({ ...configs, [config]: value })}
        />
        <div className="sticky bottom-0 -mx-1 flex items-center justify-end gap-2 border-t bg-canvas px-1 py-2.5">
          <Button onClick={() => router.push(paths.topics(cluster))}>{c.cancel}</Button>
          <Button kind="primary" type="submit" disabled={submitted && !valid}>
            {m.create.plan}
          </Button>
        </div>
      </form>
      <PlanDialog request={plan} onClose={() => setPlan(null)} />
    </Page>
  )
}
