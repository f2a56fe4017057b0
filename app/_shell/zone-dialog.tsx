'use client'
/** Any time zone of the world by its name. */
import { useId, useMemo, useState } from 'react'
import { Button } from '../_ui/button.tsx'
import { messages as common } from '../_ui/common.ts'
import { Dialog } from '../_ui/dialog.tsx'
import { Field, TextInput } from '../_ui/field.tsx'
import { usePreferences } from '../_ui/preferences.tsx'
import { isTimeZone } from '../_ui/preferences-table.ts'
import { useMessages } from '../_ui/use-messages.ts'
import { messages } from './messages.ts'

export function ZoneDialog({ open, onClose }: { open: boolean; onClose(): void }) {
  const m = useMessages(messages)
  const c = useMessages(common)
  const { timeZone, setTimeZone } = usePreferences()
  const [typed, setTyped] = useState(timeZone === 'local' ? '' : timeZone)
  const known = useMemo(() => (open ? Intl.supportedValuesOf('timeZone') : []), [open])
  const list = useId()
  const valid = typed.trim() !== '' && isTimeZone(typed.trim())

  function save() {
    if (!valid) return
    setTimeZone(typed.trim())
    onClose()
  }

  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={m.zoneTitle}
      className="w-[420px]"
      footer={
        <>
          <Button onClick={onClose}>{c.cancel}</Button>
          <Button kind="primary" onClick={save} disabled={!valid}>
            {c.apply}
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <Field label={m.zoneLabel} help={m.zoneHelp} error={typed !== '' && !valid ? m.zoneUnknown : null}>
          <TextInput value={typed} onChange={(event) => setTyped(event.target.value)} list={list} autoFocus />
        </Field>
        <datalist id={list}>
          {known.map((zone) => (
            <option key={zone} value={zone} />
          ))}
        </datalist>
      </form>
    </Dialog>
  )
}
