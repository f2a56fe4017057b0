'use client'
/** A dialog that asks for something: fields, and below them the way back and the way on. Enter in a field goes on, too. */
import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import { messages } from './common.ts'
import { Dialog } from './dialog.tsx'
import { useMessages } from './use-messages.ts'

export function FormDialog({
  title,
  verb,
  valid,
  busy = false,
  onSubmit,
  onClose,
  className,
  children,
}: {
  title: ReactNode
  /** On the button that goes on. */
  verb: string
  valid: boolean
  busy?: boolean
  /** Only while `valid`. */
  onSubmit(): void
  onClose(): void
  className?: string
  children: ReactNode
}) {
  const m = useMessages(messages)
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      {...(className && { className })}
      footer={
        <>
          <Button onClick={onClose}>{m.cancel}</Button>
          <Button kind="primary" disabled={!valid} busy={busy} onClick={onSubmit}>
            {verb}
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (valid) onSubmit()
        }}
      >
        {children}
        {/* What Enter presses; the button that shows is outside the form. */}
        <button type="submit" hidden disabled={!valid} />
      </form>
    </Dialog>
  )
}
