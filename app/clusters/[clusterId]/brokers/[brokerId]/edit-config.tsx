'use client'
/** A new value for a config that can be changed while brokers run, for this one or for all; the plan comes after. */
import { useState } from 'react'
import { Button } from '../../../../_ui/button.tsx'
import { Segments } from '../../../../_ui/chips.tsx'
import { useClusterId } from '../../../../_ui/cluster.tsx'
import { PlanDialog, type PlanRequest } from '../../../../_ui/plan-dialog.tsx'
import { type Outputs, useTRPCClient } from '../../../../_ui/trpc.tsx'
import { useMessages } from '../../../../_ui/use-messages.ts'
import { checkConfig } from '../../topics/_config/check-config.ts'
import { ConfigField, type ConfigSchema } from '../../topics/_config/config-field.tsx'
import { messages } from '../messages.ts'

type Config = Outputs['brokers']['configs'][number]
type Where = 'one' | 'all'

const sources = { one: 'DYNAMIC_BROKER_CONFIG', all: 'DYNAMIC_DEFAULT_BROKER_CONFIG' } as const

export function EditConfig({ brokerId, config }: { brokerId: number; config: Config }) {
  const m = useMessages(messages).configs.edit
  const client = useTRPCClient()
  const cluster = useClusterId()
  const [where, setWhere] = useState<Where>('one')
  const [typed, setTyped] = useState('')
  const [plan, setPlan] = useState<PlanRequest<any> | null>(null)
  const schema = schemaOf(config)
  const checked = typed === '' ? null : checkConfig(schema, typed)
  const value = checked && 'value' in checked ? checked.value : null
  const set = config.synonyms.some((one) => one.source === sources[where])

  const ask = (to: string | null) =>
    setPlan({
      title: m.dialog(config.name),
      verb: m.verb,
      make: async () => [
        await client.brokers.planAlterConfig.mutate({
          cluster,
          brokerId,
          everywhere: where === 'all',
          name: config.name,
          value: to,
        }),
      ],
      apply: (input) => client.brokers.applyAlterConfig.mutate(input),
      said: m.said,
      done: () => setTyped(''),
    })

  return (
    <section>
      <h3 className="mb-2 text-sm">{m.title}</h3>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          if (value !== null) ask(value)
        }}
      >
        <Segments
          label={m.where}
          value={where}
          options={(['one', 'all'] as const).map((one) => ({ value: one, label: m[one] }))}
          onChange={setWhere}
        />
        <ConfigField schema={schema} fallback={config.value} value={typed} onChange={setTyped} />
        <div className="flex gap-2">
          <Button kind="primary" type="submit" disabled={value === null}>
            {m.plan}
          </Button>
          {set && <Button onClick={() => ask(null)}>{m.remove}</Button>}
        </div>
      </form>
      <PlanDialog request={plan} onClose={() => setPlan(null)} />
    </section>
  )
}

/** Brokers tell no types: what the value looks like, and the unit that the name ends in. The plan has the broker check it. */
function schemaOf({ name, value }: Config): ConfigSchema {
  const isNumber = value !== null && /^-?\d+$/.test(value)
  return {
    name,
    type: value === 'true' || value === 'false' ? 'boolean' : isNumber ? 'long' : 'string',
    default: value,
    documentation: '',
    importance: 'low',
    range: null,
    also: [],
    oneOf: null,
    form: null,
    unit: isNumber ? (/\.(ms|bytes|seconds)$/.exec(name)?.[1] ?? null) : null,
  }
}
