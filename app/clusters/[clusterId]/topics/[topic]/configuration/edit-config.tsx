'use client'
/** One config of a topic: a new value, or back to what holds without it. Nothing is applied here; the plan comes after. */
import { useState } from 'react'
import { Button } from '../../../../../_ui/button.tsx'
import { messages as common } from '../../../../../_ui/common.ts'
import { Dialog } from '../../../../../_ui/dialog.tsx'
import { useMessages } from '../../../../../_ui/use-messages.ts'
import { checkConfig } from '../../_config/check-config.ts'
import { ConfigField, type ConfigSchema } from '../../_config/config-field.tsx'
import { messages } from '../messages-table.ts'
import type { ConfigRow } from './configuration.tsx'

export function EditConfig({
  row,
  schema,
  pending,
  onChange,
  onClose,
}: {
  row: ConfigRow
  /** Undefined: the cluster has a config that is not in our table; it is edited as text. */
  schema: ConfigSchema | undefined
  /** What is already to be changed; null: back to the default. */
  pending: string | null | undefined
  /** Undefined: nothing to change. Null: back to the default. */
  onChange(value: string | null | undefined): void
  onClose(): void
}) {
  const m = useMessages(messages).configuration
  const c = useMessages(common)
  const own = row.source === 'DYNAMIC_TOPIC_CONFIG' ? (row.value ?? '') : ''
  const [typed, setTyped] = useState(pending === undefined ? own : (pending ?? ''))
  const known: ConfigSchema = schema ?? {
    name: row.name,
    type: 'string',
    default: row.inherited,
    documentation: row.documentation ?? '',
    importance: 'low',
    range: null,
    also: [],
    oneOf: null,
    form: null,
    unit: null,
  }
  const checked = typed === '' ? null : checkConfig(known, typed)
  const valid = checked === null || 'value' in checked

  function take() {
    if (!valid) return
    if (checked === null) onChange(own === '' ? undefined : null)
    else if ('value' in checked) onChange(checked.value)
  }

  return (
    <Dialog
      open
      onClose={onClose}
      title={m.edit(row.name)}
      footer={
        <>
          <Button onClick={onClose}>{c.cancel}</Button>
          <Button kind="primary" onClick={take} disabled={!valid}>
            {m.takeOver}
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          take()
        }}
      >
        <ConfigField
          schema={{ ...known, documentation: known.documentation || (row.documentation ?? '') }}
          fallback={row.source === 'DYNAMIC_TOPIC_CONFIG' ? row.inherited : row.value}
          value={typed}
          onChange={setTyped}
        />
      </form>
    </Dialog>
  )
}
