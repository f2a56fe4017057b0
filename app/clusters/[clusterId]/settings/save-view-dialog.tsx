'use client'
/** Saves a page's address under a name. A name that the page has already is given to the new address. */
import { useState } from 'react'
import { useClusterId } from '../../../_ui/cluster.tsx'
import { Field, TextInput } from '../../../_ui/field.tsx'
import { FormDialog } from '../../../_ui/form-dialog.tsx'
import { encodeName, paths } from '../../../_ui/paths.ts'
import { useFailure } from '../../../_ui/problem.ts'
import { useTRPCClient } from '../../../_ui/trpc.tsx'
import { useMessages } from '../../../_ui/use-messages.ts'
import { messages } from './messages.ts'
import { viewAddress } from './view-address.ts'

export function SaveViewDialog({ onClose, onSaved }: { onClose(): void; onSaved(name: string): void }) {
  const m = useMessages(messages).views
  const client = useTRPCClient()
  const cluster = useClusterId()
  const say = useFailure()
  const [name, setName] = useState('')
  const [address, setAddress] = useState('')
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<unknown>(null)
  const view = viewAddress(address, window.location.origin, `/clusters/${encodeName(cluster)}`)
  const complete = name.trim() !== '' && view !== undefined

  async function save() {
    if (!complete) return
    setBusy(true)
    try {
      await client.views.save.mutate({ cluster, name: name.trim(), ...view })
      onSaved(name.trim())
    } catch (error) {
      setFailure(error)
      setBusy(false)
    }
  }

  return (
    <FormDialog
      title={m.save}
      className="w-[480px]"
      verb={m.saveVerb}
      valid={complete}
      busy={busy}
      onSubmit={() => void save()}
      onClose={onClose}
    >
      <Field label={m.columns.name}>
        <TextInput value={name} maxLength={120} onChange={(event) => setName(event.target.value)} autoFocus />
      </Field>
      <Field
        label={m.columns.url}
        help={m.urlHelp}
        error={failure ? say(failure).message : address !== '' && !view ? m.urlError : null}
      >
        <TextInput
          mono
          value={address}
          maxLength={4000}
          placeholder={`${paths.groups(cluster)}?state=stable`}
          onChange={(event) => setAddress(event.target.value)}
        />
      </Field>
    </FormDialog>
  )
}
