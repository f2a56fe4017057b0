'use client'
/** Copies a text, and says so on the button itself. */
import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { IconButton } from './button.tsx'
import { messages } from './common.ts'
import { cx } from './cx.ts'
import { useMessages } from './use-messages.ts'

const saidMs = 1_600

export function CopyButton({
  text,
  label,
  className,
}: {
  text: string | (() => string)
  label?: string
  className?: string
}) {
  const m = useMessages(messages)
  const [copied, setCopied] = useState(false)
  return (
    <IconButton
      label={copied ? m.copied : (label ?? m.copy)}
      icon={copied ? Check : Copy}
      tip={false}
      className={cx(copied && 'text-ok', className)}
      onClick={(event) => {
        event.stopPropagation()
        void copyText(typeof text === 'string' ? text : text()).then(() => {
          setCopied(true)
          setTimeout(() => setCopied(false), saidMs)
        })
      }}
    />
  )
}

/** The clipboard needs a secure address; over plain HTTP from another machine the old way still works. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text)
  const area = document.createElement('textarea')
  area.value = text
  area.style.position = 'fixed'
  document.body.append(area)
  area.select()
  document.execCommand('copy')
  area.remove()
}

/** A command or an address, ready to be copied. */
export function Code({ children, className }: { children: string; className?: string }) {
  return (
    <div className={cx('flex min-w-0 items-start gap-1 rounded-md border bg-sunken py-1 pr-1 pl-3', className)}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0} className="min-w-0 flex-1 overflow-x-auto py-1 text-ink">
        {children}
      </pre>
      <CopyButton text={children} />
    </div>
  )
}
